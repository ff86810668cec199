import itertools
import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.http import QueryDict
from django.test import Client

from catalog import arranging, models, publishing, taxonomy
from catalog.filters import PaperFilter
from catalog.models import Paper
from catalog.records import Author, Category, Organization, Venue
from tests.api.conftest import asked, put_on_the_shelf
from tests.factories import make_paper

SELECTIONS = [
    "sort=-added",
    "sort=added",
    "sort=-year",
    "sort=year",
    "sort=title",
    "q=serving&sort=relevance",
    "q=serving",
    "q=serving+queues&sort=-year",
    "category=systems&sort=curated",
    "category=systems%2Fserving&sort=curated",
    "year=2021&year=2022&sort=title",
    "has=code",
]


def whole(query):
    return [slug for (slug,) in PaperFilter(QueryDict(query)).selection.stream(["slug"])]


def walk(address, *, meanwhile=lambda: None):
    """Every page from here on, by `next`."""
    pages = []
    while address:
        answer = asked(address)
        pages.append(answer)
        address = answer["next"]
        meanwhile()
    return pages


def slugs(pages):
    return [record["slug"] for page in pages for record in page["results"]]


@pytest.mark.parametrize("size", [1, 5, 12, 200])
@pytest.mark.parametrize("query", SELECTIONS)
def test_all_pages_together_are_the_selection_in_its_order(shelf, query, size):
    assert slugs(walk(f"/api/v1/papers/?{query}&page_size={size}")) == whole(query)


@pytest.mark.parametrize("query", SELECTIONS)
def test_the_way_back_shows_the_same_papers(shelf, query):
    pages = walk(f"/api/v1/papers/?{query}&page_size=5")
    there = slugs(pages)
    back, address = [], pages[-1]["previous"]
    while address:
        answer = asked(address)
        back = slugs([answer]) + back
        address = answer["previous"]
    assert back + slugs(pages[-1:]) == there


@pytest.mark.parametrize("query", [query for query in SELECTIONS if "has=code" not in query])
def test_papers_added_between_two_pages_make_nothing_come_twice_or_never(shelf, query):
    before = whole(query)
    place = (Category(path="systems/serving"),)
    arrivals = iter([(100, -60), (101, 3), (102, 60), (103, -60), (104, 3), (105, 60), (106, 3)])

    def one_more():
        for number, minutes in itertools.islice(arrivals, 1):
            put_on_the_shelf(number, minutes=minutes, categories=place)

    seen = slugs(walk(f"/api/v1/papers/?{query}&page_size=2", meanwhile=one_more))
    assert len(seen) == len(set(seen))
    assert [slug for slug in seen if slug in before] == before


def test_a_page_keeps_its_place_when_papers_before_it_go(shelf):
    first = asked("/api/v1/papers/?sort=added&page_size=4")
    publishing.retract(Paper.objects.get(slug=first["results"][-1]["slug"]), reason="Withdrawn by its authors.", by=None)
    assert slugs([first, *walk(first["next"])]) == [f"paper-{number}" for number in range(1, 13)]


def test_the_neighbours_stand_in_the_header_too(shelf):
    first = asked("/api/v1/papers/?page_size=5")
    response = Client().get(first["next"])
    second = response.json()
    assert f'<{second["next"]}>; rel="next"' in response["Link"]
    assert f'<{second["previous"]}>; rel="prev"' in response["Link"]
    assert '</api/schema/record/v1.json>; rel="describedby"' in response["Link"]
    assert 'rel="license"' in response["Link"]


def test_a_page_has_fifty_results_unless_told_otherwise(catalogue):
    answer = asked("/api/v1/papers/")
    assert (len(answer["results"]), answer["previous"]) == (50, None)
    assert list(answer) == ["next", "previous", "results"]


@pytest.mark.parametrize("text", ["x", "W10.x", "é", "%00", ".", "a.b.c", "W2ZhbHNlLDFd.AAAA"])
def test_a_cursor_that_was_never_given_out_is_refused(shelf, text):
    answer = asked(f"/api/v1/papers/?cursor={text}", status=400)
    assert [error["parameter"] for error in answer["errors"]] == ["cursor"]


def test_a_cursor_belongs_to_its_selection_and_to_its_list(shelf):
    cursor = urlsplit(asked("/api/v1/papers/?sort=title&page_size=2")["next"]).query.partition("cursor=")[2]
    assert asked(f"/api/v1/papers/?cursor={cursor}&sort=title")
    for address in (f"/api/v1/papers/?cursor={cursor}", f"/api/v1/papers/?sort=year&cursor={cursor}", f"/api/v1/venues/?cursor={cursor}"):
        assert asked(address, status=400)["errors"][0]["parameter"] == "cursor"


def test_the_order_of_the_parameters_does_not_matter_to_a_cursor(shelf):
    cursor = urlsplit(asked("/api/v1/papers/?sort=title&category=systems&page_size=2")["next"]).query.partition("cursor=")[2]
    assert asked(f"/api/v1/papers/?cursor={cursor}&category=systems&sort=title")["results"]


