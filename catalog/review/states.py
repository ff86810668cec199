"""The one table of what may become of a submission, and the one function that moves it."""

from typing import Any

from django.utils import timezone

from catalog.models import Decision, Submission
from catalog.review.refusals import ChangedSinceSeen, NotPending

APPROVE = Decision.Verdict.APPROVE
TAKE = Decision.Verdict.TAKE
REQUEST_CHANGES = Decision.Verdict.REQUEST_CHANGES
REJECT = Decision.Verdict.REJECT
UNDO = Decision.Verdict.UNDO
MERGE = Decision.Verdict.MERGE
NOTICE = Decision.Verdict.NOTICE
LIFT = Decision.Verdict.LIFT
ARRANGE = Decision.Verdict.ARRANGE
IMPORT = Decision.Verdict.IMPORT
EDIT = "edit"
WITHDRAW = "withdraw"

_PENDING = Submission.Status.PENDING
_BACK = Submission.Status.CHANGES_REQUESTED
_APPROVED = Submission.Status.APPROVED
_REJECTED = Submission.Status.REJECTED
_WITHDRAWN = Submission.Status.WITHDRAWN

# Act: the states it is allowed in, and the one it leads to. What takes part of a correction leaves the rest waiting.
TRANSITIONS: dict[str, tuple[set[str], str]] = {
    EDIT: ({_PENDING, _BACK}, _PENDING),
    WITHDRAW: ({_PENDING, _BACK}, _WITHDRAWN),
    APPROVE: ({_PENDING}, _APPROVED),
    TAKE: ({_PENDING}, _PENDING),
    REQUEST_CHANGES: ({_PENDING}, _BACK),
    # Also one that was sent back and never returned.
    REJECT: ({_PENDING, _BACK}, _REJECTED),
    UNDO: ({_APPROVED, _REJECTED, _BACK, _PENDING}, _PENDING),
}


def move(submission: Submission, act: str, *, seen_version: int | None = None, **facts: Any) -> Submission:
    """Move a submission by compare-and-set on its state and, where given, its version: of many at once exactly one wins.

    `facts` are columns that change with it. Answers the submission as it is then. Raises NotPending where its state does
    not allow the act, ChangedSinceSeen where it has another version.
    """
    allowed, becomes = TRANSITIONS[act]
    found = Submission.objects.filter(pk=submission.pk, status__in=allowed)
    if seen_version is not None:
        found = found.filter(version=seen_version)
    changed = found.update(**{"status": becomes, "updated_at": timezone.now(), "leased_until": None, **facts})
    current = Submission.objects.get(pk=submission.pk)
    if not changed:
        raise ChangedSinceSeen(current) if current.status in allowed else NotPending(current)
    return current
