"""A file against what is here: what it would do, what it does, and that a second time does nothing."""

import io

import pytest
from django.test import Client

from catalog import formats, ingest, log, publishing, records, review, shelving
from catalog.formats import Entry, Ignored, NotUnderstood
from catalog.ingest import applying
from catalog.models import (
    Category,
    Decision,
    Identifier,
    ImportedList,
    ListedPaper,
    Paper,
    Placement,
    Posting,
    Revision,
    Submission,
    Tombstone,
    Word,
)
from catalog.records import Author, Link, Organization, Record, Venue, replace
from catalog.verification import disagreements
from tests.api.conftest import body

pytestmark = pytest.mark.django_db
HERE = records.Category(path="llm-systems/serving")


def listed(title, **more):
    more.setdefault("categories", (HERE,))
    return Record(title=title, **more)


SPARROW = listed(
    "Sparrow: Serving Without Waiting",
    short_name="Sparrow",
    venue=Venue(name="OSDI", year=2024, raw="OSDI' 24"),
    year=2024,
    identifiers={"arxiv": "2401.00007"},
    links=(Link(url="https://arxiv.org/abs/2401.00007"), Link(kind="pdf", url="https://arxiv.org/pdf/2401.00007")),
)
WREN = listed("Wren: Tiny Models for Tiny Birds", short_name="Wren", organizations=(Organization(name="UCB"),))
FINCH = listed("On the Origin of Schedulers", links=(Link(url="https://example.org/finch"),))
LIST = [SPARROW, WREN, FINCH]


def entries(*papers, start=1):
    return [Entry(line=line, record=record) for line, record in enumerate(papers, start=start)]


def bring(pieces, by, *, choice="publish", list_name="Birds", is_list=True, **more):
    pieces = entries(*pieces) if isinstance(pieces, list) and isinstance(pieces[0], Record) else pieces
    return ingest.run(pieces, by=by, choice=choice, list_name=list_name, is_list=is_list, **more)


def counts(account):
    names = ("added", "proposed", "changed", "gone", "unchanged", "repeated")
    return {name: getattr(account, name) for name in names if getattr(account, name)}


# -- The account -------------------------------------------------------------------------------
def test_every_line_is_in_the_account(catalogue, mel):
    pieces = [
        Ignored(line=1, kind="heading"),
        Ignored(line=2, kind="blank", lines=2),
        Entry(line=4, record=SPARROW, lines=3),
        NotUnderstood(line=7, text="???", reason="no title", lines=2),
        Entry(line=9, record=WREN),
    ]
    account = bring(pieces, mel)
    assert account.lines == 9
    assert account.entries == 2
    assert account.lines == account.entries + sum(account.ignored.values()) + len(account.not_understood)
    assert account.as_plain()["ignored"] == {"blank": 2, "continuation": 3, "heading": 1}
    assert account.not_understood == [{"line": 7, "text": "???", "reason": "no title"}]


def test_what_cannot_be_kept_is_refused_with_its_line_and_stops_nothing(catalogue, mel):
    account = bring([SPARROW, listed("x" * 501), WREN], mel)
    assert account.added == 2
    [refused] = account.refused
    assert refused["line"] == 2
    assert "501" in refused["reason"]