@pytest.mark.parametrize("size", ["0", "201", "-1", "1e2", "x", "٣", "99999999999999999999"])
def test_a_page_size_that_is_none_is_refused(shelf, size):
    assert asked(f"/api/v1/papers/?page_size={size}", status=400)["errors"][0]["parameter"] == "page_size"


def test_a_paper_is_served_as_it_is_stored(catalogue):
    paper = Paper.objects.last()
    assert Client().get(f"/api/v1/papers/{paper.slug}/").content == paper.record_json.encode()
    assert paper.record_json.encode() in Client().get("/api/v1/papers/?sort=added&page_size=200").content


def test_categories_come_as_the_tree_is_read_with_papers_counted_once(shelf):
    assert asked("/api/v1/categories/")["results"] == [
        {"path": "systems", "name": "Systems", "description": "", "position": 1, "parent": None, "count": 12},
        {"path": "systems/serving", "name": "Serving", "description": "", "position": 1, "parent": "systems", "count": 8},
    ]
    assert asked("/api/v1/categories/systems/serving/")["count"] == 8


def test_the_default_catalogue_shows_its_categories_in_order(catalogue):
    paths = [category["path"] for category in asked("/api/v1/categories/")["results"]]
    assert paths[:3] == ["llm-systems", "llm-systems/pre-training", "llm-systems/serving"]
    assert paths[-1] == "other-reading"
    assert len(paths) == 14


def test_a_venue_shows_its_spellings_and_its_years(db):
    taxonomy.add_venue("SOSP", full_name="Symposium on Operating Systems Principles", aliases=["ACM SOSP"])
    for number, year in enumerate([2023, 2024, 2024, None], start=1):
        put_on_the_shelf(number, venue=Venue(name="SOSP", year=year))
    answer = asked("/api/v1/venues/")
    assert answer["results"] == [
        {
            "slug": "sosp",
            "name": "SOSP",
            "full_name": "Symposium on Operating Systems Principles",
            "aliases": ["ACM SOSP", "Symposium on Operating Systems Principles"],
            "editions": [{"year": 2024, "count": 2}, {"year": 2023, "count": 1}, {"year": None, "count": 1}],
            "count": 4,
        }
    ]
    assert asked("/api/v1/venues/sosp/") == answer["results"][0]


def test_an_organization_shows_its_spellings_and_its_papers(db):
    taxonomy.add_organization("UC Berkeley", aliases=["University of California, Berkeley"])
    put_on_the_shelf(1, organizations=(Organization(name="UC Berkeley"),))
    expected = {"slug": "uc-berkeley", "name": "UC Berkeley", "aliases": ["University of California, Berkeley"], "count": 1}
    assert asked("/api/v1/organizations/")["results"] == [expected]
    assert asked("/api/v1/organizations/uc-berkeley/") == expected


def test_an_author_is_a_name_in_all_its_spellings(db):
    put_on_the_shelf(1, authors=(Author(name="Łukasz Kaiser"), Author(name="Ada Byron")))
    put_on_the_shelf(2, authors=(Author(name="łukasz kaiser"), Author(name="Łukasz Kaiser")))
    put_on_the_shelf(3, authors=(Author(name="\u4f60\u597d"), Author(name="...")))
    answer = asked("/api/v1/authors/")
    assert [(each["slug"], each["count"]) for each in answer["results"]] == [("ada-byron", 1), ("łukasz-kaiser", 2), ("\u4f60\u597d", 1)]
    for each in answer["results"]:
        assert asked(f"/api/v1/authors/{each['slug']}/") == each
        assert len(asked(f"/api/v1/papers/?author={each['slug']}")["results"]) == each["count"]
    assert asked("/api/v1/authors/nobody/", status=404)


@pytest.mark.parametrize("name", ["papers", "categories", "venues", "organizations", "authors"])
def test_a_list_says_how_many_there_are_where_it_is_asked(catalogue, name):
    answer = asked(f"/api/v1/{name}/?count=1&page_size=3")
    assert list(answer) == ["count", "next", "previous", "results"]
    assert sum(len(page["results"]) for page in walk(f"/api/v1/{name}/?count=1&page_size=200")) == answer["count"]
    assert asked(answer["next"])["count"] == answer["count"]
    assert "count" not in asked(f"/api/v1/{name}/?count=0")
    for value in ("2", "true", "-1", ""):
        assert asked(f"/api/v1/{name}/?count={value}", status=400)["errors"][0]["parameter"] == "count"


@pytest.mark.parametrize("address", ["papers/?sort=title&page_size=3&count=1", "authors/?page_size=2", "venues/", "categories/"])
def test_every_page_leads_to_the_first_one(catalogue, address):
    pages = [Client().get(f"/api/v1/{address}")]
    pages += [Client().get(pages[0].json()["next"])] if pages[0].json()["next"] else []
    for page in pages:
        first = re.search(r'<([^>]*)>; rel="first"', page["Link"])[1]
        assert Client().get(first).json() == pages[0].json()


