"""What is said about a submission before a person looks at it: one test a claim, one outcome each."""

import uuid

import pytest

from catalog import checks, records, review
from catalog.models import Organization, Venue
from catalog.records import Link
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."


def answer(name, record=None, *, why=WHY, **more):
    [found] = [each for each in checks.run(record or make_record("Walrus on ice"), why=why, **more) if each.name == name]
    return found.outcome, found.text


def corrected(paper, *, since=None, **facts):
    """What is asked of a correction of a paper: its record with these facts, and what the paper says now."""
    record = records.replace(paper.record, **facts)
    return {"record": record, "why": WHY, "kind": "correction", "base": paper.record, "current": since or paper.record}


def asked(**question):
    return [each.name for each in checks.run(**question)]


def test_answers_come_as_a_reader_needs_them_and_are_counted():
    record = make_record("Walrus on ice", organizations=["Nobody knows us"])
    answers = checks.run(record, why="short")
    assert [each.outcome for each in answers] == sorted((each.outcome for each in answers), key=["fail", "warn", "pass", "skip"].index)
    assert [each.label for each in answers][:3] == ["Why it belongs", "Required facts", "Category"]
    assert answers[0].word == "Needs you"
    assert sum(checks.tally(answers).values()) == len(answers) == len({each.name for each in answers})


# -- Which are asked -----------------------------------------------------------------------------
def test_an_addition_is_asked_everything_but_what_it_was_made_against():
    names = asked(record=make_record("Walrus on ice"), why=WHY)
    assert {check.NAME for check in checks.CHECKS} - set(names) == {"basis"}


@pytest.mark.parametrize(
    ("facts", "also"),
    [
        ({"abstract": "More words."}, set()),
        ({"year": 2023}, {"identifier"}),
        ({"identifiers": {"doi": "10.1/x"}}, {"identifier", "already_here"}),
        ({"title": "Walrus on thin ice"}, {"identifier", "already_here", "title", "lookalike"}),
        ({"venue": records.Venue(name="OSDI", year=2022)}, {"identifier", "venue"}),
        ({"organizations": (records.Organization(name="Microsoft"),)}, {"organizations"}),
        ({"links": (Link(url="https://example.org"),)}, {"identifier", "already_here", "address", "links_answer"}),
        ({"categories": (records.Category(path="serving"),)}, {"category"}),
    ],
)
def test_a_correction_is_asked_about_what_it_changes(facts, also):
    paper = make_paper("Walrus on ice", year=2022)
    assert set(asked(**corrected(paper, **facts))) == {"why", "basis", "own_work"} | also


def test_a_removal_is_asked_why_and_what_it_was_made_against(django_assert_num_queries):
    record = make_paper("Walrus on ice").record
    with django_assert_num_queries(0):
        assert set(asked(record=record, why=WHY, kind="removal", base=record, current=record)) == {"why", "basis"}


def test_a_submission_says_itself_what_it_is(alice):
    paper = make_paper("Walrus on ice", year=2022)
    record = records.replace(paper.record, year=2023)
    submission = review.correct(paper, record, by=alice, why=WHY, token=uuid.uuid4(), is_own_work=True)
    answers = {each.name: each.text for each in checks.run(record, why=WHY, submission=submission, current=paper.record)}
    assert answers.keys() == {"why", "basis", "own_work", "identifier"}
    assert answers["own_work"] == "The contributor is an author of it."
    unsaid = checks.run(record, why=WHY, submission=submission, current=paper.record, is_own_work=False)
    assert "The contributor is an author of it." not in {each.text for each in unsaid}


def test_no_kind_but_the_three_is_asked_about():
    with pytest.raises(ValueError, match="retraction"):
        checks.run(make_record(), why=WHY, kind="retraction")


# -- Each of them --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "outcome", "text"),
    [
        ("x" * 24, "fail", "24 characters so far; 30 needed."),
        ("x" * 30, "pass", "30 characters."),
        ("x" * 281, "fail", "281 characters; at most 280."),
    ],
)
def test_a_reason_takes_thirty_characters_and_no_more_than_280(why, outcome, text):
    assert answer("why", why=why) == (outcome, text)


def test_a_paper_near_to_none_passes():
    assert answer("already_here") == ("pass", "Nothing near it in the catalogue.")