# -- Propose, publish ------------------------------------------------------------------------
def test_a_list_is_proposed_paper_by_paper_without_a_letter_for_each(catalogue, mel, mailoutbox, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        account = bring(LIST, mel, choice="propose")
    assert counts(account) == {"proposed": 3}
    assert Paper.objects.count() == 185
    assert mailoutbox == []
    assert {submission.contributor for submission in Submission.objects.all()} == {mel}
    assert "Birds" in Submission.objects.first().why


@pytest.mark.parametrize("choice", ["propose", "publish"])
def test_a_second_time_changes_nothing(catalogue, mel, choice):
    bring(LIST, mel, choice=choice)
    assert counts(bring(LIST, mel, choice=choice)) == {"unchanged": 3}


def test_what_is_published_stands_there_by_a_decision_that_everyone_can_read(catalogue, mel):
    account = bring(LIST, mel)
    assert counts(account) == {"added": 3}
    assert account.placements == 3
    assert list(disagreements()) == []
    [decision] = Decision.objects.filter(verdict="import")
    [change] = log.changes(log.decisions()[:1])
    assert (change.subject, change.reason, change.by, change.is_own) == ("Birds", "3 papers.", mel, True)
    paper = Paper.objects.get(short_name="Wren")
    assert paper.record.organizations == (Organization(slug="uc-berkeley", name="UC Berkeley"),)
    assert decision.revisions.filter(paper_public_id=paper.public_id).exists()


def test_papers_come_in_the_order_of_the_file(catalogue, mel):
    last = Category.objects.get(path=HERE.path).placements.count()
    bring(LIST, mel)
    positions = [Paper.objects.get(title=record.title).record.categories[0].position for record in LIST]
    assert positions == [last + 1, last + 2, last + 3]


def test_a_dry_run_says_the_same_and_changes_nothing(catalogue, mel):
    account = bring(LIST, mel, is_dry=True)
    assert counts(account) == {"added": 3}
    assert Paper.objects.count() == 185
    assert not ImportedList.objects.filter(name="Birds").exists()
    assert counts(bring(LIST, mel)) == {"added": 3}


def test_all_of_it_or_nothing(catalogue, mel):
    def breaking():
        yield from entries(SPARROW, WREN)
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="disk"):
        bring(breaking(), mel, is_list=False)
    assert Paper.objects.count() == 185
    assert not Decision.objects.filter(verdict="import").exists()


def test_only_maintainers_publish_and_only_where_they_may_decide_their_own(catalogue, mel, alice, settings):
    with pytest.raises(review.NotAllowed):
        bring(LIST, alice)
    settings.SELF_APPROVAL = "nobody"
    with pytest.raises(review.NotAllowed):
        bring(LIST, mel)
    assert counts(bring(LIST, alice, choice="propose")) == {"proposed": 3}


# -- One paper, two papers ---------------------------------------------------------------------
def test_two_entries_of_one_paper_are_one_with_the_facts_and_places_of_both(catalogue, mel):
    again = replace(SPARROW, venue=None, organizations=(Organization(name="MIT"),), categories=(records.Category(path="ml-systems"),))
    account = bring([SPARROW, WREN, again], mel)
    assert counts(account) == {"added": 2, "repeated": 1}
    assert account.placements == 3
    record = Paper.objects.get(short_name="Sparrow").record
    assert [place.path for place in record.categories] == [HERE.path, "ml-systems"]
    assert [organization.name for organization in record.organizations] == ["MIT"]


def test_one_identifier_on_two_works_makes_two_papers_and_a_suspicion(catalogue, mel):
    other = listed("Magpie: Collecting Shiny Traces", identifiers=SPARROW.identifiers, links=SPARROW.links)
    account = bring([SPARROW, other], mel)
    assert account.added == 2
    assert [(each["line"], each["candidate"]) for each in account.suspected] == [(2, SPARROW.title)]
    assert Paper.objects.get(title=other.title).record.identifiers == {}


def test_what_repeats_either_of_two_works_with_one_identifier_is_one_with_it(catalogue, mel):
    other = listed("Magpie: Collecting Shiny Traces", identifiers=SPARROW.identifiers)
    account = bring([SPARROW, other, replace(other, note="Again"), replace(SPARROW, note="And again")], mel)
    assert counts(account) == {"added": 2, "repeated": 2}
    assert Paper.objects.get(title=other.title).record.note == "Again"


def test_an_identifier_is_given_out_once_whatever_else_two_entries_say(catalogue, mel):
    first = replace(SPARROW, identifiers={"doi": "10.1145/1234567.7654321", "arxiv": "2401.00007"}, links=())
    second = replace(first, identifiers={"doi": "10.1145/1234567.7654321", "arxiv": "2402.00001"})
    assert bring([first, second], mel).added == 2
    assert sorted(Identifier.objects.filter(paper__title=SPARROW.title).values_list("value", flat=True)) == [
        "10.1145/1234567.7654321",
        "2401.00007",
        "2402.00001",
    ]


