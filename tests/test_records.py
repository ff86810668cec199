"""The one currency: the same record gives the same bytes, and text is compared in one way."""

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import records
from catalog.records import Author, Category, Link, Organization, Record, Venue

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)
ORCA = Record(
    id="7Q4MHX2KD9RTW3VB",
    slug="orca",
    path="/papers/orca/",
    title="Orca: é",
    short_name="Orca",
    year=2022,
    authors=(Author(name="Gyeong-In Yu"),),
    organizations=(Organization(slug="snu", name="SNU"),),
    venue=Venue(slug="osdi", name="OSDI", year=2022, raw="OSDI 22"),
    identifiers={"doi": "10.1/a", "arxiv": "2307.08691"},
    links=(Link(url="https://x.org/a"),),
    categories=(Category(path="llm-systems/serving", name="Serving", position=1, primary=True),),
    added_at=AT,
    updated_at=AT,
    revision=1,
)


def test_the_json_of_a_record_has_exactly_the_published_shape():
    assert json.loads(records.to_json(ORCA)) == {
        "id": "7Q4MHX2KD9RTW3VB",
        "slug": "orca",
        "path": "/papers/orca/",
        "title": "Orca: é",
        "short_name": "Orca",
        "kind": "paper",
        "year": 2022,
        "abstract": "",
        "note": "",
        "authors": [{"name": "Gyeong-In Yu", "orcid": None}],
        "organizations": [{"slug": "snu", "name": "SNU"}],
        "venue": {"slug": "osdi", "name": "OSDI", "year": 2022, "track": "", "raw": "OSDI 22"},
        "identifiers": {"arxiv": "2307.08691", "doi": "10.1/a"},
        "links": [{"kind": "paper", "url": "https://x.org/a", "label": ""}],
        "categories": [{"path": "llm-systems/serving", "name": "Serving", "position": 1, "primary": True, "note": ""}],
        "added_at": "2026-11-22T09:00:00Z",
        "updated_at": "2026-11-22T09:00:00Z",
        "revision": 1,
        "citation_key": "",
    }
    assert list(json.loads(records.to_json(ORCA))) == [field.name for field in msgspec.structs.fields(Record)]


def test_json_is_one_line_without_blanks_and_utf_8_unescaped():
    text = records.to_json(ORCA)
    assert text.startswith('{"id":"7Q4MHX2KD9RTW3VB","slug":"orca"')
    assert "é" in text
    assert "\n" not in text


def test_the_order_in_which_identifiers_came_does_not_change_the_bytes():
    other = records.replace(ORCA, identifiers={"arxiv": "2307.08691", "doi": "10.1/a"})
    assert records.to_json(other) == records.to_json(ORCA)


def test_json_brings_the_record_back():
    assert records.from_json(records.to_json(ORCA)) == ORCA
    assert records.from_plain(json.loads(records.to_json(ORCA))) == ORCA


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"title":7}', '{"title":"a","kind":"poem"}', '{"title":"a","year":"x"}', '{"title":"a","links":[{}]}']
)
def test_what_is_no_record_is_refused(text):
    with pytest.raises(msgspec.DecodeError):
        records.from_json(text)


def test_a_record_of_an_older_shape_gets_the_defaults():
    assert records.from_json('{"title":"a"}') == Record(title="a")


@pytest.mark.parametrize(
    ("title", "short_name", "headword"),
    [("Orca: A System", "Orca", "Orca"), ("vLLM", "vLLM", "vLLM"), ("Orcas: A System", "Orca", ""), ("A System", "", ""), (": A", "", "")],
)
def test_a_headword_is_the_short_name_that_begins_the_title(title, short_name, headword):
    assert Record(title=title, short_name=short_name).headword == headword


def test_the_first_link_is_the_main_one():
    assert ORCA.main_link == ORCA.links[0]
    assert Record(title="a").main_link is None


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("DéjàVu: KV-cache", "dejavu kv cache"),
        ("Don’t", "dont"),
        ("Don't", "dont"),
        ("ZeRO++", "zero++"),
        ("snake_case", "snake case"),
        ("  ﬁne — Straße  ", "fine strasse"),
        ("深度 学习", "深度 学习"),
        ("...", ""),
    ],
)
def test_folding_leaves_words(text, folded):
    assert records.fold(text) == folded


