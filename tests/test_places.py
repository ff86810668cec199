"""Papers by their places in the tree, as a list with headings has them."""

import pytest
from django.http import QueryDict

from catalog.filters import PaperFilter
from catalog.records import Category
from catalog.shelf import Places
from tests.factories import make_category, make_paper


def places(query=""):
    papers = PaperFilter(QueryDict(query))
    assert papers.is_valid()
    return Places(papers.selection)


def shown(found):
    return [
        (record.title, record.categories[0].path if record.categories else "", bool(record.categories) and record.categories[0].primary)
        for record in found
    ]


@pytest.fixture
def tree(db):
    for path in ("systems", "systems/serving", "empty", "other"):
        make_category(path)
    make_paper("Whale", categories=["other"], year=2024)
    make_paper("Orca", categories=["systems/serving", "other"], year=2022)
    make_paper("Alpa", categories=["systems/serving"], year=2022)
    make_paper("Stray", year=2022)


def test_papers_come_in_the_order_of_the_tree_each_at_all_its_places(tree):
    assert shown(places().stream()) == [
        ("Orca", "systems/serving", True),
        ("Alpa", "systems/serving", True),
        ("Whale", "other", True),
        ("Orca", "other", False),
        ("Stray", "", False),
    ]


def test_the_contents_are_the_places_that_have_papers_and_those_above(tree):
    assert places().contents == (
        Category(path="systems", name="Systems"),
        Category(path="systems/serving", name="Serving"),
        Category(path="other", name="Other"),
        Category(path=""),
    )
    assert [place.path for place in places("year=2024").contents] == ["other"]
    assert [place.path for place in places("category=systems/serving").contents] == ["systems", "systems/serving"]


def test_a_paper_is_at_home_in_what_was_asked_for(tree):
    assert shown(places("category=other").stream()) == [("Whale", "other", True), ("Orca", "other", True)]
    assert shown(places("category=other&category=systems").stream())[-1] == ("Orca", "other", False)
    assert shown(places("year=2022&category=other").stream()) == [("Orca", "other", True)]


def test_the_order_of_a_curator_is_kept_and_papers_without_a_place_come_as_asked(tree):
    make_paper("Another stray")
    assert [title for title, path, _primary in shown(places("sort=title").stream()) if not path] == ["Another stray", "Stray"]
    assert [title for title, path, _primary in shown(places("sort=added").stream()) if not path] == ["Stray", "Another stray"]


def test_there_is_one_question_for_each_category_that_has_papers(tree, django_assert_num_queries):
    # The papers that were asked for; the categories; their papers.
    with django_assert_num_queries(3):
        assert len(places("year=2024").contents) == 1
    with django_assert_num_queries(3 + 1):
        assert len(list(places("year=2024").stream())) == 1
    with django_assert_num_queries(3 + 2 + 1):
        assert len(list(places("year=2022").stream())) == 4
