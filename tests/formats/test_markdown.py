"""What we write as a list is a list that people can read, and gives itself back to the last byte."""

import re

import pytest
from django.conf import settings
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog import records
from catalog.formats import Catalogue, markdown
from catalog.models import CatalogueState, Paper
from catalog.models import Category as CategoryRow
from catalog.records import Category, Link, Organization, Record, Venue, replace, tidy, without_unwanted_characters
from tests.api.conftest import body
from tests.formats.hostile import CATEGORIES, PIECES, hostile_records
from tests.formats.reading import load


def about(*contents, title="Awesome Papers"):
    return Catalogue(site="https://x.example", title=title, license="CC0-1.0", version=7, updated_at=None, count=1, contents=contents)


def written(*records_, contents=()):
    return "".join(markdown.dump(records_, about(*contents)))


def items(text):
    return [line for line in text.split("\n") if line.startswith("- ") and "](#" not in line]


def item(**facts):
    [line] = items(written(Record(**{"title": "Orca: A System", **facts})))
    return line


LINK = (Link(url="https://x.org/a"),)
OSDI = Venue(name="OSDI", year=2022)
PLACE = Category(path="a", name="A", position=1, primary=True)


@pytest.mark.parametrize(
    ("facts", "line"),
    [
        # A name that the title seems to have, and the paper has not, would be read from it.
        ({}, "- Orca&#58; A System"),
        ({"short_name": "Orca"}, "- Orca: A System"),
        ({"links": LINK, "short_name": "Orca"}, "- [Orca: A System](https://x.org/a)"),
        (
            {"links": LINK, "short_name": "Orca", "venue": OSDI, "organizations": (Organization(name="UC Berkeley"),)},
            "- [Orca: A System](https://x.org/a) - *OSDI 2022 · by UC Berkeley*.",
        ),
        (
            {
                "links": (*LINK, Link(kind="code", url="https://github.com/o/r"), Link(url="https://y.org", label="Long")),
                "note": "Section 3",
                "short_name": "Orca",
            },
            "- [Orca: A System](https://x.org/a) - *Paper*, [Code](https://github.com/o/r), [Long](https://y.org 'paper'). Section 3\\.",
        ),
        ({"short_name": "Orca", "kind": "survey", "year": 2021, "note": "Read it!"}, "- Orca: A System - *2021 · Survey*. Read it!"),
        ({"title": "Inference without a Name: X", "short_name": "I"}, "- Inference without a Name: X - *named I*."),
        ({"title": "ML: [b](javascript:x) <i> *c*", "short_name": "ML"}, "- ML: &#91;b&#93;(javascript&#58;x) \\<i\\> \\*c\\*"),
        ({"title": "DeepSpeed: Inference (MII)", "short_name": "DeepSpeed"}, "- DeepSpeed: Inference (MII)"),
        ({"title": "Why? (OSDI 2022)"}, "- Why&#63; &#40;OSDI 2022&#41;"),
        ({"title": "Ray", "organizations": (Organization(name="Ray"),), "links": LINK}, "- [Ray](https://x.org/a) - *by Ray*."),
        (
            {"title": "Survey", "kind": "survey", "links": LINK, "note": "It."},
            "- [Survey](https://x.org/a) - *<!-- -->Survey*. It.",
        ),
        (
            {"title": "A", "links": (Link(url="https://x.org/a_(b)?c='d'"),), "venue": Venue(name="Journal, The", year=1999, track="Oral")},
            "- [A](https://x.org/a_%28b%29?c=%27d%27) - *in Journal&#44; The, 1999, Oral*.",
        ),
        ({"title": "A", "identifiers": {"doi": "10.1/x"}}, "- [A](https://doi.org/10.1/x)"),
        ({"title": "A", "links": (Link(kind="slides", url="https://x.org/a", label="Talk"),)}, "- [A](https://x.org/a 'slides: Talk')"),
    ],
)  # fmt: skip
def test_an_item_says_what_is_known_in_one_line(facts, line):
    assert item(**facts) == line


def test_a_paper_is_linked_once_and_named_where_it_stands_again():
    elsewhere = Category(path="b", name="B", position=4, note="Also about B")
    orca = Record(title="Orca", links=LINK, categories=(PLACE, elsewhere))
    text = written(orca, replace(orca, categories=(elsewhere, PLACE)))
    assert items(text) == [
        "- [Orca](https://x.org/a)",
        '- Orca - *Also here*, <a href="https://x.org/a">Paper</a>. *Here: Also about B*.',
    ]
    first, second = load(markdown, text).records
    assert first.categories == (PLACE,)
    assert second.links == LINK
    assert [(place.path, place.primary, place.note) for place in second.categories] == [("b", False, "Also about B"), ("a", True, "")]


