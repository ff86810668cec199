"""By what the site is known elsewhere: titles, icons, and what is shown where somebody posts an address."""

import json
import struct

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from lxml import html

from config.headers import security_headers
from tests.factories import make_category, make_paper

SITE = "http://127.0.0.1:8000"


def head(client, address):
    return html.fromstring(client.get(address).content)


def icons(page):
    return {each.get("href") for each in page.iter("link") if "icon" in each.get("rel")}


def tags(page, attribute="name"):
    return [(each.get(attribute), each.get("content")) for each in page.iter("meta") if each.get(attribute)]


@pytest.mark.parametrize(
    ("facts", "description"),
    [
        ({"authors": ["A. Uno", "B. Due"], "year": 2024}, "A. Uno, B. Due · 2024"),
        ({"authors": ["A", "B", "C", "D", "E", "F"]}, "A, B, C, D, E, F"),
        ({"authors": ["A", "B", "C", "D", "E", "F", "G"]}, "A, B, C, D, E, et al."),
        ({"venue": "OSDI"}, "OSDI"),
        ({"abstract": "It batches."}, "It batches."),
        ({}, None),
    ],
)
def test_a_posted_paper_is_introduced_by_who_wrote_it_and_where(db, visitor, facts, description):
    said = dict(tags(head(visitor, make_paper("Orca", **facts).get_absolute_url()), "property"))

    assert said["og:title"] == "Orca"
    assert said.get("og:description") == description


@pytest.mark.parametrize(
    ("address", "title"),
    [
        ("/", "Awesome LLM Systems Papers"),
        ("/papers/", "Papers"),
        ("/papers/?q=orca", "orca · Papers"),
        ("/categories/", "Categories"),
        ("/categories/serving/", "Q&A “Serving”"),
        ("/venues/", "Venues"),
        ("/venues/osdi/", "OSDI"),
        ("/venues/osdi/2022/", "OSDI 2022"),
        ("/organizations/", "Organizations"),
        ("/organizations/friendliai/", "FriendliAI"),
        ("/changes/", "Changes"),
        ("/queue/", "Review queue"),
        ("/statistics/", "Statistics"),
        ("/about/", "About and rules"),
        ("/dumps/", "Dated dumps"),
        ("/papers/orca/", "Orca"),
        ("/papers/orca/history/", "History of Orca"),
    ],
)
def test_every_public_page_says_what_is_shown_where_its_address_is_posted(db, visitor, address, title):
    make_category("serving", name="Q&A “Serving”")
    make_paper("Orca", categories=["serving"], venue="OSDI", organizations=["FriendliAI"], year=2022)
    page = head(visitor, address)
    said = tags(page, "property")

    assert page.findtext(".//title") == f"{title} · Openshelf"
    assert len(dict(said)) == len(said)
    assert dict(said)["og:title"] == title
    assert dict(said)["og:url"] == f"{SITE}{address}"
    assert dict(said)["og:image"] == f"{SITE}/static/img/preview.png"
    assert dict(said)["og:description"]
    assert ("twitter:card", "summary_large_image") in tags(page)


def test_a_page_that_only_its_reader_asks_for_so_says_no_other_address(catalogue, visitor):
    assert "og:url" not in head(visitor, "/papers/?density=compact")


def test_a_category_is_introduced_by_its_own_words_shown_harmless(db, visitor):
    make_category("serving", description='Answering "<requests>" & more.')

    assert dict(tags(head(visitor, "/categories/serving/"), "property"))["og:description"] == 'Answering "<requests>" & more.'


def test_a_paper_leaves_the_name_of_the_site_to_others(db, visitor):
    assert "og:site_name" in dict(tags(head(visitor, "/"), "property"))
    assert "og:site_name" not in dict(tags(head(visitor, make_paper("Orca").get_absolute_url()), "property"))


@pytest.mark.parametrize(("address", "media_type"), [("/favicon.ico", "image/x-icon"), ("/apple-touch-icon.png", "image/png")])
def test_browsers_find_the_icons_where_they_look_for_them(visitor, address, media_type):
    response = visitor.get(address)

    assert response.status_code == 200
    assert response["Content-Type"] in {media_type, "image/vnd.microsoft.icon"}
    assert not response.cookies


def test_every_page_names_its_icons_and_the_colours_of_the_bars_around_it(db, visitor):
    for address in ("/", "/no/such/page/", "/accounts/login/"):
        page = head(visitor, address)
        assert icons(page) == {"/favicon.ico", "/static/img/mark.svg", "/apple-touch-icon.png"}
        assert [content for name, content in tags(page) if name == "theme-color"] == ["#fcfcfa", "#121614"]


def test_a_browser_that_keeps_the_site_among_its_apps_finds_its_name_colours_and_icons(db, visitor):
    """Such a browser asks for it itself, and the policy of the page has to allow that."""
    page = visitor.get("/")
    (link,) = html.fromstring(page.content).xpath("//link[@rel='manifest']")
    response = visitor.get(link.get("href"))
    said = json.loads(response.getvalue())

    assert response["Content-Type"] == "application/manifest+json"
    assert "manifest-src 'self'" in page["Content-Security-Policy"]
    assert (said["name"], said["start_url"]) == ("Openshelf", "/")
    assert said["background_color"] == said["theme_color"] == "#fcfcfa"
    assert {icon["src"] for icon in said["icons"]} <= icons(head(visitor, "/"))


def test_the_colours_of_the_bars_are_those_of_the_page(db, visitor):
    tokens = (settings.BASE_DIR / "static" / "css" / "tokens.css").read_text()

    assert "--paper:       light-dark(#fcfcfa, #121614)" in tokens


def test_only_the_picture_may_be_shown_by_other_sites():
    for name, policy in {"preview.png": "cross-origin", "preview.0123456789ab.png": "cross-origin", "mark.svg": "same-origin"}.items():
        response = security_headers(lambda request: HttpResponse())(RequestFactory().get(f"/static/img/{name}"))
        assert response["Cross-Origin-Resource-Policy"] == policy


def test_the_picture_is_of_the_size_and_the_weight_that_others_take():
    picture = (settings.BASE_DIR / "static" / "img" / "preview.png").read_bytes()

    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert len(picture) <= 60_000
