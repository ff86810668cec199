"""Guesses made at once: the limits hold over every thread and worker, for they are counted in the one cache."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import get_user
from django.core import mail
from django.core.cache import cache
from django.db import connections
from django.test import Client

from tests.pages.test_accounts import ASK, ENTER, LOGIN, last_code

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 12


@pytest.fixture(autouse=True)
def _no_limits_left_over(db):
    cache.clear()


def at_once(do):
    """What so many threads, each with a connection and so a view of the cache of its own, are answered when all begin together."""
    together = Barrier(AT_ONCE)

    def begin(number):
        try:
            together.wait()
            return do(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(begin, range(AT_ONCE)))


@pytest.fixture
def looked_at(monkeypatch):
    """The passwords that were compared with the account's."""
    from accounts.models import User

    seen, check = [], User.check_password
    monkeypatch.setattr(User, "check_password", lambda user, password: seen.append(password) or check(user, password))
    return seen


def test_of_many_passwords_at_once_five_are_looked_at(alice, looked_at):
    names = ["alice", "alice@example.org"]
    at_once(
        lambda number: Client().post(LOGIN, {"login": names[number % 2], "password": f"guess {number}"}, REMOTE_ADDR=f"192.0.2.{number}")
    )
    assert 0 < len(set(looked_at)) <= 5


def test_of_many_codes_at_once_three_are_looked_at(alice, monkeypatch):
    from allauth.account import forms

    seen = []
    compare = forms.compare_user_code
    monkeypatch.setattr(
        forms,
        "compare_user_code",
        lambda *, actual, expected: (bool(expected) and seen.append(actual)) or compare(actual=actual, expected=expected),
    )
    visitor = Client()
    visitor.post(ASK, {"email": alice.email})
    code = last_code()

    def guess(number):
        client = Client()
        client.cookies.update(visitor.cookies)
        return client.post(ENTER, {"code": f"AAAA-BBB{'BCDFGHJKLMNP'[number]}"})

    at_once(guess)
    assert 0 < len(seen) <= 3
    visitor.post(ENTER, {"code": code})
    assert not get_user(visitor).is_authenticated


def test_of_many_codes_at_once_from_three_browsers_five_are_looked_at(alice, monkeypatch):
    from allauth.account import forms

    seen = []
    compare = forms.compare_user_code
    monkeypatch.setattr(
        forms, "compare_user_code", lambda *, actual, expected: seen.append(actual) or compare(actual=actual, expected=expected)
    )
    asked = [Client() for _letter in range(3)]
    for client in asked:
        client.post(ASK, {"email": alice.email})

    def guess(number):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        client.cookies.update(asked[number % 3].cookies)
        for _try in range(3):
            client.post(ENTER, {"code": "AAAA-AAAA"})

    at_once(guess)
    assert 3 <= len(seen) <= 5


def test_a_code_lets_in_one_of_many_at_once(alice):
    visitor = Client()
    visitor.post(ASK, {"email": alice.email})
    code = last_code()

    def enter(number):
        client = Client()
        client.cookies.update(visitor.cookies)
        client.post(ENTER, {"code": code})
        return get_user(client).is_authenticated

    assert sum(at_once(enter)) == 1


def test_of_many_letters_at_once_to_one_address_three_are_sent(alice):
    at_once(lambda number: Client().post(ASK, {"email": alice.email}, REMOTE_ADDR=f"192.0.2.{number}"))
    assert 0 < len(mail.outbox) <= 3
