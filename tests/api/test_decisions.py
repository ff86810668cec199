"""What a maintainer's programs decide: as at the desk, about the version that was read, and never more than they may."""

import json
from uuid import uuid4

import pytest

from catalog import publishing, review
from catalog.models import Decision, Paper, Submission
from catalog.records import replace
from tests.api.conftest import Program
from tests.api.test_submissions import at_once, errors_of
from tests.conftest import make_user
from tests.factories import make_category, make_paper, make_record

pytestmark = pytest.mark.django_db

QUEUE = "/api/v1/queue/"
WHY = "It says something that no other paper says."


@pytest.fixture(autouse=True)
def _categories(db):
    make_category("systems/serving")
    make_category("surveys")


@pytest.fixture
def desk(mel):
    return Program(mel, "review")


def waiting(by, title="Orca", path="systems/serving", **facts):
    record = make_record(title, categories=[path], links=[f"https://example.org/{title.replace(' ', '-')}"], **facts)
    return review.submit(record, by=by, why=WHY, token=uuid4())


def decide(program, submission, data, *, status=201, If_Match='"1"'):  # noqa: N803
    return program.send("POST", f"/api/v1/submissions/{submission.pk}/decisions/", data, status=status, If_Match=If_Match)


APPROVE, REJECT = {"verdict": "approve"}, {"verdict": "reject", "reason": "Out of scope."}
CHANGES = {"verdict": "request_changes", "reason": "Which year?"}


# -- The queue ---------------------------------------------------------------------------------------
def test_the_queue_is_what_one_may_decide_oldest_first(desk, alice, bruno, mel):
    numbers = [waiting(alice, f"No. {number}", path).pk for number, path in enumerate(["surveys", "systems/serving", "surveys"])]
    review.withdraw(waiting(alice, "Withdrawn"), by=alice)
    own = waiting(mel, "Mine")
    told = [each["number"] for each in desk.get(QUEUE).json()["results"]]
    assert told == [*numbers, own.pk]
    pages, address = [], f"{QUEUE}?page_size=3"
    while address:
        page = desk.get(address).json()
        pages += [each["number"] for each in page["results"]]
        address = page["next"]
    assert pages == told


def test_who_may_not_decide_their_own_is_not_shown_it(desk, mel, settings):
    settings.SELF_APPROVAL = "nobody"
    own = waiting(mel, "Mine")
    assert desk.get(QUEUE).json()["results"] == []
    decide(desk, own, APPROVE, status=403)


def test_a_category_maintainer_is_shown_their_branch(alice, bruno):
    make_category("systems").maintainers.add(bruno)
    theirs, other = waiting(alice, "Theirs"), waiting(alice, "Other", "surveys")
    own = waiting(bruno, "Own")
    keeper = Program(bruno, "review", "read")
    assert [each["number"] for each in keeper.get(QUEUE).json()["results"]] == [theirs.pk]
    decide(keeper, other, APPROVE, status=404)
    decide(keeper, own, APPROVE, status=403)
    decide(keeper, theirs, {**APPROVE, "record": {"categories": [{"path": "surveys"}]}}, status=403)
    decide(keeper, theirs, APPROVE)
    assert Paper.objects.get().title == "Theirs"


# -- Decide ------------------------------------------------------------------------------------------
def test_an_approval_publishes(desk, alice):
    submission = waiting(alice)
    response = decide(desk, submission, {**APPROVE, "reason_code": "belongs", "reason": "Good.", "private_note": "quokka"})
    said = response.json()
    paper = Paper.objects.get()
    assert (said["status"], said["paper"]) == ("approved", paper.public_id)
    told = said["decisions"][0]
    assert (told["verdict"], told["by"], told["reason_code"], told["reason"]) == ("approve", "mel", "belongs", "Good.")
    assert Decision.objects.get().private_note == "quokka"
    assert b"quokka" not in response.content
    assert response["ETag"].startswith('"1-')


