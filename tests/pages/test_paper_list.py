import json
import re
from html import unescape
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import facets
from catalog.filters import PaperFilter
from catalog.formats import FORMATS
from tests.factories import make_paper, make_papers

HTMX = {"HX-Request": "true"}
SERVING = "category=llm-systems/serving&year=2024&year=2023"


def rows(page):
    return re.findall(r'<li class="entry">.*?<h3><a href="(.*?)\?.*?">', page, re.DOTALL)


def count_at(client, address):
    return client.get(address).context["page"].paginator.count


def test_everyone_sees_the_selection_its_chips_and_its_counts(catalogue, anyone):
    page = anyone.get(f"/papers/?{SERVING}").text

    assert '<b class="num">58</b> of <span class="num">185</span>' in page
    for label in ("Category: Serving", "Year: 2024", "Year: 2023"):
        assert f'aria-label="Remove filter, {label}"' in page
    assert page.count("<h1>") == 1
    assert len(rows(page)) == 50
    assert "Show 58 papers" in page


def test_htmx_gets_the_parts_that_change_and_nothing_else(catalogue, anyone):
    plain = anyone.get(f"/papers/?{SERVING}")
    part = anyone.get(f"/papers/?q=&{SERVING}", headers=HTMX)

    assert "<html" not in part.text
    assert part.text.lstrip().startswith('<div id="results">')
    assert 'id="chosen" aria-live="polite" hx-swap-oob="innerHTML"' in part.text
    assert 'id="choices" hx-swap-oob="true"' in part.text
    assert rows(part.text) == rows(plain.text)
    assert part["HX-Push-Url"] == f"/papers/?{SERVING}"
    assert "hx-swap-oob" not in plain.text
    for response in (plain, part):
        assert "HX-Request" in response["Vary"]


def test_a_compact_list_stays_compact_over_filters_and_pages(catalogue, visitor):
    part = visitor.get("/papers/?q=&density=compact", headers=HTMX)

    assert 'id="d-compact" checked' in part.text
    assert 'href="?density=compact&amp;page=2"' in part.text
    assert part["HX-Push-Url"] == "/papers/"
    assert 'id="d-full" checked' in visitor.get("/papers/").text


def test_a_page_restored_from_history_is_whole(catalogue, visitor):
    response = visitor.get("/papers/", headers={**HTMX, "HX-History-Restore-Request": "true"})

    assert "<html" in response.text


def test_htmx_is_sent_to_the_page_that_says_what_is_wrong(catalogue, visitor):
    response = visitor.get("/papers/?venue=nowhere", headers=HTMX)

    assert response.status_code == 400
    assert response["HX-Redirect"] == "/papers/?venue=nowhere"


def test_years_stand_over_the_papers_only_where_the_order_makes_it_true(catalogue, visitor):
    page = visitor.get(f"/papers/?{SERVING}&sort=-year").text

    assert re.findall(r'<div class="index-head"><h2>(\d+)</h2><span>(\d+) papers', page) == [("2024", "39"), ("2023", "19")]
    assert "index-head" not in visitor.get(f"/papers/?{SERVING}").text


def test_the_heads_count_the_whole_selection_also_what_has_no_year(catalogue, visitor):
    groups = [group for page in (1, 2, 3, 4) for group in visitor.get(f"/papers/?sort=-year&page={page}").context["groups"]]
    counts = {group["year"]: group["count"] for group in groups}

    assert sum(counts.values()) == 185
    assert list(counts)[-1] is None
    for year, count in counts.items():
        assert sum(len(group["entries"]) for group in groups if group["year"] == year) == count


def test_the_downloads_are_of_exactly_this_selection(catalogue, visitor):
    response = visitor.get(f"/papers/?{SERVING}&sort=title&page=2&colour=green")
    query = f"{SERVING}&sort=title".replace("&", "&amp;")

    for format_ in FORMATS:
        assert f'<li><a href="/papers.{format_.EXTENSION}?{query}" download>' in response.text
        assert f'<link rel="alternate" type="{format_.MEDIA_TYPE}" href="/papers.{format_.EXTENSION}?{query}"' in response.text
    assert "Exactly these 58 papers, in this order" in response.text


