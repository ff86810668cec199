"""What a person's programs propose: it is taken and refused as the form takes and refuses it, once, and by its version."""

import json
import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import publishing, review, taxonomy
from catalog.models import AnsweredRequest, Comment, Paper, Submission
from catalog.records import to_json
from tests.api.conftest import Program
from tests.conftest import signed_in
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

HERE = "/api/v1/submissions/"
WHY = "It says something that no other paper says."
FACTS = {
    "title": "Orca: A Distributed Serving System",
    "short_name": "Orca",
    "kind": "paper",
    "year": 2022,
    "abstract": "One paragraph.\n\nAnother.",
    "note": "Read section 4.",
    "authors": [{"name": "Gyeong-In Yu"}, {"name": "Joo Seong Jeong"}],
    "organizations": [{"name": "Seoul National University"}],
    "venue": {"name": "OSDI", "year": 2022},
    "links": [{"kind": "paper", "url": "https://arxiv.org/abs/2307.08691"}, {"kind": "code", "url": "https://github.com/orca/orca"}],
    "categories": [{"path": "systems/serving"}],
}


@pytest.fixture(autouse=True)
def _serving(db):
    make_category("systems/serving")


@pytest.fixture
def program(alice):
    return Program(alice, "read", "submit")


def proposal(*, why=WHY, **changes):
    """What alice's program sends, but for the changes of the facts; None leaves a fact out."""
    return {"why": why, "record": {name: value for name, value in {**FACTS, **changes}.items() if value is not None}}


def propose(program, data=None, *, status=201, **headers):
    return program.send("POST", HERE, data or proposal(), status=status, **headers)


def errors_of(response):
    assert response["Content-Type"] == "application/problem+json"
    return {error["pointer"]: error["detail"] for error in response.json()["errors"]}


# -- Propose -----------------------------------------------------------------------------------------
def test_a_proposal_waits_and_is_told_of_as_it_stands(program, alice):
    response = propose(program)
    said = response.json()
    assert response["Location"] == f"{HERE}{said['number']}/"
    assert (said["kind"], said["status"], said["version"], said["contributor"]) == ("addition", "pending", 1, "alice")
    assert said["why"] == WHY
    assert said["ahead"] == 0
    assert ("title", "pass") in {(check["name"], check["outcome"]) for check in said["checks"]}
    assert said["record"]["identifiers"] == {"arxiv": "2307.08691"}
    assert response["ETag"].startswith('"1-')
    assert response["Cache-Control"] == "private, no-store"
    assert Submission.objects.get().contributor == alice


def test_the_form_and_the_api_make_the_same_of_the_same_facts(program, bruno):
    propose(program)
    by_api = Submission.objects.get()
    typed = {
        "token": str(uuid4()),
        **{name: FACTS[name] for name in ("title", "short_name", "kind", "year", "abstract", "note")},
        "authors": "Gyeong-In Yu\nJoo Seong Jeong",
        "venue": "OSDI 2022",
        "organizations": "Seoul National University",
        "categories": ["systems/serving"],
        "link_url": [link["url"] for link in FACTS["links"]],
        "link_kind": [link["kind"] for link in FACTS["links"]],
        "why": WHY,
    }
    review.withdraw(by_api, by=by_api.contributor)
    assert signed_in(bruno).post("/submissions/new/", typed).status_code == 302
    by_form = Submission.objects.get(contributor=bruno)
    assert by_form.record_json == by_api.record_json
    assert (by_form.why, by_form.tally, by_form.risk) == (by_api.why, by_api.tally, by_api.risk)