def test_a_near_paper_waits_for_the_contributors_word():
    near = make_paper("DéjàVu: KV-cache Streaming", short_name="DéjàVu")
    record = make_record("Deja Vu: Contextual Sparsity", short_name="Deja Vu")
    assert answer("already_here", record) == ("fail", "Near DéjàVu. Say whether it is one of them.")
    assert answer("already_here", record, different_from=[near]) == ("warn", "Near DéjàVu. You said: different.")


def test_what_the_contributor_said_about_the_near_papers_is_repeated(alice):
    near = make_paper("DéjàVu: KV-cache Streaming", short_name="DéjàVu")
    record = make_record("Deja Vu: Contextual Sparsity", short_name="Deja Vu")
    said = "Near DéjàVu. You said: different, because “It prunes; nothing is streamed.”"
    because = "It prunes; nothing is streamed."
    assert answer("already_here", record, different_from=[near], because=because) == ("warn", said)
    submission = review.submit(record, by=alice, why=WHY, token=uuid.uuid4(), different_from=[near], because=because)
    assert answer("already_here", record, submission=submission, different_from=[near]) == ("warn", said)
    assert answer("already_here", record, because=because)[0] == "fail"


def test_a_correction_is_near_only_to_what_it_makes_alike():
    make_paper("DéjàVu: KV-cache Streaming", identifiers={"doi": "10.1/taken"})
    paper = make_paper("Deja Vu: Contextual Sparsity", links=["https://example.org/old"])
    assert answer("already_here", **corrected(paper, links=(Link(url="https://example.org/new"),)))[0] == "pass"
    assert answer("already_here", **corrected(paper, title="Deja Vu: Sparsity"))[0] == "fail"
    taken = corrected(paper, identifiers={"doi": "10.1/taken"})
    assert answer("already_here", **taken) == ("fail", "DéjàVu: KV-cache Streaming has this identifier.")


def test_a_correction_is_no_duplicate_of_its_own_paper():
    paper = make_paper("Walrus on ice", identifiers={"arxiv": "2307.08691"})
    assert answer("already_here", **corrected(paper, title="Walrus on thin ice"))[0] == "pass"


def test_a_taken_identifier_stops_it():
    make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    record = make_record("Walrus", identifiers={"arxiv": "2307.08691"})
    assert answer("already_here", record) == ("fail", "Orca has this identifier.")
    assert answer("identifier", record) == ("warn", "arXiv 2307.08691, which is taken.")


def test_an_open_proposal_does_not_answer_for_a_near_paper(alice):
    near = make_paper("DéjàVu: KV-cache Streaming")
    record = make_record("Deja Vu: Contextual Sparsity")
    review.submit(record, by=alice, why=WHY, token=uuid.uuid4())
    assert answer("already_here", record)[0] == "fail"
    assert answer("already_here", record, different_from=[near]) == ("warn", "Another submission with this title is open.")


def test_an_open_proposal_is_looked_at(alice):
    make_category("serving")
    submission = review.submit(make_record("Orca", categories=["serving"]), by=alice, why=WHY, token=uuid.uuid4())
    assert answer("already_here", make_record("Orca")) == ("warn", "Another submission with this title is open.")
    assert answer("already_here", make_record("Orca"), submission=submission)[0] == "pass"


def test_a_shared_page_is_only_looked_at():
    make_paper("Orca", links=["https://example.org/accepted"])
    assert answer("already_here", make_record("Walrus", links=["https://example.org/accepted"])) == (
        "warn",
        "Orca has a link to the same page.",
    )


def test_a_paper_without_an_identifier_is_looked_at():
    assert answer("identifier") == ("warn", "None found; the link has to do.")
    assert answer("identifier", make_record("Walrus", identifiers={"arxiv": "2307.08691"})) == (
        "pass",
        "arXiv 2307.08691, not in the catalogue.",
    )


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"links": ["https://arxiv.org/abs/2401.00001"]}, "A link leads to arXiv 2401.00001, which is not its identifier."),
        (
            {"links": ["https://arxiv.org/abs/2307.08691", "https://arxiv.org/abs/2401.00001v2"]},
            "A link leads to arXiv 2401.00001, which is not its identifier.",
        ),
        ({"links": ["https://doi.org/10.1145/X"]}, "A link leads to DOI 10.1145/x, which is not its identifier."),
        ({"venue": "OSDI", "venue_year": 2021}, "arXiv 2307.08691 is of 2023, the paper of 2021."),
        ({"year": 2021}, "arXiv 2307.08691 is of 2023, the paper of 2021."),
        ({"venue": "OSDI", "venue_year": 2022}, ""),
        ({"venue": "OSDI", "venue_year": 2024, "year": 2021}, ""),
        ({"links": ["https://arxiv.org/pdf/2307.08691v3", Link(kind="project", url="https://arxiv.org/abs/2401.00001")]}, ""),
    ],
)
def test_identifiers_agree_with_links_and_years(facts, text):
    record = make_record("Walrus", identifiers={"arxiv": "2307.08691"}, **facts)
    expected = ("warn", text) if text else ("pass", "arXiv 2307.08691, not in the catalogue.")
    assert answer("identifier", record) == expected


