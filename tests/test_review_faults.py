"""Many at the same moment, and one who dies in the middle: one wins, the others are told, nothing is left half done.

Real threads and a real process, each with connections of its own.
"""

import os
import random
import signal
import subprocess
import sys
import uuid
from urllib.parse import quote

import pytest
from django.db import connection

from catalog import publishing, records, review
from catalog.models import (
    CatalogueState,
    Decision,
    Paper,
    ProposedIdentifier,
    Revision,
    Submission,
    Tombstone,
)
from catalog.review import APPROVE, MERGE, REJECT, REQUEST_CHANGES
from catalog.verification import disagreements
from tests.factories import make_paper, make_record
from tests.test_review import WHY, at_once, of_type, propose

pytestmark = pytest.mark.django_db(transaction=True)

AGAIN = range(4)


@pytest.fixture(autouse=True)
def _all_agrees_in_the_end():
    yield
    assert [str(disagreement) for disagreement in disagreements()] == []


@pytest.fixture
def orca():
    return make_paper("Orca", categories=["serving"], identifiers={"arxiv": "2307.08691"}, year=2022)


def proposals(by, number):
    return [propose(by, f"Whale {n}", identifiers={"arxiv": f"2401.{n:05}"}, links=[]) for n in range(1, number + 1)]


def correction(paper, by, **facts):
    return review.correct(paper, records.replace(paper.record, **facts), by=by, why=WHY, token=uuid.uuid4())


def removal(paper, by):
    return review.remove(paper, by=by, why="Superseded.", token=uuid.uuid4())


def approve(submission, by, **more):
    return review.decide(submission, APPROVE, by=by, seen_version=submission.version, **more)


# -- At the same moment ------------------------------------------------------------------------
def test_of_twenty_verdicts_of_three_kinds_at_once_one_stands(alice, mel, root):
    submission = propose(alice)
    acts = [
        lambda verdict=verdict, by=by: review.decide(submission, verdict, by=by, seen_version=1, reason="Because.")
        for verdict, by in zip([APPROVE, REJECT, REQUEST_CHANGES, APPROVE] * 5, [mel, root] * 10, strict=True)
    ]
    answers = at_once(*acts)
    made = of_type(Decision, answers)
    assert len(of_type(review.NotPending, answers)) == 20 - len(made)
    # One that was sent back may be rejected without ever having returned; that is not a second verdict on the same question.
    verdicts = list(Decision.objects.order_by("pk").values_list("verdict", flat=True))
    assert verdicts in [[APPROVE], [REJECT], [REQUEST_CHANGES], [REQUEST_CHANGES, REJECT]]
    assert Submission.objects.get().status == review.TRANSITIONS[verdicts[-1]][1]
    assert Paper.objects.count() == (verdicts == [APPROVE])


def test_of_ten_overlapping_bulk_decisions_every_item_is_decided_by_one(alice, mel, root):
    items = [(submission.pk, 1) for submission in proposals(alice, 12)]
    answers = at_once(
        *(
            lambda n=n: list(review.decide_each(items[n : n + 4], [APPROVE, REJECT][n % 2], by=[mel, root][n % 2], reason="Because."))
            for n in range(10)
        )
    )
    outcomes = [outcome for answer in answers for outcome in answer]
    assert sorted(outcome.number for outcome in outcomes if outcome.decision) == [number for number, _version in items]
    assert {type(outcome.refusal) for outcome in outcomes if not outcome.decision} == {review.NotPending}
    assert Decision.objects.count() == 12
    approved = Decision.objects.filter(verdict=APPROVE).values_list("submission", flat=True)
    assert set(approved) == set(Submission.objects.exclude(paper=None).values_list("pk", flat=True))
    assert Paper.objects.count() == len(approved)


@pytest.mark.parametrize("_again", AGAIN)
def test_of_a_request_for_changes_and_a_withdrawal_at_once_one_comes_first(alice, mel, _again):
    submission = propose(alice)
    asked, withdrawn = at_once(
        lambda: review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Please."),
        lambda: review.withdraw(submission, by=alice),
    )
    assert withdrawn.status == "withdrawn"
    assert isinstance(asked, Decision | review.NotPending)
    assert Decision.objects.count() == isinstance(asked, Decision)
    assert not ProposedIdentifier.objects.exists()