REFUSED: dict[str, list[Any]] = {
    "title": ["", "x" * 501, "Or\u202eca", "Or\x00ca"],
    "short_name": ["x" * 81],
    "abstract": ["x" * 10_001],
    "note": ["x" * 5_001, "\u200b"],
    "authors": [[{"name": "x" * 201}], [{"name": "Or\x07ca"}]],
    "organizations": [[{"name": "x" * 201}]],
    "venue": [{"name": "x" * 101}],
    "links": [[], [{"url": "javascript:alert(1)"}], [{"url": "https://user:secret@example.org/"}], [{"url": "https://10.0.0.1/"}]],
    "categories": [[], [{"path": "nowhere"}], [{"path": ""}]],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_what_the_form_refuses_is_refused_and_pointed_at(program, name, value):
    response = propose(program, proposal(**{name: value}), status=400)
    assert {pointer for pointer in errors_of(response) if pointer.startswith(f"#/record/{name}")}
    assert not Submission.objects.exists()


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({"why": WHY}, "#/record/title"),
        ({"record": FACTS}, "#"),
        (proposal(why="Good."), "#/why"),
        (proposal(why="x" * 300 + "\u202e"), "#/why"),
        ({**proposal(), "because": "x" * 281}, "#/because"),
        ({**proposal(), "paper": ""}, "#/paper"),
        ({**proposal(), "paper": "nothing-here"}, "#/paper"),
        ({**proposal(), "paper": "a\x00b"}, "#/paper"),
        ({**proposal(), "kind": "addition", "paper": "nothing-here"}, "#/paper"),
        ({**proposal(), "kind": "correction"}, "#/paper"),
        ({"why": WHY, "kind": "removal"}, "#/paper"),
        ({**proposal(), "kind": "poem"}, "#/kind"),
        ({**proposal(), "different_from": ["NOBODY"]}, "#/different_from/0"),
        ({**proposal(), "different_from": ["a\x00b"]}, "#/different_from/0"),
        ({**proposal(), "different_from": ["A"] * 51}, "#/different_from"),
        ({**proposal(), "is_own_work": "yes"}, "#/is_own_work"),
        (proposal(year="2022"), "#/record/year"),
        (proposal(year=1899), "#/record/year"),
        (proposal(year=2022.5), "#/record/year"),
        (proposal(kind="poem"), "#/record/kind"),
        (proposal(authors="Gyeong-In Yu"), "#/record/authors"),
        (proposal(authors=[{"name": "Gyeong-In Yu, Joo Seong Jeong"}]), "#/record/authors/0/name"),
        (proposal(authors=[{"name": "Gyeong-In Yu"}, {"name": "A B\nC D"}]), "#/record/authors/1/name"),
        (proposal(authors=[{"name": "  "}]), "#/record/authors/0/name"),
        (proposal(organizations=[{"name": "Unheard Of, Inc"}]), "#/record/organizations/0/name"),
        (proposal(identifiers={"doi": "not one"}), "#/record/identifiers/doi"),
        (proposal(identifiers={"a/b~c": "x"}), "#/record/identifiers/a~1b~0c"),
        (proposal(identifiers={"arxiv": "2401.00001"}), "#/record/links"),
        (proposal(links=[{"url": "https://example.org/"}, {"url": "ftp://example.org/"}]), "#/record/links/1"),
        (proposal(links=[{"url": ""}]), "#/record/links/0/url"),
        (proposal(links=[{"url": "https://example.org/", "kind": "poem"}]), "#/record/links/0/kind"),
    ],
)
def test_what_is_wrong_is_pointed_at(program, data, pointer):
    assert pointer in errors_of(propose(program, data, status=400))
    assert not Submission.objects.exists()


SERVER_OWNED = ["status", "contributor", "version", "token", "submitted_at", "decision", "risk", "id", "paper_public_id", "opened_by"]


@pytest.mark.parametrize("name", SERVER_OWNED)
def test_nobody_assigns_what_is_the_servers(program, name):
    assert "unknown field" in propose(program, {**proposal(), name: "approved"}, status=400).json()["detail"]
    assert not Submission.objects.exists()


