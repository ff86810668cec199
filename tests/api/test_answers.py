import json
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from catalog import publishing, review
from catalog.models import Paper
from catalog.records import Category, Record
from tests.api.conftest import asked, body, put_on_the_shelf

PLACES = [
    "/api/v1/",
    "/api/v1/papers/",
    "/api/v1/papers/paper-1/",
    "/api/v1/categories/",
    "/api/v1/categories/systems/",
    "/api/v1/venues/",
    "/api/v1/organizations/",
    "/api/v1/authors/",
    "/api/v1/changes/",
    "/api/v1/export/",
    "/api/schema/",
    "/api/schema/record/v1.json",
    "/papers.json",
    "/papers.jsonl",
    "/papers.bib",
    "/papers/paper-1.json",
]
PARAMETERS = [
    "q",
    "category",
    "venue",
    "organization",
    "author",
    "year",
    "year_min",
    "year_max",
    "added",
    "kind",
    "has",
    "sort",
    "page_size",
    "cursor",
    "format",
]
HOSTILE = [
    "%00",
    "a%00b",
    "%ff%fe",
    "%ED%A0%80",
    "'%20OR%201=1--",
    "%25",
    "_",
    "\\",
    "%5C",
    "*",
    "%22%22%22",
    "(((",
    "!!!",
    "%26%7C%7C",
    "AND%20OR%20NOT",
    "-1",
    "0",
    "99999999999999999999999",
    "1e999",
    "NaN",
    "٢٠٢٢",
    "%0d%0aSet-Cookie:%20a=b",
    "%E2%80%AE",
    "%F0%9F%92%A9",
    "x" * 3000,
    "a%20" * 400,
    "..%2f..%2fetc%2fpasswd",
    "%3Cscript%3E",
    "__class__",
    "systems/",
    "//",
]


