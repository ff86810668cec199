"""Being signed in: under a key of its own, until it ends; and what ends it."""

import re
from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import get_user
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.pages.test_accounts import ASK, ENTER, LOGIN, last_code

SESSIONS, LOGOUT = reverse("usersessions_list"), reverse("account_logout")
NEW = {"password1": "three green spines", "password2": "three green spines"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def browser_of(user, agent="Firefox"):
    client = Client(headers={"user-agent": agent})
    client.post(LOGIN, {"login": user.username, "password": "password"})
    assert get_user(client) == user
    return client


def key_of(client):
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.mark.parametrize("way", ["password", "code"])
def test_a_key_that_was_there_before_signing_in_is_nobodys_after(visitor, alice, way):
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session["planted"] = True
    session.save()
    visitor.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    if way == "password":
        visitor.post(LOGIN, {"login": "alice", "password": "password"})
    else:
        visitor.post(ASK, {"email": alice.email})
        visitor.post(ENTER, {"code": last_code()})
    assert get_user(visitor) == alice
    assert key_of(visitor) != session.session_key
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert not get_user(planted).is_authenticated


def test_signing_out_ends_it_for_whoever_kept_the_key(alice):
    client = browser_of(alice)
    kept = key_of(client)
    client.post(LOGOUT)
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert not get_user(thief).is_authenticated
    assert thief.get("/accounts/")["Location"].startswith(LOGIN)


def test_each_browser_is_listed_and_one_is_ended(alice):
    here, there = browser_of(alice, "Firefox <b>"), browser_of(alice, "Lynx")
    page = here.get(SESSIONS)
    assert page["Cache-Control"] == "private, no-store"
    assert "Lynx" in page.text
    assert "Firefox &lt;b&gt;" in page.text
    assert page.text.count("this one") == 1
    other = UserSession.objects.get(user_agent="Lynx").pk
    ended = here.post(reverse("accounts:session-end", args=[other]))
    assert ended["Location"] == SESSIONS
    assert not get_user(there).is_authenticated
    assert get_user(here) == alice
    assert here.post(reverse("accounts:session-end", args=[other])).status_code == 404


def test_nobody_sees_or_ends_anothers(alice, bruno, mel, root):
    theirs = browser_of(alice, "Lynx")
    number = UserSession.objects.get().pk
    for person in (bruno, mel, root):
        stranger = browser_of(person)
        assert "Lynx" not in stranger.get(SESSIONS).text
        assert stranger.post(reverse("accounts:session-end", args=[number])).status_code == 404
    assert get_user(theirs) == alice


def test_all_others_are_ended_at_once(alice):
    here, there, elsewhere = browser_of(alice), browser_of(alice), browser_of(alice)
    answer = here.post(SESSIONS, follow=True)
    assert "Every other browser is signed out" in answer.text
    assert [get_user(client).is_authenticated for client in (here, there, elsewhere)] == [True, False, False]


def test_ending_this_one_signs_out(alice):
    here = browser_of(alice)
    here.post(reverse("accounts:session-end", args=[UserSession.objects.get().pk]))
    assert not get_user(here).is_authenticated


class TestWhatEndsAllOthers:
    @pytest.fixture
    def here(self, alice):
        return browser_of(alice)

    @pytest.fixture
    def there(self, alice):
        return browser_of(alice)

    def test_a_new_password(self, here, there, alice):
        here.post(reverse("account_change_password"), {"oldpassword": "password", **NEW})
        assert get_user(here) == alice
        assert not get_user(there).is_authenticated
        assert "was changed" in mail.outbox[-1].subject
        assert re.search(r"It was done on \d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d UTC, from ", mail.outbox[-1].body)

    def test_a_forgotten_one_chosen_anew(self, here, there, visitor, alice):
        visitor.post(reverse("account_reset_password"), {"email": alice.email})
        visitor.post(reverse("account_confirm_password_reset_code"), {"code": last_code()})
        visitor.post(reverse("account_complete_password_reset"), NEW)
        assert not get_user(here).is_authenticated
        assert not get_user(there).is_authenticated

    def test_another_first_address(self, here, there, alice):
        EmailAddress.objects.create(user=alice, email="alice@example.com", verified=True)
        here.post(reverse("account_email"), {"email": "alice@example.com", "action_primary": ""})
        alice.refresh_from_db()
        assert alice.email == "alice@example.com"
        assert get_user(here) == alice
        assert not get_user(there).is_authenticated
        assert mail.outbox[-1].to == ["alice@example.org"]
        assert here.get(SESSIONS).text.count("this one") == 1

    def test_another_role(self, here, there, alice, root_client):
        root_client.post(reverse("admin:accounts_user_change", args=[alice.pk]), {"is_active": "on", "is_staff": "on"})
        assert not get_user(here).is_authenticated
        assert not get_user(there).is_authenticated

    def test_nothing_else(self, here, there, alice):
        alice.review_digest = "never"
        alice.save()
        assert get_user(here) == get_user(there) == alice
