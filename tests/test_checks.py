"""What is said about a submission before a person looks at it: one test a claim, one outcome each."""

import uuid

import pytest

from catalog import checks, review
from catalog.records import Link
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."


def answer(name, record=None, *, why=WHY, **more):
    [found] = [each for each in checks.run(record or make_record("Walrus on ice"), why=why, **more) if each.name == name]
    return found.outcome, found.text


def test_answers_come_as_a_reader_needs_them_and_are_counted():
    record = make_record("Walrus on ice", organizations=["Nobody knows us"])
    answers = checks.run(record, why="short")
    assert [each.outcome for each in answers] == sorted((each.outcome for each in answers), key=["fail", "warn", "pass", "skip"].index)
    assert [each.label for each in answers][:2] == ["Why it belongs", "Category"]
    assert answers[0].word == "Needs you"
    assert sum(checks.tally(answers).values()) == len(checks.CHECKS) == len({each.name for each in answers})


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


def test_a_taken_identifier_stops_it():
    make_paper("Orca", identifiers={"arxiv": "2307.08691"})
    record = make_record("Walrus", identifiers={"arxiv": "2307.08691"})
    assert answer("already_here", record) == ("fail", "Orca has this identifier.")
    assert answer("identifier", record) == ("warn", "arXiv 2307.08691, which is taken.")


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
    assert answer("venue", make_record("Walrus", venue="osdi", venue_year=2022)) == ("pass", "OSDI 2022 is a known edition.")
    assert answer("venue", make_record("Walrus", venue="OSDI", venue_year=2023)) == ("pass", "OSDI 2023 would be its first paper here.")
    assert answer("venue", make_record("Walrus", venue="OSDI")) == ("warn", "OSDI is known; the year is missing.")
    assert answer("venue", make_record("Walrus", venue="ICECOLD", venue_year=2023)) == ("warn", "“ICECOLD” has no entry yet.")
    assert answer("venue") == ("pass", "None given; it is optional.")


def test_new_organizations_are_looked_at():
    make_paper("Orca", organizations=["Hugging Face"])
    assert answer("organizations", make_record("Walrus", organizations=["huggingface"]))[0] == "pass"
    assert answer("organizations", make_record("Walrus", organizations=["Hugging Face", "Princeton"])) == (
        "warn",
        "“Princeton” has no entry yet.",
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


def test_no_link_is_opened():
    assert answer("links_answer") == ("skip", "This site makes no outside requests; a person will open it.")


def test_all_checks_ask_few_questions(django_assert_max_num_queries):
    record = make_record(
        "Orca", venue="OSDI", year=2022, organizations=["A", "B"], categories=["x"], identifiers={"doi": "10.1/a"}, links=["https://a.org"]
    )
    with django_assert_max_num_queries(9):
        checks.run(record, why=WHY)