@given(st.text(max_size=80))
def test_folding_and_tidying_twice_change_nothing(text):
    assert records.fold(records.fold(text)) == records.fold(text)
    assert records.tidy(records.tidy(text)) == records.tidy(text)


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        ("Hugging Face", "HuggingFace", True),
        ("UMich", "Umich", True),
        ("U-M", "um", True),
        ("ES-FoMo", "es fomo", True),
        ("ZeRO", "ZeRO++", False),
        ("UCB", "UW", False),
    ],
)
def test_spellings_are_compared_without_case_and_joints(one, other, are_same):
    assert (records.spelling_key(one) == records.spelling_key(other)) is are_same


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Orca: A Distributed Serving System for Transformer-Based Generative Models", "orca-a-distributed-serving-system"),
        ("ZeRO++: Extremely Efficient", "zero-plus-plus-extremely-efficient"),
        ("AT&T", "at-and-t"),
        ("DéjàVu", "dejavu"),
        ("USENIX ATC", "usenix-atc"),
        ("x" * 60, "x" * 48),
        ("???", ""),
    ],
)
def test_a_slug_is_made_of_words(text, slug):
    assert records.slug_of(text) == slug


@given(st.text(max_size=200))
def test_a_slug_is_short_and_fit_for_an_address(text):
    slug = records.slug_of(text)
    assert len(slug) <= 48
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert not set(slug) & set("/?#%&+ ")


def test_hidden_characters_are_named_and_can_be_left_out():
    text = "a\x00b\u202ec\u200bd\ud800e\tf\ng می\u200cخواهم"
    assert records.unwanted_characters(text) == ["U+0000", "U+200B ZERO WIDTH SPACE", "U+202E RIGHT-TO-LEFT OVERRIDE", "U+D800"]
    assert records.without_unwanted_characters(text) == "abcde\tf\ng می\u200cخواهم"
    assert records.unwanted_characters("plain 深度 é") == []


def test_what_the_catalogue_holds_has_no_faults():
    for line in (Path(records.__file__).parent / "data" / "papers.jsonl").read_text(encoding="utf-8").splitlines():
        assert records.faults(records.from_json(line)) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"title": ""}, "The title is empty."),
        ({"title": "x" * 501}, "The title has 501 characters; 500 are the limit."),
        ({"title": "a\u202eb"}, "The title holds U+202E RIGHT-TO-LEFT OVERRIDE, which nobody can see."),
        ({"note": "x" * 5_001}, "The note has 5,001 characters; 5,000 are the limit."),
        ({"year": 1492}, "1492 is no year from 1900 to 2100."),
        ({"authors": (Author(name=" "),)}, "The name of an author is empty."),
        ({"authors": (Author(name="A", orcid="12"),)}, "'12' is no ORCID iD."),
        ({"authors": tuple(Author(name="A") for _ in range(1_001))}, "It has 1001 authors; 1000 are the limit."),
        ({"venue": Venue(name="V", year=20220)}, "20220 is no year from 1900 to 2100."),
        ({"links": (Link(url="javascript:alert(1)"),)}, "'javascript:alert(1)' is no address that can be kept (scheme)."),
        ({"links": (Link(url="http://127.0.0.1/"),)}, "'http://127.0.0.1/' is no address that can be kept (host)."),
        ({"identifiers": {"doi": "https://doi.org/10.1/X"}}, "doi 'https://doi.org/10.1/X' is no identifier as the catalogue writes it."),
        ({"identifiers": {"arxiv": "2307.08691v2"}}, "arxiv '2307.08691v2' is no identifier as the catalogue writes it."),
        ({"identifiers": {"isbn": "1"}}, "isbn '1' is no identifier as the catalogue writes it."),
        ({"categories": (Category(path=""),)}, "The path of a category is empty."),
    ],
)
def test_what_the_catalogue_cannot_keep_is_said_in_a_sentence(facts, said):
    assert records.faults(Record(**{"title": "A", **facts})) == [said]
