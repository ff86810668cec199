"""No more letters of a kind: by the one click of RFC 8058, and by the page behind the link of a letter."""

import re
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.test import Client, override_settings

from accounts.models import User
from catalog import letters, notices, review
from catalog.letters import Kind
from tests.factories import make_category, make_paper, make_record
from tests.test_following import follow

pytestmark = pytest.mark.django_db
ONE_CLICK = {"data": "List-Unsubscribe=One-Click", "content_type": "application/x-www-form-urlencoded"}


@pytest.fixture
def stranger():
    """What a mail service is: no cookies, no token, no page seen before."""
    return Client(enforce_csrf_checks=True)


def way_out(person, kind, settings):
    return letters.way_out(person, kind).removeprefix(settings.SITE_URL)


def hows(person):
    return {each.name: each.how for each in person.follows.all()}


@pytest.fixture
def everything_followed(alice):
    make_paper("Orca", venue="OSDI", authors=["Tri Dao"], organizations=["MIT"])
    follow(alice, "venue=osdi", how="daily")
    follow(alice, "author=tri-dao", how="weekly")
    follow(alice, "organization=mit", how="site")


@pytest.mark.parametrize(("kind", "after"), [(Kind.DAILY, ("site", "weekly")), (Kind.WEEKLY, ("daily", "site"))])
def test_one_click_ends_letters_of_one_kind_and_what_is_followed_stays(everything_followed, alice, stranger, settings, kind, after):
    address = way_out(alice, kind, settings)
    for _time in range(2):
        answer = stranger.post(address, **ONE_CLICK)
        assert answer.status_code == 200
        assert not answer.cookies
        assert hows(alice) == {"OSDI": after[0], "Tri Dao": after[1], "MIT": "site"}
    assert "You get no more of these letters" in answer.text
    assert "no-store" in answer["Cache-Control"]


def test_one_click_may_come_as_a_form_of_several_parts(everything_followed, alice, stranger, settings):
    assert stranger.post(way_out(alice, Kind.DAILY, settings), {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert hows(alice)["OSDI"] == "site"


def test_the_letter_about_what_waits_is_ended_too(mel, stranger, settings):
    stranger.post(way_out(mel, Kind.REVIEW, settings), **ONE_CLICK)

    assert User.objects.get(pk=mel.pk).review_digest == "never"


def test_opening_it_changes_nothing_and_asks(everything_followed, alice, stranger, settings):
    before = hows(alice)
    page = stranger.get(way_out(alice, Kind.DAILY, settings)).text
    stranger.head(way_out(alice, Kind.DAILY, settings))

    assert hows(alice) == before
    assert "No more of these letters?" in page
    assert "For <bdi>alice</bdi>: <b>new papers, every day</b>." in page
    assert '<input type="hidden" name="List-Unsubscribe" value="One-Click">' in page
    assert "@" not in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize("wrong", ["forged", "cut", "another's", "of another key", "of another kind"])
def test_an_address_that_was_never_given_out_says_so_and_ends_nothing(everything_followed, alice, bruno, stranger, settings, wrong):
    before, good = hows(alice), way_out(alice, Kind.DAILY, settings)
    payload, signature = good.removeprefix("/unsubscribe/").rstrip("/").split(".")
    others = way_out(bruno, Kind.WEEKLY, settings).removeprefix("/unsubscribe/").rstrip("/").split(".")
    with override_settings(SECRET_KEY="another"):
        of_another_key = way_out(alice, Kind.DAILY, settings)
    address = {
        "forged": f"/unsubscribe/{payload}.{'x' * len(signature)}/",
        "cut": good[:-9] + "/",
        "another's": f"/unsubscribe/{payload}.{others[1]}/",
        "of another key": of_another_key,
        "of another kind": f"/unsubscribe/{others[0]}.{signature}/",
    }[wrong]

    for answer in (stranger.get(address), stranger.post(address, **ONE_CLICK)):
        assert answer.status_code == 404
        assert "This address is not good any more" in answer.text
    assert hows(alice) == before


def test_it_is_good_until_the_account_is_closed(everything_followed, alice, stranger, settings):
    address = way_out(alice, Kind.DAILY, settings)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert stranger.post(address, **ONE_CLICK).status_code == 404
    alice.delete()
    assert stranger.get(address).status_code == 404


def test_a_key_of_the_past_is_good_while_it_is_kept(everything_followed, alice, stranger, settings):
    address, key = way_out(alice, Kind.DAILY, settings), settings.SECRET_KEY
    with override_settings(SECRET_KEY="newer", SECRET_KEY_FALLBACKS=[key]):
        assert stranger.post(address, **ONE_CLICK).status_code == 200


def test_every_periodic_letter_has_the_headers_and_its_own_way_out(everything_followed, alice, mel, stranger, mailoutbox, settings):
    make_category("serving")
    review.submit(make_record("Whale", categories=["serving"]), by=alice, why="It says what no other paper says.", token=uuid4())
    make_paper("New", venue="OSDI", authors=["Tri Dao"])
    mailoutbox.clear()
    call_command("send_digests")

    assert len(mailoutbox) == 3
    for letter in mailoutbox:
        sent = letter.message().as_string()
        [address] = re.findall(r"^List-Unsubscribe: <(\S+)>$", sent, re.MULTILINE)
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n" in sent
        assert f"No more of these letters: {address}\n" in letter.body
        assert stranger.post(address.removeprefix(settings.SITE_URL), **ONE_CLICK).status_code == 200
    assert hows(alice) == {"OSDI": "site", "Tri Dao": "site", "MIT": "site"}
    assert User.objects.get(pk=mel.pk).review_digest == "never"


def test_other_letters_have_no_way_out(alice, mailoutbox):
    make_category("serving")
    record = make_record("Whale", categories=["serving"])
    notices.submission_received(review.submit(record, by=alice, why="It says what no other paper says.", token=uuid4()))
    [letter] = mailoutbox

    assert "List-Unsubscribe" not in letter.message()
    assert "No more of these" not in letter.body