def test_what_a_record_holds_beside_its_facts_is_taken_and_not_heeded(program):
    own = {"id": "X" * 16, "slug": "mine", "path": "/x/", "added_at": "2001-01-01T00:00:00Z", "citation_key": "mine", "updated_at": None}
    facts = {
        "authors": [{"name": "Gyeong-In Yu", "orcid": "0000-0000-0000-0000"}],
        "links": [{"url": "https://example.org/orca", "label": "<b>here</b>"}],
        "categories": [{"path": "systems/serving", "position": 1, "primary": True, "note": "First!", "name": "Mine"}],
        "venue": {"name": "OSDI", "year": 2022, "track": "Best", "raw": "Other", "slug": "other"},
    }
    record = propose(program, proposal(**own, **facts)).json()["record"]
    assert (record["id"], record["slug"], record["citation_key"], record["added_at"]) == ("", "", "", None)
    assert record["authors"] == [{"name": "Gyeong-In Yu", "orcid": None}]
    assert record["links"][0]["label"] == ""
    assert record["categories"] == [{"path": "systems/serving", "name": "Serving", "position": 0, "primary": True, "note": ""}]
    assert record["venue"]["track"] == ""


def test_names_are_found_by_their_spellings(program):
    taxonomy.add_organization("University of California, Berkeley", aliases=["UC Berkeley"])
    taxonomy.add_venue("OSDI", aliases=["USENIX OSDI"])
    facts = {"organizations": [{"name": "University of California, Berkeley"}], "venue": {"name": "USENIX OSDI", "year": 2022}}
    record = propose(program, proposal(**facts)).json()["record"]
    assert record["organizations"] == [{"slug": "university-of-california-berkeley", "name": "University of California, Berkeley"}]
    assert (record["venue"]["slug"], record["venue"]["name"], record["venue"]["year"]) == ("osdi", "OSDI", 2022)


def test_an_identifier_needs_no_link(program):
    record = propose(program, proposal(links=None, identifiers={"arxiv": "arXiv:2307.08691v2", "doi": "10.1145/1234.5678"})).json()[
        "record"
    ]
    assert record["identifiers"] == {"arxiv": "2307.08691", "doi": "10.1145/1234.5678"}
    assert {link["url"] for link in record["links"]} >= {"https://arxiv.org/abs/2307.08691", "https://doi.org/10.1145/1234.5678"}


# -- What stands in the way --------------------------------------------------------------------------
def test_a_paper_that_is_here_is_named(program):
    paper = make_paper("Something else entirely", identifiers={"arxiv": "2307.08691"}, categories=["systems"])
    problem = propose(program, status=409).json()
    expected = {"id": paper.public_id, "slug": paper.slug, "title": paper.title, "url": f"/api/v1/papers/{paper.slug}/"}
    assert problem["papers"] == [expected]


def test_ones_own_proposal_is_named_and_that_of_others_only_said_to_be_there(program, bruno):
    number = propose(program).json()["number"]
    assert propose(program, status=409).json()["submissions"] == [{"number": number, "url": f"{HERE}{number}/"}]
    other = propose(Program(bruno), status=409)
    assert other.json()["submissions"] == []
    assert str(number) not in other.json()["detail"]
    assert "alice" not in other.content.decode()


def test_a_near_paper_is_asked_about_once(program):
    near = make_paper("Orca: A Distributed Serving System for Transformers", categories=["systems"], links=["https://example.org/near"])
    problem = propose(program, status=409).json()
    assert [(each["paper"]["id"], each["verdict"]) for each in problem["candidates"]] == [(near.public_id, "similar_title")]
    assert problem["candidates"][0]["reasons"]
    sent = {**proposal(), "different_from": [near.public_id], "because": "It is about whales."}
    said = propose(program, sent).json()
    assert (said["different_from"], said["because"]) == ([near.public_id], "It is about whales.")
    edit = program.send("PATCH", f"{HERE}{said['number']}/", {"record": {"year": 2023}}, If_Match='"1"', status=200)
    assert edit.json()["different_from"] == [near.public_id]


def test_there_is_a_limit_and_it_says_when_it_ends(program, alice):
    for number in range(review.PER_HOUR):
        propose(
            program, proposal(title=f"Unlike {number}{number}{number}", short_name="", links=[{"url": f"https://example.org/{number}"}])
        )
    refused = propose(program, proposal(title="One more of a kind", links=[{"url": "https://example.org/more"}]), status=429)
    assert 3500 < int(refused["Retry-After"]) <= 3600
    assert alice.submissions.count() == review.PER_HOUR