def test_what_is_downloaded_is_what_is_seen(catalogue, visitor):
    for query in ("q=kv-cache", f"{SERVING}&sort=-year", "category=llm-systems&sort=curated", "author=ion-stoica&sort=title"):
        seen = [path for page in (1, 2) for path in rows(visitor.get(f"/papers/?{query}&page={page}").text)]
        taken = [paper["path"] for paper in json.loads(visitor.get(f"/papers.json?{query}").getvalue())["papers"]]
        assert seen == taken[: len(seen)], query
        assert len(seen) == min(100, len(taken))


def test_pages_link_to_each_other_and_know_their_one_address(catalogue, visitor):
    second = visitor.get("/papers/?q=llm&page=2&utm_source=x").text

    assert '<link rel="canonical" href="http://127.0.0.1:8000/papers/?q=llm&amp;page=2">' in second
    assert '<link rel="prev" href="?q=llm">' in second
    assert '<link rel="next" href="?q=llm&amp;page=2">' in visitor.get("/papers/?q=llm").text
    assert '<link rel="canonical" href="http://127.0.0.1:8000/papers/">' in visitor.get("/papers/").text


def test_all_pages_together_hold_every_paper_once(catalogue, visitor):
    seen = [path for page in (1, 2, 3, 4) for path in rows(visitor.get(f"/papers/?page={page}").text)]

    assert len(seen) == len(set(seen)) == 185


def test_who_follows_the_links_from_page_to_page_sees_every_paper_once(catalogue, visitor):
    address, seen = "/papers/?sort=title", []
    while address:
        page = visitor.get(address).text
        seen += rows(page)
        following = re.search(r'<a href="(\?[^"]*after=[^"]*)" rel="next">', page)
        address = following and f"/papers/{unescape(following[1])}"

    assert len(seen) == len(set(seen)) == 185


@pytest.mark.parametrize(
    "page", ["5", "0", "-1", "abc", "1.0", "²", "１", " 1", "999999999999999999999", "9" * 5000, "%00", "1e3", "1&page=9"]
)
def test_there_is_no_page_past_the_last_and_none_that_is_not_a_number(catalogue, visitor, page):
    assert visitor.get(f"/papers/?page={page}").status_code == 404


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("venue=nowhere", "There is no venue “nowhere”."),
        ("category=nowhere", "There is no category “nowhere”."),
        ("organization=nowhere", "There is no organization “nowhere”."),
        ("author=nobody", "There is no author “nobody”."),
        ("year=²", "A year has four digits, from 1900 to 2100."),
        ("year_min=20x4", "A year has four digits, from 1900 to 2100."),
        ("year_min=2024&year_max=2020", "The first year is later than the last."),
        ("kind=novel", "Expected one of: paper, survey,"),
        ("has=all", "Expected one of: arxiv,"),
        ("sort=best", "Expected one of: -added, added,"),
        ("sort=curated", "The curator’s order needs one category."),
        ("q=%00", "Null characters are not allowed."),
        ("q=" + "x" * 10_000, "at most 500 characters"),
        ("&".join(f"venue=v{number}" for number in range(60)), "At most 50 values are taken at once."),
    ],
)
def test_a_bad_value_is_answered_400_beside_its_filter(catalogue, anyone, query, sentence):
    response = anyone.get(f"/papers/?{query}&kind=paper")

    assert response.status_code == 400
    assert sentence in response.text
    assert '<meta name="robots" content="noindex">' in response.text