def test_an_identifier_is_given_out_once_to_records_with_ids_too(catalogue, mel):
    ids = ("7Q4MHX2KD9RTW3VA", "7Q4MHX2KD9RTW3VB")
    account = bring([replace(SPARROW, id=id_) for id_ in ids], mel, is_list=False)
    assert (account.added, len(account.suspected)) == (2, 1)


def test_what_says_the_identifier_of_one_paper_and_the_title_of_another_is_refused(catalogue, mel):
    orca = Paper.objects.get(short_name="Orca").record
    other = Paper.objects.get(short_name="Megatron-LM")
    account = bring([listed(other.title, identifiers=orca.identifiers, links=orca.links)], mel)
    assert orca.title in account.refused[0]["reason"]
    assert {each["candidate"] for each in account.suspected} == {orca.title, other.title}
    assert Paper.objects.get(pk=other.pk).revision == 1


def test_the_identifier_of_a_paper_under_quite_another_title_is_suspected(catalogue, mel):
    orca = Paper.objects.get(short_name="Orca").record
    account = bring([replace(orca, id="", title="Penguins on Ice", short_name="")], mel)
    assert (account.unchanged, account.suspected[0]["candidate"]) == (1, orca.title)


def test_the_same_title_with_another_identifier_is_another_paper_and_suspected(catalogue, mel):
    bring([SPARROW], mel)
    account = bring([replace(SPARROW, identifiers={"arxiv": "2402.00001"}, links=())], mel, list_name="Other")
    assert (account.added, account.proposed) == (0, 1)
    assert account.suspected[0]["candidate"] == SPARROW.title


def test_what_may_be_here_already_is_not_published_but_proposed(catalogue, mel):
    account = bring([listed("FlashAttention: Fast and Memory-Efficient Exact Attention with Awareness of IO")], mel)
    assert (account.added, account.proposed) == (0, 1)
    assert any("FlashAttention" in each["candidate"] for each in account.suspected)


def test_what_a_file_brings_is_not_suspected_of_itself_however_it_is_read(catalogue, mel, monkeypatch):
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    monkeypatch.setattr(shelving, "TERMS_AT_ONCE", 1)
    alike = [listed(f"Sparrow: A Study of Nests in the Plains, Part {number}", short_name="Sparrow") for number in range(4)]
    account = bring(alike, mel, is_list=False)
    assert (account.added, account.suspected) == (4, [])


def test_a_list_that_is_new_fills_what_is_empty_and_contradicts_nobody(catalogue, mel):
    orca = Paper.objects.get(short_name="Orca")
    said = Record(
        title=orca.title,
        year=1999,
        abstract="An abstract.",
        venue=Venue(name="SOSP", year=2020),
        categories=(records.Category(path="ml-systems"),),
    )
    account = bring([said], mel)
    assert (account.changed, account.placements) == (1, 1)
    record = Paper.objects.get(pk=orca.pk).record
    assert (record.abstract, record.year, record.venue.name) == ("An abstract.", orca.year, "OSDI")
    assert [place.path for place in record.categories if not place.primary] == ["ml-systems"]


# -- A list that goes on elsewhere -------------------------------------------------------------
def test_only_what_the_list_says_otherwise_than_before_is_proposed(catalogue, mel):
    bring(LIST, mel)
    newer = [
        replace(WREN, venue=Venue(name="SOSP", year=2025, raw="SOSP '25"), organizations=()),
        replace(SPARROW, title="Sparrow: Serving Without Any Waiting"),
        listed("Heron: Standing Still Efficiently"),
    ]
    account = bring(newer, mel, choice="propose")
    assert counts(account) == {"proposed": 4, "changed": 2, "gone": 1}
    changed = {submission.paper.short_name: submission for submission in Submission.objects.filter(kind="correction")}
    assert changed["Sparrow"].record.title == "Sparrow: Serving Without Any Waiting"
    assert changed["Sparrow"].record.venue.name == "OSDI"
    assert (changed["Wren"].record.venue.name, changed["Wren"].record.organizations) == ("SOSP", ())
    assert Submission.objects.get(kind="removal").paper.title == FINCH.title
    assert counts(bring(newer, mel, choice="propose")) == {"unchanged": 3}


