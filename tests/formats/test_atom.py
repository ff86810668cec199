"""Atom as RFC 4287 has it: well-formed whatever stands in a record, and read by a reader of others."""

from datetime import UTC, datetime
from xml.etree import ElementTree

import feedparser
import pytest

from catalog.formats import Catalogue, Page, atom
from catalog.records import Author, Category, Link, Record, replace
from tests.formats.test_formats import RECORDS

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PAGE = Page(
    address="/papers.atom?q=a&page=2",
    first="/papers.atom?q=a",
    previous="/papers.atom?q=a",
    next="/papers.atom?q=a&page=3",
    listed_at="/papers/?q=a",
)
ABOUT = Catalogue(
    site="https://shelf.example", title="A <b>shelf</b> & more", license="CC0-1.0", version=1, updated_at=AT, count=3, page=PAGE
)
NS = {"a": "http://www.w3.org/2005/Atom"}


def feed(*records, about=ABOUT):
    return "".join(atom.dump(records, about))


def test_another_reader_finds_the_entries():
    """feedparser, which knows nothing of ours."""
    found = feedparser.parse(feed(*RECORDS))
    assert not found.bozo
    assert found.version == "atom10"
    assert [entry.title for entry in found.entries] == [record.title for record in RECORDS]
    first = found.entries[0]
    assert first.link == "https://shelf.example/papers/orca-a-distributed-serving-system/"
    assert [author.name for author in first.authors] == [author.name for author in RECORDS[0].authors]
    assert [(tag.term, tag.label) for tag in first.tags] == [("llm-systems/serving", "Serving")]
    assert first.published == first.updated == "2026-11-22T09:00:00Z"
    assert [link.rel for link in first.links] == ["alternate", "related", "related"]
    assert [(link.rel, link.type) for link in found.entries[1].links if link.rel == "enclosure"] == [("enclosure", "application/pdf")]


def test_a_page_says_where_it_stands():
    links = {link.get("rel"): link.get("href") for link in ElementTree.fromstring(feed()).findall("a:link", NS)}
    assert links == {
        "self": "https://shelf.example/papers.atom?q=a&page=2",
        "first": "https://shelf.example/papers.atom?q=a",
        "previous": "https://shelf.example/papers.atom?q=a",
        "next": "https://shelf.example/papers.atom?q=a&page=3",
        "alternate": "https://shelf.example/papers/?q=a",
    }


def test_what_the_standard_asks_for_is_there():
    root = ElementTree.fromstring(feed(*RECORDS))
    for element in (root, *root.findall("a:entry", NS)):
        assert all(element.find(f"a:{name}", NS).text for name in ("id", "title", "updated"))
    ids = [entry.find("a:id", NS).text for entry in root.findall("a:entry", NS)]
    assert len(set(ids)) == len(ids)
    assert all(each.startswith("urn:uuid:") for each in ids)
    assert root.find("a:author/a:name", NS).text == ABOUT.title
    assert root.find("a:updated", NS).text == "2026-11-22T09:00:00Z"
    assert ElementTree.fromstring(feed()).find("a:updated", NS).text == "1970-01-01T00:00:00Z"


def test_an_id_outlives_every_other_fact():
    before = RECORDS[0]
    after = replace(before, title="Another", slug="another", path="/papers/another/", updated_at=AT.replace(year=2027), citation_key="k")
    one, other = (ElementTree.fromstring(feed(record)).find("a:entry/a:id", NS).text for record in (before, after))
    assert one == other


@pytest.mark.parametrize(
    "text", ["]]>", "<script>alert(1)</script>", "a\x00\x0b\x1b\ufffeb", "&amp;", '"quoted"', "\u202ereversed", "\ud800"]
)
def test_no_text_breaks_the_feed_or_becomes_markup(text):
    record = Record(
        id="7Q4MHX2KD9RTW3VB",
        title=text,
        abstract=text,
        authors=(Author(name=text),),
        links=(Link(url="https://x.org/?a=1&b=2", label=text),),
        categories=(Category(path="a", name=text),),
    )
    root = ElementTree.fromstring(feed(record).encode())
    seen = "".join(letter for letter in text if letter.isprintable())
    assert root.findtext("a:entry/a:title", namespaces=NS) == seen
    assert root.findtext("a:entry/a:summary", namespaces=NS).startswith(seen)
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        *("feed", "id", "title", "updated", "author", "name", "rights", "link", "entry", "category", "summary"),
    }