def test_many_open_ones_are_a_limit_too(program, alice):
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        for number in range(review.OPEN_AT_ONCE):
            review.submit(make_record(f"No. {number}"), by=alice, why=WHY, token=uuid4())
    assert propose(program, status=429)["Retry-After"] == "3600"


def test_who_cannot_be_told_what_was_decided_cannot_propose(alice, program):
    number = propose(program).json()["number"]
    EmailAddress.objects.filter(user=alice).update(verified=False)
    propose(program, proposal(title="Another"), status=403)
    for method, where, data in (("PATCH", "", {}), ("POST", "withdraw/", None), ("POST", "comments/", {"text": "Hello."})):
        program.send(method, f"{HERE}{number}/{where}", data, If_Match='"1"', status=403)


# -- Corrections and removals ------------------------------------------------------------------------
@pytest.fixture
def orca():
    return make_paper(
        "Orca: A Distributed Serving System",
        short_name="Orca",
        authors=["Gyeong-In Yu"],
        categories=["systems/serving"],
        venue="OSDI",
        year=2022,
        identifiers={"arxiv": "2307.08691"},
        links=["https://arxiv.org/abs/2307.08691"],
    )


def test_a_correction_holds_the_changed_facts_alone_or_all_of_them(program, orca):
    record = json.loads(orca.record_json)
    for key, facts in ((orca.slug, {"year": 2023}), (orca.public_id, {**record, "year": 2023})):
        said = propose(program, {"paper": key, "record": facts, "why": WHY}).json()
        assert (said["kind"], said["paper"], said["changes"]) == ("correction", orca.public_id, ["year"])
        assert said["record"] == {**record, "year": 2023}
        review.withdraw(Submission.objects.get(pk=said["number"]), by=Submission.objects.get(pk=said["number"]).contributor)


def test_a_correction_of_many_facts(program, orca):
    facts = {
        "venue": {"name": "SOSP", "year": 2023},
        "authors": [{"name": "Joo Seong Jeong"}, {"name": "Gyeong-In Yu"}],
        "identifiers": {"arxiv": "2307.08691", "doi": "10.1145/1234.5678"},
    }
    said = propose(program, {"paper": orca.slug, "record": facts, "why": WHY}).json()
    assert {"authors", "venue", "identifiers.doi"} <= set(said["changes"])
    assert said["record"]["venue"]["name"] == "SOSP"


def test_a_correction_that_changes_nothing_is_none(program, orca):
    for facts in ({}, {"year": 2022}, json.loads(orca.record_json)):
        propose(program, {"paper": orca.slug, "record": facts, "why": WHY}, status=400)
    propose(program, {"paper": orca.slug, "why": WHY}, status=400)


def test_an_identifier_goes_with_its_link(program, orca):
    refused = propose(program, {"paper": orca.slug, "record": {"identifiers": {}}, "why": WHY}, status=400)
    assert list(errors_of(refused)) == ["#/record/identifiers/arxiv"]
    facts = {"identifiers": {}, "links": [{"url": "https://example.org/orca"}]}
    said = propose(program, {"paper": orca.slug, "record": facts, "why": WHY}).json()
    assert said["record"]["identifiers"] == {}


def test_a_record_that_was_read_before_the_paper_changed_is_told_so(program, orca):
    record = json.loads(orca.record_json)
    publishing.revise(orca, make_record("Orca, revised", categories=["systems/serving"]))
    problem = propose(program, {"paper": orca.slug, "record": {**record, "year": 2023}, "why": WHY}, status=409).json()
    assert problem["papers"][0]["id"] == orca.public_id


def test_what_left_the_catalogue_can_be_neither_corrected_nor_removed(program, orca):
    whale = make_paper("Whale", categories=["systems"])
    publishing.retract(orca, reason="The same.", by=None, into=whale)
    for more in ({"record": {"year": 2023}}, {"kind": "removal"}):
        assert propose(program, {"paper": "orca-a-distributed-serving-system", "why": WHY, **more}, status=409).json()["papers"][0]["slug"]
    publishing.retract(whale, reason="It never was.", by=None)
    assert "It never was." in propose(program, {"paper": "whale", "why": WHY, "kind": "removal"}, status=409).json()["detail"]


