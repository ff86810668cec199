"""Decide what happens to submissions.

Everything that changes the fate of a submission is here, and nothing else writes a Submission or a Decision. Each act
is one transaction; what it changes it takes by compare-and-set on status and version, so that of many at once exactly
one wins. Knows nothing of requests: callers say who is acting. Letters go out after the commit.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone

from accounts.models import User
from catalog import checks, matching, notices, publishing, records, taxonomy
from catalog.models import Category, Decision, Identifier, Paper, ProposedIdentifier, ProposedPlacement, Submission
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record

APPROVE = Decision.Verdict.APPROVE
REQUEST_CHANGES = Decision.Verdict.REQUEST_CHANGES
REJECT = Decision.Verdict.REJECT

# What a verdict makes of a submission. Only a pending one can be decided.
BECOMES = {
    APPROVE: Submission.Status.APPROVED,
    REQUEST_CHANGES: Submission.Status.CHANGES_REQUESTED,
    REJECT: Submission.Status.REJECTED,
}


PER_HOUR = 10
OPEN_AT_ONCE = 20


class LimitReached(Exception):
    """The person has proposed as much as is taken at once. `until` is when the hour lets the next one through; None where
    one of the open ones has to be settled first."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(f"until {until}")
        self.until = until


class AlreadyProposed(Exception):
    """An open submission lays claim to the same identifier."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"proposed in no. {submission.pk}")
        self.submission = submission


class NotPending(Exception):
    """The submission is not in a state that allows this act; `last_decision` is how it got there, if by one."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"no. {submission.pk} is {submission.status}")
        self.submission = submission
        self.last_decision: Decision | None = submission.decisions.select_related("by").last()


class ChangedSinceSeen(Exception):
    """The contributor has edited the submission since the version that was looked at."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"no. {submission.pk} is at version {submission.version}")
        self.submission = submission


class NotAllowed(Exception):
    """This person may not do this to this submission."""


class ReasonMissing(Exception):
    """Asking for changes and rejecting need a reason that the contributor can read."""


def respect_limits(*, by: User) -> None:
    """Raises LimitReached where this person has to wait before proposing more. For people at a form, not for imports."""
    latest = list(
        Submission.objects.filter(contributor=by, submitted_at__gt=timezone.now() - timedelta(hours=1))
        .order_by("-submitted_at")
        .values_list("submitted_at", flat=True)[:PER_HOUR]
    )
    if len(latest) == PER_HOUR:
        raise LimitReached(latest[-1] + timedelta(hours=1))
    if Submission.objects.open().filter(contributor=by).count() >= OPEN_AT_ONCE:
        raise LimitReached(None)


def usual_wait(decisions: QuerySet[Decision] | None = None) -> timedelta | None:
    """How long half of the last thirty settled submissions waited at most; None while there are none.

    Over all decisions, or over those given.
    """
    decisions = Decision.objects.all() if decisions is None else decisions
    settled = decisions.exclude(verdict=REQUEST_CHANGES).order_by("-at", "-id")
    times = settled.values_list("at", "submission__submitted_at")[:30]
    waits = [(at - submitted_at).total_seconds() for at, submitted_at in times]
    return timedelta(seconds=median(waits)) if waits else None


@transaction.atomic
def submit(
    record: Record, *, by: User, why: str, token: UUID, is_own_work: bool = False, different_from: Iterable[Paper] = ()
) -> Submission:
    """Propose a paper. The same token from the same person is the same submission, however often it is sent.

    Raises AlreadyCatalogued or AlreadyProposed where the catalogue or an open submission holds one of its identifiers.
    """
    sent_before = Submission.objects.filter(contributor=by, token=token).first()
    if sent_before:
        return sent_before
    now = timezone.now()
    try:
        with transaction.atomic():
            submission = Submission.objects.create(
                contributor=by,
                token=token,
                title=record.title,
                record_json=records.to_json(record),
                why=why,
                is_own_work=is_own_work,
                submitted_at=now,
                updated_at=now,
            )
    except IntegrityError:
        return Submission.objects.get(contributor=by, token=token)
    submission.different_from.set(different_from)
    _claim_identifiers(submission, record)
    _note_placements(submission, record)
    _examine(submission)
    transaction.on_commit(lambda: notices.submission_received(submission), robust=True)
    return submission


@transaction.atomic
def edit(
    submission: Submission,
    record: Record,
    *,
    by: User,
    seen_version: int,
    why: str,
    is_own_work: bool = False,
    different_from: Iterable[Paper] = (),
) -> Submission:
    """Change an open submission of one's own. One that was sent back for changes is in the queue again, at its old place.

    Raises NotAllowed, NotPending, ChangedSinceSeen, AlreadyCatalogued, AlreadyProposed.
    """
    if submission.contributor_id != by.pk:
        raise NotAllowed
    changed = (
        Submission.objects.open()
        .filter(pk=submission.pk, version=seen_version)
        .update(
            status=Submission.Status.PENDING,
            title=record.title,
            record_json=records.to_json(record),
            why=why,
            is_own_work=is_own_work,
            version=seen_version + 1,
            updated_at=timezone.now(),
        )
    )
    current = Submission.objects.get(pk=submission.pk)
    if not changed:
        raise ChangedSinceSeen(current) if current.is_open else NotPending(current)
    current.different_from.set(different_from)
    _claim_identifiers(current, record)
    _note_placements(current, record)
    _examine(current)
    return current


@transaction.atomic
def withdraw(submission: Submission, *, by: User) -> Submission:
    """Take back an open submission of one's own. Raises NotAllowed or NotPending."""
    if submission.contributor_id != by.pk:
        raise NotAllowed
    changed = Submission.objects.open().filter(pk=submission.pk).update(status=Submission.Status.WITHDRAWN, updated_at=timezone.now())
    current = Submission.objects.get(pk=submission.pk)
    if not changed:
        raise NotPending(current)
    current.proposed_identifiers.all().delete()
    return current


