import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, RequestFactory

from catalog import answers, throttling
from catalog.throttling import Rate, TooOften, throttle

pytestmark = pytest.mark.django_db

NOON = "2026-01-01T12:00:00Z"


@pytest.fixture(autouse=True)
def _three_a_minute(monkeypatch, settings):
    cache.clear()
    monkeypatch.setitem(throttling.RATES, "lookup", Rate(3, 60))
    monkeypatch.setitem(throttling.RATES, "export", Rate(3, 60))


def asking(address="192.0.2.1", **headers):
    return RequestFactory().get("/", REMOTE_ADDR=address, headers=headers)


def times_let_through(request, *, who="", name="lookup", most=10):
    for count in range(most):
        try:
            throttle(request, name, who=who)
        except TooOften:
            return count
    return most


@time_machine.travel(NOON, tick=False)
def test_who_asks_too_often_is_told_when_to_come_back():
    request = asking()
    assert [throttle(request, "lookup").left for _each in range(3)] == [2, 1, 0]
    with pytest.raises(TooOften) as refused:
        throttle(request, "lookup")
    assert refused.value.allowance.wait == 60
    problem = answers.problem_of(refused.value)
    assert (problem.status, problem.headers["Retry-After"]) == (429, "60")
    assert problem.headers["RateLimit-Policy"] == '"lookup";q=3;w=60'
    assert problem.headers["RateLimit"] == '"lookup";r=0;t=60'


def test_a_minute_later_it_begins_anew():
    with time_machine.travel(NOON, tick=False) as clock:
        assert times_let_through(asking()) == 3
        clock.shift(59)
        assert times_let_through(asking()) == 0
        clock.shift(1)
        assert times_let_through(asking()) == 3


@time_machine.travel(NOON, tick=False)
def test_each_visitor_each_person_and_each_thing_is_counted_alone():
    assert times_let_through(asking()) == 3
    assert times_let_through(asking("192.0.2.2")) == 3
    assert times_let_through(asking(), who="alice") == 3
    assert times_let_through(asking(), who="bruno") == 3
    assert times_let_through(asking(), name="export") == 3


@time_machine.travel(NOON, tick=False)
def test_a_household_of_addresses_is_one_visitor():
    assert times_let_through(asking("2001:db8:1:2::1")) == 3
    assert times_let_through(asking("2001:db8:1:2:ffff::9")) == 0
    assert times_let_through(asking("2001:db8:1:3::1")) == 3
    assert times_let_through(asking("::ffff:192.0.2.1")) == 3
    assert times_let_through(asking("::ffff:192.0.2.2")) == 3


@time_machine.travel(NOON, tick=False)
@pytest.mark.parametrize("address", ["", "unix:", "x" * 1000])
def test_what_comes_from_no_address_is_counted_too(address):
    assert times_let_through(asking(address)) == 3


@time_machine.travel(NOON, tick=False)
def test_nobody_hides_behind_a_header_that_no_proxy_wrote():
    for number in range(3):
        throttle(asking(**{"X-Forwarded-For": f"198.51.100.{number}"}), "lookup")
    assert times_let_through(asking(**{"X-Forwarded-For": "198.51.100.9"})) == 0


@time_machine.travel(NOON, tick=False)
def test_a_count_that_was_thrown_out_begins_anew(monkeypatch):
    throttle(asking(), "lookup")

    def gone(*args):
        raise ValueError

    monkeypatch.setattr(cache, "incr", gone)
    assert throttle(asking(), "lookup").left == 2


@time_machine.travel(NOON, tick=False)
def test_lists_are_never_refused_and_files_are(catalogue):
    for address in ("/api/v1/export/", "/papers.json"):
        cache.clear()
        client = Client()
        assert [client.get(address).status_code for _each in range(5)] == [200, 200, 200, 429, 429]
        assert client.get(address)["Content-Type"] == "application/problem+json"
        assert {client.get(f"/api/v1/papers/?page_size={size}").status_code for size in range(1, 20)} == {200}