def test_sending_back_and_rejecting_need_a_reason(desk, alice):
    submission = waiting(alice)
    for verdict in ("reject", "request_changes"):
        assert list(errors_of(decide(desk, submission, {"verdict": verdict}, status=400))) == ["#/reason"]
        assert list(errors_of(decide(desk, submission, {"verdict": verdict, "reason": " \n"}, status=400))) == ["#/reason"]
    assert decide(desk, submission, CHANGES).json()["status"] == "changes_requested"
    assert decide(desk, submission, REJECT).json()["status"] == "rejected"
    assert not Paper.objects.exists()


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ({}, "#"),
        ({"verdict": "undo"}, "#/verdict"),
        ({**APPROVE, "reason_code": "nonsense"}, "#/reason_code"),
        ({**APPROVE, "reason_code": "out_of_scope"}, "#/reason_code"),
        ({**REJECT, "reason": "Please correct this: "}, "#/reason"),
        ({**REJECT, "reason": "a\u202eb"}, "#/reason"),
        ({**REJECT, "reason": "x" * 5001}, "#/reason"),
        ({**REJECT, "private_note": "\x00"}, "#/private_note"),
        ({**REJECT, "record": {"year": 2023}}, "#/record"),
        ({**APPROVE, "fields": ["year"]}, "#/fields"),
        ({**APPROVE, "record": {"title": ""}}, "#/record/title"),
        ({**APPROVE, "record": {"categories": [{"path": "nowhere"}]}}, "#/record/categories"),
        ({**APPROVE, "by": "alice"}, "#"),
        ({**APPROVE, "revision": 0}, "#/revision"),
    ],
)
def test_what_is_wrong_is_pointed_at_and_nothing_is_decided(desk, alice, data, pointer):
    submission = waiting(alice)
    assert list(errors_of(decide(desk, submission, data, status=400))) == [pointer]
    assert not Decision.objects.exists()


def test_an_approval_with_edits_publishes_the_edits(desk, alice):
    submission = waiting(alice, year=2022)
    decide(desk, submission, {**APPROVE, "record": {"title": "Orca, edited", "year": 2023, "venue": {"name": "OSDI", "year": 2023}}})
    paper = Paper.objects.get()
    assert (paper.title, paper.year, paper.record.venue.name) == ("Orca, edited", 2023, "OSDI")
    assert Decision.objects.get().record.title == "Orca, edited"


def test_some_fields_of_a_correction_are_taken(desk, alice):
    orca = make_paper("Orca", year=2022, categories=["systems/serving"], links=["https://example.org/orca"])
    correction = review.correct(orca, replace(orca.record, year=2023, note="Read it."), by=alice, why=WHY, token=uuid4())
    assert list(errors_of(decide(desk, correction, {**APPROVE, "fields": ["title"]}, status=400))) == ["#/fields"]
    assert list(errors_of(decide(desk, correction, {**APPROVE, "fields": []}, status=400))) == ["#/fields"]
    said = decide(desk, correction, {**APPROVE, "fields": ["year"], "reason_code": "in_part"}).json()
    assert (said["status"], said["version"], said["changes"]) == ("pending", 2, ["note"])
    assert said["decisions"][0]["fields"] == ["year"]
    orca.refresh_from_db()
    assert (orca.year, orca.note) == (2023, "")
    decide(desk, correction, APPROVE, If_Match='"2"')
    orca.refresh_from_db()
    assert orca.note == "Read it."


def test_a_removal_is_approved(desk, alice):
    orca = make_paper("Orca", categories=["systems/serving"])
    removal = review.remove(orca, by=alice, why="It was withdrawn by its authors.", token=uuid4())
    assert list(errors_of(decide(desk, removal, {**APPROVE, "record": {"year": 2000}}, status=400))) == ["#/record"]
    decide(desk, removal, APPROVE)
    assert not Paper.objects.exists()


# -- By version --------------------------------------------------------------------------------------
def test_what_was_not_read_is_not_decided(desk, alice):
    submission = waiting(alice)
    address = f"/api/v1/submissions/{submission.pk}/decisions/"
    desk.send("POST", address, APPROVE, status=428)
    review.edit(submission, replace(submission.record, year=2001), by=alice, seen_version=1, why=WHY)
    assert decide(desk, submission, APPROVE, status=412).json()["submissions"][0]["version"] == 2
    assert not Decision.objects.exists()
    decide(desk, submission, APPROVE, If_Match=desk.get(f"/api/v1/submissions/{submission.pk}/")["ETag"])


def test_a_paper_that_has_changed_since_is_looked_at_again(desk, alice):
    orca = make_paper("Orca", year=2022, categories=["systems/serving"])
    correction = review.correct(orca, replace(orca.record, year=2023), by=alice, why=WHY, token=uuid4())
    publishing.revise(orca, replace(orca.record, note="Meanwhile."))
    problem = decide(desk, correction, {**APPROVE, "revision": 1}, status=409).json()
    assert problem["papers"][0]["id"] == orca.public_id
    decide(desk, correction, {**APPROVE, "revision": 2})


