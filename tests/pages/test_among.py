"""A paper among the others of the list it was reached from."""

import re
from html import unescape

import pytest

from catalog.models import Paper
from tests.factories import make_paper, make_papers

SELECTIONS = [
    "sort=-added",
    "sort=added",
    "sort=title",
    "venue=osdi&sort=-year",
    "category=llm-systems&sort=curated",
    "q=serving",
    "q=llm&year=2023&year=2024&has=pdf&sort=title",
]
NAV = re.compile(r'<nav class="among.*?</nav>', re.DOTALL)


def titles_of(page):
    return [unescape(address) for address in re.findall(r'<h3><a href="(.*?)"', page)]


def nav_of(page):
    return NAV.search(page)[0] if NAV.search(page) else None


def leading(nav, which):
    found = re.search(rf'<a href="([^"]*)" rel="{which}"', nav)
    return unescape(found[1]) if found else None


@pytest.mark.parametrize("query", SELECTIONS)
def test_one_goes_through_a_selection_in_its_order_and_back(catalogue, visitor, query):
    listed = visitor.get(f"/papers/?{query}")
    first_page, count = titles_of(listed.text), listed.context["page"].paginator.count
    seen, address = [], first_page[0]
    for number in range(1, 8):
        nav = nav_of(visitor.get(address).text)
        assert f"{number} of {count} in" in nav
        assert leading(nav, "prev") == (seen[-1] if seen else None)
        back = unescape(re.search(r'in</span> <a href="([^"]*)"', nav)[1])
        assert address in titles_of(visitor.get(back).text)
        seen.append(address)
        address = leading(nav, "next")

    assert seen == first_page[:7]


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/", "sort=-added"),
        ("/venues/osdi/", "venue=osdi&sort=-year"),
        ("/venues/osdi/2024/", "venue=osdi&year=2024&sort=-year"),
        ("/organizations/uc-berkeley/", "organization=uc-berkeley&sort=-year"),
        ("/categories/llm-systems/serving/", "category=llm-systems/serving&sort=curated"),
        ("/categories/llm-systems/", "category=llm-systems&sort=curated"),
    ],
)
def test_every_list_leads_through_the_papers_it_shows(catalogue, visitor, address, query):
    shown = titles_of(visitor.get(address).text)

    assert all(each.endswith(f"/?{query}") for each in shown)
    nav = nav_of(visitor.get(shown[0]).text)
    if address != "/categories/llm-systems/":
        assert leading(nav, "next") == shown[1]


def test_an_edition_is_the_selection_that_its_papers_lead_through(catalogue, visitor):
    shown = titles_of(visitor.get("/venues/osdi/2024/").text)

    assert [each.partition("?")[0] for each in shown] == [
        each.partition("?")[0] for each in titles_of(visitor.get("/papers/?venue=osdi&year=2024&sort=-year").text)
    ]


def test_the_first_and_the_last_say_so(db, visitor):
    make_papers(2)
    newest, oldest = titles_of(visitor.get("/papers/").text)

    assert "The first" in nav_of(visitor.get(newest).text)
    assert "The last" in nav_of(visitor.get(oldest).text)


def test_back_leads_to_the_page_that_the_paper_is_on(db, visitor):
    make_papers(60)
    shown = titles_of(visitor.get("/papers/?page=2").text)

    assert 'href="/papers/?sort=-added&amp;page=2"' in nav_of(visitor.get(shown[0]).text)


def test_however_a_selection_is_written_its_papers_have_one_address(catalogue, visitor):
    spellings = [
        "year=2024&q=serving&year=2023",
        "q=+serving&year=2023&year=2024&page=1&density=compact",
        "q=serving&year=2023&year=2024&nonsense=1",
    ]

    addresses = [titles_of(visitor.get(f"/papers/?{query}").text) for query in spellings]
    assert addresses[0] == addresses[1] == addresses[2]


@pytest.mark.parametrize("query", ["", "page=2", "utm_source=x", "venue=nowhere", "venue=sosp", "sort=curated", "q=%00", "sort=relevance"])
def test_where_no_list_holds_the_paper_nothing_is_said_of_one(catalogue, anyone, query):
    paper = Paper.objects.filter(edition__venue__slug="osdi").first()
    response = anyone.get(f"{paper.get_absolute_url()}?{query}")

    assert response.status_code == 200
    assert nav_of(response.text) is None


def test_the_lasting_address_is_without_the_list(catalogue, visitor):
    address = titles_of(visitor.get("/papers/?q=serving").text)[0]
    page = visitor.get(address).text

    assert f'<link rel="canonical" href="http://127.0.0.1:8000{address.partition("?")[0]}">' in page
    assert "Disallow: /papers/*/?" in visitor.get("/robots.txt").text


def test_words_are_shown_harmless(db, visitor):
    make_papers(2, abstract="A <b>bold</b> claim")
    hostile = '"><script>alert(1)</script> claim'
    shown = titles_of(visitor.get("/papers/", {"q": "bold claim"}).text)
    page = visitor.get(shown[0]).text
    assert "“bold claim”" in page

    response = visitor.get(shown[0].partition("?")[0], {"q": hostile})
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("query", SELECTIONS)
def test_it_asks_a_bounded_number_of_questions(catalogue, alice_client, django_assert_max_num_queries, query):
    shown = titles_of(alice_client.get(f"/papers/?{query}").text)

    with django_assert_max_num_queries(19):
        alice_client.get(shown[-1])


def test_a_title_of_many_values_is_cut(catalogue, visitor):
    paper = make_paper("Whale", venue="OSDI", year=2024)
    query = "&".join(f"year={year}" for year in range(2019, 2026))
    page = visitor.get(f"{paper.get_absolute_url()}?{query}").text

    assert "2019, 2020, 2021, …" in nav_of(page)