def test_two_works_at_one_address_are_both_there_and_only_one_is_the_link_of_a_title():
    text = written(Record(title="Orca", links=LINK), Record(title="Whale", links=(Link(url="http://www.x.org/a/"),)))
    assert items(text) == ["- [Orca](https://x.org/a)", '- Whale - *Paper*, <a href="http://www.x.org/a/">Paper</a>.']


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://me:secret@x.org/", "https://x.org/\u202e", "https://x\x00.org"]
)
def test_an_address_that_is_not_safe_is_not_written(url):
    text = written(Record(title="A", links=(Link(url=url), *LINK)))
    assert items(text) == ["- [A](https://x.org/a)"]


def test_headings_are_the_tree_and_the_contents_lead_to_them():
    contents = (
        Category(path="a", name="A & B"),
        Category(path="a/c", name="C"),
        Category(path="a/c/d", name="D"),
        Category(path="others", name="C"),
    )
    text = written(
        *(
            Record(title=f"Paper {path}", categories=(Category(path=path, position=1, primary=True),))
            for path in ("a/c", "a/c/d", "others")
        ),
        contents=contents,
    )
    assert re.findall(r"^#.*|^ *- .*#.*", text, re.MULTILINE)[1:] == [
        "## Contents",
        "- [A \\& B](#a--b)",
        "  - [C](#c)",
        "- [C](#c-1)",
        "## A \\& B",
        "### C",
        "#### D",
        "## C",
        "## Contributing",
    ]
    # The name does not tell the address of these.
    assert text.count("<!-- place: a -->") == text.count("<!-- place: others -->") == 1
    assert [record.categories[0].path for record in load(markdown, text).records] == ["a/c", "a/c/d", "others"]


def test_papers_without_a_place_come_back_without_one():
    loaded = load(markdown, written(Record(title="A", categories=(PLACE,)), Record(title="B"), contents=(PLACE, Category(path=""))))
    assert [record.categories for record in loaded.records] == [(PLACE,), ()]


def test_a_long_note_is_written_on_lines_that_can_be_read():
    note = "; ".join(f"word {number} of many, (and) by 2023 the last" for number in range(130))[:5_000]
    text = written(Record(title="A", links=LINK, note=note))
    assert max(map(len, text.split("\n"))) < 1_200
    assert load(markdown, text).records[0].note == note


def test_whatever_people_write_is_read_back_and_written_again_the_same():
    written_records = hostile_records(300, seed=2)
    text = "".join(markdown.dump(written_records, about(*CATEGORIES)))
    loaded = load(markdown, text)
    assert loaded.not_understood == ()
    assert "".join(markdown.dump(loaded.records, about(*CATEGORIES))) == text
    for before, after in zip(written_records, loaded.records, strict=True):
        assert (after.title, after.categories[0].path) == (before.title, before.categories[0].path)
        assert after.categories[0].note == tidy(without_unwanted_characters(before.categories[0].note))
        assert all(link.url.startswith("http") and "secret" not in link.url for link in after.links)
        if before.categories[0].primary:
            assert (after.short_name, after.kind) == (tidy(before.short_name), before.kind)
            assert after.note == tidy(without_unwanted_characters(before.note))
            assert [each.name for each in after.organizations] == [each.name for each in before.organizations]
            assert after.year == before.year or before.year is None
            assert before.venue is None or (after.venue.name, after.venue.year) == (before.venue.name, before.venue.year)


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=10)
    .map("".join)
    .map(without_unwanted_characters)
    .map(tidy)
    .filter(records.spelling_key)
)
def test_any_title_comes_back(title):
    for links in ((), LINK):
        [back] = load(markdown, written(Record(title=title, links=links))).records
        assert (back.title, back.short_name, back.links) == (title, "", links)


def test_the_whole_catalogue_gives_itself_back_byte_for_byte(catalogue):
    text = body(Client().get("/papers.md")).decode()
    loaded = load(markdown, text)
    contents = tuple(Category(path=row.path, name=row.name) for row in CategoryRow.objects.order_by("tree_position"))
    state = CatalogueState.now()
    again = Catalogue(
        site=settings.SITE_URL,
        title=settings.SITE_NAME,
        license="CC0-1.0",
        version=state.version,
        updated_at=state.updated_at,
        count=185,
        contents=contents,
    )
    assert "".join(markdown.dump(loaded.records, again)) == text


def test_the_whole_catalogue_is_read_back(catalogue):
    loaded = load(markdown, body(Client().get("/papers.md")).decode())
    back = {record.title: record for record in loaded.records if record.categories[0].primary}
    assert (len(loaded.records), len(back), loaded.not_understood) == (187, 185, ())
    for paper in map(records.from_json, Paper.objects.values_list("record_json", flat=True)):
        read = back[paper.title]
        assert (read.short_name, read.kind, read.year, read.note) == (paper.short_name, paper.kind, paper.year, paper.note)
        assert (read.identifiers, read.links) == (paper.identifiers, paper.links)
        assert [each.name for each in read.organizations] == [each.name for each in paper.organizations]
        assert (read.venue and (read.venue.name, read.venue.year)) == (paper.venue and (paper.venue.name, paper.venue.year))
        place, where = read.categories[0], paper.categories[0]
        assert (place.path, place.name) == (where.path, where.name)