def test_published_differences_are_decided_one_by_one(catalogue, mel):
    bring(LIST, mel)
    account = bring([replace(SPARROW, note="Read it"), replace(WREN, categories=(records.Category(path="ml-systems"),))], mel)
    assert counts(account) == {"changed": 2, "gone": 1}
    assert Paper.objects.get(short_name="Sparrow").record.note == "Read it"
    assert [place.path for place in Paper.objects.get(short_name="Wren").record.categories] == ["ml-systems"]
    assert "Birds" in Tombstone.objects.get(title=FINCH.title).reason
    assert list(disagreements()) == []


def test_what_was_corrected_here_meanwhile_stays(catalogue, mel):
    bring(LIST, mel)
    sparrow = Paper.objects.get(short_name="Sparrow")
    publishing.revise(sparrow, replace(sparrow.record, abstract="Ours.", authors=(Author(name="Ann Bee"),)))
    bring([replace(SPARROW, links=(*SPARROW.links, Link(kind="code", url="https://github.com/s/s"))), WREN, FINCH], mel)
    record = Paper.objects.get(pk=sparrow.pk).record
    assert (record.abstract, record.authors[0].name) == ("Ours.", "Ann Bee")
    assert [link.kind for link in record.links] == ["paper", "pdf", "code"]


def test_two_papers_of_one_title_stay_two(catalogue, mel):
    twice = [replace(SPARROW, links=()), replace(SPARROW, identifiers={"arxiv": "2402.00001"}, links=())]
    assert counts(bring(twice, mel)) == {"added": 2}
    assert counts(bring(twice, mel)) == {"unchanged": 2}
    assert counts(bring(twice[::-1], mel)) == {"unchanged": 2}


def test_what_was_decided_against_is_not_proposed_again_while_the_list_says_the_same(catalogue, mel, root):
    bring([SPARROW], mel, choice="propose")
    submission = Submission.objects.get()
    review.decide(submission, review.REJECT, by=root, seen_version=1, reason="No.")
    assert counts(bring([SPARROW], mel, choice="propose")) == {"unchanged": 1}


def test_a_part_of_a_list_does_not_say_that_the_rest_is_gone(catalogue, mel):
    birds = [listed(f"Bird number {number} of the plain and hill {number * 7}") for number in range(30)]
    bring(birds, mel)
    account = bring(birds[:5], mel)
    assert (account.gone, account.kept_though_gone) == (0, 25)
    assert counts(bring(birds, mel)) == {"unchanged": 30}


def test_the_default_catalogue_is_the_list_it_comes_from(catalogue, mel):
    """As a Markdown list would say it: without authors, abstracts and PDF links."""
    papers = [
        replace(paper.record, authors=(), abstract="", links=paper.record.links[:1], kind="paper") for paper in Paper.objects.order_by("pk")
    ]
    said = [replace(record, id="", slug="", path="", citation_key="", added_at=None, updated_at=None) for record in papers]
    account = bring(said, mel, choice="propose", list_name="Awesome LLM Systems Papers")
    assert counts(account) == {"unchanged": 185}
    said[3] = replace(said[3], links=(Link(url="https://example.org/elsewhere"),))
    said[5] = replace(said[5], venue=Venue(name="VLDB", year=2030, raw="VLDB 2030"))
    del said[7]
    account = bring(said, mel, choice="propose", list_name="Awesome LLM Systems Papers", is_dry=True)
    assert counts(account) == {"proposed": 3, "changed": 2, "gone": 1, "unchanged": 182}


