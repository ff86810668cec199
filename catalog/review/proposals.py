"""Propose, change, take back: what a contributor does. Letters go out after the commit.

What is proposed passes the door that publishers pass, one at a time: no paper goes while it is being referred to.
"""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime, timedelta
from statistics import median
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from catalog import checks, corrections, matching, notices, publishing, records
from catalog.models import (
    Decision,
    Identifier,
    OrganizationAlias,
    Paper,
    ProposedIdentifier,
    ProposedName,
    ProposedPlacement,
    Submission,
    SubmissionVersion,
    Tombstone,
    VenueAlias,
)
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record, spelling_key
from catalog.review import states
from catalog.review.refusals import AlreadyProposed, LimitReached, NotAllowed, NothingChanged, PaperGone

PER_HOUR = 10
OPEN_AT_ONCE = 20


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

    Over all decisions, or over those given. What was undone has settled nothing.
    """
    decisions = Decision.objects.all() if decisions is None else decisions
    settled = decisions.filter(verdict__in=[states.APPROVE, states.REJECT], undone_by=None).order_by("-at", "-id")
    times: Iterable[tuple[datetime, datetime]] = settled.values_list("at", "submission__submitted_at")[:30]
    waits = [(at - submitted_at).total_seconds() for at, submitted_at in times]
    return timedelta(seconds=median(waits)) if waits else None


# -- Propose -----------------------------------------------------------------------------------
@transaction.atomic
def submit(
    record: Record,
    *,
    by: User,
    why: str,
    token: UUID,
    is_own_work: bool = False,
    different_from: Iterable[Paper] = (),
    because: str = "",
    tells: bool = True,
) -> Submission:
    """Propose a paper. The same token from the same person is the same submission, however often it is sent.

    `tells` is whether its contributor gets a letter that it has arrived; an import makes hundreds.
    Raises AlreadyCatalogued or AlreadyProposed where the catalogue or an open submission holds one of its identifiers.
    """
    publishing.take_turn()
    submission = Submission(contributor=by, token=token, why=why, is_own_work=is_own_work, because=because)
    return _propose(submission, record, different_from=different_from, tells=tells)


@transaction.atomic
def correct(
    paper: Paper,
    record: Record,
    *,
    by: User,
    why: str,
    token: UUID,
    is_own_work: bool = False,
    different_from: Iterable[Paper] = (),
    because: str = "",
    tells: bool = True,
) -> Submission:
    """Propose other facts for a paper: those in which the record differs from it. The same token is the same submission.

    Raises NothingChanged, PaperGone, AlreadyCatalogued, AlreadyProposed.
    """
    publishing.take_turn()
    base = _as_it_stands(paper).record
    changed = corrections.changes(record, base)
    if not changed:
        raise NothingChanged
    submission = Submission(contributor=by, token=token, why=why, is_own_work=is_own_work, because=because)
    return _propose(submission, corrections.take(base, record, changed), about=paper, base=base, different_from=different_from, tells=tells)


@transaction.atomic
def remove(paper: Paper, *, by: User, why: str, token: UUID, tells: bool = True) -> Submission:
    """Propose that a paper goes; `why` is what its address will say. The same token is the same submission.

    Raises PaperGone, or AlreadyProposed where its removal is proposed already.
    """
    publishing.take_turn()
    base = _as_it_stands(paper).record
    waiting = Submission.objects.open().filter(kind=Submission.Kind.REMOVAL, paper_public_id=paper.public_id)
    if other := waiting.exclude(contributor=by, token=token).first():
        raise AlreadyProposed(other)
    submission = Submission(contributor=by, token=token, why=why, kind=Submission.Kind.REMOVAL)
    try:
        return _propose(submission, base, about=paper, base=base, tells=tells)
    except IntegrityError:
        raise AlreadyProposed(waiting.get()) from None


def _as_it_stands(paper: Paper) -> Paper:
    """Read anew. Raises PaperGone."""
    current = Paper.objects.filter(pk=paper.pk).first()
    if current is None:
        raise PaperGone(Tombstone.objects.filter(public_id=paper.public_id).first())
    return current


def _propose(
    submission: Submission,
    record: Record,
    *,
    about: Paper | None = None,
    base: Record | None = None,
    different_from: Iterable[Paper] = (),
    tells: bool,
) -> Submission:
    same_form = Submission.objects.filter(contributor=submission.contributor, token=submission.token)
    if sent_before := same_form.first():
        return sent_before
    submission.submitted_at = submission.updated_at = timezone.now()
    submission.title = record.title
    submission.record_json = records.to_json(record)
    if about is not None and base is not None:
        submission.kind = submission.kind if submission.is_removal else Submission.Kind.CORRECTION
        submission.paper, submission.paper_public_id = about, about.public_id
        submission.base_json = records.to_json(base)
    try:
        with transaction.atomic():
            submission.save()
    except IntegrityError:
        if sent_before := same_form.first():
            return sent_before
        raise
    publishing.new_state()
    submission.different_from.set(_still_here(different_from))
    keep_version(submission)
    claim(submission)
    examine(submission)
    if tells:
        transaction.on_commit(lambda: notices.submission_received(submission), robust=True)
    return submission


def _still_here(papers: Iterable[Paper]) -> QuerySet[Paper]:
    return Paper.objects.filter(pk__in=[paper.pk for paper in papers])


# -- Change and take back ----------------------------------------------------------------------
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
    because: str = "",
) -> Submission:
    """Change an open submission of one's own. One that was sent back for changes is in the queue again, at its old place.

    Of a removal only the words count. Raises NotAllowed, NotPending, ChangedSinceSeen, NothingChanged,
    AlreadyCatalogued, AlreadyProposed.
    """
    if submission.contributor_id != by.pk:
        raise NotAllowed
    publishing.take_turn()
    before = Submission.objects.get(pk=submission.pk)
    if before.is_removal:
        record = before.record
    elif base := before.base:
        changed = corrections.changes(record, base)
        if not changed:
            raise NothingChanged
        record = corrections.take(base, record, changed)
    current = states.move(
        submission,
        states.EDIT,
        seen_version=seen_version,
        title=record.title,
        record_json=records.to_json(record),
        why=why,
        is_own_work=is_own_work,
        because=because,
        version=seen_version + 1,
        # Whoever has it open keeps it: they are told of the edit.
        leased_until=before.leased_until,
    )
    publishing.new_state()
    current.different_from.set(_still_here(different_from))
    keep_version(current)
    claim(current)
    examine(current)
    return current


@transaction.atomic
def withdraw(submission: Submission, *, by: User, seen_version: int | None = None) -> Submission:
    """Take back an open submission of one's own. Raises NotAllowed, NotPending, or ChangedSinceSeen where a version was named."""
    if submission.contributor_id != by.pk:
        raise NotAllowed
    publishing.new_state()
    current = states.move(submission, states.WITHDRAW, seen_version=seen_version)
    current.proposed_identifiers.all().delete()
    return current