def test_nothing_is_lost_by_a_bad_value(catalogue, visitor):
    response = visitor.get("/papers/?venue=nowhere&year=2024&q=cache&has=pdf&sort=title&author=ion-stoica")
    page = response.text

    assert '<p class="err" id="venue-error">' in page
    assert '<fieldset aria-describedby="venue-error">' in page
    assert 'name="q" value="cache"' in page
    assert 'name="sort" value="title"' in page
    for value in ("year:2024", "has:pdf"):
        assert re.search(rf'id="{value}" value="\w+" checked', page)
    assert re.search(r'name="author" value="ion-stoica" checked', page)
    assert 'href="/papers/?year=2024&amp;q=cache&amp;has=pdf&amp;sort=title&amp;author=ion-stoica"' in page


@pytest.mark.parametrize(
    "query",
    [
        "q=%22orca",
        "q=orca+OR+(",
        "q=NEAR(a,b)",
        "q=*",
        "q=%25_",
        "q=" + quote("'; DROP TABLE catalog_paper; --"),
        "q=" + quote("\u202eorca\u2066"),
        "q=" + quote("<script>alert(1)</script>"),
        "q=" + quote("😀 漢字 العربية"),
        "q=%ff%fe",
        "q=%ed%a0%80",
        "q=" + "a+" * 249,
        "%00=%00",
        "category=../../etc",
        "venue=" + quote("<b>"),
        "year=2024&year=2024&year=2024",
        "q[]=1&[=2",
        "&&&===",
    ],
)
def test_no_words_and_no_parameters_break_the_page(catalogue, visitor, query):
    response = visitor.get(f"/papers/?{query}")

    assert response.status_code in (200, 400)
    assert "<script>alert" not in response.text
    assert "<b>”" not in response.text


def test_unknown_parameters_change_nothing(catalogue, visitor):
    assert rows(visitor.get("/papers/?utm_source=mail&fbclid=1").text) == rows(visitor.get("/papers/").text)


def test_searched_words_are_marked_and_markup_stays_text(db, visitor):
    make_paper("<img src=x onerror=alert(1)> Serving <mark>")
    page = visitor.get("/papers/?q=serving").text

    assert "<mark>Serving</mark>" in page
    assert "<img src=x" not in page
    assert "&lt;mark&gt;" in page


def test_marked_is_what_was_found_however_it_was_said(db, visitor):
    make_paper("KVCache: Servers that serve")

    assert "<mark>KVCache</mark>: Servers that <mark>serve</mark>" in visitor.get("/papers/?q=kv+cache+serving").text
    for query in ("", "?kind=paper", "?q=kind:paper", "?q=-training"):
        assert "<mark>" not in visitor.get(f"/papers/{query}").text


def test_a_title_is_isolated_from_the_direction_of_its_surroundings(db, visitor):
    make_paper("نموذج لغوي", authors=["אבי כהן"])
    page = visitor.get("/papers/").text

    assert "<bdi>نموذج لغوي</bdi>" in page
    assert "<bdi>אבי כהן</bdi>" in page


def test_a_row_leads_to_the_paper_its_links_its_venue_and_its_citation(db, visitor):
    make_paper("Orca: Serving", short_name="Orca", venue="OSDI", year=2022, authors=["Gyeong-In Yu"], links=["https://example.org/orca"])
    page = visitor.get("/papers/").text

    assert '<h3><a href="/papers/orca-serving/?sort=-added"><bdi><b>Orca</b>: Serving</bdi></a></h3>' in page
    assert 'href="https://example.org/orca" rel="nofollow ugc noopener" aria-label="Paper: Orca"' in page
    assert 'href="/venues/osdi/2022/">OSDI <span>2022</span></a>' in page
    assert 'data-copy-from="/papers/orca-serving.bib"' in page
    assert b"@inproceedings{yu-2022-orca," in visitor.get("/papers/orca-serving.bib").getvalue()


def test_a_row_with_hundreds_of_authors_stays_readable(db, visitor):
    make_paper("Herd", authors=[f"Author Number{number}" for number in range(557)])
    page = visitor.get("/papers/").text

    assert "and 551 more" in page
    assert "Number30" not in page