@pytest.mark.parametrize("_again", AGAIN)
def test_of_two_undoings_at_once_one_is_made_and_the_other_hears_by_whom(alice, mel, root, _again):
    decision = approve(propose(alice), mel)
    answers = at_once(lambda: review.undo(decision, by=mel), lambda: review.undo(decision, by=root))
    [undone], [refused] = of_type(Decision, answers), of_type(review.NotUndoable, answers)
    assert refused.by == undone.by
    assert (Decision.objects.count(), Paper.objects.count(), Submission.objects.get().status) == (2, 0, "pending")


@pytest.mark.parametrize("_again", AGAIN)
def test_of_an_undoing_and_a_second_decision_at_once_one_wins(alice, mel, root, _again):
    submission = propose(alice)
    decision = review.decide(submission, REQUEST_CHANGES, by=mel, seen_version=1, reason="Please.")
    undone, rejected = at_once(
        lambda: review.undo(decision, by=mel), lambda: review.decide(submission, REJECT, by=root, seen_version=1, reason="Because.")
    )
    submission.refresh_from_db()
    if isinstance(undone, Decision):
        assert isinstance(rejected, review.ChangedSinceSeen)
        assert (submission.status, submission.version) == ("pending", 2)
    else:
        assert (type(undone), type(rejected)) == (review.NotUndoable, Decision)
        assert submission.status == "rejected"


@pytest.mark.parametrize("_again", AGAIN)
def test_an_approval_is_undone_before_another_is_built_on_it_or_not_at_all(alice, bruno, mel, root, orca, _again):
    first = approve(correction(orca, alice, title="Blue Orca"), mel)
    orca.refresh_from_db()
    del orca.__dict__["record"]
    second = correction(orca, bruno, note="On iteration-level scheduling.")
    undone, approved = at_once(lambda: review.undo(first, by=mel), lambda: approve(second, root))
    assert isinstance(approved, Decision)
    paper = Paper.objects.get()
    assert paper.note == "On iteration-level scheduling."
    assert paper.title == ("Orca" if isinstance(undone, Decision) else "Blue Orca")
    assert isinstance(undone, Decision | review.NotUndoable)


@pytest.mark.parametrize("_again", AGAIN)
def test_of_a_merge_and_a_correction_of_the_same_papers_at_once_one_wins(alice, mel, root, orca, _again):
    twin = make_paper("Orca again", categories=["serving"])
    submission = correction(twin, alice, year=2023)
    merged, approved = at_once(
        lambda: review.merge(twin, orca, orca.record, by=mel, reason="The same.", seen_revisions=(1, 1)),
        lambda: approve(submission, root, seen_revision=1),
    )
    if isinstance(merged, Decision):
        assert isinstance(approved, review.PaperChanged | review.PaperGone)
        assert (Paper.objects.get(), Tombstone.objects.get().successor) == (orca, orca)
        assert Submission.objects.get().status == "pending"
    else:
        assert (type(merged), type(approved)) == (review.PaperChanged, Decision)
        assert Paper.objects.get(pk=twin.pk).year == 2023


@pytest.mark.parametrize("_again", AGAIN)
def test_of_two_merges_into_each_other_at_once_one_paper_stays(mel, root, orca, _again):
    twin = make_paper("Orca again", categories=["serving"])
    answers = at_once(
        lambda: review.merge(twin, orca, orca.record, by=mel, reason="The same."),
        lambda: review.merge(orca, twin, twin.record, by=root, reason="The same."),
    )
    [decision], [refused] = of_type(Decision, answers), of_type(review.PaperGone, answers)
    paper = Paper.objects.get()
    assert refused.tombstone.successor == paper
    assert (decision.verdict, decision.paper_public_id) == (MERGE, Tombstone.objects.get().public_id)


@pytest.mark.parametrize("_again", AGAIN)
def test_of_two_takes_of_overlapping_fields_at_once_one_is_made(alice, mel, root, orca, _again):
    submission = correction(orca, alice, title="Blue Orca", note="New.", abstract="New.")
    answers = at_once(
        lambda: approve(submission, mel, fields=["title", "note"]), lambda: approve(submission, root, fields=["note", "abstract"])
    )
    [decision], [refused] = of_type(Decision, answers), of_type(review.ChangedSinceSeen, answers)
    paper, submission = Paper.objects.get(), Submission.objects.get()
    taken = {"title": "Blue Orca", "note": "New.", "abstract": "New."}
    stood = {"title": "Orca", "note": "", "abstract": ""}
    assert {name: getattr(paper, name) for name in taken} == {
        name: taken[name] if name in decision.fields else stood[name] for name in taken
    }
    assert (refused.submission, submission.status, submission.version) == (submission, "pending", 2)