def is_category_maintainer(person: User) -> bool:
    """Named on a category, with an open account. Asked of the database once for this object, however many pieces of a page ask."""
    prefetch_related_objects([person], "maintained_categories")
    return person.is_active and bool(person.maintained_categories.all())


def may_decide(submission: Submission, *, by: User) -> bool:
    """Whether this person may decide this submission as it stands.

    A full maintainer any, their own only where the site allows it. A category maintainer what others propose for
    categories all of which are theirs or below theirs, wherever these stand now: one that is gone is nobody's.
    """
    is_own = submission.contributor_id == by.pk
    if by.is_maintainer:
        return not is_own or settings.SELF_APPROVAL == "maintainers"
    return by.is_active and not is_own and _is_in_care_of(by, submission.record)


def _is_in_care_of(person: User, record: Record) -> bool:
    try:
        asked_for = {taxonomy.category_at(place.path).pk for place in record.categories}
    except Category.DoesNotExist:
        return False
    return bool(asked_for) and not Category.objects.filter(pk__in=asked_for).exclude(lineage__maintainers=person).exists()


@transaction.atomic
def decide(
    submission: Submission,
    verdict: str,
    *,
    by: User,
    seen_version: int,
    reason_code: str = "",
    reason: str = "",
    private_note: str = "",
) -> Decision:
    """Settle a pending submission, or send it back. Approving publishes the paper in the same transaction.

    `reason` is shown to the contributor and to everyone; `private_note` never leaves the desk. Raises NotAllowed,
    ReasonMissing, NotPending (somebody was faster), ChangedSinceSeen, AlreadyCatalogued. Nothing is changed then.
    """
    # Read anew: a role that was lost a moment ago is lost.
    person = User.objects.filter(pk=by.pk).first()
    if person is None or not (person.is_maintainer or is_category_maintainer(person)):
        raise NotAllowed
    if verdict != APPROVE and not reason.strip():
        raise ReasonMissing
    now = timezone.now()
    changed = (
        Submission.objects.awaiting_review()
        .filter(pk=submission.pk, version=seen_version)
        .update(status=BECOMES[Decision.Verdict(verdict)], updated_at=now)
    )
    current = Submission.objects.get(pk=submission.pk)
    if not changed:
        raise ChangedSinceSeen(current) if current.is_pending else NotPending(current)
    # Only now that nobody else can change it: what was seen is what is judged, in the categories that it asks for.
    if not may_decide(current, by=person):
        raise NotAllowed
    decision = Decision.objects.create(
        submission=current,
        submission_version=seen_version,
        verdict=verdict,
        reason_code=reason_code,
        reason=reason.strip(),
        private_note=private_note.strip(),
        by=by,
        is_own=current.contributor_id == by.pk,
        at=now,
    )
    if verdict == APPROVE:
        current.paper = publishing.publish(current.record, decision=decision, by=by, at=now)
        current.save(update_fields=["paper"])
    if verdict != REQUEST_CHANGES:
        current.proposed_identifiers.all().delete()
    transaction.on_commit(lambda: notices.decided(decision), robust=True)
    return decision


def _examine(submission: Submission) -> None:
    """Lay down what the queue shows of it, so that a list of submissions asks no matcher."""
    matches = matching.find_candidates(submission.record, ignoring=submission)
    answers = checks.run(
        submission.record,
        why=submission.why,
        submission=submission,
        different_from=submission.different_from.all(),
        matches=matches,
    )
    submission.risk = matches[0].verdict if matches else ""
    submission.tally = checks.tally(answers)
    submission.save(update_fields=["risk", "tally"])


def _note_placements(submission: Submission, record: Record) -> None:
    submission.proposed_placements.all().delete()
    ProposedPlacement.objects.bulk_create(
        ProposedPlacement(submission=submission, path=path) for path in dict.fromkeys(place.path for place in record.categories)
    )


def _claim_identifiers(submission: Submission, record: Record) -> None:
    """Hold the record's identifiers for this submission, and no others.

    First the claim, then the look at the catalogue: who had to wait for a claim that ended in an approval sees the paper.
    """
    submission.proposed_identifiers.all().delete()
    for scheme, value in record.identifiers.items():
        claim, _is_new = ProposedIdentifier.objects.get_or_create(scheme=scheme, value=value, defaults={"submission": submission})
        if claim.submission_id != submission.pk:
            raise AlreadyProposed(claim.submission)
        holder = Identifier.objects.filter(scheme=scheme, value=value).select_related("paper").first()
        if holder:
            raise AlreadyCatalogued(holder.paper, scheme)