def test_an_identifier_agrees_with_the_paper_that_has_the_title():
    make_paper("Walrus on ice", identifiers={"arxiv": "2307.08691"})
    record = make_record("Walrus on Ice", identifiers={"arxiv": "2307.08692"})
    assert answer("identifier", record) == ("warn", "The paper of this title has arXiv 2307.08691.")


def test_of_a_correction_the_new_identifiers_are_named():
    paper = make_paper("Walrus on ice", identifiers={"arxiv": "2307.08691"})
    both = {"arxiv": "2307.08691", "doi": "10.1/x"}
    assert answer("identifier", **corrected(paper, identifiers=both)) == ("pass", "DOI 10.1/x, not in the catalogue.")
    assert answer("identifier", **corrected(paper, year=2023)) == ("pass", "arXiv 2307.08691, as before.")


COMPLETE = {"authors": ["Ada"], "links": ["https://example.org"], "categories": ["serving"], "year": 2024}


@pytest.mark.parametrize(
    ("facts", "outcome", "text"),
    [
        ({}, "pass", "All there."),
        ({"links": [], "identifiers": {"doi": "10.1/x"}}, "pass", "All there."),
        ({"year": None, "venue": "OSDI"}, "pass", "All there."),
        ({"year": None, "kind": "framework", "authors": []}, "pass", "All there."),
        ({"authors": []}, "warn", "It names no authors."),
        ({"links": []}, "fail", "Missing: a link or an identifier."),
        ({"title": "", "categories": []}, "fail", "Missing: a title, a category."),
        ({"year": None}, "warn", "It gives neither a year nor a venue."),
    ],
)
def test_facts_that_every_entry_needs_are_named_where_they_are_missing(facts, outcome, text):
    assert answer("facts", make_record(**{"title": "Walrus", **COMPLETE, **facts})) == (outcome, text)


def test_an_own_paper_is_said_to_be_one():
    assert answer("own_work", is_own_work=True) == ("warn", "The contributor is an author of it.")
    assert answer("own_work")[0] == "pass"


def test_a_correction_made_against_the_newest_revision_passes():
    paper = make_paper("Walrus on ice", year=2022)
    assert answer("basis", **corrected(paper, year=2023)) == ("pass", "Made against revision 1, still the newest.")


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"year": 2023}, "1 of the fields it changes was changed by others: year."),
        ({"year": 2023, "title": "Walrus"}, "2 of the fields it changes were changed by others: title, year."),
        ({"year": 2024, "identifiers": {"doi": "10.1/x"}}, "1 of the fields it changes was changed by others: DOI."),
        ({"abstract": "More."}, "None of the fields it changes was changed by others."),
    ],
)
def test_a_correction_that_others_overtook_says_in_what(facts, text):
    paper = make_paper("Walrus on ice", year=2022, identifiers={"doi": "10.1/a"})
    changed = {"year": 2024, "title": "A Walrus", "identifiers": {"doi": "10.1/b"}}
    now = records.replace(paper.record, revision=5, **changed)
    assert answer("basis", **corrected(paper, since=now, **facts)) == ("warn", f"The entry has changed since: revision 5 now. {text}")


def test_a_removal_of_what_has_changed_is_looked_at_and_of_what_is_gone_stops():
    record = make_paper("Walrus on ice").record
    removal = {"why": WHY, "kind": "removal", "base": record}
    now = records.replace(record, revision=2, year=2024)
    assert answer("basis", record, current=now, **removal) == ("warn", "The entry has changed since: revision 2 now.")
    assert answer("basis", record, current=None, **removal) == ("fail", "The paper is not in the catalogue any more.")


@pytest.mark.parametrize("title", ["Оrca", "Orcа", "ΟRCA", "Οгса"])
def test_a_title_in_letters_that_only_look_like_a_papers_is_looked_at(title):
    make_paper("Orca")
    expected = ("pass", "No other paper’s title looks like this one.") if title == "Οгса" else ("warn", LOOKS_LIKE_ORCA)
    assert answer("lookalike", make_record(title)) == expected


