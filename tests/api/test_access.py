"""Who may ask for what: every address of the API, as nobody, as each of the cast, and with a token for each scope."""

import itertools
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from accounts import tokens
from accounts.models import Token, User
from catalog import review, throttling
from catalog.models import Submission
from catalog.throttling import Rate
from tests.api.conftest import Program
from tests.conftest import make_user, signed_in
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

WHY = "It says something that no other paper says."
FACTS = {"title": "Unlike any other", "links": [{"url": "https://example.org/unlike"}], "categories": [{"path": "systems"}]}
PUBLIC, PRIVATE = "public", "private"


@pytest.fixture
def submission(alice):
    make_category("systems")
    make_category("surveys")
    make_paper("Orca", authors=["Ada Byron"], categories=["systems"], venue="OSDI", organizations=["MIT"])
    record = make_record("Whale", categories=["systems"], links=["https://example.org/whale"])
    return review.submit(record, by=alice, why=WHY, token=uuid4())


# Of each route: a method, what is sent, whose it is, and the scopes of a token of which one is needed.
ROUTES: dict[str, list[Any]] = {
    "index": [("GET", None, PUBLIC, ())],
    "papers": [("GET", None, PUBLIC, ())],
    "paper": [("GET", None, PUBLIC, ())],
    "categories": [("GET", None, PUBLIC, ())],
    "category": [("GET", None, PUBLIC, ())],
    "venues": [("GET", None, PUBLIC, ())],
    "venue": [("GET", None, PUBLIC, ())],
    "organizations": [("GET", None, PUBLIC, ())],
    "organization": [("GET", None, PUBLIC, ())],
    "authors": [("GET", None, PUBLIC, ())],
    "author": [("GET", None, PUBLIC, ())],
    "export": [("GET", None, PUBLIC, ())],
    "changes": [("GET", None, PUBLIC, ())],
    "lookup": [("GET", None, PUBLIC, ()), ("POST", {"q": "2307.08691"}, PUBLIC, ())],
    "duplicates": [("POST", {"record": {"title": "Orca"}}, PUBLIC, ())],
    "suggestions": [("GET", None, PUBLIC, ())],
    "schema": [("GET", None, PUBLIC, ())],
    "record-schema": [("GET", None, PUBLIC, ())],
    "docs": [("GET", None, PUBLIC, ())],
    "submissions": [("GET", None, "everybody", ("read",)), ("POST", {"record": FACTS, "why": WHY}, "everybody", ("submit",))],
    "submission": [
        ("GET", None, "alice", ("read",)),
        ("GET", None, "reviewers", ("review",)),
        ("PATCH", {"record": {"year": 2020}}, "alice", ("submit",)),
        ("PUT", {"record": FACTS, "why": WHY}, "alice", ("submit",)),
    ],
    "submission-withdraw": [("POST", None, "alice", ("submit",))],
    "submission-comments": [("POST", {"text": "Hello."}, "alice", ("submit",)), ("POST", {"text": "Hello."}, "reviewers", ("review",))],
    "submission-decisions": [("POST", {"verdict": "approve"}, "reviewers", ("review",))],
    "queue": [("GET", None, "keepers", ("review",))],
}
PARTS = {"paper": "orca", "category": "systems", "venue": "osdi", "organization": "mit", "author": "ada-byron"}
# Who may decide the submission, and who may decide anything.
ROLES = {"everybody": {"alice", "bruno", "keeper", "other", "mel", "root"}, "alice": {"alice"}}
ROLES |= {"reviewers": {"mel", "root", "keeper"}, "keepers": {"mel", "root", "keeper", "other"}}


def address_of(name, number):
    patterns = next(each for each in get_resolver().url_patterns if str(each.pattern) == "api/").url_patterns
    route = next(str(each.pattern) for each in patterns if each.name == name)
    for part in ("<int:number>", "<str:slug>", "<path:path>"):
        route = route.replace(part, str(number) if part == "<int:number>" else PARTS.get(name, ""))
    return f"/api/{route}" + {"lookup": "?q=2307.08691", "suggestions": "?q=osdi"}.get(name, "")


