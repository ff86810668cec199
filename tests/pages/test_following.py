"""Following: the button, the wish that survives a sign-in, and the page of all that one follows."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import following
from catalog.models import Category, Follow, Paper, Venue
from tests.factories import make_paper, make_papers
from tests.test_following import follow

PAGE = "/following/"
HTMX = {"HX-Request": "true"}
PAGES = {
    "/categories/systems/serving/": "category=systems/serving",
    "/venues/osdi/": "venue=osdi",
    "/venues/osdi/2022/": "venue=osdi",
    "/organizations/uc-berkeley/": "organization=uc-berkeley",
    "/papers/?author=tri-dao": "author=tri-dao",
    "/papers/?q=orca&year=2022&sort=title": "q=orca&year=2022",
    "/papers/": "",
}


@pytest.fixture(autouse=True)
def _papers(db):
    make_paper("Orca", categories=["systems/serving"], venue="OSDI", year=2022, authors=["Tri Dao"], organizations=["UC Berkeley"])


def flat(page):
    return re.sub(r"\s+", " ", page)


# -- The button ----------------------------------------------------------------------------------
@pytest.mark.parametrize(("address", "query"), PAGES.items())
def test_every_selection_can_be_followed_and_shows_its_feed(visitor, alice, alice_client, address, query):
    wish = f"/following/new/?{query}".replace("&", "&amp;")
    feed = (f"/papers.atom?{query}" if query else "/papers.atom").replace("&", "&amp;")
    page = visitor.get(address).text
    assert f'<a href="{wish}" rel="nofollow">On this site, or by letter<span>sign in</span></a>' in page
    assert f'<a href="{feed}" type="application/atom+xml">In a feed reader' in page
    assert "csrfmiddlewaretoken" not in page

    page = alice_client.get(address).text
    assert f'<form method="post" action="{wish}">' in page
    assert f'<a href="{feed}" type="application/atom+xml">In a feed reader' in page
    assert "Stop following" not in page

    assert alice_client.post(f"/following/new/?{query}", {"how": "weekly"}).status_code == 302
    page = alice_client.get(address).text
    assert '<button name="how" value="weekly" aria-pressed="true">Weekly letter<span>now</span></button>' in page
    assert '<button name="how" value="daily" aria-pressed="false">Daily letter</button>' in page
    assert f'<form method="post" action="/following/{alice.follows.get().pk}/stop/">' in page


def test_the_feed_that_is_shown_is_there(visitor, client):
    for address in PAGES:
        [feed] = re.findall(r'href="([^"]*)" type="application/atom\+xml">In a feed', visitor.get(address).text)
        assert "<title>Orca</title>" in visitor.get(feed.replace("&amp;", "&")).getvalue().decode()


@pytest.mark.parametrize("address", PAGES)
def test_who_follows_it_is_one_question_for_those_signed_in_and_seen_by_nobody_else(alice, alice_client, bruno_client, visitor, address):
    before = visitor.get(address).text
    follow(alice, PAGES[address])
    asked = {}
    for name, client in (("alice", alice_client), ("bruno", bruno_client), ("visitor", visitor)):
        with CaptureQueriesContext(connection) as questions:
            assert ("aria-pressed" in client.get(address).text) == (name == "alice")
        asked[name] = sum("catalog_follow" in question["sql"] for question in questions)

    assert asked == {"alice": 1, "bruno": 1, "visitor": 0}
    assert visitor.get(address).text == before


@pytest.mark.parametrize("address", [address for address in PAGES if "=" not in address])
def test_the_pages_with_a_button_ask_few_questions(alice, alice_client, questions, address):
    follow(alice, PAGES[address])

    questions(alice_client, address)


def test_what_htmx_gets_follows_the_selection_it_shows(alice, alice_client, visitor):
    for client in (alice_client, visitor):
        part = client.get("/papers/?year=2022&author=tri-dao", headers=HTMX).text
        [slot] = re.findall(r'<div id="follow" hx-swap-oob="true">(.*?)</details>\s*</div>', part, re.DOTALL)
        assert "/following/new/?author=tri-dao&amp;year=2022" in slot


def test_a_selection_that_is_not_understood_cannot_be_followed(alice_client):
    assert "/following/new/" not in alice_client.get("/papers/?year=20x4").text
    answer = alice_client.get("/following/new/?year=20x4&venue=nope")
    assert answer.status_code == 400
    assert "A year has four digits" in answer.text
    assert "There is no venue “nope”." in answer.text
    assert alice_client.post("/following/new/?venue=nope", {"how": "site"}).status_code == 400
    assert not Follow.objects.exists()


# -- Begin ---------------------------------------------------------------------------------------
def test_a_wish_is_said_in_words_and_fulfilled_by_post_alone(alice, alice_client):
    page = flat(alice_client.get("/following/new/?q=orca&year=2022").text)
    assert '<h1 class="long">Follow <bdi>“orca”, 2022</bdi></h1>' in page
    assert '<a href="/papers/?q=orca&amp;year=2022">One paper</a> stands there now.' in page
    assert not Follow.objects.exists()

    answer = alice_client.post("/following/new/?q=orca&year=2022", {"how": "daily"}, follow=True)
    assert answer.redirect_chain == [("/papers/?q=orca&year=2022", 302)]
    assert "You follow <bdi>“orca”, 2022</bdi>: a letter on every day that brings new papers." in answer.text
    assert [(each.what, each.how) for each in alice.follows.all()] == [("q=orca&year=2022", "daily")]
    assert "You have followed it since" in alice_client.get("/following/new/?q=orca&year=2022").text


@pytest.mark.parametrize(("how", "status"), [("hourly", 422), ("", 422), (None, 422)])
def test_how_has_to_be_one_of_three(alice_client, how, status):
    answer = alice_client.post("/following/new/?venue=osdi", {} if how is None else {"how": how})

    assert answer.status_code == status
    assert not Follow.objects.exists()


def test_the_wish_of_a_visitor_survives_the_sign_in(visitor, alice):
    sent = visitor.post("/following/new/?venue=osdi", {"how": "weekly"})
    assert sent["Location"] == "/accounts/login/?next=/following/new/%3Fvenue%3Dosdi"
    back = visitor.post(sent["Location"], {"login": "alice", "password": "password"})
    assert back["Location"] == "/following/new/?venue=osdi"
    page = visitor.get(back["Location"]).text

    assert re.search(r'value="weekly"[^>]* checked', page)
    assert not Follow.objects.exists()


def test_a_form_without_its_token_keeps_what_was_chosen(alice):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    answer = strict.post("/following/new/?venue=osdi", {"how": "weekly"})

    assert answer.status_code == 403
    assert "This was not sent yet" in answer.text
    assert re.search(r'value="weekly"[^>]* checked', answer.text)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.text)[1]
    assert strict.post("/following/new/?venue=osdi", {"how": "weekly", "csrfmiddlewaretoken": token}).status_code == 302
    assert alice.follows.get().how == "weekly"


def test_a_visitor_without_a_token_is_shown_the_way_and_keeps_the_wish():
    strict = Client(enforce_csrf_checks=True)

    assert strict.post("/following/new/?venue=osdi", {"how": "daily"})["Location"].endswith("next=/following/new/%3Fvenue%3Dosdi")


def test_the_limit_is_said_and_what_was_chosen_is_kept(alice, alice_client, monkeypatch):
    monkeypatch.setattr(following, "MOST", 1)
    follow(alice, "venue=osdi")
    answer = alice_client.post("/following/new/?q=orca", {"how": "weekly"})

    assert answer.status_code == 422
    assert "You follow 1 things, which is the limit" in answer.text
    assert re.search(r'value="weekly"[^>]* checked', answer.text)


def test_a_search_that_is_too_long_is_said_to_be(alice_client):
    answer = alice_client.post("/following/new/?q=" + "%E5%AD%97" * 490, {"how": "site"})

    assert answer.status_code == 422
    assert "This search is too long to be kept" in answer.text


def test_whoever_has_no_verified_address_follows_nothing_yet(alice_client):
    EmailAddress.objects.update(verified=False)
    alice_client.post("/following/new/?venue=osdi", {"how": "site"})

    assert not Follow.objects.exists()


# -- All of it -------------------------------------------------------------------------------------
def test_it_is_for_the_signed_in_and_kept_by_nobody(visitor, alice_client):
    assert visitor.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"
    answer = alice_client.get(PAGE)
    assert "You follow nothing yet" in answer.text
    assert {"private", "no-store"} <= set(answer["Cache-Control"].replace(" ", "").split(","))


def test_each_says_what_it_is_how_it_is_heard_of_and_how_much_is_new(alice, alice_client):
    follow(alice, "category=systems", how="weekly")
    make_papers(2, categories=["systems/serving"])
    page = flat(alice_client.get(PAGE).text)

    assert '<h3><a href="/categories/systems/"><bdi>Systems</bdi></a></h3>' in page
    assert 'Category · <span class="num">3 papers</span> · since' in page
    assert "2 new</span>" in page
    assert '<button name="how" value="weekly" aria-pressed="true">Weekly letter</button>' in page
    assert '<a href="/papers.atom?category=systems" type="application/atom+xml">Feed' in page


def test_the_newest_papers_come_first_each_once_with_every_reason(alice, alice_client):
    for query in ("category=systems", "author=tri-dao", "q=whale"):
        follow(alice, query)
    make_paper("Whale", categories=["systems/serving"], authors=["Tri Dao"])
    make_paper("Elsewhere", categories=["theory"])
    page = flat(alice_client.get(PAGE).text).split('id="papers"')[1]

    assert re.findall(r'<h3><a href="/papers/(\w+)/">', page) == ["whale", "orca"]
    assert "<bdi>By Tri Dao</bdi>, <bdi>in Systems</bdi>, <bdi>found by “whale”</bdi>" in page
    assert page.count("found by") == 1
    headings = [page.index(text) for text in ("<h3>New</h3>", "/papers/whale/", "<h3>Told or seen before</h3>", "/papers/orca/")]
    assert headings == sorted(headings)


def test_they_come_in_pages_and_there_is_none_past_the_last(alice, alice_client):
    follow(alice, "category=systems")
    make_papers(60, categories=["systems"])
    second = alice_client.get(f"{PAGE}?page=2").text

    assert second.count('<li class="entry">') == 11
    assert "<h2>What you follow</h2>" not in second
    for page in ("3", "0", "x", "9" * 30):
        assert alice_client.get(f"{PAGE}?page={page}").status_code == 404


def test_what_is_gone_renamed_or_merged_is_said_in_words(alice, alice_client):
    for query in ("category=systems/serving", "venue=osdi", "q=x&venue=osdi", "author=tri-dao"):
        follow(alice, query)
    Category.objects.filter(path="systems/serving").update(name="Inference")
    Paper.objects.get().authors.all().delete()
    Paper.objects.update(edition=None)
    Venue.objects.get().editions.all().delete()
    Venue.objects.all().delete()
    page = flat(alice_client.get(PAGE).text)

    assert "Renamed or merged since: you followed it as “<bdi>Serving</bdi>”." in page
    assert "It was removed from the catalogue, and nothing took its place." in page
    assert "A part of this search is not in the catalogue any more" in page
    assert "No paper of this name stands here now." in page


def test_hostile_names_are_shown_harmless(alice, alice_client):
    follow(alice, "q=%3Cscript%3Ealert(1)%3C/script%3E%E2%80%AE")
    pages = [alice_client.get(PAGE).text, alice_client.get("/papers/?q=%3Cscript%3Ealert(1)%3C/script%3E").text]
    pages.append(alice_client.post(f"/following/{alice.follows.get().pk}/stop/", follow=True).text)

    for page in pages:
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_the_number_of_questions_is_small_and_does_not_grow(alice, alice_client, questions):
    for query in ("category=systems/serving", "venue=osdi", "organization=uc-berkeley", "author=tri-dao"):
        follow(alice, query)
    few = questions(alice_client, PAGE)
    make_papers(30, categories=["systems"])
    for query in ("category=systems", "q=orca", "q=paper&venue=osdi", ""):
        follow(alice, query)
    alice_client.get(PAGE)

    assert questions(alice_client, PAGE) == few


def test_the_menu_and_the_account_lead_there(alice_client):
    assert f'<a href="{PAGE}">Following</a>' in alice_client.get("/about/").text.split("</header>")[0]
    assert f'href="{PAGE}">What you follow</a>' in alice_client.get("/accounts/").text


# -- Change and end ----------------------------------------------------------------------------------
def test_how_one_hears_is_changed_in_place(alice, alice_client):
    number = follow(alice, "venue=osdi").pk
    answer = alice_client.post(f"/following/{number}/", {"how": "daily"}, follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    assert "You follow <bdi>OSDI</bdi>: a letter on every day" in answer.text
    assert alice.follows.get().how == "daily"
    alice_client.post(f"/following/{number}/", {"how": "hourly"})
    assert alice.follows.get().how == "daily"


def test_following_ends_at_once(alice, alice_client):
    number = follow(alice, "venue=osdi").pk

    assert "You follow <bdi>OSDI</bdi> no more." in alice_client.post(f"/following/{number}/stop/", follow=True).text
    assert not Follow.objects.exists()


def test_what_was_shown_is_marked_as_seen_and_nothing_that_came_since(alice, alice_client):
    follow(alice, "category=systems")
    make_papers(2, categories=["systems"])
    page = alice_client.get(PAGE).text
    newest = re.search(r'name="newest" value="(\d+)"', page)[1]
    make_paper("Since", categories=["systems"])
    page = alice_client.post("/following/seen/", {"newest": newest}, follow=True).text

    assert "1 new</span>" in page
    for wrong in ("", "x", "-1", "²", "9" * 40):
        assert alice_client.post("/following/seen/", {"newest": wrong}).status_code == 302
    assert alice.follows.get().seen_through == int(newest)


def test_nobody_changes_what_another_follows(alice, bruno_client, mel_client, root_client, visitor):
    number = follow(alice, "venue=osdi").pk
    for address in (f"/following/{number}/", f"/following/{number}/stop/"):
        for client in (bruno_client, mel_client, root_client):
            assert client.post(address, {"how": "daily"}).status_code == 404
        assert visitor.post(address, {"how": "daily"})["Location"].startswith("/accounts/login/")
    assert bruno_client.post(f"/following/{10**30}/stop/").status_code == 404

    assert Follow.objects.get().how == "site"


def test_opening_an_address_changes_nothing(alice, alice_client):
    number = follow(alice, "venue=osdi").pk
    make_paper("New", venue="OSDI")
    for address in (f"/following/{number}/", f"/following/{number}/stop/", "/following/seen/"):
        assert alice_client.get(address)["Location"] == PAGE
    alice_client.get(PAGE)

    assert Follow.objects.get().seen_through < Paper.objects.get(title="New").pk