LOOKS_LIKE_ORCA = "Looks like “Orca”, in letters of another alphabet."


def test_titles_in_letters_of_their_own_are_nobodys_likeness():
    make_paper("Orca")
    for title in ("Orca", "Ørca", "μServe", "深度学习", "Обучение"):
        assert answer("lookalike", make_record(title))[0] == "pass"


@pytest.mark.parametrize(
    ("title", "outcome"),
    [
        ("Orca: A Distributed Serving System", "pass"),
        ("BERT", "pass"),
        ("GPT-4", "pass"),
        ("What next...", "pass"),
        ("μServe: fast", "pass"),
        ("深度学习系统综述", "pass"),
        ("A DISTRIBUTED SERVING SYSTEM FOR MODELS", "warn"),
        ("Orca, a system.", "warn"),
        ("Оrca: a system", "warn"),
        ("Orcа: a system", "warn"),
        ("", "fail"),
    ],
)
def test_titles_are_written_as_titles_are(title, outcome):
    assert answer("title", make_record(title))[0] == outcome


def test_known_editions_pass_and_new_venues_are_looked_at():
    make_paper("Orca", venue="OSDI", year=2022)
    assert answer("venue", make_record("Walrus", venue="osdi", venue_year=2022)) == ("warn", "OSDI is queued for mapping.")
    Venue.objects.update(is_confirmed=True)
    assert answer("venue", make_record("Walrus", venue="osdi", venue_year=2022)) == ("pass", "OSDI 2022 is a known edition.")
    assert answer("venue", make_record("Walrus", venue="OSDI", venue_year=2023)) == ("pass", "OSDI 2023 would be its first paper here.")
    assert answer("venue", make_record("Walrus", venue="OSDI")) == ("warn", "OSDI is known; the year is missing.")
    assert answer("venue", make_record("Walrus", venue="ICECOLD", venue_year=2023)) == (
        "warn",
        "“ICECOLD” has no entry yet; queued for mapping.",
    )
    assert answer("venue") == ("pass", "None given; it is optional.")


def test_new_organizations_are_looked_at():
    make_paper("Orca", organizations=["Hugging Face"])
    assert answer("organizations", make_record("Walrus", organizations=["huggingface"])) == ("warn", "“huggingface” is queued for mapping.")
    Organization.objects.update(is_confirmed=True)
    assert answer("organizations", make_record("Walrus", organizations=["huggingface"]))[0] == "pass"
    assert answer("organizations", make_record("Walrus", organizations=["Hugging Face", "Princeton"])) == (
        "warn",
        "“Princeton” has no entry yet; queued for mapping.",
    )
    assert answer("organizations")[0] == "pass"


def test_a_paper_needs_a_place_that_exists():
    make_category("serving")
    assert answer("category", make_record("Walrus", categories=["serving"])) == ("pass", "Open for additions.")
    assert answer("category", make_record("Walrus", categories=["gone"]))[0] == "fail"
    assert answer("category") == ("fail", "Choose where it stands.")


@pytest.mark.parametrize(
    ("urls", "outcome", "text"),
    [
        ([], "fail", "Give the address where it can be read."),
        (["https://example.org/a"], "pass", "https, no tracking parameters."),
        (["https://example.org/a", "http://example.org/b"], "warn", "1 is not https."),
        (["https://example.org/a?utm_source=x"], "warn", "It says where its reader came from; cut that off."),
    ],
)
def test_addresses_are_https_and_clean(urls, outcome, text):
    assert answer("address", make_record("Walrus", links=[Link(url=url) for url in urls])) == (outcome, text)


def test_an_identifier_is_address_enough():
    assert answer("address", make_record("Walrus", identifiers={"doi": "10.1/x"})) == ("pass", "None given; its identifier leads to it.")


def test_no_link_is_opened():
    assert answer("links_answer") == ("skip", "This site makes no outside requests; a person will open it.")


def test_all_checks_ask_few_questions(django_assert_max_num_queries):
    record = make_record(
        "Orca", venue="OSDI", year=2022, organizations=["A", "B"], categories=["x"], identifiers={"doi": "10.1/a"}, links=["https://a.org"]
    )
    with django_assert_max_num_queries(9):
        checks.run(record, why=WHY)
