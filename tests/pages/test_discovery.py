"""Search engines find every page, and none twice; browsers find the search."""

import json
import re
from datetime import UTC, datetime

import pytest
from lxml import etree

from catalog import publishing, sitemaps
from catalog.models import Category, Organization, Paper, Venue
from catalog.views import discovery
from tests.factories import make_paper, make_papers

SITE = "http://127.0.0.1:8000"
NS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/xml"
    root = etree.fromstring(response.content)
    found = [each.findtext(f"{NS}loc") for each in root]
    assert found
    assert all(each.startswith(f"{SITE}/") for each in found)
    return [each.removeprefix(SITE) for each in found]


def every_address(client):
    return [each for part in addresses(client, "/sitemap.xml") for each in addresses(client, part)]


def test_every_page_stands_in_the_sitemap_once(catalogue, visitor):
    found = every_address(visitor)

    assert len(found) == len(set(found))
    pages = {paper.get_absolute_url() for paper in Paper.objects.all()}
    pages |= {each.get_absolute_url() for each in Category.objects.all()}
    pages |= {each.get_absolute_url() for each in Venue.objects.filter(editions__papers__isnull=False)}
    pages |= {each.get_absolute_url() for each in Organization.objects.filter(papers__isnull=False)}
    assert set(found) >= pages
    for address in set(found) - {paper.get_absolute_url() for paper in Paper.objects.all()[10:]}:
        assert visitor.get(address).status_code == 200, address


def test_parts_are_short_and_none_is_empty(catalogue, visitor, monkeypatch):
    whole = every_address(visitor)
    monkeypatch.setattr(sitemaps, "PART", 50)
    for paper in Paper.objects.order_by("pk")[20:90]:
        publishing.retract(paper, reason="Withdrawn.", by=None)

    parts = addresses(visitor, "/sitemap.xml")
    assert len([part for part in parts if "papers" in part]) == 3
    assert all(len(addresses(visitor, part)) <= 50 for part in parts)
    left = every_address(visitor)
    assert len(left) == len(set(left)) < len(whole)
    assert {each for each in left if each.startswith("/papers/")} == {
        "/papers/",
        *(paper.get_absolute_url() for paper in Paper.objects.all()),
    }


def test_a_paper_says_when_it_last_changed(db, visitor):
    paper = make_paper("Orca", at=datetime(2025, 3, 1, tzinfo=UTC))
    Paper.objects.filter(pk=paper.pk).update(served_at=datetime(2025, 6, 1, 12, tzinfo=UTC))
    make_paper("李明的论文")

    first, second = etree.fromstring(visitor.get("/sitemap-papers-1.xml").content)
    assert (first[0].text, first[1].text) == (f"{SITE}/papers/orca/", "2025-06-01T12:00:00Z")
    assert second[0].text.isascii()


@pytest.mark.parametrize(
    "address", ["/sitemap-papers-2.xml", "/sitemap-papers-0.xml", "/sitemap-nothing-1.xml", "/sitemap-papers-99999999999999999999.xml"]
)
def test_there_is_no_part_but_those_that_are_named(catalogue, visitor, address):
    assert visitor.get(address).status_code == 404


def test_a_part_is_asked_for_in_few_questions_however_far_back_it_lies(db, visitor, monkeypatch, django_assert_max_num_queries):
    make_papers(12)
    monkeypatch.setattr(sitemaps, "PART", 3)
    for number in (1, 4):
        with django_assert_max_num_queries(3):
            assert len(addresses(visitor, f"/sitemap-papers-{number}.xml")) == 3
    with django_assert_max_num_queries(5):
        addresses(visitor, "/sitemap.xml")


def test_an_empty_catalogue_has_a_sitemap_too(db, visitor):
    assert addresses(visitor, "/sitemap.xml") == ["/sitemap-pages-1.xml"]


# -- robots.txt ----------------------------------------------------------------------------------
def test_robots_are_told_of_the_sitemap_and_kept_out_of_endless_lists(db, visitor):
    text = visitor.get("/robots.txt").text
    closed = [re.compile(re.escape(path).replace(r"\*", ".*")) for path in re.findall("Disallow: (.*)", text)]

    assert f"\nSitemap: {SITE}/sitemap.xml\n" in text
    for address in (
        "/papers/?year=2024",
        "/papers/?page=2",
        "/papers.json?q=x",
        "/categories/serving/?page=2&after=x",
        "/papers/orca/correct/",
    ):
        assert any(rule.match(address) for rule in closed), address
    for address in (
        "/",
        "/papers/",
        "/papers/orca/",
        "/papers/orca.bib",
        "/categories/serving/",
        "/categories/serving/?page=2",
        "/papers.json",
    ):
        assert not any(rule.match(address) for rule in closed), address


# -- OpenSearch ----------------------------------------------------------------------------------
def test_every_page_leads_a_browser_to_the_search(catalogue, visitor):
    for page in ("/", "/papers/", "/about/"):
        assert '<link rel="search" href="/opensearch.xml" type="application/opensearchdescription+xml"' in visitor.get(page).text
    answer = visitor.get("/opensearch.xml")
    assert answer["Content-Type"] == "application/opensearchdescription+xml"
    root = etree.fromstring(answer.content)
    ns = "{http://a9.com/-/spec/opensearch/1.1/}"

    assert 0 < len(root.findtext(f"{ns}ShortName")) <= 16
    assert 0 < len(root.findtext(f"{ns}LongName")) <= 48
    ways = {each.get("type"): each.get("template").removeprefix(SITE) for each in root.iter(f"{ns}Url")}
    assert ways["text/html"] == "/papers/?q={searchTerms}"
    for template in ways.values():
        assert visitor.get(template.replace("{searchTerms}", "orca")).status_code == 200


def test_a_browser_is_told_what_may_be_meant(catalogue, visitor):
    answer = visitor.get("/opensearch/suggestions?q=orca")
    words, labels, kinds, places = json.loads(answer.content)

    assert answer["Content-Type"] == "application/x-suggestions+json"
    assert words == "orca"
    assert len(labels) == len(kinds) == len(places) > 0
    assert labels[0].startswith("Orca")
    assert (kinds[0], visitor.get(places[0].removeprefix(SITE)).status_code) == ("Paper", 200)
    assert json.loads(visitor.get("/opensearch/suggestions").content)[1] == []
    assert visitor.get(f"/opensearch/suggestions?q={'x' * 501}").status_code == 400
    assert visitor.get("/opensearch/suggestions?q=%00%ff").status_code == 200
    assert len(labels) <= discovery.SHOWN