# -- A list that we have written -----------------------------------------------------------
def written():
    return body(Client().get("/papers.md")).decode().splitlines()


def read(lines, by, **more):
    return bring(formats.by_extension("md").read(lines), by, list_name=ingest.name_of("list.md", lines), **more)


def test_a_readme_becomes_a_catalogue_that_becomes_the_readme(catalogue, mel):
    before = written()
    for model in (Placement, Paper, Posting, Word, Revision, ListedPaper, ImportedList):
        model.objects.all().delete()
    Category.objects.exclude(parent=None).delete()
    Category.objects.all().delete()
    assert read(before, mel).added == 185
    assert written() == before


def test_a_newer_readme_proposes_exactly_what_was_edited_moved_added_and_deleted(catalogue, mel):
    lines = written()
    assert counts(read(lines, mel, choice="propose", is_dry=True)) == {"unchanged": 185, "repeated": 2}

    def line_with(text):
        return next(number for number, line in enumerate(lines) if text in line)

    lines[line_with("[Orca: ")] = lines[line_with("[Orca: ")].replace("OSDI 2022", "OSDI 2032")
    lines[line_with("[HybridFlow: ")] = lines[line_with("[HybridFlow: ")].replace("A Flexible", "A Very Flexible")
    moved = lines.pop(line_with("[Malleus: "))
    lines.insert(line_with("[Orca: "), moved)
    lines.insert(line_with("[Orca: "), "- [Quokka: Something New for Serving](https://arxiv.org/abs/2601.12345)")
    del lines[line_with("[Lazarus: ")]
    account = read(lines, mel, choice="propose")
    assert counts(account) == {"proposed": 5, "changed": 3, "gone": 1, "unchanged": 181, "repeated": 2}
    assert {(each.kind, each.title.partition(":")[0]) for each in Submission.objects.all()} == {
        ("correction", "Orca"),
        ("correction", "HybridFlow"),
        ("correction", "Malleus"),
        ("addition", "Quokka"),
        ("removal", "Lazarus"),
    }


# -- Our own records -------------------------------------------------------------------------
def exported(extension="jsonl"):
    format_ = formats.by_extension(extension)
    about = formats.Catalogue(site="https://x.example", title="T", license="L", version=1, updated_at=None, count=Paper.objects.count())
    return "".join(format_.dump((paper.record for paper in Paper.objects.order_by("pk")), about)), format_


@pytest.mark.parametrize("extension", ["json", "jsonl"])
def test_our_own_export_changes_nothing_and_moves_in_whole_elsewhere(catalogue, mel, extension):
    text, format_ = exported(extension)
    before = set(Paper.objects.values_list("record_json", flat=True))

    def again():
        return bring(format_.read(text.split("\n")), mel, is_list=False)

    account = again()
    assert (account.refused, account.not_understood) == ([], [])
    assert counts(account) == {"unchanged": 185}
    for model in (Paper, Posting, Word, Revision):
        model.objects.all().delete()
    assert counts(again()) == {"added": 185}
    assert set(Paper.objects.values_list("record_json", flat=True)) == before


def test_a_newer_record_of_ours_is_a_correction(catalogue, mel):
    paper = Paper.objects.get(short_name="Orca")
    account = bring([replace(paper.record, note="New")], mel, choice="propose", is_list=False)
    assert counts(account) == {"proposed": 1, "changed": 1}
    assert Submission.objects.get().paper == paper


def test_what_was_taken_off_the_shelf_does_not_come_back_with_a_file(catalogue, mel):
    paper = Paper.objects.get(short_name="Orca")
    record = paper.record
    publishing.retract(paper, reason="It was withdrawn.", by=mel)
    account = bring([record], mel, is_list=False)
    assert "It was withdrawn." in account.refused[0]["reason"]