@pytest.mark.parametrize("name", ["categories", "venues", "organizations"])
def test_the_other_lists_have_pages_too(catalogue, name):
    whole = asked(f"/api/v1/{name}/?page_size=200")["results"]
    pages = walk(f"/api/v1/{name}/?page_size=4")
    assert [result for page in pages for result in page["results"]] == whole
    assert asked(pages[1]["previous"])["results"] == whole[:4]


def test_the_counts_of_the_lists_are_those_of_the_selections(catalogue):
    for name, key in (("categories", "path"), ("venues", "slug"), ("organizations", "slug"), ("authors", "slug")):
        parameter = {"categories": "category"}.get(name, name.removesuffix("s"))
        for result in asked(f"/api/v1/{name}/?page_size=200")["results"]:
            assert len(PaperFilter(QueryDict(f"{parameter}={result[key]}")).selection) == result["count"]


def test_a_category_of_the_past_leads_to_its_present_address(shelf):
    arranging.rename_category(Paper.objects.get(slug="paper-1").categories.get(), name="Inference")
    response = Client().get("/api/v1/categories/systems/serving/")
    assert (response.status_code, response["Location"]) == (301, "/api/v1/categories/systems/inference/")
    assert response["Access-Control-Allow-Origin"] == "*"


def test_the_index_names_addresses_that_answer(catalogue):
    otherwise = {"lookup": 400, "duplicates": 405, "submissions": 401, "queue": 401}
    for name, address in asked("/api/v1/").items():
        response = Client().get(address)
        assert response.status_code == otherwise.get(name, 200), name
        assert response["Content-Type"] == "application/problem+json" or name not in otherwise


# Words, names to be looked up, and orders made of parts ask more, but never more for more papers.
WHOLE_SELECTION = "q=serving&category=llm-systems&venue=osdi&organization=uc-berkeley&author=zhuohan-li"
ENDPOINTS = [
    "/api/v1/",
    "/api/v1/papers/?page_size=200",
    (f"/api/v1/papers/?{WHOLE_SELECTION}&page_size=200", 10),
    ("/api/v1/papers/?category=llm-systems&sort=curated", 8),
    "/api/v1/categories/?page_size=200",
    "/api/v1/categories/llm-systems/",
    "/api/v1/venues/?page_size=200",
    "/api/v1/venues/osdi/",
    "/api/v1/organizations/?page_size=200",
    "/api/v1/organizations/uc-berkeley/",
    "/api/v1/authors/?page_size=200&count=1",
    "/api/v1/authors/zhuohan-li/",
    "/api/v1/changes/?page_size=200",
    # Five of these count the visit.
    ("/api/v1/export/", 10),
    ("/api/v1/export/?category=llm-systems&venue=osdi", 10),
    ("/papers.jsonl", 10),
    ("/papers.bib", 10),
]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_an_answer_asks_the_database_few_questions(catalogue, endpoint, django_assert_max_num_queries):
    address, most = endpoint if isinstance(endpoint, tuple) else (endpoint, 5)
    with django_assert_max_num_queries(most):
        response = Client().get(address)
        assert response.status_code == 200, response.content
        assert response.getvalue() if response.streaming else response.content


def test_the_time_of_a_place_survives_to_the_microsecond(shelf):
    at = Paper.objects.get(slug="paper-1").added_at + timedelta(microseconds=7)
    Paper.objects.update(added_at=at, updated_at=at)
    assert len(slugs(walk("/api/v1/papers/?page_size=1"))) == 12


def test_a_slug_beyond_ascii_has_an_address(db):
    put_on_the_shelf(1, slug="übersicht", authors=(Author(name="Łukasz Kaiser"),))
    assert asked("/api/v1/papers/übersicht/")["authors"] == [{"name": "Łukasz Kaiser", "orcid": None}]
    assert json.loads(Client().get("/papers/übersicht.jsonl").getvalue())["slug"] == "übersicht"


def test_a_venue_and_an_organization_that_were_merged_lead_to_the_survivor(db):
    make_paper("Orca", venue="OSDI", organizations=["FriendliAI"])
    make_paper("Whale", venue="Workshop on Whales", organizations=["Friendli"])
    arranging.merge_venue(models.Venue.objects.get(name="Workshop on Whales"), models.Venue.objects.get(name="OSDI"))
    arranging.merge_organization(models.Organization.objects.get(name="Friendli"), models.Organization.objects.get(name="FriendliAI"))
    for old, new in (("venues/workshop-on-whales", "venues/osdi"), ("organizations/friendli", "organizations/friendliai")):
        response = Client().get(f"/api/v1/{old}/")
        assert (response.status_code, response["Location"]) == (301, f"/api/v1/{new}/")