@pytest.mark.parametrize("_again", AGAIN)
def test_of_two_removals_proposed_at_once_one_waits_and_the_other_hears_of_it(alice, bruno, orca, _again):
    answers = at_once(lambda: removal(orca, alice), lambda: removal(orca, bruno))
    [submission], [refused] = of_type(Submission, answers), of_type(review.AlreadyProposed, answers)
    assert refused.submission == submission == Submission.objects.get()


@pytest.mark.parametrize("_again", AGAIN)
def test_a_correction_proposed_while_its_paper_goes_is_made_or_told_that_it_is_gone(alice, bruno, mel, orca, _again):
    waiting = removal(orca, bruno)
    answers = at_once(*[lambda: correction(orca, alice, title="Blue Orca")] * 5, lambda: approve(waiting, mel))
    assert isinstance(answers[-1], Decision)
    assert {type(answer) for answer in answers[:-1]} <= {Submission, review.PaperGone}
    assert not Paper.objects.exists()


@pytest.mark.parametrize("_again", AGAIN)
def test_a_proposal_told_apart_from_a_paper_that_goes_at_that_moment_is_made(alice, bruno, mel, orca, _again):
    waiting = removal(orca, bruno)
    record = make_record("Orca, another", categories=["serving"])

    def submit():
        return review.submit(record, by=alice, why=WHY, token=uuid.uuid4(), different_from=[orca], because="Another thing.")

    answers = at_once(*[submit] * 5, lambda: approve(waiting, mel))
    assert [type(answer) for answer in answers] == [Submission] * 5 + [Decision]


@pytest.mark.parametrize("_again", AGAIN)
def test_of_a_removal_and_a_merge_at_once_one_wins(bruno, mel, root, orca, _again):
    twin = make_paper("Orca again", categories=["serving"])
    waiting = removal(twin, bruno)
    merged, removed = at_once(
        lambda: review.merge(twin, orca, orca.record, by=mel, reason="The same."), lambda: approve(waiting, root, seen_revision=1)
    )
    assert Paper.objects.get() == orca
    if isinstance(merged, Decision):
        assert isinstance(removed, review.PaperChanged | review.PaperGone)
        assert Tombstone.objects.get().successor == orca
    else:
        assert (type(merged), type(removed)) == (review.PaperGone, Decision)
        assert Tombstone.objects.get().successor is None


def test_everything_at_once_ends_without_a_deadlock(alice, bruno, mel, root):
    """Each act locks other rows first; all of them meet at one door."""
    papers = [make_paper(f"Orca {n}", categories=["serving"], identifiers={"arxiv": f"2402.{n:05}"}) for n in range(1, 5)]
    waiting = [correction(paper, alice, note="New.") for paper in papers[:3]]
    additions = proposals(alice, 6)
    decision = approve(additions[5], mel)
    acts = [
        lambda: approve(waiting[0], mel, fields=["note"]),
        lambda: review.edit(waiting[0], records.replace(waiting[0].record, note="Newer."), by=alice, seen_version=1, why=WHY),
        lambda: review.merge(papers[0], papers[1], papers[1].record, by=root),
        lambda: review.withdraw(waiting[1], by=alice),
        lambda: approve(waiting[1], root),
        lambda: review.undo(decision, by=root),
        lambda: list(review.decide_each([(each.pk, 1) for each in additions], APPROVE, by=mel)),
        lambda: list(review.decide_each([(each.pk, 1) for each in reversed(additions)], REJECT, by=root, reason="Because.")),
        lambda: removal(papers[2], bruno),
        lambda: correction(papers[2], bruno, title="Blue"),
        lambda: review.propose_notice(papers[3], "erratum", "An erratum.", by=mel),
        lambda: review.open_item(additions[0], by=mel),
        lambda: review.comment(additions[0], "Hello.", by=mel),
        lambda: propose(bruno, "Krill", identifiers={"arxiv": "2401.00001"}),
    ]
    legal = (review.Refusal, publishing.AlreadyCatalogued)
    unforeseen = [answer for answer in at_once(*acts) if isinstance(answer, Exception) and not isinstance(answer, legal)]
    assert unforeseen == []
    assert CatalogueState.now().paper_count == Paper.objects.count()


