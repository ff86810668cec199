"""Undo a decision, so that readers are served the very bytes they were served before it."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import notices, publishing
from catalog.models import Decision, Paper, Revision, Submission, SubmissionVersion, Tombstone
from catalog.review import states
from catalog.review.proposals import claim, examine, keep_version
from catalog.review.refusals import ChangedSinceSeen, NotAllowed, NotPending, NotUndoable
from catalog.review.roles import may_undo, reviewer


@transaction.atomic
def undo(decision: Decision, *, by: User, reason: str = "") -> Decision:
    """Take a decision back, while nothing was built on it. Its submission waits again, at its old place, for another.

    Raises NotAllowed; NotUndoable where it is undone already, or the submission or the paper has gone on since;
    AlreadyCatalogued or AlreadyProposed where another paper or submission has one of the identifiers by now.
    """
    person = reviewer(by)
    publishing.take_turn()
    decision = Decision.objects.select_related("submission", "undone_by__by").get(pk=decision.pk)
    if not may_undo(decision, by=person):
        raise NotAllowed
    if decision.is_undone:
        raise NotUndoable(decision, decision.undone_by.by)
    if decision.verdict not in {*Decision.ON_SUBMISSIONS, states.MERGE}:
        raise NotUndoable(decision)
    publishing.new_state()
    act = Decision.objects.create(
        submission=decision.submission,
        verdict=states.UNDO,
        undoes=decision,
        by=by,
        is_own=decision.is_own,
        reason=reason.strip(),
        at=timezone.now(),
        paper_public_id=decision.paper_public_id,
        subject=decision.subject,
    )
    if decision.verdict == states.MERGE:
        _part_again(decision, act)
        return act
    _reopen(decision, act)
    transaction.on_commit(lambda: notices.decided(act), robust=True)
    return act


def _reopen(decision: Decision, act: Decision) -> None:
    submission = decision.submission
    assert submission is not None  # noqa: S101 -- the database holds it to be so for these verdicts
    if submission.status != states.TRANSITIONS[decision.verdict][1]:
        raise NotUndoable(decision)
    decided_at = decision.submission_version or 0
    left_at = decided_at + 1 if decision.verdict == states.TAKE else decided_at
    said = SubmissionVersion.objects.get(submission=submission, number=decided_at)
    facts: dict[str, Any] = {"record_json": said.record_json, "base_json": said.base_json, "title": said.record.title}
    facts |= {"version": left_at + 1, "opened_version": left_at + 1}
    try:
        current = states.move(submission, states.UNDO, seen_version=left_at, **facts)
    except (ChangedSinceSeen, NotPending):
        raise NotUndoable(decision) from None
    if decision.verdict in {states.APPROVE, states.TAKE}:
        _take_back(current, decision, act)
        current = Submission.objects.get(pk=current.pk)
    keep_version(current)
    claim(current)
    examine(current)


def _take_back(submission: Submission, decision: Decision, act: Decision) -> None:
    """What the approval made of the catalogue."""
    if submission.is_removal:
        newest = publishing.newest_revision(submission.paper_public_id)
        if newest is None or not Tombstone.objects.filter(public_id=submission.paper_public_id, successor_public_id="").exists():
            raise NotUndoable(decision)
        _link(publishing.bring_back(newest, decision=act, by=act.by))
        return
    made = decision.revisions.get()
    _refuse_later(made, decision)
    if submission.is_addition:
        paper = Paper.objects.get(public_id=made.paper_public_id)
        publishing.retract(paper, reason=act.reason or _("The approval was taken back."), by=act.by)
    else:
        publishing.bring_back(_before(made), decision=act, by=act.by)


def _part_again(decision: Decision, act: Decision) -> None:
    """Both papers of a merge as they were; what was about the one is about it again."""
    made = decision.revisions.get()
    _refuse_later(made, decision)
    grave = Tombstone.objects.filter(public_id=decision.paper_public_id, successor_public_id=made.paper_public_id).first()
    newest = publishing.newest_revision(decision.paper_public_id)
    if grave is None or newest is None:
        raise NotUndoable(decision)
    publishing.bring_back(_before(made), decision=act, by=act.by)
    _link(publishing.bring_back(newest, decision=act, by=act.by))


def _refuse_later(made: Revision, decision: Decision) -> None:
    """Raises NotUndoable unless the paper stands as this revision left it."""
    paper_is_here = Paper.objects.filter(public_id=made.paper_public_id).exists()
    if not paper_is_here or publishing.newest_revision(made.paper_public_id) != made:
        raise NotUndoable(decision)


def _before(made: Revision) -> Revision:
    return Revision.objects.filter(paper_public_id=made.paper_public_id, number__lt=made.number).latest("number")


def _link(paper: Paper) -> None:
    """A paper that is back is what its submissions are about again."""
    Submission.objects.filter(paper_public_id=paper.public_id).update(paper=paper)