def test_a_removal_says_why_and_is_proposed_once(program, bruno, orca):
    removal = {"kind": "removal", "paper": orca.slug, "why": "The authors have withdrawn it from the venue."}
    said = propose(program, removal).json()
    assert (said["kind"], said["paper"], said["why"]) == ("removal", orca.public_id, removal["why"])
    propose(Program(bruno), removal, status=409)
    assert list(errors_of(propose(program, {**removal, "why": "Bad."}, status=400))) == ["#/why"]
    assert list(errors_of(propose(program, {**removal, "record": FACTS}, status=400))) == ["#/record"]
    edit = program.send("PATCH", f"{HERE}{said['number']}/", {"why": "Its publisher has withdrawn it this week."}, If_Match='"1"')
    assert edit.json()["why"] == "Its publisher has withdrawn it this week."


# -- Sent twice --------------------------------------------------------------------------------------
def test_the_same_sent_twice_with_a_key_is_answered_as_before(program, alice):
    first = propose(program, Idempotency_Key="one")
    review.edit(Submission.objects.get(), Submission.objects.get().record, by=alice, seen_version=1, why=WHY + " Indeed.")
    again = propose(program, Idempotency_Key="one")
    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Location"], again["ETag"], again["Content-Type"]) == (first["Location"], first["ETag"], "application/json")
    assert again["Cache-Control"] == "private, no-store"
    assert Submission.objects.count() == 1


def test_a_key_stands_for_one_thing_and_one_person(program, bruno):
    propose(program, Idempotency_Key="one")
    propose(program, proposal(year=2021), Idempotency_Key="one", status=422)
    propose(program, proposal(title="Other", links=[{"url": "https://example.org/o"}]), Idempotency_Key="two")
    propose(Program(bruno), Idempotency_Key="one", status=409)
    assert Submission.objects.count() == 2


def test_what_was_refused_is_not_remembered(program):
    propose(program, proposal(title=""), Idempotency_Key="one", status=400)
    propose(program, Idempotency_Key="one")


def test_a_day_later_the_key_is_free(program):
    propose(program, Idempotency_Key="one")
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1)):
        propose(program, proposal(title="Other", links=[{"url": "https://example.org/o"}]), Idempotency_Key="one")
        assert AnsweredRequest.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é"])
def test_a_key_that_is_none_is_refused(program, key):
    propose(program, Idempotency_Key=key, status=400)


# -- Edit and take back ------------------------------------------------------------------------------
def test_an_edit_changes_what_it_names_and_leaves_the_rest(program):
    first = propose(program)
    before = first.json()
    edit = program.send("PATCH", f"{HERE}{before['number']}/", {"record": {"year": 2023}}, If_Match=first["ETag"], status=200)
    after = edit.json()
    assert after["version"] == 2
    assert after["record"] == {**before["record"], "year": 2023}
    assert after["why"] == WHY
    assert edit["ETag"].startswith('"2-')


def test_a_restatement_says_all_of_it(program):
    number = propose(program).json()["number"]
    facts = {name: FACTS[name] for name in ("title", "categories", "links")}
    said = program.send("PUT", f"{HERE}{number}/", {"record": facts, "why": WHY}, If_Match='"1"', status=200).json()
    assert (said["record"]["abstract"], said["record"]["authors"], said["record"]["venue"]) == ("", [], None)
    assert list(errors_of(program.send("PUT", f"{HERE}{number}/", {"record": facts}, If_Match='"2"', status=400))) == ["#"]


def test_a_corrections_edits_are_made_against_the_same_paper(program, orca):
    number = propose(program, {"paper": orca.slug, "record": {"year": 2023}, "why": WHY}).json()["number"]
    said = program.send("PATCH", f"{HERE}{number}/", {"record": {"short_name": "ORCA"}}, If_Match='"1"', status=200).json()
    assert said["changes"] == ["short_name", "year"]
    said = program.send("PUT", f"{HERE}{number}/", {"record": {"year": 2024}, "why": WHY}, If_Match='"2"', status=200).json()
    assert said["changes"] == ["year"]
    program.send("PUT", f"{HERE}{number}/", {"record": {"year": 2022}, "why": WHY}, If_Match='"3"', status=400)


