"""CSL-JSON: strictly as its schema has it when written, and in the dialects of its writers when read."""

import json

import jsonschema
import pytest
from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats import Catalogue, csl
from catalog.records import Author, Record, Venue
from tests.formats.reading import load
from tests.formats.test_formats import RECORDS

ABOUT = Catalogue(site="https://shelf.example", title="T", license="CC0-1.0", version=1, updated_at=None, count=1)

# What csl-data.json 1.0.2 allows of what we write: an item and a name know no other fields.
_TEXTS = """abstract annote archive archive_collection archive_location archive-place authority call-number citation-key citation-label
collection-title container-title container-title-short dimensions division DOI event event-title event-place genre ISBN ISSN
journalAbbreviation jurisdiction keyword language medium note original-publisher original-title part-title PMCID PMID publisher
publisher-place references reviewed-title scale section shortTitle source status title title-short URL version year-suffix"""
_TEXTS_OR_NUMBERS = "chapter-number collection-number edition issue locator number number-of-pages page page-first part supplement volume"
_TYPES = """article article-journal article-magazine book chapter classic collection dataset document entry graphic interview manuscript
motion_picture pamphlet paper-conference patent performance periodical post post-weblog report review software speech standard thesis
webpage"""
_NAME = {
    "type": "object",
    "properties": {
        name: {"type": "string"} for name in ("family", "given", "dropping-particle", "non-dropping-particle", "suffix", "literal")
    },
    "additionalProperties": False,
}
_DATE = {
    "type": "object",
    "properties": {
        "date-parts": {
            "type": "array",
            "minItems": 1,
            "maxItems": 2,
            "items": {"type": "array", "minItems": 1, "maxItems": 3, "items": {"type": "integer"}},
        }
    },
    "additionalProperties": False,
}
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["type", "id"],
        "additionalProperties": False,
        "properties": {
            "id": {"type": ["string", "number"]},
            "type": {"enum": _TYPES.split()},
            **{name: {"type": "string"} for name in _TEXTS.split()},
            **{name: {"type": ["string", "number"]} for name in _TEXTS_OR_NUMBERS.split()},
            **{name: {"type": "array", "items": _NAME} for name in ("author", "editor", "translator", "contributor")},
            **dict.fromkeys(("accessed", "event-date", "issued", "original-date", "submitted"), _DATE),
            "categories": {"type": "array", "items": {"type": "string"}},
            "custom": {"type": "object"},
        },
    },
}
# What it does not know yet.
_NEWER = {"citation-key", "custom", "event-title"}
validator = jsonschema.Draft7Validator(SCHEMA)


def items(*records):
    written = json.loads("".join(csl.dump(records, ABOUT)))
    validator.validate(written)
    return written


def one(item):
    loaded = load(csl, json.dumps([item]))
    assert loaded.not_understood == ()
    return loaded.records[0]


def test_every_item_fits_the_schema():
    assert len(items(*RECORDS)) == len(RECORDS)


def test_our_own_file_loses_nothing_but_the_order_of_a_name():
    back = load(csl, "".join(csl.dump(RECORDS, ABOUT))).records
    spoken = tuple(Author(name="Byung-Gon Chun") if author.name == "Chun, Byung-Gon" else author for author in RECORDS[0].authors)
    assert [record.authors for record in back] == [spoken, RECORDS[1].authors, RECORDS[2].authors]
    for before, after in zip(RECORDS, back, strict=True):
        for field in Record.__struct_fields__:
            if field != "authors":
                assert getattr(after, field) == getattr(before, field), field


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Luke de Oliveira", {"family": "Oliveira", "non-dropping-particle": "de", "given": "Luke"}),
        ("Guy Van den Broeck", {"family": "Van den Broeck", "given": "Guy"}),
        ("Sammy Davis Jr.", {"family": "Davis", "given": "Sammy", "suffix": "Jr."}),
        ("The ATLAS Collaboration", {"literal": "The ATLAS Collaboration"}),
        ("DeepSeek-AI", {"literal": "DeepSeek-AI"}),
    ],
)
def test_names_stand_in_their_parts_and_come_back(name, parts):
    record = Record(title="A", authors=(Author(name=name),))
    [item] = items(record)
    assert item["author"] == [parts]
    assert one(item).authors == record.authors


