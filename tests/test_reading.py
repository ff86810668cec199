"""What people keep of papers: said once however often it is sent, and lost by no merge, no retraction and no other window."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from django.db import IntegrityError, connection, transaction

from catalog import publishing, reading
from catalog.models import ListPlace, Reading, ReadingList
from catalog.reading import lists, states
from tests.factories import make_paper, make_papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def orca(db):
    return make_paper("Orca: A Distributed Serving System", short_name="Orca", identifiers={"arxiv": "2205.14135"})


def kept(person, paper):
    return reading.kept_of(person, paper.public_id, reading.also_named([paper.public_id]))


def order_of(list_):
    return [place.public_id for place in reading.places_of(list_)[0]]


def merge(loser, survivor, by):
    revision = publishing.newest_revision(loser.public_id)
    publishing.retract(loser, reason="The same.", by=by, into=survivor)
    return revision


# -- States and notes ----------------------------------------------------------------------------
def test_a_state_is_said_once_however_often_it_is_sent(orca, alice):
    for _twice in range(2):
        reading.put(orca.public_id, by=alice, state="reading")
    [row] = Reading.objects.all()
    assert (row.user, row.state, row.note) == (alice, "reading", "")
    before = row.changed_at
    reading.put(orca.public_id, by=alice, state="reading")
    assert Reading.objects.get().changed_at == before


def test_a_note_alone_is_on_a_paper_to_read_and_outlives_other_states(orca, alice, bruno):
    reading.put(orca.public_id, by=alice, note="Section 4.")
    reading.put(orca.public_id, by=alice, state="read")
    assert (kept(alice, orca).state, kept(alice, orca).note) == ("read", "Section 4.")
    assert kept(bruno, orca).state == ""


def test_a_note_that_another_window_has_changed_is_not_overwritten(orca, alice):
    old = reading.put(orca.public_id, by=alice, note="First.").note_mark
    reading.put(orca.public_id, by=alice, note="Second.", made_from=old)
    with pytest.raises(reading.NoteChanged) as stale:
        reading.put(orca.public_id, by=alice, note="Third.", made_from=old)
    assert stale.value.note == "Second."
    # What nobody touched there stays as it is by now.
    reading.put(orca.public_id, by=alice, state="read", note="First.", made_from=old)
    assert (kept(alice, orca).state, kept(alice, orca).note) == ("read", "Second.")


def test_there_is_an_end_to_what_one_keeps(orca, alice, monkeypatch):
    monkeypatch.setattr(states, "READINGS_PER_PERSON", 2)
    one, other = make_papers(2)
    reading.put_to_read([orca.public_id, one.public_id], by=alice)
    with pytest.raises(reading.Full):
        reading.put(other.public_id, by=alice, state="read")
    reading.put(one.public_id, by=alice, state="read")
    assert Reading.objects.count() == 2


def test_only_papers_of_the_catalogue_are_put_anywhere(alice):
    with pytest.raises(reading.NoSuchPaper):
        reading.put("0000000000000000", by=alice, state="read")
    with pytest.raises(reading.NoSuchPaper):
        reading.add(reading.create(by=alice, name="L"), ["0000000000000000"])


def test_the_database_holds_to_the_rules_too(orca, alice):
    row = reading.put(orca.public_id, by=alice, state="read") and Reading.objects.get()
    for fault in ({"state": "burnt"}, {"note": "x" * 5_001}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Reading.objects.filter(pk=row.pk).update(**fault)
    list_ = reading.create(by=alice, name="L", papers=[orca.public_id])
    for fault in ({"name": ""}, {"description": "x" * 1_001}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ReadingList.objects.filter(pk=list_.pk).update(**fault)
    with pytest.raises(IntegrityError), transaction.atomic():
        ListPlace.objects.update(position=0)


# -- Papers that go ------------------------------------------------------------------------------
def test_a_merge_loses_nothing_and_its_undo_finds_everything_where_it_was(orca, alice, mel):
    double = make_paper("Orca, once more")
    reading.put(orca.public_id, by=alice, state="read", note="Of Orca.")
    reading.put(double.public_id, by=alice, state="reading", note="Of the double.")
    list_ = reading.create(by=alice, name="L", papers=[double.public_id, orca.public_id])
    revision = merge(double, orca, mel)

    both = kept(alice, orca)
    assert (both.state, set(both.note.split("\n\n"))) == ("reading", {"Of Orca.", "Of the double."})
    assert [each.public_id for each in reading.kept_by(alice)[0]] == [orca.public_id]
    assert reading.states_of(alice, [orca.public_id]) == {orca.public_id: "reading"}
    assert reading.how_far(alice, [orca.public_id]) == {orca.public_id: "Reading"}
    assert order_of(list_) == [orca.public_id]
    assert reading.add(list_, [double.public_id]) == 0

    publishing.bring_back(revision)
    assert (kept(alice, orca).state, kept(alice, orca).note) == ("read", "Of Orca.")
    assert (kept(alice, double).state, kept(alice, double).note) == ("reading", "Of the double.")
    assert order_of(list_) == [double.public_id, orca.public_id]


def test_what_is_said_of_a_survivor_is_said_of_each_that_it_took_in(orca, alice, mel):
    first, second = make_paper("Double"), make_paper("Double of the double")
    reading.put(second.public_id, by=alice, note="Old.")
    revision = merge(second, first, mel)
    merge(first, orca, mel)
    # A form that is as old as the paper still finds it.
    reading.put(second.public_id, by=alice, state="read", note="New.", made_from=kept(alice, orca).note_mark)
    assert kept(alice, orca).note == "New."
    publishing.bring_back(revision)
    assert (kept(alice, second).state, kept(alice, second).note) == ("read", "New.")


def test_a_retracted_paper_keeps_its_note_and_title(orca, alice, mel):
    reading.put(orca.public_id, by=alice, note="Mine.")
    list_ = reading.create(by=alice, name="L", papers=[orca.public_id])
    publishing.retract(orca, reason="Withdrawn.", by=mel)

    everything, today = reading.kept_by(alice)
    shown = today.shown([everything[0].public_id])[orca.public_id]
    assert (shown.record, shown.title) == (None, orca.title)
    reading.with_notes(alice, everything)
    assert everything[0].note == "Mine."
    assert order_of(list_) == [orca.public_id]
    assert len(reading.papers_of(list_)) == 0
    reading.put(orca.public_id, by=alice, note="Still mine.", made_from=everything[0].note_mark)
    assert kept(alice, orca).note == "Still mine."


# -- Lists ---------------------------------------------------------------------------------------
def test_papers_stand_in_the_order_they_are_given(alice):
    a, b, c, d = (paper.public_id for paper in make_papers(4))
    list_ = reading.create(by=alice, name="L", papers=[a, b, c])
    assert reading.add(list_, [b, d, d]) == 1
    assert order_of(list_) == [a, b, c, d]
    for paper, number, now, expected in [
        (d, 1, 1, [d, a, b, c]),
        (d, 99, 4, [a, b, c, d]),
        (b, 3, 3, [a, c, b, d]),
        (b, 3, 3, [a, c, b, d]),
    ]:
        assert reading.move(list_, paper, number) == now
        assert order_of(list_) == expected
    assert reading.remove(list_, c) and not reading.remove(list_, c)
    assert order_of(list_) == [a, b, d]
    assert reading.move(list_, c, 1) is None
    assert reading.move(list_, d, 2) == 2
    assert order_of(list_) == [a, d, b]


def test_there_is_an_end_to_lists_and_to_their_papers(alice, bruno, monkeypatch):
    monkeypatch.setattr(lists, "LISTS_PER_PERSON", 1)
    monkeypatch.setattr(lists, "PAPERS_PER_LIST", 2)
    papers = [paper.public_id for paper in make_papers(3)]
    list_ = reading.create(by=alice, name="L", papers=papers[:2])
    with pytest.raises(reading.Full):
        reading.add(list_, papers)
    with pytest.raises(reading.Full):
        reading.create(by=alice, name="Another")
    assert order_of(list_) == papers[:2]
    reading.create(by=bruno, name="Of somebody else")


def test_public_lists_are_those_of_people_who_are_here(alice):
    reading.create(by=alice, name="Private")
    shown = reading.create(by=alice, name="Public", is_public=True, papers=[make_paper().public_id])
    [found] = reading.public_lists_of(alice)
    assert (found, found.paper_count) == (shown, 1)
    alice.is_active = False
    alice.save()
    assert not reading.public_lists_of(alice)


# -- Of one person -------------------------------------------------------------------------------
def test_everything_of_a_person_can_be_taken_along_and_goes_with_them(orca, alice, bruno):
    reading.put(orca.public_id, by=alice, note="Mine.")
    reading.create(by=alice, name="L", description="About.", papers=[orca.public_id])
    reading.put(orca.public_id, by=bruno, state="read")
    told = reading.data_of(alice)
    assert [(row["paper"], row["title"], row["state"], row["note"]) for row in told["papers"]] == [
        (orca.public_id, orca.title, "to_read", "Mine.")
    ]
    assert [(row["name"], row["description"], row["is_public"], row["papers"][0]["title"]) for row in told["lists"]] == [
        ("L", "About.", False, orca.title)
    ]
    alice.delete()
    assert [row.user for row in Reading.objects.all()] == [bruno]
    assert not ReadingList.objects.exists() and not ListPlace.objects.exists()


# -- What a text names ---------------------------------------------------------------------------
def titles(brought):
    return [each.record.title for each in brought.found]


@pytest.mark.parametrize(
    "text",
    [
        "2205.14135",
        "arXiv:2205.14135v3",
        "  https://arxiv.org/pdf/2205.14135v1.pdf  ",
        "orca: a distributed SERVING system",
        "- [Anything](https://arxiv.org/abs/2205.14135)",
        "@article{x, title={Something Else}, eprint={2205.14135}, archivePrefix={arXiv}}",
        "TY  - JOUR\nTI  - Orca: A Distributed Serving System\nER  - \n",
        '[{"type": "article", "id": "x", "title": "Orca: a distributed serving system"}]',
        '{"title": "Orca: A Distributed Serving System"}',
        "# A list\n\n- [Orca: A Distributed Serving System](https://example.org/orca)\n",
    ],
)
def test_a_paper_is_found_by_what_is_exact(orca, text):
    brought = reading.bring_text(text)
    assert titles(brought) == [orca.title]
    assert not brought.missing


def test_nothing_is_guessed(orca):
    make_paper("Twice"), make_paper("Twice")
    text = "Orca\n2205.14136\nTwice\nOrca: A Distributed Serving Systems\n@@@\n\n2205.14135, 2205.99999"
    brought = reading.bring_text(text)
    assert titles(brought) == [orca.title]
    assert [(each.line, each.name) for each in brought.missing] == [
        (1, "Orca"),
        (2, "arXiv 2205.14136"),
        (3, "Twice"),
        (4, "Orca: A Distributed Serving Systems"),
        (7, "arXiv 2205.99999"),
    ]
    assert brought.missing[1].paste == "https://arxiv.org/abs/2205.14136"
    assert [(each.line, each.text) for each in brought.not_read] == [(5, "@@@")]


def test_an_address_counts_where_only_one_paper_has_it(db):
    one = make_paper("One", links=["https://example.org/one"])
    make_paper("Two", links=["https://example.org/index"])
    make_paper("Three", links=["https://example.org/index"])
    brought = reading.bring_text("http://example.org/one/\nhttps://example.org/index")
    assert titles(brought) == [one.title]
    assert len(brought.missing) == 1


def test_an_identifier_that_speaks_against_a_title_is_heard(orca):
    brought = reading.bring_text("@article{x, title={Orca: A Distributed Serving System}, eprint={2301.00001}, archivePrefix={arXiv}}")
    assert not brought.found and len(brought.missing) == 1


def test_our_own_files_find_papers_by_their_ids_also_merged_ones(orca, mel):
    other = make_paper("Other")
    merge(other, orca, mel)
    brought = reading.bring(BytesIO(f'{{"id": "{other.public_id}", "title": "Other"}}'.encode()), name="x.jsonl")
    assert titles(brought) == [orca.title]


HOSTILE = [
    b"\x00",
    b"\xff\xfea\x00",
    b"PK\x03\x04 and so on",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    b"@string{a = " * 20_000,
    b"@article{" + b"{" * 200_000,
    b"x" * 999_999,
    b"TY  - JOUR\n" * 50_000,
    "\ud800".encode("utf-8", "surrogatepass"),
    "\u202e<script>alert(1)</script>\n".encode() * 1_000,
    b"- [" * 100_000,
    b"10.1/" * 100_000,
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("name", ["", "x.bib", "x.csl", "x.csv", "x.md"])
def test_a_hostile_file_hurts_nobody(content, name, db):
    try:
        reading.bring(BytesIO(content), name=name)
    except reading.Unreadable as refused:
        assert refused.reason


def test_a_file_is_read_as_far_as_it_is_bearable(db):
    brought = reading.bring_text("\n".join(f"2205.{number:05}" for number in range(1, 1_003)))
    assert brought.is_cut and len(brought.missing) == reading.MOST_ENTRIES
    with pytest.raises(reading.Unreadable):
        reading.bring(BytesIO(b"2205.00001\n" * 100_000))


# -- Two windows at once -------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_what_two_windows_do_at_once_is_all_done_and_done_once(alice):
    papers = [paper.public_id for paper in make_papers(6)]
    list_ = reading.create(by=alice, name="L", papers=papers[:2])

    def window(number):
        try:
            reading.put(papers[0], by=alice, state="read")
            reading.add(list_, papers)
            reading.move(list_, papers[number], 1)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as windows:
        list(windows.map(window, range(4)))
    assert Reading.objects.get().state == "read"
    assert sorted(order_of(list_)) == sorted(papers)
    assert sorted(list_.places.values_list("position", flat=True)) == list(range(1, 7))
