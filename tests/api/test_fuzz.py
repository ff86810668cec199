"""Whatever the document allows to be sent, and much that it does not, is answered as the document says."""

from contextlib import nullcontext, suppress
from uuid import uuid4

import pytest
import schemathesis
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from accounts import tokens
from catalog import review, throttling
from catalog.models import Submission
from catalog.throttling import Rate
from tests.api.conftest import asked
from tests.factories import make_record

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Of each operation, in each way of being asked.
TIMES = 8


@pytest.fixture
def described(catalogue, alice, monkeypatch):
    """The operations of the document, with two submissions that wait, and no limits in the way."""
    for name in throttling.RATES:
        monkeypatch.setitem(throttling.RATES, name, Rate(1_000_000, 60))
    monkeypatch.setattr("catalog.review.proposals.PER_HOUR", 1_000_000)
    cache.clear()
    for number in range(2):
        record = make_record(f"Unlike {number} any", categories=["llm-systems"], links=[f"https://example.org/{number}"])
        review.submit(record, by=alice, why="It is about something else than all others.", token=uuid4())
    schema = schemathesis.openapi.from_dict(asked("/api/schema/"))
    schema.app = WSGIHandler()
    # As Django's own client does: everything happens in the transaction of the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield [operation.ok() for operation in schema.get_all_operations()]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ask_each(operations, mode, headers, *, number):
    for operation in operations:
        # What is sent about a submission is about one that is there, in the version that it has.
        about = {"path_parameters": {"number": number}, "headers": {"If-Match": "*"}} if "{number}" in operation.path else {}

        @settings(max_examples=TIMES, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode, **about))
        def ask(case):
            case.headers.update(headers)
            case.call_and_validate(checks=CHECKS)

        # Where any text may stand in the address, and nothing else can be said, there is nothing to be wrong.
        with suppress(Unsatisfiable) if mode is GenerationMode.NEGATIVE else nullcontext():
            ask()


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("who", ["nobody", "alice", "mel"])
def test_what_is_made_up_is_answered_as_described(described, mode, who, request):
    headers = {"Accept-Encoding": "identity"}
    if who != "nobody":
        _token, key = tokens.make(request.getfixturevalue(who), name="fuzz", scopes=["read", "submit", "review"], days=7)
        headers["Authorization"] = f"Token {key}"
    ask_each(described, mode, headers, number=Submission.objects.latest("pk").pk)