def test_hostile_parameters_get_an_answer_and_never_a_failure(shelf):
    client = Client()
    for place in ("/api/v1/papers/", "/papers.json", "/api/v1/venues/"):
        for name in PARAMETERS:
            for text in HOSTILE:
                response = client.get(f"{place}?{name}={text}")
                content = body(response)
                assert response.status_code in {200, 400}, (place, name, text)
                if response.status_code == 400:
                    assert response["Content-Type"] == "application/problem+json"
                    assert name in {error["parameter"] for error in json.loads(content)["errors"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_addresses_get_an_answer_and_never_a_failure(shelf, text):
    for place in (
        "/api/v1/papers/{}/",
        "/api/v1/categories/{}/",
        "/api/v1/venues/{}/",
        "/api/v1/organizations/{}/",
        "/api/v1/{}/",
        "/papers/{}.json",
    ):
        assert Client().get(place.format(text)).status_code in {200, 301, 404}


def test_more_parameters_than_a_request_may_have_are_a_problem(db):
    for address in ("/api/v1/papers/", "/papers.json"):
        assert asked(f"{address}?{'year=2020&' * 1500}", status=400)["title"] == "Bad Request"
        assert "50 values" in asked(f"{address}?{'&'.join(f'author=a{number}' for number in range(60))}", status=400)["detail"]


@pytest.mark.parametrize("place", [place for place in PLACES if place != "/api/schema/"])
def test_an_unknown_parameter_is_refused_by_name(shelf, place):
    for query in ("page=2", "categry=systems", "colour="):
        problem = asked(f"{place}?{query}", status=400)
        assert [error["parameter"] for error in problem["errors"]] == [query.partition("=")[0]]


def test_everything_that_is_wrong_is_named_at_once(shelf):
    problem = asked("/api/v1/papers/?page=2&year=soon&kind=poem&category=nowhere&sort=relevance", status=400)
    assert {error["parameter"] for error in problem["errors"]} == {"page", "year", "kind", "category", "sort"}
    assert (problem["status"], problem["title"], problem["type"]) == (400, "Bad Request", "about:blank")
    assert problem["instance"].startswith("/api/v1/papers/?page=2")


def test_what_is_not_there_is_a_problem(shelf):
    for address in (
        "/api/v1/papers/nothing/",
        "/api/v1/nothing/",
        "/api/nothing/",
        "/api/v1/venues/nothing/",
        "/api/v1/categories/a/b/",
        "/papers/nothing.json",
    ):
        response = Client().get(address)
        assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json"), address
        assert response.json()["instance"] == address


def test_an_address_without_its_slash_is_sent_on(shelf):
    for method in ("GET", "POST", "PATCH"):
        answer = Client(enforce_csrf_checks=True).generic(method, "/api/v1/papers?year=2020")
        assert (answer.status_code, answer["Location"]) == (308, "/api/v1/papers/?year=2020")
    for address in ("/api/v1/nothing", "/api/nothing", "/api/v1/papers/nothing/at/all", "/api//evil.example/x"):
        assert Client().post(address).status_code == 404
    assert Client().get("/api")["Location"] == "/api/"


def test_a_retracted_paper_is_gone_with_the_reason(shelf):
    publishing.retract(Paper.objects.get(slug="paper-1"), reason="The authors made up the figures.", by=None)
    for address in ("/api/v1/papers/paper-1/", "/papers/paper-1.json"):
        problem = asked(address, status=410)
        assert (problem["title"], problem["detail"]) == ("Gone", "The authors made up the figures.")


def test_a_merged_paper_leads_to_the_one_it_is_now(shelf):
    old = put_on_the_shelf(50, slug="old")
    publishing.retract(old, reason="The same.", by=None, into=Paper.objects.get(slug="paper-2"))
    for address, target in (("/api/v1/papers/old/", "/api/v1/papers/paper-2/"), ("/papers/old.bib", "/papers/paper-2.bib")):
        response = Client().get(address)
        assert (response.status_code, response["Location"]) == (301, target)


def test_the_id_is_an_address_too_and_stays_one_for_ever(shelf):
    second, third = (Paper.objects.get(slug=slug) for slug in ("paper-2", "paper-3"))
    assert asked(f"/api/v1/papers/{second.public_id}/") == asked("/api/v1/papers/paper-2/")
    publishing.retract(second, reason="The same.", by=None, into=third)
    publishing.retract(third, reason="The same.", by=None, into=Paper.objects.get(slug="paper-4"))
    for key in (second.public_id, third.public_id, "paper-2", "paper-3"):
        for address, target in ((f"/api/v1/papers/{key}/", "/api/v1/papers/paper-4/"), (f"/papers/{key}.json", "/papers/paper-4.json")):
            response = Client().get(address)
            assert (response.status_code, response["Location"], response["Cache-Control"]) == (301, target, "public, no-cache")


def test_what_was_merged_into_a_retracted_paper_is_gone_with_the_reason_of_that_one(shelf):
    second, third = (Paper.objects.get(slug=slug) for slug in ("paper-2", "paper-3"))
    publishing.retract(second, reason="The same.", by=None, into=third)
    publishing.retract(third, reason="The authors made up the figures.", by=None)
    for address in ("/api/v1/papers/paper-2/", f"/api/v1/papers/{second.public_id}/", "/papers/paper-2.bib"):
        assert asked(address, status=410)["detail"] == "The authors made up the figures."


def test_nothing_here_can_be_written(shelf):
    for place in PLACES:
        for method in ("post", "put", "patch", "delete"):
            response = getattr(Client(enforce_csrf_checks=True), method)(place, data="{}", content_type="application/json")
            assert (response.status_code, response["Content-Type"]) == (405, "application/problem+json"), place
            assert response["Allow"] == "GET, HEAD, OPTIONS"


def test_options_says_what_may_be_done(shelf):
    for place in PLACES:
        response = Client().options(place, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"})
        assert (response.status_code, response.content) == (204, b"")
        assert response["Allow"] == response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "If-None-Match" in response["Access-Control-Allow-Headers"]


def test_what_nobody_here_can_write_is_not_acceptable(shelf):
    for place in ("/api/v1/papers/", "/api/v1/export/"):
        assert asked(place, status=406, headers={"Accept": "application/xml"})["title"] == "Not Acceptable"
    assert asked("/api/v1/papers/", headers={"Accept": "text/html"})["results"]


def test_a_failure_is_a_problem_and_a_line_in_the_log(shelf, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr("catalog.answers.paper_of", fail)
    for address in ("/api/v1/papers/paper-1/", "/papers/paper-1.json"):
        response = Client().get(address)
        assert (response.status_code, response["Content-Type"]) == (500, "application/problem+json")
        assert b"secret" not in response.content
    assert "the secret of the house" in caplog.text


def test_a_database_that_does_not_answer_is_a_problem_that_will_pass(shelf, monkeypatch):
    def fail(*args, **kwargs):
        raise OperationalError

    monkeypatch.setattr("catalog.answers.paper_of", fail)
    response = Client().get("/api/v1/papers/paper-1/")
    assert (response.status_code, response["Retry-After"]) == (503, "30")


@pytest.mark.parametrize("place", [*PLACES, "/api/v1/papers/nothing/", "/papers.json?page=2"])
def test_everybody_gets_the_same_bytes_and_nobody_a_cookie(shelf, place, alice_client, mel_client, root_client):
    anonymous = Client().get(place)
    content = body(anonymous)
    for client in (alice_client, mel_client, root_client):
        response = client.get(place)
        assert body(response) == content
        assert response["ETag"] == anonymous["ETag"]
        assert not response.cookies
    assert not anonymous.cookies
    assert anonymous["ETag"].startswith('"')
    assert anonymous["Cache-Control"] == "public, no-cache"
    assert anonymous["Vary"] == "Accept, Accept-Encoding"
    assert anonymous["Access-Control-Allow-Origin"] == "*"
    assert anonymous["Access-Control-Expose-Headers"] == "ETag, Link, Retry-After, X-Count"
    assert anonymous["X-Content-Type-Options"] == "nosniff"


MARKS = ["Xylophonic", "wombatnote", "quokkawhy", "numbatwhy", "private-address"]


@pytest.fixture
def secrets(shelf, alice, mel):
    """One proposal that waits, one that was rejected, and an address, each with a word that is nowhere else."""
    User.objects.filter(pk=alice.pk).update(email="private-address@example.org")
    places = (Category(path="systems"),)
    waiting = Record(title="Xylophonic serving", note="Xylophonic", categories=places, identifiers={"arxiv": "2401.00001"})
    review.submit(waiting, by=alice, why="quokkawhy", token=uuid4())
    refused = Record(title="Xylophonic queues", abstract="Xylophonic", categories=places)
    rejected = review.submit(refused, by=alice, why="numbatwhy", token=uuid4())
    review.decide(rejected, review.REJECT, by=mel, seen_version=1, reason="Out of scope.", private_note="wombatnote")
    approved = review.submit(Record(title="Plain", categories=places), by=alice, why="quokkawhy", token=uuid4())
    review.decide(approved, review.APPROVE, by=mel, seen_version=1, private_note="wombatnote")


def public_addresses():
    yield from PLACES
    yield from ("/api/v1/papers/?q=xylophonic", "/papers.json?q=xylophonic", "/papers.json?has=arxiv", "/papers.bib?sort=title")
    for paper in Paper.objects.all():
        yield from (f"/api/v1/papers/{paper.slug}/", f"/papers/{paper.slug}.json", f"/papers/{paper.slug}.bib", f"/papers/{paper.slug}/")
    yield from ("/", "/papers/", "/categories/", "/categories/systems/", "/venues/", "/organizations/", "/about/")


def test_nothing_that_is_only_known_inside_is_ever_shown(secrets, mel_client):
    for client in (Client(), mel_client):
        for address in public_addresses():
            response = client.get(address)
            content = body(response).decode() + str(response.headers)
            shown = [mark for mark in MARKS if mark in content]
            assert shown == [], address


def test_a_name_that_only_a_proposal_knows_is_an_unknown_name(secrets):
    assert asked("/api/v1/papers/?q=xylophonic")["results"] == []
    assert asked("/papers.json?q=wombatnote")["count"] == 0


def test_the_document_holds_together(db):
    text = body(Client().get("/api/schema/")).decode()
    document = json.loads(text)
    schemas = document["components"]["schemas"]
    for part in text.split('"$ref":"')[1:]:
        assert part.partition('"')[0].removeprefix("#/components/schemas/") in schemas
    ids = [operation["operationId"] for operations in document["paths"].values() for operation in operations.values()]
    assert len(ids) == len(set(ids))
    names = {parameter["name"] for parameter in document["paths"]["/api/v1/papers/"]["get"]["parameters"]}
    assert names == {*PARAMETERS, "count"} - {"format"}
    assert set(schemas["Record"]["required"]) == set(Record.__struct_fields__)
    assert "Problem" in schemas