@pytest.mark.parametrize(("method", "where", "data"), [("PATCH", "", {}), ("PUT", "", proposal()), ("POST", "withdraw/", None)])
def test_who_changes_it_says_which_version_was_read(program, method, where, data):
    number = propose(program).json()["number"]
    address = f"{HERE}{number}/{where}"
    program.send(method, address, data, status=428)
    for stale in ('"2"', 'W/"1"', "1", '""', '"x"', '"1-zz"', '"999999999999999999"', ","):
        problem = program.send(method, address, data, If_Match=stale, status=412).json()
        assert problem["submissions"] == [{"number": number, "url": f"{HERE}{number}/", "version": 1}]
    assert Submission.objects.get().version == 1
    assert program.send(method, address, data, If_Match='"7", "1"').status_code == 200


def test_a_star_stands_for_the_version_that_there_is(program):
    number = propose(program).json()["number"]
    assert program.send("PATCH", f"{HERE}{number}/", {"record": {"year": 2021}}, If_Match="*", status=200).json()["version"] == 2


def test_a_comment_does_not_make_another_version(program, alice):
    first = propose(program)
    review.comment(Submission.objects.get(), "One more thing.", by=alice)
    address = first["Location"]
    assert program.get(address)["ETag"] != first["ETag"]
    program.send("PATCH", address, {"record": {"year": 2021}}, If_Match=first["ETag"], status=200)


