import html
import json
import re

import pytest

from catalog import arranging, publishing, taxonomy
from catalog.models import Edition, Venue
from tests.factories import make_paper, make_papers


def heads(page):
    return re.findall(r'<div class="index-head"><h2>(.*?)</h2><span>(\d+) paper', page)


def test_everyone_sees_the_venues_with_counts_and_years(catalogue, anyone):
    page = anyone.get("/venues/").text

    for venue in Venue.objects.all():
        assert f'<a href="/venues/{venue.slug}/"><bdi>{venue.name}</bdi></a>' in page
    assert re.search(r'/venues/osdi/"><bdi>OSDI</bdi></a>.*?<span class="n">2022–2024 · 14<span', page)
    assert re.search(r'/venues/asplos/"><bdi>ASPLOS</bdi></a>.*?<span class="n">2023 · 1<span', page)


def test_a_venue_without_papers_is_not_listed_but_has_a_page(db, visitor):
    taxonomy.add_venue("SOSP", full_name="Symposium on Operating Systems Principles")

    assert "SOSP" not in visitor.get("/venues/").text
    assert "No paper of this venue stands here now" in visitor.get("/venues/sosp/").text


def test_everyone_sees_a_venue_by_edition_newest_first(catalogue, anyone):
    page = anyone.get("/venues/osdi/").text

    assert "<h1><bdi>OSDI</bdi></h1>" in page
    assert "USENIX Symposium on Operating Systems Design and Implementation" in page
    counted = [(str(edition.year), str(edition.papers.count())) for edition in Edition.objects.filter(venue__slug="osdi").order_by("-year")]
    assert heads(page) == counted
    assert all(
        f'<a href="/venues/osdi/{year}/"><span>OSDI {year}</span><span class="num quiet">{count}</span>' in page for year, count in counted
    )


def test_a_paper_stands_under_its_edition_also_where_its_own_year_is_another(db, visitor):
    make_paper("Late", venue="VLDB", venue_year=2024, year=2023)

    assert heads(visitor.get("/venues/vldb/").text) == [("2024", "1")]
    assert "Late" in visitor.get("/venues/vldb/2024/").text


def test_papers_whose_edition_is_not_known_come_last(db, visitor):
    make_paper("Some time", venue="NSDI")
    make_paper("Known", venue="NSDI", year=2024)

    assert heads(visitor.get("/venues/nsdi/").text) == [("2024", "1"), ("Without a year", "1")]


def test_everyone_sees_an_edition(catalogue, anyone):
    page = anyone.get("/venues/osdi/2024/").text

    assert "<h1><bdi>OSDI</bdi> 2024</h1>" in page
    assert page.count('<li class="entry">') == Edition.objects.get(venue__slug="osdi", year=2024).papers.count()
    assert 'href="/venues/osdi/2024/" aria-current="page"' in page


def test_what_an_edition_shows_can_be_filtered_and_downloaded(db, visitor):
    make_paper("Orca", venue="OSDI", year=2022)
    make_paper("DistServe", venue="OSDI", year=2024)
    page = visitor.get("/venues/osdi/2022/").text

    (download,) = re.findall(r'href="(/papers\.jsonl[^"]*)"', page)
    assert 'href="/papers/?venue=osdi&amp;year=2022"' in page
    assert [json.loads(line)["title"] for line in visitor.get(html.unescape(download)).getvalue().splitlines()] == ["Orca"]


def test_htmx_gets_the_same_pages(catalogue, visitor):
    for address in ("/venues/", "/venues/osdi/", "/venues/osdi/2024/"):
        assert visitor.get(address, headers={"HX-Request": "true"}).text.count("<h1>") == 1


def test_an_edition_whose_papers_left_says_so(db, visitor):
    taxonomy.add_venue("OSDI")
    publishing.retract(make_paper("Orca", venue="OSDI", year=2022), reason="Withdrawn.", by=None)

    assert "No paper of this edition stands here now" in visitor.get("/venues/osdi/2022/").text


def test_a_large_venue_is_paged(db, visitor):
    make_papers(30, venue="OSDI", year=2023)
    make_papers(30, venue="OSDI", year=2024)

    assert heads(visitor.get("/venues/osdi/").text) == [("2024", "30"), ("2023", "30")]
    assert heads(visitor.get("/venues/osdi/?page=2").text) == [("2023", "30")]
    assert visitor.get("/venues/osdi/?page=3").status_code == 404
    assert visitor.get("/venues/osdi/2024/?page=2").status_code == 404


@pytest.mark.parametrize(
    "address",
    ["nowhere", "nowhere/2024", "osdi/1999", "osdi/0", "osdi/99999999999999999999", "osdi/" + "9" * 5000, "osdi/2024x", "%00", "%00/2024"],
)
def test_an_unknown_venue_or_edition_is_not_found(db, visitor, address):
    make_paper("Orca", venue="OSDI", year=2022)

    assert visitor.get(f"/venues/{address}/").status_code == 404


def test_markup_in_a_name_stays_text(db, visitor):
    make_paper("Orca", venue="<b>OSDI</b>", year=2022)
    slug = Venue.objects.get().slug

    for address in ("/venues/", f"/venues/{slug}/", f"/venues/{slug}/2022/"):
        assert "<b>OSDI</b>" not in visitor.get(address).text


def test_without_venues_the_page_says_so(db, anyone):
    assert "No venue yet" in anyone.get("/venues/").text


def test_the_address_of_a_merged_venue_leads_on_for_ever_and_so_do_its_editions(db, visitor):
    make_paper("Orca", venue="OSDI Symposium", year=2022)
    symposium, usenix, osdi = Venue.objects.get(), taxonomy.add_venue("USENIX OSDI"), taxonomy.add_venue("OSDI")
    arranging.merge_venue(symposium, usenix)
    arranging.merge_venue(usenix, osdi)

    for old in ("osdi-symposium", "usenix-osdi"):
        for rest in ("", "2022/"):
            response = visitor.get(f"/venues/{old}/{rest}")
            assert (response.status_code, response["Location"]) == (301, f"/venues/osdi/{rest}")
    assert visitor.get("/venues/osdi-symposium/1999/", follow=True).status_code == 404
    assert "Orca" in visitor.get("/venues/osdi/2022/").text


@pytest.mark.parametrize("address", ["/venues/", "/venues/osdi/", "/venues/osdi/2024/"])
def test_the_number_of_questions_does_not_grow_with_the_papers(anyone, questions, address):
    make_papers(5, venue="OSDI", year=2024)
    few = questions(anyone, address)
    make_papers(20, venue="OSDI", year=2024)
    make_papers(5, venue="SOSP", year=2024)

    assert questions(anyone, address) == few
