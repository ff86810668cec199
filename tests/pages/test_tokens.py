"""The keys of a person's programs: made once and shown once, listed, revoked; and what finds them."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts import tokens
from accounts.models import Token, User
from tests.conftest import signed_in
from tests.factories import make_category

PAGE = "/accounts/tokens/"
FIELDS = {"name": "Zotero", "scopes": ["read", "submit"], "days": "30"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def fresh(alice, visitor):
    """alice, who has just said her password."""
    visitor.post("/accounts/login/", {"login": "alice", "password": "password"})
    return visitor


def key_in(response):
    return re.search(r'value="(osh_[\w-]{43})"', response.text)[1]


def make(user, *scopes, days=30, name="script"):
    return tokens.make(user, name=name, scopes=scopes or ("read",), days=days)


def everything_stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_token")
        return str(cursor.fetchall())


# -- The page --------------------------------------------------------------------------------------
def test_a_visitor_is_shown_the_way_to_sign_in(visitor):
    assert visitor.get(PAGE)["Location"] == f"/accounts/login/?next={PAGE}"


def test_the_account_leads_to_it_and_it_says_what_a_token_may_do(alice_client):
    assert f'href="{PAGE}"' in alice_client.get("/accounts/").text
    page = alice_client.get(PAGE)
    assert page.status_code == 200
    assert page["Cache-Control"] == "private, no-store"
    assert "Propose, edit, withdraw" in page.text


def test_a_token_is_shown_once_and_kept_as_a_digest(fresh, alice):
    made = fresh.post(PAGE, FIELDS)
    key = key_in(made)
    assert made["Cache-Control"] == "private, no-store"
    token = alice.tokens.get()
    assert (token.name, token.scopes, token.last_used_at) == ("Zotero", ["read", "submit"], None)
    assert timedelta(days=29) < token.expires_at - timezone.now() <= timedelta(days=30)
    assert key not in everything_stored()
    assert key[4:] not in everything_stored()
    again = fresh.get(PAGE)
    assert "Zotero" in again.text
    assert "osh_" not in again.text
    assert tokens.find(key).user == alice


def test_a_form_sent_twice_makes_one_token(fresh, alice):
    fresh.post(PAGE, FIELDS)
    again = fresh.post(PAGE, FIELDS)
    assert again.status_code == 422
    assert "You have a token of this name" in unescape(again.text)
    assert alice.tokens.count() == 1


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"name": "x" * 61}, {"scopes": []}, {"scopes": ["admin"]}, {"days": "36500"}, {"days": ""}]
)
def test_a_form_that_lacks_something_makes_none_and_says_so_beside_the_field(fresh, alice, change):
    response = fresh.post(PAGE, {**FIELDS, **change})
    assert response.status_code == 422
    assert f'id="id_{next(iter(change))}_error"' in response.text
    assert not alice.tokens.exists()


def test_to_decide_is_offered_to_those_who_may(fresh, mel, alice, bruno):
    assert fresh.post(PAGE, {**FIELDS, "scopes": ["review"]}).status_code == 422
    assert "Decide in your name" not in fresh.get(PAGE).text
    make_category("serving").maintainers.add(bruno)
    for reviewer in (mel, bruno):
        assert "Decide in your name" in signed_in(reviewer).get(PAGE).text


def test_who_signed_in_long_ago_says_their_password_first_and_goes_on(fresh, alice):
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        asked = fresh.post(PAGE, FIELDS)
        assert asked["Location"] == f"/accounts/reauthenticate/?next={PAGE.replace('/', '%2F')}"
        assert not alice.tokens.exists()
        made = fresh.post(f"/accounts/reauthenticate/?next={PAGE}", {"password": "password"})
        assert tokens.find(key_in(made)).name == "Zotero"


def test_a_session_alone_that_somebody_left_open_makes_none(alice_client, alice):
    assert alice_client.post(PAGE, FIELDS).status_code == 302
    assert not alice.tokens.exists()


def test_there_is_a_limit(fresh, alice):
    for number in range(tokens.PER_PERSON):
        make(alice, name=f"No. {number}")
    assert "20 tokens, which is the limit" in fresh.post(PAGE, FIELDS).text
    assert alice.tokens.count() == tokens.PER_PERSON


def test_a_token_is_revoked_by_its_owner_alone(alice, alice_client, bruno_client):
    token, key = make(alice)
    assert bruno_client.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert alice_client.get(f"{PAGE}{token.pk}/revoke/").status_code == 405
    assert tokens.find(key)
    assert alice_client.post(f"{PAGE}{token.pk}/revoke/")["Location"] == PAGE
    assert tokens.find(key) is None
    assert "The token is revoked" in alice_client.get(PAGE).text
    assert alice_client.post(f"{PAGE}{token.pk}/revoke/").status_code == 404


def test_a_name_is_text_and_nothing_else(fresh):
    page = fresh.post(PAGE, {**FIELDS, "name": "<img src=x>"})
    assert "<img src=x>" not in page.text
    assert "&lt;img src=x&gt;" in page.text


def test_nobody_sees_the_tokens_of_others(alice, bruno_client, root_client):
    make(alice, name="alices-own")
    for client in (bruno_client, root_client):
        assert "alices-own" not in client.get(PAGE).text


# -- Finding them ----------------------------------------------------------------------------------
@pytest.mark.parametrize("text", ["", "osh_", "osh_" + "x" * 43, "x" * 10_000, "osh_" + "é" * 43, "osh_\x00", "osh_" + "x" * 1_000_000])
def test_what_is_no_key_finds_nobody(alice, text):
    make(alice)
    assert tokens.find(text) is None


def test_a_token_ends_with_its_time_and_with_the_account(alice):
    _token, key = make(alice, days=7)
    with time_machine.travel(timezone.now() + timedelta(days=7, seconds=1)):
        assert tokens.find(key) is None
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert tokens.find(key) is None
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert tokens.find(key)
    alice.delete()
    assert not Token.objects.exists()


def test_last_use_is_written_at_most_once_a_minute(alice, django_assert_num_queries):
    token, key = make(alice)
    begin = timezone.now()
    with time_machine.travel(begin, tick=False), django_assert_num_queries(2):
        tokens.find(key)
    with time_machine.travel(begin + timedelta(seconds=59), tick=False), django_assert_num_queries(1):
        tokens.find(key)
    token.refresh_from_db()
    assert token.last_used_at == begin
    with time_machine.travel(begin + timedelta(seconds=61), tick=False):
        tokens.find(key)
    token.refresh_from_db()
    assert token.last_used_at == begin + timedelta(seconds=61)


def test_no_two_keys_are_alike(alice):
    assert len({make(alice, name=str(number))[1] for number in range(20)}) == 20