def test_nothing_found_says_so_and_what_to_do(catalogue, anyone):
    page = anyone.get("/papers/?q=qqzzx&category=llm-systems/serving").text

    assert "No paper matches “<bdi>qqzzx</bdi>” with these filters" in page
    assert 'href="/papers/?q=qqzzx"' in page
    assert "All 185 papers" in page
    assert 'href="/submissions/new/"' in page
    assert "Did you mean" not in page
    assert "these words find" not in page
    assert "Download" not in page[page.index('id="results"') : page.index("</main>")]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["plain", "htmx"])
def test_other_words_are_offered_where_these_find_nothing_and_the_filters_stay(catalogue, anyone, headers):
    page = anyone.get("/papers/?q=orca+qqzzx&year=2022&sort=title", headers=headers).text

    assert 'Did you mean <a href="/papers/?q=orca&amp;year=2022&amp;sort=title"><bdi>orca</bdi></a>?' in page
    assert rows(anyone.get("/papers/?q=orca&year=2022&sort=title").text) == ["/papers/orca-a-distributed-serving-system/"]


def test_the_words_alone_are_offered_where_only_the_filters_leave_nothing(catalogue, anyone):
    page = anyone.get("/papers/?q=%22kv+cache%22&year=2019").text
    count = count_at(anyone, "/papers/?q=%22kv%20cache%22")

    assert f'<a href="/papers/?q=%22kv%20cache%22">Without filters, these words find {count} papers</a>' in page
    assert "Did you mean" not in page


def test_where_papers_are_found_nothing_else_is_offered(catalogue, visitor):
    page = visitor.get("/papers/?q=orca").text

    assert "Did you mean" not in page
    assert "these words find" not in page


def test_what_is_offered_and_what_was_asked_stay_text(db, visitor):
    make_paper("Orca")
    page = visitor.get("/papers/?q=" + quote('orca "<img src=x onerror=alert(1)>"')).text

    assert "<img src=x" not in page


def test_an_empty_catalogue_says_so(db, visitor):
    assert "Nothing stands here yet" in visitor.get("/papers/").text


def test_a_choice_that_leads_to_nothing_cannot_be_taken_and_one_that_was_can_be_left(catalogue, anyone):
    page = anyone.get("/papers/?q=orca&venue=sosp").text
    box = r'<input type="checkbox" name="venue"[^>]*?(?: (checked|disabled))?><span><bdi>(.*?)</bdi></span><span class="n">(\d+)'
    boxes = re.findall(box, page)

    assert ("checked", "SOSP", "0") in boxes
    assert ("", "OSDI", "1") in boxes
    for state, name, count in boxes:
        assert (state == "disabled") == (count == "0" and name != "SOSP"), name


def test_what_is_not_offered_is_a_link_away(db, visitor, monkeypatch):
    for number in range(3):
        make_paper(f"Paper {number}", venue=f"Venue {number}", organizations=[f"Organization {number}"])
    assert "All venues" not in visitor.get("/papers/").text

    monkeypatch.setattr(facets, "OFFERED", 2)
    page = visitor.get("/papers/?sort=title").text
    assert '<a class="textbtn" href="/venues/">All venues</a>' in page
    assert '<a class="textbtn" href="/organizations/">All organizations</a>' in page


def test_how_to_search_is_told_by_examples_that_find_something(catalogue, anyone):
    page = anyone.get("/papers/").text
    how = page[page.index('<details class="how"') : page.index("</dl></details>")]
    examples = [unescape(address) for address in re.findall(r'<dt><a href="(.*?)">', how)]

    for sign in ("venue%3A", "org%3A", "year%3A", "has%3A", "%22", "-"):
        assert any(sign in address for address in examples), sign
    for address in examples:
        assert count_at(anyone, address), address