@pytest.fixture
def cast(alice, bruno, mel, root):
    """All who have an account: keeper keeps the branch of the submission, other another one."""
    keeper, other = make_user("keeper"), make_user("other")
    make_category("systems").maintainers.add(keeper)
    make_category("surveys").maintainers.add(other)
    return {"alice": alice, "bruno": bruno, "keeper": keeper, "other": other, "mel": mel, "root": root}


def may(username, scopes, routes, method):
    """What the table says of this person, with a token for these scopes."""
    return any(set(needed) & set(scopes) and username in ROLES[whose] for each, _sent, whose, needed in routes if each == method)


def test_the_table_knows_every_route():
    patterns = next(each for each in get_resolver().url_patterns if str(each.pattern) == "api/").url_patterns
    assert {each.name for each in patterns if each.name} == set(ROUTES)


@pytest.mark.parametrize("name", ROUTES)
def test_each_address_answers_to_those_it_should_and_nobody_else(name, submission, cast):
    for method, sent, whose, _needed in {each[0]: each for each in ROUTES[name]}.values():
        address = address_of(name, submission.pk)
        if whose == PUBLIC:
            for asker in (Program(cast["bruno"], "read"), Program(cast["mel"], "review")):
                assert asker.send(method, address, sent).status_code == 200, (name, method)
            assert Client().generic(method, address, _json(sent), content_type=_type(sent)).status_code == 200
            continue
        for scopes in itertools.chain.from_iterable(itertools.combinations(Token.Scope.values, size) for size in (1, 2, 3)):
            for username, user in cast.items():
                answer = _ask_and_undo(user, scopes, method, address, sent)
                allowed = may(username, scopes, ROUTES[name], method)
                assert (answer.status_code < 300) == allowed, (name, method, username, scopes, answer.content)
                assert allowed or answer.status_code in {403, 404}
                assert answer["Cache-Control"] == "private, no-store"
                assert allowed or b"Whale" not in answer.content
                assert "Access-Control-Allow-Origin" not in answer
        for asker in (Client(), signed_in(cast["alice"]), signed_in(cast["root"])):
            answer = asker.generic(method, address, _json(sent), content_type="application/json", headers={"If-Match": "*"})
            assert answer.status_code == 401
            assert answer["WWW-Authenticate"] == 'Token realm="api", Bearer realm="api"'
            assert answer["Content-Type"] == "application/problem+json"
            assert answer["Cache-Control"] == "private, no-store"
    assert Submission.objects.filter(pk=submission.pk, status="pending").exists()


def _ask_and_undo(user, scopes, method, address, sent):
    with transaction.atomic():
        cache.clear()
        answer = Program(user, *scopes).send(method, address, sent, If_Match="*")
        transaction.set_rollback(True)
    return answer


def _json(sent):
    return json.dumps(sent) if sent is not None else ""


def _type(sent):
    return "application/json" if sent is not None else ""


# -- Tokens ------------------------------------------------------------------------------------------
MINE = "/api/v1/submissions/"


def test_both_schemes_are_taken_in_any_case(alice):
    key = Program(alice).key
    for scheme in ("Token", "token", "Bearer", "BEARER"):
        assert Client().get(MINE, headers={"Authorization": f"{scheme} {key}"}).status_code == 200


@pytest.mark.parametrize(
    "header", ["Token", "Token ", "Bearer x", "Token {key} {key}", "Token {key}x", "Token osh_", "Token \x00", "Bearer " + "x" * 50_000]
)
@pytest.mark.parametrize("address", [MINE, "/api/v1/papers/", "/api/v1/lookup/?q=x", "/api/v1/export/"])
def test_a_token_that_is_none_lets_nobody_in_anywhere(alice, submission, header, address):
    answer = Client().get(address, headers={"Authorization": header.format(key=Program(alice).key)})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"]
    assert answer["Content-Type"] == "application/problem+json"
    assert "Access-Control-Allow-Origin" not in answer
    assert b"osh_" not in answer.content


def test_what_is_no_token_is_somebody_elses_business(submission):
    basic = {"Authorization": "Basic dXNlcjpwYXNz"}
    assert Client().get("/api/v1/papers/", headers=basic).status_code == 200
    assert Client().get(MINE, headers=basic).status_code == 401