def test_a_file_sets_neither_ids_nor_times_of_a_proposal(catalogue, alice):
    record = replace(SPARROW, id="7Q4MHX2KD9RTW3VB", slug="mine", citation_key="mine", revision=9)
    bring([record], alice, choice="propose", is_list=False)
    proposed = Submission.objects.get().record
    assert (proposed.id, proposed.slug, proposed.citation_key, proposed.revision) == ("", "", "", 0)


# -- Categories --------------------------------------------------------------------------------
def test_a_heading_means_the_category_of_its_path_or_the_only_one_of_its_name(catalogue, mel):
    bring([replace(SPARROW, categories=(records.Category(path="elsewhere/serving", name="Serving"),))], mel)
    assert [place.path for place in Paper.objects.get(short_name="Sparrow").record.categories] == ["llm-systems/serving"]


def test_headings_that_are_new_become_categories_with_those_above_them(catalogue, mel):
    record = replace(SPARROW, categories=(records.Category(path="song-birds/of-the-hill", name="Of the Hill"),))
    account = bring([Entry(line=1, record=record, headings=("Song birds", "Of the Hill"))], mel)
    assert account.categories_added == ["song-birds", "song-birds/of-the-hill"]
    assert Category.objects.get(path="song-birds").name == "Song birds"


def test_a_file_without_headings_has_its_own_name_for_a_category(catalogue, mel):
    bring([replace(SPARROW, categories=())], mel)
    assert Category.objects.get(path="birds").name == "Birds"


def test_one_category_for_all(catalogue, mel):
    bring(LIST, mel, category="ml-systems")
    assert {place.path for record in LIST for place in Paper.objects.get(title=record.title).record.categories} == {"ml-systems"}
    with pytest.raises(Category.DoesNotExist):
        bring(LIST, mel, category="no/such")


# -- Reading a file ----------------------------------------------------------------------------
def test_a_file_is_lines_whatever_ends_them():
    text = "\ufeffé\r\nb\n\nlast".encode()
    assert list(ingest.lines_of(io.BytesIO(text))) == ["é", "b", "", "last"]


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("é".encode("utf-16"), 1, "UTF-16"),
        (b"fine\nna\xefve", 2, "UTF-8"),
        (b"fine\n\0", 2, "NUL"),
        (b"PK\x03\x04rest", 1, "zip"),
        (b"\x1f\x8b\x08rest", 1, "gzip"),
        (b"a\n" * 60, 51, "large"),
    ],
)
def test_what_is_no_text_is_refused_with_its_line(content, line, word):
    with pytest.raises(ingest.Unreadable) as caught:
        list(ingest.lines_of(io.BytesIO(content), most=100))
    assert caught.value.line == line
    assert word in caught.value.reason


def test_a_json_array_is_csl():
    format_, lines = ingest.format_of("zotero.json", iter(["", "[{"]))
    assert format_.NAME == "csl"
    assert list(lines) == ["", "[{"]


@pytest.mark.parametrize(
    ("first", "name"), [("# Awesome Birds [![Awesome](https://a.b/c.svg)](https://a.b)", "Awesome Birds"), ("text", "list")]
)
def test_a_list_is_called_by_its_first_heading_else_by_its_file(first, name):
    assert ingest.name_of("list.md", [first]) == name


def test_names_that_are_too_long_are_cut_and_titles_are_not(catalogue, mel):
    long = "of the International Federation of Learned Societies " * 6
    paper = replace(
        WREN, venue=Venue(name=f"Proceedings {long}", raw=f"Proceedings {long}"), links=(Link(url="https://a.example", label=long),)
    )
    assert counts(bring([paper], mel)) == {"added": 1}
    record = Paper.objects.get(short_name="Wren").record
    assert record.venue.name.startswith("Proceedings of the") and record.venue.name.endswith("…")
    assert len(record.links[0].label) <= 100


def test_a_list_whose_name_is_signs_alone(catalogue, mel):
    bring(LIST, mel, list_name="***")
    assert counts(bring(LIST, mel, list_name="***")) == {"unchanged": 3}
