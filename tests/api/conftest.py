"""What the tests of the machine's side need: answers as JSON, and papers in a line."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from accounts import tokens
from accounts.models import Token
from catalog import publishing, taxonomy
from catalog.records import Category, Record

MORNING = datetime(2026, 1, 1, 9, tzinfo=UTC)


def body(response):
    return response.getvalue() if response.streaming else response.content


def asked(address, *, status=200, **more):
    """The answer of an address to nobody in particular, as JSON."""
    response = Client().get(address, **more)
    content = body(response)
    assert response.status_code == status, content
    return json.loads(content)


class Program(Client):
    """A client that sends JSON, and the token of a person with it."""

    def __init__(self, user, *scopes, scheme="Token"):
        _token, key = tokens.make(user, name=f"program {user.tokens.count()}", scopes=scopes or Token.Scope.values, days=7)
        super().__init__(headers={"Authorization": f"{scheme} {key}"}, enforce_csrf_checks=True)
        self.key = key

    def send(self, method, address, data=None, *, status=None, **headers):
        """`If_Match` stands for the header of that name. The answer, whose status is the one expected."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        response = self.generic(method, address, json.dumps(data), content_type="application/json", headers=named)
        assert status in {None, response.status_code}, response.content
        return response


def put_on_the_shelf(number, *, minutes=0, **facts):
    """A paper whose every fact follows from its number."""
    at = MORNING + timedelta(minutes=minutes)
    plain = {
        "id": f"{number:016d}",
        "slug": f"paper-{number}",
        "title": f"Serving {'caches' if number % 3 else 'queues'} {number % 5}",
        "year": None if number % 4 == 0 else 2020 + number % 3,
        "added_at": at,
        "updated_at": at,
    }
    return publishing.publish(Record(**{**plain, **facts}), at=at)


@pytest.fixture
def shelf(db):
    """A dozen papers: equal years and titles, years unknown, two at one moment, and two categories that share some."""
    systems = taxonomy.add_category("Systems", slug="systems")
    taxonomy.add_category("Serving", parent=systems, slug="serving")
    for number in range(1, 13):
        places = [Category(path="systems/serving" if number % 2 else "systems", primary=True)]
        if number % 6 == 0:
            places.append(Category(path="systems/serving"))
        put_on_the_shelf(number, minutes=number // 2, categories=tuple(places))
