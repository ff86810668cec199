"""Two records of one paper made into one, field by field."""

import pytest

from catalog import merging
from catalog.merging import merged, usual
from catalog.records import Category, Link, replace
from tests.factories import make_record

SURVIVOR = make_record(
    "Orca: A Distributed Serving System",
    authors=["Gyeong-In Yu", "Joo Seong Jeong"],
    year=2022,
    identifiers={"doi": "10.1/orca", "acl": "2022.orca"},
    links=["https://example.org/orca", "https://example.org/same"],
)
LOSER = make_record(
    "Orca",
    authors=["gyeong-in yu", "Soojeong Kim"],
    year=2021,
    abstract="Batching by iteration.",
    identifiers={"doi": "10.2/orca", "arxiv": "2201.00001"},
    links=["https://example.org/same", Link(kind="code", url="https://example.org/code")],
)


def places(record):
    return [(place.path, place.position, place.primary) for place in record.categories]


def test_unless_somebody_chooses_the_survivor_keeps_what_it_says_and_gets_what_it_lacks():
    record = merged(SURVIVOR, LOSER, usual(SURVIVOR, LOSER))

    assert (record.title, record.year, record.authors) == (SURVIVOR.title, 2022, SURVIVOR.authors)
    assert record.abstract == "Batching by iteration."
    assert record.identifiers == {"doi": "10.1/orca", "acl": "2022.orca", "arxiv": "2201.00001"}


def test_only_fields_that_differ_are_asked_about():
    assert "venue" not in usual(SURVIVOR, LOSER)
    assert usual(SURVIVOR, SURVIVOR) == {}


def test_of_links_both_sides_are_kept_each_once():
    record = merged(SURVIVOR, LOSER, usual(SURVIVOR, LOSER))

    assert [link.url for link in record.links] == ["https://example.org/orca", "https://example.org/same", "https://example.org/code"]


@pytest.mark.parametrize("name", ["title", "year", "abstract", "authors", "links"])
def test_any_field_can_be_that_of_either_side(name):
    assert getattr(merged(SURVIVOR, LOSER, {name: "loser"}), name) == getattr(LOSER, name)
    assert getattr(merged(SURVIVOR, LOSER, {name: "survivor"}), name) == getattr(SURVIVOR, name)


def test_each_identifier_is_chosen_by_itself():
    record = merged(SURVIVOR, LOSER, {"identifiers.doi": "loser", "identifiers.acl": "loser", "identifiers.arxiv": "survivor"})

    assert record.identifiers == {"doi": "10.2/orca"}


def test_authors_of_both_are_the_survivors_and_then_the_others_however_they_are_written():
    record = merged(SURVIVOR, LOSER, {"authors": "both"})

    assert [author.name for author in record.authors] == ["Gyeong-In Yu", "Joo Seong Jeong", "Soojeong Kim"]


def test_own_places_keep_their_position_and_those_of_the_other_theirs():
    survivor = replace(SURVIVOR, categories=(Category(path="serving", position=3, primary=True),))
    loser = replace(LOSER, categories=(Category(path="systems", position=7, primary=True), Category(path="serving", position=9)))

    both = merged(survivor, loser, {"categories": "both"})
    assert places(both) == [("serving", 3, True), ("systems", 7, False)]
    others = merged(survivor, loser, {"categories": "loser"})
    assert places(others) == [("systems", 7, True), ("serving", 3, False)]
    alone = merged(SURVIVOR, loser, {"categories": "both"})
    assert places(alone) == [("systems", 7, True), ("serving", 9, False)]


def test_what_the_catalogue_gave_stays_the_survivors():
    survivor = replace(SURVIVOR, id="A" * 16, slug="orca", revision=4)

    record = merged(survivor, replace(LOSER, id="B" * 16, slug="orca-2"), {"title": "loser"})
    assert (record.id, record.slug, record.revision) == ("A" * 16, "orca", 4)


def test_lists_longer_than_a_paper_may_have_are_noticed():
    links = tuple(Link(url=f"https://example.org/{number}") for number in range(20))

    assert merging.has_room(replace(SURVIVOR, links=links))
    assert not merging.has_room(merged(replace(SURVIVOR, links=links), LOSER, {"links": "both"}))
