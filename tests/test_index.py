"""The index says of each term exactly the papers that it is true of, whatever came, changed and went."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog import arranging, index, publishing, taxonomy
from catalog.models import CatalogueState, Misspelling, Organization, Paper, Posting, Venue, Word
from catalog.models.posting import SEGMENT
from catalog.terms import terms_of, words
from catalog.verification import disagreements
from tests.factories import make_category, make_paper, make_record


def held(field, term):
    return set(index.papers_with(field, [term])[term])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("KV-cache", ["kv", "cache", "kvcache"]),
        ("KVCache", ["kvcache", "kv", "cache"]),
        ("FlashAttention-2", ["flashattention", "2", "flashattention2", "flash", "attention"]),
        ("DéjàVu", ["dejavu", "deja", "vu"]),
        ("N:M LLMs", ["n", "m", "nm", "llms"]),
        ("ZeRO++ and C4", ["zero++", "ze", "ro++", "and", "c4"]),
        ("+ ++ - ’ …", []),
        ("x" * 65, []),
    ],
)
def test_a_text_is_searched_by_its_words_joined_and_in_parts(text, found):
    assert words(text) == found


@given(st.text())
def test_any_text_has_words_that_fit_and_say_something(text):
    for word in words(text):
        assert 0 < len(word) <= 64
        assert not word.isspace()


def test_a_paper_is_in_the_index_from_its_publication_to_its_removal(db):
    paper = make_paper("Orca serving", venue="OSDI", year=2022, categories=["systems/serving"], authors=["Gyeong-In Yu"])
    terms = [("title", "orca"), ("names", "gyeong"), ("category", "systems"), ("place", "systems/serving"), ("edition", "osdi/2022")]
    assert all(held(*term) == {paper.pk} for term in terms)
    assert held("place", "systems") == set()

    publishing.revise(paper, make_record("Whale serving", year=2023))
    assert held("title", "orca") == held("venue", "osdi") == held("category", "systems") == set()
    assert held("title", "whale") == held("year", "2023") == held("all", "") == {paper.pk}

    publishing.retract(paper, reason="Withdrawn.", by=None)
    assert not Posting.objects.exists()
    assert not Word.objects.exists()
    assert not Misspelling.objects.exists()


def test_a_word_counts_papers_not_places(db):
    make_paper("Orca orca", abstract="The orca.")
    make_paper("Whale", note="No orca.")

    assert Word.objects.get(text="orca").papers == 2
    assert not Word.objects.filter(text="2022").exists()


def test_a_record_that_was_read_long_ago_leaves_nothing_behind(db):
    """Between reading a paper and revising it somebody else may have laid it down anew."""
    stale = make_paper("Orca")
    publishing.revise(Paper.objects.get(pk=stale.pk), make_record("Whale"))
    publishing.revise(stale, make_record("Seal"))

    assert held("title", "whale") == set()
    assert list(disagreements()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, SEGMENT - 1, SEGMENT, 3 * SEGMENT + 5]), st.sampled_from(["Orca", "Whale", "Orca whale", None])),
        max_size=12,
    )
)
def test_what_is_written_in_any_order_is_what_stands_there_at_the_end(db, steps):
    Posting.objects.all().delete()
    Word.objects.all().delete()
    now = {}
    for number, title in steps:
        record = title and make_record(title)
        index.write([(number, now.get(number), record)])
        now[number] = record
    expected = {}
    for number, record in now.items():
        for term in terms_of(record) if record else ():
            expected.setdefault(term, set()).add(number)

    assert {term: set(papers) for term, papers in index.papers_by_term("title", "names", "text", "name", "all", "kind").items()} == expected
    assert dict(index.word_counts()) == dict(Word.objects.values_list("text", "papers"))


def test_a_rebuild_makes_of_anything_what_the_records_say(catalogue):
    before = set(Posting.objects.values_list("field", "term", "segment"))
    words_before = dict(Word.objects.values_list("text", "papers"))
    Posting.objects.filter(field="title").delete()
    Posting.objects.create(field="year", term="1905", segment=0, papers=BitMap([1]).serialize())
    Posting.objects.create(field="year", term="2024", segment=7, papers=BitMap([7 * SEGMENT]).serialize())
    Word.objects.filter(text__startswith="s").delete()
    stamp = CatalogueState.now().stamp
    counted = []

    index.rebuild(progress=counted.append)

    assert set(Posting.objects.values_list("field", "term", "segment")) == before
    assert dict(Word.objects.values_list("text", "papers")) == words_before
    assert list(disagreements()) == []
    assert CatalogueState.now().stamp != stamp
    assert sum(counted) == 185


def test_what_more_papers_show_than_are_laid_down_at_once_is_renamed_for_all(db, monkeypatch):
    monkeypatch.setattr(publishing, "LAID_DOWN_AT_ONCE", 3)
    monkeypatch.setattr(index, "AT_ONCE", 5)
    for number in range(10):
        make_paper(f"Paper {number}", venue="OSDI", year=2022, categories=["systems/serving"], organizations=["SNU"])
    make_paper("Another", venue="SOSP", year=2023, categories=["training"])
    arranging.rename_venue(Venue.objects.get(name="OSDI"), name="Symposium")
    arranging.rename_category(make_category("systems"), name="Machines")
    arranging.move_category(make_category("machines/serving"), make_category("training"))
    arranging.merge_organization(Organization.objects.get(name="SNU"), taxonomy.add_organization("Seoul"))

    assert len(held("names", "symposium")) == len(held("names", "seoul")) == len(held("category", "training/serving")) == 10
    assert held("names", "osdi") == held("category", "machines") == held("organization", "snu") == set()
    assert list(disagreements()) == []


def test_laying_everything_down_anew_mends_what_is_other_than_its_rows_say(db):
    papers = [make_paper(title, venue="OSDI", year=2022) for title in ("Orca", "Whale", "Seal")]
    Paper.objects.filter(pk=papers[0].pk).update(title="Grampus", record_json=papers[1].record_json, search_text="", has_pdf=True)
    heard = []

    assert publishing.rebuild(progress=heard.append) == 1
    assert (held("title", "grampus"), held("title", "orca")) == ({papers[0].pk}, set())
    assert sum(heard) == 6
    assert [each.what for each in disagreements()] == ["its newest revision says otherwise: title"]


def test_beginnings_come_in_the_order_of_letters_and_no_further(db):
    for title in ("Orb", "Orca", "Orcas", "Orcä", "Ork", "Zebra", "Ōrca"):
        make_paper(title)

    assert list(index.beginning_with("name", "orc", limit=10)) == ["orca", "orcas"]
    assert list(index.beginning_with("name", "orc", limit=1)) == ["orca"]
    assert index.beginning_with("name", "x", limit=9) == {}
