"""Any part of a selection is what the whole of it has there, from wherever it is read."""

from contextlib import suppress

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyroaring import BitMap

from catalog import facets, selection
from catalog.filters import PaperFilter
from catalog.models import Category, Organization, Paper, Venue
from catalog.records import KINDS
from catalog.selection import ORDERS, BadPlace, Numbers, Ranked
from tests.factories import make_paper

SORTS = [
    "sort=-added",
    "sort=added",
    "sort=-year&year_min=2020",
    "sort=year&has=arxiv",
    "sort=title&category=llm-systems",
    "sort=curated&category=llm-systems&year=2024",
    "q=serving&sort=relevance",
    "q=llm&has=pdf&sort=title",
]


def select(query):
    papers = PaperFilter(QueryDict(query))
    assert papers.is_valid(), papers.errors
    return papers.selection


def whole(query):
    return [number for (number,) in select(query).stream(["pk"])]


@pytest.fixture(params=[20_000, 0], ids=["walking", "asking"])
def way(request, monkeypatch):
    """Papers in a sorted column are found by walking along it, or by asking for them alone: the same papers."""
    monkeypatch.setattr(selection, "WALKED", request.param)


@pytest.mark.parametrize("query", SORTS)
def test_a_part_is_what_the_whole_has_there(catalogue, way, query):
    every = whole(query)
    assert len(every) == len(set(every)) == len(select(query)) > 20

    for offset in (0, 1, 7, len(every) // 2, len(every) - 8, len(every) - 1, len(every), len(every) + 9):
        assert select(query)[offset : offset + 7] == every[offset : offset + 7], offset


@pytest.mark.parametrize("query", SORTS)
def test_what_comes_after_a_place_and_before_it_is_what_stands_there(catalogue, way, query):
    every, papers = whole(query), select(query)
    for here in (0, 1, len(every) // 2, len(every) - 1):
        place = papers.place_of(every[here])
        assert papers.beyond(place, 6) == every[here + 1 : here + 7], here
        assert papers.beyond(place, 6, backwards=True) == every[max(0, here - 6) : here], here


PLACES = [[], ["nowhere"], [None], [0, "x"], ["added_at", "x"], ["title_key"], [2024, "x"], ["added_at", "2024", 1, 2]]


@pytest.mark.parametrize("query", SORTS)
@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_is_none_is_refused_or_beyond_everything(catalogue, query, place):
    with suppress(BadPlace):
        assert set(select(query).beyond(place, 5)) <= set(whole(query))


@given(st.sets(st.integers(0, 300)), st.integers(0, 310), st.integers(1, 20), st.booleans(), st.booleans())
def test_numbers_are_read_from_either_end(numbers, place, size, newest_first, backwards):
    run = Numbers(papers=BitMap(numbers), newest_first=newest_first)
    every = sorted(numbers, reverse=newest_first)
    before = [number for number in every if (number > place if newest_first else number < place)]
    after = [number for number in every if (number < place if newest_first else number > place)]

    assert run.at(place, size) == every[place : place + size]
    assert run.beyond([place], size, backwards=backwards) == (before[-size:] if backwards else after[:size])


@given(st.lists(st.integers(0, 50), unique=True, min_size=1), st.data())
def test_a_ranked_paper_that_went_leaves_its_place(papers, data):
    here = data.draw(st.integers(0, len(papers) - 1))
    place = Ranked(papers=papers).place_of(papers[here])
    left = Ranked(papers=papers[:here] + papers[here + 1 :])

    assert left.beyond(place, 5, backwards=False) == papers[here + 1 : here + 6]
    assert left.beyond(place, 5, backwards=True) == papers[max(0, here - 5) : here]


@pytest.mark.parametrize("order", ORDERS)
def test_a_selection_of_nothing_has_no_parts(catalogue, order):
    query = f"year=1999&category=llm-systems&q=serving&sort={order}"

    assert (len(select(query)), select(query)[0:50], whole(query)) == (0, [], [])


def test_a_page_costs_the_same_questions_wherever_it_is(catalogue, django_assert_max_num_queries):
    for query in SORTS:
        for offset in (0, 100):
            papers = select(query)
            with django_assert_max_num_queries(9):
                papers[offset : offset + 50]


# -- Facets ------------------------------------------------------------------------------------
def some(values):
    return st.lists(st.sampled_from(sorted(values)), max_size=2, unique=True)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_count_is_what_a_click_gives(catalogue, data):
    parameters = {
        "category": some(Category.objects.values_list("path", flat=True)),
        "venue": some(Venue.objects.values_list("slug", flat=True)),
        "organization": some(Organization.objects.values_list("slug", flat=True)),
        "year": some(str(year) for year in range(2016, 2026)),
        "kind": some(KINDS),
        "has": some(facets.HAS),
        "q": st.sampled_from([[], ["serving"], ["llm -training"], ["has:pdf inference"], ["ucb"]]),
        "year_min": st.sampled_from([[], ["2021"]]),
    }
    asked = QueryDict(mutable=True)
    for name in data.draw(st.sets(st.sampled_from(sorted(parameters)), max_size=3)):
        asked.setlist(name, data.draw(parameters[name]))
    papers = PaperFilter(asked)
    assert papers.is_valid()
    facet = data.draw(st.sampled_from(papers.facets))
    for choice in facet.choices[:: max(1, len(facet.choices) // 6)]:
        clicked = asked.copy()
        clicked.setlist(facet.name, [choice.value])
        assert choice.count == sum(1 for _paper in select(clicked.urlencode()).stream(["pk"])), (asked, facet.name, choice.value)


def test_counts_are_those_of_the_tables(catalogue):
    """The sets of the index, held against questions that know nothing of it."""
    papers = Paper.objects.filter(placements__category__lineage__path="llm-systems/serving", year__in=[2023, 2024], has_pdf=True).distinct()

    assert set(whole("category=llm-systems/serving&year=2024&year=2023&has=pdf")) == set(papers.values_list("pk", flat=True))
    by_venue = {
        choice.value: choice.count
        for facet in PaperFilter(QueryDict("has=pdf")).facets
        if facet.name == "venue"
        for choice in facet.choices
    }
    for slug, count in by_venue.items():
        assert count == Paper.objects.filter(edition__venue__slug=slug, has_pdf=True).count()


def test_of_many_values_the_commonest_are_offered_and_what_is_chosen(db, monkeypatch):
    monkeypatch.setattr(facets, "OFFERED", 2)
    for number, venue in enumerate(["OSDI", "OSDI", "SOSP", "SOSP", "NSDI"]):
        make_paper(f"Paper {number}", venue=venue)
    offered = next(facet for facet in PaperFilter(QueryDict("venue=nsdi")).facets if facet.name == "venue")

    assert [choice.label for choice in offered.choices] == ["OSDI", "SOSP", "NSDI"]
    assert [choice.is_chosen for choice in offered.choices] == [False, False, True]
    assert not offered.is_cut
    assert next(facet for facet in PaperFilter(QueryDict("")).facets if facet.name == "venue").is_cut


@pytest.mark.parametrize("query", SORTS)
def test_the_rank_of_a_paper_is_how_many_come_before_it(catalogue, query):
    every, papers = whole(query), select(query)

    for rank in (0, 1, len(every) // 2, len(every) - 1):
        assert papers.rank(every[rank]) == rank
        assert every[rank] in papers


def test_the_rank_of_what_is_not_there_is_not_known(catalogue):
    papers = select("venue=osdi")
    other = select("venue=sosp")[0:1][0]

    assert other not in papers
    assert papers.rank(other) is None


@pytest.mark.parametrize("query", ["sort=title", "sort=-added&year_min=2020"])
def test_a_paper_that_lies_deep_is_not_counted_up_to(catalogue, monkeypatch, query):
    monkeypatch.setattr(selection, "WALKED", 10)
    every = whole(query)

    assert [select(query).rank(every[rank]) for rank in (10, 9)] == [10, 9]
    assert select(query).rank(every[-1]) is None
