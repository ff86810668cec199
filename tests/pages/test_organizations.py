import re

import pytest

from catalog import arranging, taxonomy
from catalog.models import Organization
from tests.factories import make_paper, make_papers


def heads(page):
    return re.findall(r'<div class="index-head"><h2>(.*?)</h2><span>(\d+) paper', page)


def test_everyone_sees_the_organizations_with_counts(catalogue, anyone):
    page = anyone.get("/organizations/").text

    for organization in Organization.objects.all():
        count = organization.papers.count()
        assert re.search(rf'<a href="/organizations/{organization.slug}/">.*?<span class="n">{count}<span class="vh"> paper', page)


def test_everyone_sees_an_organization_with_its_papers_newest_year_first(catalogue, anyone):
    page = anyone.get("/organizations/uc-berkeley/").text
    organization = Organization.objects.get(slug="uc-berkeley")

    assert "<h1><bdi>UC Berkeley</bdi></h1>" in page
    assert page.count('<li class="entry">') == organization.papers.count() > 1
    *years, last = [year for year, _count in heads(page)]
    assert last == "Without a year"
    assert years == sorted(years, reverse=True)
    assert sum(int(count) for _year, count in heads(page)) == organization.papers.count()


def test_its_download_is_what_is_seen(catalogue, visitor):
    page = visitor.get("/organizations/uc-berkeley/").text
    download = visitor.get("/papers.jsonl?organization=uc-berkeley&sort=-year").getvalue().decode()

    assert 'href="/papers.jsonl?organization=uc-berkeley&amp;sort=-year" download' in page
    assert re.findall(r'"path":"(/papers/.*?)"', download) == re.findall(r'<h3><a href="(/papers/.*?)\?', page)


def test_htmx_gets_the_same_pages(catalogue, visitor):
    for address in ("/organizations/", "/organizations/uc-berkeley/"):
        assert visitor.get(address, headers={"HX-Request": "true"}).text.count("<h1>") == 1


def test_one_without_papers_is_not_listed_but_has_a_page(db, visitor):
    taxonomy.add_organization("MIT")

    assert "MIT" not in visitor.get("/organizations/").text
    assert "No paper of this organization stands here now" in visitor.get("/organizations/mit/").text


def test_a_large_one_is_paged(db, visitor):
    make_papers(60, organizations=["MIT"], year=2024)

    assert visitor.get("/organizations/mit/?page=2").text.count('<li class="entry">') == 10
    assert visitor.get("/organizations/mit/?page=3").status_code == 404
    assert visitor.get("/organizations/?page=2").status_code == 404
    assert visitor.get("/organizations/?page=x").status_code == 404


@pytest.mark.parametrize("slug", ["nowhere", "%00", "mit%00", "x" * 5000, "%e2%80%ae"])
def test_an_unknown_one_is_not_found(db, visitor, slug):
    make_paper("Orca", organizations=["MIT"])

    assert visitor.get(f"/organizations/{slug}/").status_code == 404


def test_markup_in_a_name_stays_text(db, visitor):
    make_paper("Orca", organizations=["<b>MIT</b>"], year=2022)

    for address in ("/organizations/", Organization.objects.get().get_absolute_url()):
        assert "<b>MIT</b>" not in visitor.get(address).text


def test_without_organizations_the_page_says_so(db, anyone):
    assert "No organization yet" in anyone.get("/organizations/").text


def test_the_address_of_a_merged_one_leads_on_for_ever(db, visitor):
    make_paper("Orca", organizations=["M. I. of T."])
    first, second, mit = Organization.objects.get(), taxonomy.add_organization("Mass. Institute"), taxonomy.add_organization("MIT")
    addresses = [first.get_absolute_url(), second.get_absolute_url()]
    arranging.merge_organization(first, second)
    arranging.merge_organization(second, mit)

    for old in addresses:
        response = visitor.get(old)
        assert (response.status_code, response["Location"]) == (301, "/organizations/mit/")
    assert "Orca" in visitor.get("/organizations/mit/").text


@pytest.mark.parametrize("address", ["/organizations/", "/organizations/mit/"])
def test_the_number_of_questions_does_not_grow_with_the_papers(anyone, questions, address):
    make_papers(5, organizations=["MIT"], year=2024)
    few = questions(anyone, address)
    make_papers(20, organizations=["MIT", "ETH"], year=2024)

    assert questions(anyone, address) == few