def test_what_one_has_is_not_sent_again(program):
    address = propose(program)["Location"]
    read = program.get(address)
    again = program.get(address, headers={"If-None-Match": read["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-store"


def test_taking_back_settles_it(program):
    address = propose(program)["Location"]
    assert program.send("POST", f"{address}withdraw/", If_Match='"1"', status=200).json()["status"] == "withdrawn"
    for method, where, data in (("POST", "withdraw/", None), ("PATCH", "", {"record": {"year": 2021}})):
        problem = program.send(method, f"{address}{where}", data, If_Match="*", status=409).json()
        assert problem["submissions"][0]["status"] == "withdrawn"
    propose(program)


def test_a_settled_one_says_by_whom_and_when(program, mel):
    address = propose(program)["Location"]
    decision = review.decide(Submission.objects.get(), review.REJECT, by=mel, seen_version=1, reason="Out of scope.", private_note="wombat")
    refused = program.send("PATCH", address, {"record": {"year": 2021}}, If_Match='"1"', status=409)
    told = refused.json()["submissions"][0]
    assert (told["status"], told["decided_by"]) == ("rejected", "mel")
    assert told["decided_at"].startswith(f"{decision.at:%Y-%m-%dT%H:%M:%S}")
    said = program.get(address)
    assert said.json()["decisions"][0]["reason"] == "Out of scope."
    assert b"wombat" not in said.content + refused.content


def test_who_proposed_it_talks_with_those_who_may_decide_it(program, mel, bruno):
    address = propose(program)["Location"]
    assert program.send("POST", f"{address}comments/", {"text": "See the  appendix."}, status=201).json()["by"] == "alice"
    maintainer = Program(mel, "review")
    maintainer.send("POST", f"{address}comments/", {"text": "Which page?"}, status=201)
    Program(bruno).send("POST", f"{address}comments/", {"text": "Me too."}, status=404)
    assert [(said["by"], said["text"]) for said in program.get(address).json()["comments"]] == [
        ("alice", "See the appendix."),
        ("mel", "Which page?"),
    ]
    for text in ("", "  ", "x" * 2001, "a\u202eb", "\x00"):
        assert list(errors_of(program.send("POST", f"{address}comments/", {"text": text}, status=400))) == ["#/text"]
    assert Comment.objects.count() == 2


# -- My list -----------------------------------------------------------------------------------------
def test_my_list_has_pages_and_states_newest_first(program, alice, bruno, mel):
    for number in range(7):
        review.submit(make_record(f"No. {number}", categories=["systems"]), by=alice, why=WHY, token=uuid4())
    review.submit(make_record("Of another"), by=bruno, why=WHY, token=uuid4())
    rejected = Submission.objects.get(title="No. 3")
    review.decide(rejected, review.REJECT, by=mel, seen_version=1, reason="No.")
    titles, address = [], f"{HERE}?page_size=3&count=1"
    while address:
        response = program.get(address)
        page = response.json()
        assert page["count"] == 7
        titles += [each["title"] for each in page["results"]]
        address = page["next"]
        assert address is None or f'<{address}>; rel="next"' in response["Link"]
    assert titles == [f"No. {number}" for number in reversed(range(7))]
    assert [each["title"] for each in program.get(f"{HERE}?status=rejected").json()["results"]] == ["No. 3"]
    following = program.get(f"{HERE}?status=pending&page_size=2").json()["next"]
    assert [each["title"] for each in program.get(following).json()["results"]] == ["No. 4", "No. 2"]
    for query in ("status=lost", "status=", "status=%00", "page_size=0", "cursor=x", "count=2", "colour=blue"):
        assert program.get(f"{HERE}?{query}").status_code == 400, query


def test_questions_do_not_grow_with_what_is_told(program, alice):
    def ask(address):
        program.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert program.get(address).status_code == 200
        return len(asked)

    for number in range(3):
        review.submit(make_record(f"No. {number}", categories=["systems"]), by=alice, why=WHY, token=uuid4())
    one = Submission.objects.earliest("pk")
    few = ask(HERE), ask(f"{HERE}{one.pk}/")
    for number in range(3, 12):
        review.submit(make_record(f"No. {number}", categories=["systems"]), by=alice, why=WHY, token=uuid4())
        review.comment(one, f"And {number}.", by=alice)
    assert (ask(HERE), ask(f"{HERE}{one.pk}/")) == few
    # The token, the cache's eight of counting it, and what is told.
    assert few[0] <= 14
    assert few[1] <= 19


# -- At once -----------------------------------------------------------------------------------------
def at_once(*acts):
    """Each act in a thread of its own, with a connection of its own, all beginning together."""
    gate, answers = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place, act):
        gate.wait()
        try:
            answers[place] = act()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return answers


@pytest.mark.django_db(transaction=True)
def test_the_same_key_at_once_is_one_submission_and_one_answer(program):
    data = proposal()
    answers = at_once(*[lambda: program.generic("POST", HERE, json.dumps(data), "application/json", headers={"Idempotency-Key": "k"})] * 6)
    assert [answer.status_code for answer in answers] == [201] * 6
    assert len({answer.content for answer in answers}) == 1
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_paper_by_two_people_at_once_is_proposed_once(program, bruno):
    other = Program(bruno)
    answers = at_once(*(lambda each=each: propose(each, status=None) for each in (program, other)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert Submission.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_flood_at_once_is_let_through_up_to_the_limit(program):
    def send(number):
        return propose(
            program, proposal(title=f"Wave {number}{number}", short_name="", links=[{"url": f"https://w.org/{number}"}]), status=None
        )

    answers = at_once(*(lambda number=number: send(number) for number in range(review.PER_HOUR + 4)))
    assert sorted(answer.status_code for answer in answers) == [201] * review.PER_HOUR + [429] * 4


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_of_one_version_one_is_made(program):
    address = propose(program)["Location"]
    acts = [
        lambda year=year: program.send("PATCH", address, {"record": {"year": year}}, If_Match='"1"') for year in (2019, 2020, 2021, 2023)
    ]
    assert sorted(answer.status_code for answer in at_once(*acts)) == [200, 412, 412, 412]
    assert Submission.objects.get().version == 2


def test_a_stored_record_is_told_as_it_is_stored(program):
    response = propose(program)
    stored = Submission.objects.get()
    assert to_json(stored.record) == stored.record_json
    assert stored.record_json in response.content.decode()
    assert not Paper.objects.exists()