@pytest.mark.parametrize(
    ("record", "facts"),
    [
        (Record(title="A", venue=Venue(name="OSDI", year=2022)), {"type": "paper-conference", "container-title": "OSDI 2022"}),
        (Record(title="A", venue=Venue(name="ACM Computing Surveys")), {"type": "article-journal"}),
        (
            Record(title="A", identifiers={"arxiv": "2307.08691"}),
            {"type": "article", "genre": "Preprint", "number": "arXiv:2307.08691", "publisher": "arXiv"},
        ),
        (Record(title="A", identifiers={"doi": "10.1145/1.2"}, year=2020), {"DOI": "10.1145/1.2", "issued": {"date-parts": [[2020]]}}),
        (Record(title="A", kind="framework"), {"type": "software"}),
        (Record(title="A", citation_key="yu-2022-orca"), {"id": "yu-2022-orca", "citation-key": "yu-2022-orca"}),
    ],
)
def test_what_an_item_says(record, facts):
    [item] = items(record)
    assert {name: item[name] for name in facts} == facts


def test_a_citation_processor_reads_it():
    """citeproc-py, which knows nothing of ours."""
    plain = [{name: value for name, value in item.items() if name not in _NEWER} for item in items(*RECORDS)]
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    bibliography = CitationStylesBibliography(style, CiteProcJSON(plain), formatter.plain)
    for item in plain:
        bibliography.register(Citation([CitationItem(item["id"])]))
    text = "\n".join(map(str, bibliography.bibliography()))
    assert "Yu, G.-I." in text
    assert "de Oliveira, L." in text
    assert "Orca: A Distributed Serving System for Transformer-Based Generative Models" in text
    assert "2022" in text


def test_an_answer_of_crossref_is_read():
    record = load(
        csl,
        json.dumps(
            {
                "status": "ok",
                "message": [
                    {
                        "DOI": "10.1145/3600006.3613165",
                        "type": "proceedings-article",
                        "title": ["Efficient <i>Memory</i> Management"],
                        "container-title": ["Proceedings of the 29th Symposium on Operating Systems Principles"],
                        "author": [{"given": "Woosuk", "family": "Kwon", "sequence": "first", "affiliation": []}, {"name": "vLLM Team"}],
                        "published-print": {"date-parts": [[2023, 10, 23]]},
                        "abstract": "<jats:p>We page.</jats:p>",
                        "URL": "http://dx.doi.org/10.1145/3600006.3613165",
                    }
                ],
            }
        ),
    ).records[0]
    assert record.title == "Efficient Memory Management"
    assert [author.name for author in record.authors] == ["Woosuk Kwon", "vLLM Team"]
    assert (record.year, record.identifiers, record.abstract) == (2023, {"doi": "10.1145/3600006.3613165"}, "We page.")


def test_an_export_of_zotero_is_read():
    record = one(
        {
            "id": "http://zotero.org/users/1/items/AB",
            "type": "article",
            "title": "FlashAttention-2",
            "title-short": "FlashAttention-2",
            "number": "arXiv:2307.08691",
            "publisher": "arXiv",
            "genre": "Preprint",
            "source": "arXiv.org",
            "author": [{"family": "Dao", "given": "Tri"}],
            "issued": {"date-parts": [["2023", 7, 17]]},
            "note": "arXiv:2307.08691 [cs]",
        }
    )
    assert (record.identifiers, record.year, record.venue, record.note) == ({"arxiv": "2307.08691"}, 2023, None, "")


@pytest.mark.parametrize("date", [{"raw": "2023-07-17"}, {"literal": "Summer 2023"}, {"date-parts": [["2023"]]}, "2023", 2023])
def test_dates_are_read_in_every_dress(date):
    assert one({"title": "A", "issued": date}).year == 2023


@pytest.mark.parametrize(
    "item",
    [
        {"title": {"a": 1}},
        {"title": None},
        {"author": [{"family": "A"}]},
        7,
        {"title": "A", "abstract": "x" * 60_000},
    ],
)
def test_what_is_no_item_is_reported(item):
    loaded = load(csl, json.dumps([item, {"title": "Good"}]))
    assert [record.title for record in loaded.records] == ["Good"]
    assert len(loaded.not_understood) == 1


@pytest.mark.parametrize("field", ["author", "issued", "custom", "number", "container-title", "URL", "DOI"])
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [[]], [{"a": [1]}], {"date-parts": [[]]}, {"date-parts": 5}, [None], 1e308, True])
def test_a_field_of_a_wrong_shape_does_no_harm(field, value):
    assert one({"title": "A", field: value}).title == "A"


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_gives_valid_items(title, name):
    items(Record(title=title, abstract=title, authors=(Author(name=name),), venue=Venue(name=name)))