def test_filters_work_without_script(catalogue, visitor):
    page = visitor.get("/papers/?sort=title").text
    form = page[page.index('<aside id="filters"') : page.index("</aside>")]

    assert re.search(r'<form [^>]*action="/papers/"', form)
    assert re.search(r"<noscript>.*<button[^>]*>Show</button>", form)
    assert 'name="sort" value="title"' in form
    assert 'name="category" id="category:llm-systems/serving" value="llm-systems/serving"' in form


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("", 10),
        ("sort=-year", 10),
        # One for each kind of thing that is named, four for the words, one for the order.
        ("q=paper&venue=osdi&organization=mit&category=systems&author=tri-dao&has=pdf&has=arxiv", 17),
    ],
)
def test_the_number_of_questions_does_not_grow_with_the_papers(db, anyone, django_assert_max_num_queries, query, most):
    def questions(**more):
        with django_assert_max_num_queries(most) as asked:
            assert anyone.get(f"/papers/?{query}", **more).status_code == 200
        return len(asked)

    facts = {
        "categories": ["systems/serving"], "venue": "OSDI", "year": 2024, "authors": ["Tri Dao"], "organizations": ["MIT"],
    }  # fmt: skip
    for paper in range(5):
        make_paper(f"Paper of {paper}", identifiers={"arxiv": f"2401.0000{paper + 1}"}, **facts)
    few = questions()
    for paper in range(20):
        make_paper(f"Paper more {paper}", identifiers={"arxiv": f"2402.000{paper + 10}"}, **facts)

    assert questions() == few
    assert questions(headers=HTMX) <= few


def test_reading_leaves_no_cookie_and_nothing_else_than_reading_is_taken(db, visitor):
    make_papers(1)

    assert not visitor.get("/papers/").cookies
    assert visitor.post("/papers/").status_code == 405
    assert visitor.head("/papers/").status_code == 200


# -- Bad input -------------------------------------------------------------------------------------
PARAMETERS = [*PaperFilter.base_filters, "page", "after", "density"]
VALUES = st.text(max_size=60) | st.sampled_from(["orca", "2024", "1", "serving", "-year"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES), max_size=5))
def test_whatever_is_asked_there_is_a_clear_answer(catalogue, visitor, asked):
    query = urlencode([(name, value.encode("utf-8", "surrogatepass")) for name, value in asked])
    for headers in ({}, HTMX):
        assert visitor.get(f"/papers/?{query}", headers=headers).status_code in (200, 400, 404)


@pytest.mark.parametrize("name", ["venue", "q", "nonsense"])
def test_ten_thousand_values_are_refused_at_once(catalogue, visitor, django_assert_max_num_queries, name):
    with django_assert_max_num_queries(3):
        assert visitor.get("/papers/?" + "&".join(f"{name}=v{number}" for number in range(10_000))).status_code == 400


def test_a_place_that_was_not_given_out_is_passed_over(catalogue, visitor):
    for after in ("x", "W10.x", "%00", "a.b.c"):
        assert rows(visitor.get(f"/papers/?page=2&after={after}").text) == rows(visitor.get("/papers/?page=2").text)


def test_the_next_page_goes_on_where_this_one_ends_while_papers_come_in(db, visitor):
    make_papers(120)
    first = visitor.get("/papers/?sort=-added").text
    following = re.search(r'<a href="(\?[^"]*page=2[^"]*)" rel="next">', first)[1].replace("&amp;", "&")
    make_papers(3)
    second = visitor.get(f"/papers/{following}").text

    assert len(rows(second)) == 50
    assert not set(rows(first)) & set(rows(second))


def test_one_result_is_said_to_be_one(db, visitor):
    make_paper("Helix: Max-Flow", year=2024)
    assert "One paper" not in visitor.get("/papers/").text
    assert "One paper matches “<bdi>max-flow</bdi>”</h2>" in visitor.get("/papers/?q=max-flow").text
    assert "One paper matches “<bdi>&lt;helix&gt;</bdi>” with these filters</h2>" in visitor.get("/papers/?q=%3Chelix%3E&year=2024").text
    assert "One paper fits all of this</h2>" in visitor.get("/papers/?year=2024").text

    make_paper("Orca: Max-Flow", year=2024)
    assert "One paper" not in visitor.get("/papers/?q=max-flow").text
