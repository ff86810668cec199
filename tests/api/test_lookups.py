"""What a form asks before it is sent, asked by a program: nothing is fetched, nothing is kept, nothing pending is told."""

from uuid import uuid4

import pytest
from django.test import Client

from catalog import review
from catalog.models import Submission
from tests.api.conftest import Program, asked
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

LOOKUP, DUPLICATES, SUGGESTIONS = "/api/v1/lookup/", "/api/v1/lookup/duplicates/", "/api/v1/lookup/suggestions/"
BIBTEX = "@inproceedings{yu22, title={Orca: A Distributed Serving System}, author={Yu, Gyeong-In and Jeong, Joo Seong}, year={2022}}"


def post(address, data, status=200):
    response = Client().post(address, data, content_type="application/json")
    assert response.status_code == status, response.content
    return response.json()


@pytest.mark.parametrize(
    ("text", "identifiers"),
    [
        ("https://arxiv.org/pdf/2307.08691v2.pdf", {"arxiv": "2307.08691"}),
        ("arXiv:2307.08691", {"arxiv": "2307.08691"}),
        ("https://doi.org/10.1145/3600006.3613165", {"doi": "10.1145/3600006.3613165"}),
        ("https://openreview.net/forum?id=mZn2Xyh9Ec", {"openreview": "mZn2Xyh9Ec"}),
    ],
)
def test_an_address_or_an_identifier_is_read(text, identifiers):
    for answer in (Client().get(LOOKUP, {"q": text}).json(), post(LOOKUP, {"q": text})):
        assert answer["record"]["identifiers"] == identifiers
        assert "identifier" in {fact["what"] for fact in answer["facts"]}


def test_bibtex_and_a_line_of_a_list_are_read():
    record = post(LOOKUP, {"q": BIBTEX})["record"]
    assert (record["title"], record["year"]) == ("Orca: A Distributed Serving System", 2022)
    assert [author["name"] for author in record["authors"]] == ["Gyeong-In Yu", "Joo Seong Jeong"]
    make_paper("Whale", venue="OSDI", year=2022)
    line = "- [Sieve: Serving at Once](https://example.org/sieve) | OSDI' 22"
    answer = post(LOOKUP, {"q": line})
    assert answer["record"]["venue"]["slug"] in {"", "osdi"}
    assert answer["record"]["venue"]["name"] == "OSDI"


@pytest.mark.parametrize("text", ["javascript:alert(1)", "x" * 300_000, "\x00", "[" * 100_000, "@article{" * 1000, "‮"])
def test_what_cannot_be_read_is_said(text):
    answer = post(LOOKUP, {"q": text})
    assert answer["facts"]
    if answer["record"] is None:
        assert {fact["what"] for fact in answer["facts"]} & {"not_understood", "too_long", "empty", "refused_link"}


def test_nothing_to_read_is_a_bad_parameter():
    for address in (LOOKUP, f"{LOOKUP}?q=", f"{LOOKUP}?q=%20"):
        assert asked(address, status=400)["errors"][0]["parameter"] == "q"


def test_what_was_read_can_be_sent_on(alice):
    make_category("systems")
    record = post(LOOKUP, {"q": BIBTEX})["record"]
    record |= {"categories": [{"path": "systems"}], "links": [{"url": "https://example.org/orca"}]}
    Program(alice, "submit").send(
        "POST", "/api/v1/submissions/", {"record": record, "why": "It says what no other paper of the list says."}, status=201
    )


def test_papers_that_may_be_the_same_are_named_with_reasons():
    orca = make_paper("Orca: A Distributed Serving System", identifiers={"arxiv": "2307.08691"})
    make_paper("Unlike any of these")
    found = post(DUPLICATES, {"record": {"title": "Orca: A Distributed Serving System", "identifiers": {"arxiv": "2307.08691"}}})
    assert [(each["paper"]["id"], each["verdict"], each["score"]) for each in found["candidates"]] == [
        (orca.public_id, "same_identifier", 1.0)
    ]
    assert {"Title", "Identifier"} <= {reason["label"] for reason in found["candidates"][0]["reasons"]}
    assert post(DUPLICATES, {"record": {"title": "Nothing like it"}}) == {"candidates": []}
    assert post(DUPLICATES, {"record": {}}) == {"candidates": []}


def test_what_waits_for_a_decision_is_told_to_nobody(alice):
    record = make_record("Xylophonic serving", identifiers={"arxiv": "2401.00001"})
    review.submit(record, by=alice, why="It belongs.", token=uuid4())
    assert post(DUPLICATES, {"record": {"title": "Xylophonic serving", "identifiers": {"arxiv": "2401.00001"}}}) == {"candidates": []}
    assert asked(f"{SUGGESTIONS}?q=xylophonic")["results"] == []


def test_nothing_is_kept():
    post(DUPLICATES, {"record": {"title": "Orca"}})
    post(LOOKUP, {"q": BIBTEX})
    assert not Submission.objects.exists()


def test_what_may_be_meant_is_suggested_by_kind():
    make_category("systems/serving")
    make_paper("Serving it all", authors=["Serena Wu"], venue="SERVCON", organizations=["Serve Inc"], categories=["systems/serving"])
    found = asked(f"{SUGGESTIONS}?q=ser")["results"]
    assert {each["kind"] for each in found} == {"paper", "category", "venue", "organization", "author"}
    for kind in ("paper", "category", "venue", "organization", "author"):
        assert asked(f"{SUGGESTIONS}?q=ser&kind={kind}")["results"] == [each for each in found if each["kind"] == kind]
    assert asked(f"{SUGGESTIONS}?q=ser&kind=poem", status=400)["errors"][0]["parameter"] == "kind"
    assert asked(f"{SUGGESTIONS}?q={'x' * 501}", status=400)["errors"][0]["parameter"] == "q"
    assert asked(SUGGESTIONS)["results"] == []


def test_pages_of_other_origins_may_look_things_up():
    answer = Client().options(LOOKUP, headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"})
    assert answer["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS, POST"
    assert "Content-Type" in answer["Access-Control-Allow-Headers"]
    assert Client().get(f"{LOOKUP}?q=2307.08691")["Access-Control-Allow-Origin"] == "*"
    assert Client().post(LOOKUP, {"q": "x"}, content_type="application/json")["Access-Control-Allow-Origin"] == "*"


def test_a_lookup_asks_few_questions(catalogue, django_assert_max_num_queries):
    # Six or seven of these count the visit.
    for address in (f"{LOOKUP}?q=2307.08691", f"{SUGGESTIONS}?q=berk"):
        with django_assert_max_num_queries(20):
            asked(address)
    with django_assert_max_num_queries(24):
        post(DUPLICATES, {"record": {"title": "Orca: A Distributed Serving System", "identifiers": {"arxiv": "2307.08691"}}})