# -- Killed in the middle ------------------------------------------------------------------------
# Counts its questions to the database, and after the one that it is told stops and says so, to be killed there.
BULK = """
import sys
import django
from django.db import connection
from django.test.utils import setup_test_environment
django.setup()
setup_test_environment()
from accounts.models import User
from catalog import review
from catalog.models import Submission

last, asked = int(sys.argv[1]), 0

def count(execute, *question):
    global asked
    answer = execute(*question)
    asked += 1
    if asked == last:
        print("here", flush=True)
        sys.stdin.read()
    return answer

items = list(Submission.objects.values_list("pk", "version"))
mel = User.objects.get(username="mel")
with connection.execute_wrapper(count):
    outcomes = list(review.decide_each(items, review.APPROVE, by=mel))
print("done", asked, sum(outcome.decision is not None for outcome in outcomes), flush=True)
"""


def database_url():
    """Of the database that this test is using, for a process of its own."""
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    who = quote(at["USER"], safe="") + (f":{quote(at['PASSWORD'], safe='')}" if at["PASSWORD"] else "")
    return f"postgres://{who}@{quote(at['HOST'], safe='')}:{at['PORT'] or 5432}/{at['NAME']}"


def bulk_in_a_process(*, killed_after):
    """Approve everything in a process of its own, which dies at its n-th question; the last line that it said."""
    environ = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "DATABASE_URL": database_url(), "PYTHONPATH": "."}
    command = [sys.executable, "-c", BULK, str(killed_after)]
    with subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.readline().strip()
        process.send_signal(signal.SIGKILL)
    return said


def whole_and_untouched():
    """How many are decided wholly, and how many not at all; nothing is in between."""
    papers = dict(Paper.objects.values_list("pk", "public_id"))
    revisions = dict(Revision.objects.values_list("decision", "paper_public_id"))
    claimed = set(ProposedIdentifier.objects.values_list("submission", flat=True))
    decisions = {decision.submission_id: decision for decision in Decision.objects.all()}
    whole = untouched = 0
    for submission in Submission.objects.all():
        decision = decisions.pop(submission.pk, None)
        if decision is None:
            assert (submission.status, submission.paper_id, submission.paper_public_id) == ("pending", None, "")
            assert submission.pk in claimed
            untouched += 1
        else:
            assert (submission.status, decision.verdict) == ("approved", APPROVE)
            assert papers.pop(submission.paper_id) == submission.paper_public_id == decision.paper_public_id
            assert revisions.pop(decision.pk) == submission.paper_public_id
            assert submission.pk not in claimed
            whole += 1
    assert (papers, revisions, decisions) == ({}, {}, {})
    assert CatalogueState.now().paper_count == whole
    assert [str(disagreement) for disagreement in disagreements()] == []
    return whole, untouched


def test_a_bulk_decision_killed_anywhere_leaves_whole_decisions_and_is_finished_by_doing_it_again(alice, mel):
    items = [(submission.pk, 1) for submission in proposals(alice, 40)]
    # Some sixty questions are asked for a decision: within the first, and then after a few and within the next.
    moments = [random.Random(40).randint(10, 50), *(random.Random(seed).randint(150, 500) for seed in range(2))]
    decided = 0
    for moment in moments:
        assert bulk_in_a_process(killed_after=moment) == "here"
        whole, untouched = whole_and_untouched()
        assert whole >= decided
        assert whole + untouched == 40
        decided = whole
    assert 0 < decided < 40
    outcomes = list(review.decide_each(items, APPROVE, by=mel))
    assert [type(outcome.refusal) for outcome in outcomes[:decided]] == [review.NotPending] * decided
    assert all(outcome.decision for outcome in outcomes[decided:])
    assert whole_and_untouched() == (40, 0)
    assert {outcome.refusal.last_decision.by for outcome in outcomes[:decided]} == {mel}