def test_a_token_in_the_address_is_no_token(alice):
    key = Program(alice).key
    for name in ("token", "access_token", "key", "Authorization"):
        assert Client().get(f"{MINE}?{name}={key}").status_code == 401
        assert Client().get(f"/api/v1/papers/?{name}={key}").status_code == 400


def test_a_token_that_ended_is_none(alice):
    program = Program(alice)
    assert program.get(MINE).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert program.get(MINE).status_code == 401
    tokens.revoke(alice, alice.tokens.get().pk)
    assert program.get(MINE).status_code == 401


def test_a_closed_account_has_no_power_at_once(alice, submission):
    program = Program(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    for method, address, sent in (("GET", MINE, None), ("POST", MINE, {"record": FACTS, "why": WHY}), ("GET", "/api/v1/papers/", None)):
        assert program.send(method, address, sent).status_code == 401
    assert Submission.objects.count() == 1


def test_public_things_are_the_same_with_a_token(alice, submission):
    program = Program(alice, "read")
    for address in ("/api/v1/papers/", "/api/v1/changes/", "/api/v1/authors/", "/api/v1/venues/?count=1"):
        with_token, without = program.get(address), Client().get(address)
        assert with_token.content == without.content
        assert with_token["ETag"] == without["ETag"]


def test_reading_with_a_token_leaves_a_trace_of_it(alice, submission):
    program = Program(alice, "read")
    program.get("/api/v1/papers/")
    assert alice.tokens.get().last_used_at


# -- What browsers may do ----------------------------------------------------------------------------
@pytest.mark.parametrize("name", [name for name in ROUTES if name != "docs"])
def test_options_names_the_methods_of_each_address(name, submission):
    answer = Client().options(address_of(name, submission.pk), headers={"Origin": "https://elsewhere.example"})
    methods = {each[0] for each in ROUTES[name]}
    named = set(answer["Allow"].split(", "))
    assert (answer.status_code, answer.content) == (204, b"")
    assert named - {"OPTIONS", "HEAD"} == methods
    assert ("HEAD" in named) == ("GET" in methods)
    if ROUTES[name][0][2] == PUBLIC:
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "Authorization" not in answer["Access-Control-Allow-Headers"]
    else:
        assert not [header for header in answer.headers if header.startswith("Access-Control")]


@pytest.mark.parametrize("name", [name for name in ROUTES if name not in {"docs", "schema"}])
def test_other_methods_are_refused_with_those_that_there_are(name, submission, alice):
    program = Program(alice)
    for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - {each[0] for each in ROUTES[name]}:
        answer = program.send(method, address_of(name, submission.pk), {})
        assert answer.status_code == 405, (name, method)
        assert method not in answer["Allow"].split(", ")
        assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("name", [name for name, routes in ROUTES.items() if routes[0][0] == "GET" and name != "docs"])
def test_head_has_the_headers_of_get_and_no_body(name, submission, mel):
    program = Program(mel)
    address = address_of(name, submission.pk)
    got, head = program.get(address), program.head(address)
    assert head.status_code == got.status_code == 200
    assert head["ETag"] == got["ETag"]
    assert (head.getvalue() if head.streaming else head.content) == b""


# -- What is sent ------------------------------------------------------------------------------------
DEEP = 50_000
HOSTILE = {
    "deep arrays": b"[" * DEEP,
    "deep and closed": b"[" * DEEP + b"]" * DEEP,
    "deep inside": b'{"record": {"authors": ' + b"[" * DEEP,
    "deep objects": b'{"why": ' + b'{"a":' * DEEP,
    "a long number": b'{"record": {"year": ' + b"9" * 9000 + b"}}",
    "a negative long number": b'{"record": {"revision": -' + b"9" * 9000 + b"}}",
    "beyond all numbers": b'{"record": {"year": 1e999}}',
    "no number": b'{"record": {"year": NaN}}',
    "half a character": b'{"why": "\\ud800"}',
    "bytes of half a character": b'{"why": "\xed\xa0\x80"}',
    "no utf-8": b'{"why": "\xff\xfe"}',
    "utf-16": '{"why": "x"}'.encode("utf-16"),
    "nothing": b" ",
    "cut off": b'{"why": "x',
    "two": b'{"why": "x"} {"why": "y"}',
    "a list": b"[1, 2]",
    "a word": b'"why"',
    "another type": b'{"why": ["x"], "record": []}',
    "nul": b'{"why": "\\u0000", "record": {"title": "\\u0000"}}',
}
WHERE = ["submissions/", "submissions/{}/", "submissions/{}/comments/", "submissions/{}/decisions/", "lookup/", "lookup/duplicates/"]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("where", WHERE)
def test_what_cannot_be_read_is_a_problem_and_never_a_failure(where, name, submission, alice, mel):
    program = Program(mel if "decisions" in where else alice)
    address = "/api/v1/" + where.format(submission.pk)
    method = "PATCH" if where == "submissions/{}/" else "POST"
    answer = program.generic(method, address, HOSTILE[name], content_type="application/json", headers={"If-Match": "*"})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert len(answer.content) < 2_000


@pytest.mark.parametrize("where", WHERE)
def test_too_much_is_too_much(where, submission, alice, mel):
    program = Program(mel if "decisions" in where else alice)
    address, method = "/api/v1/" + where.format(submission.pk), "PATCH" if where == "submissions/{}/" else "POST"
    sent = b'{"why": "' + b"x" * 3_000_000 + b'"}'
    answer = program.generic(method, address, sent, content_type="application/json", headers={"If-Match": "*"})
    assert (answer.status_code, answer["Content-Type"]) == (413, "application/problem+json")


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/json", ""]
)
def test_only_json_is_read(where, media_type, submission, alice, mel):
    program = Program(mel if "decisions" in where else alice)
    address, method = "/api/v1/" + where.format(submission.pk), "PATCH" if where == "submissions/{}/" else "POST"
    answer = program.generic(method, address, b'{"why": "x"}', content_type=media_type, headers={"If-Match": "*"})
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