def test_what_is_settled_stays_and_says_by_whom(desk, alice, root):
    submission = waiting(alice)
    review.decide(submission, review.REJECT, by=root, seen_version=1, reason="No.", private_note="numbat")
    refused = decide(desk, submission, APPROVE, status=409)
    told = refused.json()["submissions"][0]
    assert (told["status"], told["decided_by"]) == ("rejected", "root")
    assert b"numbat" not in refused.content


def test_an_identifier_that_was_catalogued_meanwhile_is_named(desk, alice):
    submission = waiting(alice, identifiers={"arxiv": "2307.08691"})
    submission.proposed_identifiers.all().delete()
    paper = make_paper("First", identifiers={"arxiv": "2307.08691"}, categories=["surveys"])
    assert decide(desk, submission, APPROVE, status=409).json()["papers"][0]["id"] == paper.public_id


@pytest.mark.django_db(transaction=True)
def test_of_many_decisions_at_once_one_is_made(alice, mel, root):
    for _round in range(3):
        submission = waiting(alice, f"Round {_round}")
        programs = [Program(user, "review") for user in (mel, root, mel, root)]
        acts = [
            lambda program=program, data=data: decide(program, submission, data, status=None)  # noqa: B023
            for program, data in zip(programs, (APPROVE, REJECT, APPROVE, REJECT), strict=True)
        ]
        answers = at_once(*acts)
        assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
        won = next(answer.json() for answer in answers if answer.status_code == 201)
        for lost in (answer.json() for answer in answers if answer.status_code == 409):
            assert lost["submissions"][0]["decided_by"] == won["decisions"][0]["by"]
        decision = Decision.objects.get(submission=submission)
        assert Paper.objects.filter(title=f"Round {_round}").count() == (decision.verdict == "approve")


# -- Who ---------------------------------------------------------------------------------------------
def test_a_role_that_was_lost_a_moment_ago_is_lost(desk, alice, mel):
    submission = waiting(alice)
    mel.groups.clear()
    assert desk.get(QUEUE).status_code == 403
    decide(desk, submission, APPROVE, status=403)
    assert not Paper.objects.exists()


def test_a_contributor_with_the_scope_is_no_maintainer(alice, bruno):
    submission = waiting(bruno)
    eager = Program(alice, "review", "read", "submit")
    assert eager.get(QUEUE).status_code == 403
    for data in (APPROVE, REJECT, {"nonsense": 1}):
        decide(eager, submission, data, status=403)
    assert eager.get(f"/api/v1/submissions/{submission.pk}/").status_code == 404


def test_a_maintainer_without_the_scope_decides_nothing(mel, alice):
    submission = waiting(alice)
    reader = Program(mel, "read", "submit")
    assert reader.get(QUEUE).status_code == 403
    decide(reader, submission, APPROVE, status=403)
    assert reader.get(f"/api/v1/submissions/{submission.pk}/").status_code == 404
    assert Submission.objects.get().status == "pending"


def test_ones_own_decision_is_marked_as_such(desk, mel):
    said = decide(desk, waiting(mel), APPROVE).json()
    assert said["decisions"][0]["is_own"] is True


def test_what_nobody_else_may_know_is_in_no_answer(alice, bruno, mel, root):
    marks = ("wombatnote", "quokkanote")
    submission = waiting(alice)
    review.leave_note(submission, "wombatnote", by=mel)
    review.decide(submission, review.REQUEST_CHANGES, by=mel, seen_version=1, reason="Which year?", private_note="quokkanote")
    review.undo(submission.decisions.get(), by=mel)
    carol = make_user("carol")
    for user in (alice, bruno, carol, mel, root):
        program = Program(user)
        for address in ("/api/v1/submissions/", f"/api/v1/submissions/{submission.pk}/", QUEUE, "/api/v1/changes/"):
            content = program.get(address).content.decode()
            assert not [mark for mark in marks if mark in content], (user, address)
            assert "@example.org" not in content
    told = json.loads(Program(mel).get(f"/api/v1/submissions/{submission.pk}/").content)
    assert [(each["verdict"], bool(each["undone_at"])) for each in told["decisions"]] == [("request_changes", True), ("undo", False)]
