"""Which fields a correction changes, and taking some of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog import corrections, records
from catalog.records import Category, Link, Venue
from tests.factories import make_record

ORCA = make_record(
    "Orca", year=2022, identifiers={"arxiv": "2307.08691"}, authors=["Gyeong-In Yu"], venue="OSDI", links=["https://example.org/orca"]
)
CHANGES = {
    "title": {"title": "Orca: A Distributed Serving System"},
    "short_name": {"short_name": "Orca"},
    "kind": {"kind": "survey"},
    "authors": {"authors": make_record(authors=["Gyeong-In Yu", "Joo Seong Jeong"]).authors},
    "venue": {"venue": Venue(name="OSDI", year=2023)},
    "year": {"year": 2023},
    "organizations": {"organizations": make_record(organizations=["FriendliAI"]).organizations},
    "categories": {"categories": (Category(path="serving", primary=True),)},
    "links": {"links": (Link(url="https://example.org/orca"), Link(kind="code", url="https://example.org/code"))},
    "abstract": {"abstract": "Serving."},
    "note": {"note": "Read section 4."},
    "identifiers.doi": {"identifiers": {"arxiv": "2307.08691", "doi": "10.1145/1"}},
    "identifiers.arxiv": {"identifiers": {}},
}
CHANGED = {name: records.replace(ORCA, **facts) for name, facts in CHANGES.items()}


@pytest.mark.parametrize("name", CHANGES)
def test_each_field_is_told_by_its_name_and_can_be_taken_alone(name):
    assert corrections.changes(CHANGED[name], ORCA) == [name]
    assert corrections.take(ORCA, CHANGED[name], [name]) == CHANGED[name]
    assert corrections.take(ORCA, CHANGED[name], set(CHANGES) - {name}) == ORCA


def test_what_no_one_can_correct_is_no_change():
    elsewhere = records.replace(ORCA, id="X", slug="x", path="/papers/x/", revision=7)
    assert corrections.changes(elsewhere, ORCA) == []


def test_a_place_that_the_paper_has_keeps_its_position():
    paper = records.replace(ORCA, categories=(Category(path="serving", position=5, primary=True),))
    proposed = records.replace(ORCA, categories=(Category(path="training", primary=True), Category(path="serving")))
    taken = corrections.take(paper, proposed, ["categories"])
    assert [(place.path, place.position, place.primary) for place in taken.categories] == [("training", 0, True), ("serving", 5, False)]


def test_what_others_changed_meanwhile_is_overtaken_unless_they_came_to_the_same():
    proposed = records.replace(ORCA, year=2023, note="Read section 4.")
    current = records.replace(ORCA, year=2021, note="Read section 4.", title="Orca, again")
    assert corrections.overtaken(proposed, ORCA, current) == ["year"]


@given(st.sets(st.sampled_from(sorted(CHANGES))), st.sets(st.sampled_from(sorted(CHANGES))))
def test_taking_some_and_then_the_rest_is_taking_all(changed, first):
    proposed = ORCA
    for name in sorted(changed - {"identifiers.arxiv"}):
        proposed = corrections.take(proposed, CHANGED[name], [name])
    names = corrections.changes(proposed, ORCA)
    some = corrections.take(ORCA, proposed, [name for name in names if name in first])
    assert corrections.changes(proposed, some) == [name for name in names if name not in first]
    assert corrections.take(some, proposed, names) == proposed