def test_another_charset_than_utf_8_is_a_problem_too(alice):
    sent = '{"why": "x"}'.encode("utf-16")
    answer = Program(alice).generic("POST", MINE, sent, content_type="application/json; charset=utf-16")
    assert (answer.status_code, answer["Content-Type"]) == (415, "application/problem+json")


# -- How often ---------------------------------------------------------------------------------------
@pytest.fixture
def few(monkeypatch):
    cache.clear()
    for name, most in {"token": 6, "write": 3, "lookup": 4}.items():
        monkeypatch.setitem(throttling.RATES, name, Rate(most, 3600))


def test_a_token_has_a_rate_and_is_told_what_is_left(few, alice, bruno, submission):
    program = Program(alice, "read")
    left = [program.get(MINE)["RateLimit"].partition(";")[2].partition(";")[0] for _each in range(6)]
    assert left == [f"r={number}" for number in reversed(range(6))]
    refused = program.get("/api/v1/papers/")
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert refused["RateLimit-Policy"] == '"token";q=6;w=3600'
    assert Program(bruno, "read").get(MINE).status_code == 200
    assert Client().get("/api/v1/papers/").status_code == 200


def test_a_person_writes_at_a_rate_with_all_tokens_together(few, alice, submission):
    programs = [Program(alice) for _each in range(4)]
    address = f"{MINE}{submission.pk}/"
    answers = [program.send("PATCH", address, {"record": {"title": ""}}, If_Match="*").status_code for program in programs]
    assert answers == [400, 400, 400, 429]


def test_lookups_have_a_rate_and_what_is_kept_is_free(few, submission):
    client = Client()
    asked = [client.get("/api/v1/lookup/?q=2307.08691").status_code for _each in range(8)]
    assert asked == [200] * 8
    others = [client.get(f"/api/v1/lookup/?q=2307.0869{number}").status_code for number in range(2, 7)]
    assert others == [200, 200, 200, 429, 429]
    assert client.post("/api/v1/lookup/", {"q": "x"}, content_type="application/json").status_code == 429
    assert client.get("/api/v1/lookup/?q=2307.08691").status_code == 200
    assert {client.get(f"/api/v1/papers/?page_size={size}").status_code for size in range(1, 12)} == {200}
