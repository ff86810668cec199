"""What goes on around a submission before it is decided: who has it open, what is said, what maintainers tell one another."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from catalog import notices
from catalog.models import Comment, DeskNote, Submission
from catalog.models.submission import SubmissionQuerySet
from catalog.review.refusals import LimitReached, NotAllowed, NotPending, ReasonMissing
from catalog.review.roles import may_decide, reviewer

LEASE = timedelta(minutes=15)
COMMENTS_PER_HOUR = 30


@dataclass(frozen=True, kw_only=True)
class Opening:
    """A submission as it was opened; who had it open last at an older version, and at which, where it was edited since."""

    submission: Submission
    since_opened_by: User | None = None
    since_version: int | None = None


@transaction.atomic
def open_item(submission: Submission, *, by: User) -> Opening:
    """Mark a waiting submission as being reviewed by this person for a while, unless somebody else has it.

    A mark, not a lock: decisions are guarded by version. One that is settled, or that this person may not decide, is only
    read.
    """
    now = timezone.now()
    before = Submission.objects.select_related("opened_by").get(pk=submission.pk)
    if may_decide(before, by=by):
        free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(opened_by=None) | Q(opened_by=by)
        _lease(Submission.objects.awaiting_review().filter(free), before, by=by)
    since = before if before.is_edited_since_opened else None
    return Opening(
        submission=Submission.objects.select_related("contributor", "paper", "opened_by").get(pk=submission.pk),
        since_opened_by=since.opened_by if since else None,
        since_version=since.opened_version if since else None,
    )


@transaction.atomic
def take_over(submission: Submission, *, by: User, note: str) -> Submission:
    """Take a lease from its holder, with a note for the desk. Raises NotAllowed, NotPending, ReasonMissing."""
    person = reviewer(by)
    if not note.strip():
        raise ReasonMissing
    if not may_decide(submission, by=person):
        raise NotAllowed
    if not _lease(Submission.objects.awaiting_review(), submission, by=by):
        raise NotPending(Submission.objects.get(pk=submission.pk))
    leave_note(submission, note, by=by)
    return Submission.objects.get(pk=submission.pk)


def _lease(among: SubmissionQuerySet, submission: Submission, *, by: User) -> bool:
    now = timezone.now()
    mine = {"opened_by": by, "opened_at": now, "opened_version": submission.version, "leased_until": now + LEASE}
    return bool(among.filter(pk=submission.pk, version=submission.version).update(**mine))


@transaction.atomic
def comment(submission: Submission, text: str, *, by: User, token: UUID | None = None) -> Comment:
    """Say something on a submission's page: its contributor, or who may review it. The same token is the same comment.

    Raises NotAllowed, LimitReached, ReasonMissing.
    """
    text = text.strip()
    if not text:
        raise ReasonMissing
    if submission.contributor_id != by.pk:
        _refuse_outsider(submission, by)
    hour_ago = timezone.now() - timedelta(hours=1)
    latest = list(Comment.objects.filter(by=by, at__gt=hour_ago).order_by("-at").values_list("at", flat=True)[:COMMENTS_PER_HOUR])
    if len(latest) == COMMENTS_PER_HOUR:
        raise LimitReached(latest[-1] + timedelta(hours=1))
    words = {"submission": submission, "text": text, "at": timezone.now()}
    said, is_new = Comment.objects.get_or_create(by=by, token=token or uuid4(), defaults=words)
    if is_new:
        transaction.on_commit(lambda: notices.commented(said), robust=True)
    return said


@transaction.atomic
def leave_note(submission: Submission, text: str, *, by: User) -> DeskNote:
    """Tell the desk something about a submission. Raises NotAllowed, ReasonMissing."""
    if not text.strip():
        raise ReasonMissing
    _refuse_outsider(submission, by)
    return DeskNote.objects.create(submission=submission, by=by, text=text.strip(), at=timezone.now())


def _refuse_outsider(submission: Submission, by: User) -> None:
    if not Submission.objects.reviewable_by(reviewer(by)).filter(pk=submission.pk).exists():
        raise NotAllowed