# -- What goes with each version ---------------------------------------------------------------
def keep_version(submission: Submission) -> None:
    SubmissionVersion.objects.create(
        submission=submission,
        number=submission.version,
        record_json=submission.record_json,
        base_json=submission.base_json,
        why=submission.why,
        at=submission.updated_at,
    )


def claim(submission: Submission) -> None:
    """Hold what the submission asks for: its places for those who may decide it, and its identifiers against others.

    First the claim, then the look at the catalogue: who had to wait for a claim that ended in an approval sees the paper.
    A correction claims the identifiers that it changes. Raises AlreadyProposed, AlreadyCatalogued.
    """
    record, base = submission.record, submission.base
    submission.proposed_placements.all().delete()
    ProposedPlacement.objects.bulk_create(
        ProposedPlacement(submission=submission, path=path) for path in dict.fromkeys(place.path for place in record.categories)
    )
    submission.proposed_identifiers.all().delete()
    for scheme, value in record.identifiers.items():
        if base and base.identifiers.get(scheme) == value:
            continue
        found, _is_new = ProposedIdentifier.objects.get_or_create(scheme=scheme, value=value, defaults={"submission": submission})
        if found.submission_id != submission.pk:
            raise AlreadyProposed(found.submission)
        holder = Identifier.objects.filter(scheme=scheme, value=value).select_related("paper").first()
        if holder and holder.paper_id != submission.paper_id:
            raise AlreadyCatalogued(holder.paper, scheme)


def examine(submission: Submission) -> None:
    """Lay down what the queue shows of it, so that a list of submissions asks no matcher; and the names nobody knows."""
    matches = [] if submission.is_removal else matching.find_candidates(submission.record, ignoring=submission)
    answers = checks.run(
        submission.record,
        why=submission.why,
        submission=submission,
        different_from=submission.different_from.all(),
        matches=matches,
        current=submission.paper.record if submission.paper and not submission.is_addition else None,
    )
    submission.risk = matches[0].verdict if matches else "title_changes" if _changes_title(submission) else ""
    submission.tally = checks.tally(answers)
    submission.answers = [asdict(answer) for answer in answers]
    submission.save(update_fields=["risk", "tally", "answers"])
    submission.proposed_names.all().delete()
    ProposedName.objects.bulk_create(_unknown_names(submission))


def _changes_title(submission: Submission) -> bool:
    return submission.is_correction and submission.base is not None and submission.record.title != submission.base.title


def examine_again(submissions: Iterable[Submission]) -> None:
    """After the catalogue's names have changed."""
    for submission in submissions:
        examine(submission)


def _unknown_names(submission: Submission) -> list[ProposedName]:
    record = submission.record
    venues = {spelling_key(record.venue.name): record.venue.name} if record.venue else {}
    organizations = {spelling_key(organization.name): organization.name for organization in record.organizations}
    known_venues = set(VenueAlias.objects.filter(key__in=venues).values_list("key", flat=True))
    known = set(OrganizationAlias.objects.filter(key__in=organizations).values_list("key", flat=True))
    venue, organization = ProposedName.Kind.VENUE, ProposedName.Kind.ORGANIZATION
    unknown = [(venue, key, text) for key, text in venues.items() if key not in known_venues]
    unknown += [(organization, key, text) for key, text in organizations.items() if key not in known]
    return [ProposedName(submission=submission, kind=kind, key=key, text=text) for kind, key, text in unknown]
