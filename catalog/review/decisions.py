"""Decide what becomes of a submission, alone or many at once."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.models import User
from catalog import corrections, notices, publishing, records
from catalog.models import Category, Decision, Paper, Submission, Tombstone
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record
from catalog.review import states
from catalog.review.papers import remember_distinction
from catalog.review.proposals import claim, examine, keep_version
from catalog.review.refusals import NotAllowed, NothingTaken, PaperChanged, PaperGone, ReasonMissing, Refusal
from catalog.review.roles import is_in_care_of, may_decide, reviewer


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
    record: Record | None = None,
    fields: Collection[str] | None = None,
    seen_revision: int | None = None,
) -> Decision:
    """Settle a pending submission, take part of it, or send it back. Approving publishes in the same transaction.

    `reason` is shown to the contributor and to everyone; `private_note` never leaves the desk. `record` is what the
    maintainer made of the proposal, where it is approved with edits. `fields` are those of a correction to be taken; where
    they are not all, the others stay open. `seen_revision` is the paper's, where a decision is about one.

    Raises NotAllowed, ReasonMissing, NothingTaken, NotPending (somebody was faster), ChangedSinceSeen, PaperChanged,
    PaperGone, AlreadyCatalogued, Category.DoesNotExist. Nothing is changed then.
    """
    person = reviewer(by)
    if verdict not in {states.APPROVE, states.REQUEST_CHANGES, states.REJECT}:
        raise ValueError(verdict)
    if verdict != states.APPROVE and not reason.strip():
        raise ReasonMissing
    publishing.take_turn()
    before = Submission.objects.get(pk=submission.pk)
    taken = _taken(before, fields) if verdict == states.APPROVE and before.is_correction else []
    act = states.TAKE if taken and len(taken) < len(_changes(before)) else states.APPROVE if verdict == states.APPROVE else verdict
    current = states.move(submission, act, seen_version=seen_version, **({"version": seen_version + 1} if act == states.TAKE else {}))
    # Only now that nobody else can change it: what was seen is what is judged, in the categories that it asks for.
    if not may_decide(current, by=person) or (record and not _may_place(person, record)):
        raise NotAllowed
    edited = record if record and act == states.APPROVE and _differs(record, current) else None
    decision = Decision.objects.create(
        submission=current,
        submission_version=seen_version,
        verdict=act,
        reason_code=reason_code,
        reason=reason.strip(),
        private_note=private_note.strip(),
        by=by,
        is_own=current.contributor_id == by.pk,
        at=timezone.now(),
        record_json=records.to_json(edited) if edited else "",
        fields=taken if act == states.TAKE else [],
        paper_public_id=current.paper.public_id if current.paper else current.paper_public_id,
        subject=current.title,
    )
    if act in {states.APPROVE, states.TAKE}:
        _carry_out(current, decision, edited=edited, taken=taken, seen_revision=seen_revision)
    else:
        publishing.new_state()
    if current.status in {Submission.Status.APPROVED, Submission.Status.REJECTED}:
        current.proposed_identifiers.all().delete()
    transaction.on_commit(lambda: notices.decided(decision), robust=True)
    return decision


def _changes(submission: Submission) -> list[str]:
    return corrections.changes(submission.record, submission.base) if submission.base else []


def _taken(submission: Submission, fields: Collection[str] | None) -> list[str]:
    """Of the fields that the correction changes, those that were chosen; all where nobody chose."""
    taken = [name for name in _changes(submission) if fields is None or name in fields]
    if not taken:
        raise NothingTaken
    return taken


def _may_place(person: User, record: Record) -> bool:
    return person.is_maintainer or is_in_care_of(person, {place.path for place in record.categories})


def _differs(record: Record, submission: Submission) -> bool:
    return bool(corrections.changes(record, submission.record))


def _carry_out(
    submission: Submission, decision: Decision, *, edited: Record | None, taken: Collection[str], seen_revision: int | None
) -> None:
    if submission.is_addition:
        _add(submission, decision, edited or submission.record)
        return
    paper = _paper(submission, seen_revision)
    if submission.is_removal:
        publishing.retract(paper, reason=decision.reason or submission.why, by=decision.by)
        submission.paper = None
    elif edited:
        made = corrections.take(paper.record, edited, corrections.changes(edited, paper.record))
        publishing.revise(paper, made, decision=decision, by=decision.by)
    else:
        _correct(submission, paper, decision, taken)


def _paper(submission: Submission, seen_revision: int | None) -> Paper:
    """The paper that a correction or removal is about, as it stands."""
    paper = submission.paper
    if paper is None:
        raise PaperGone(Tombstone.objects.filter(public_id=submission.paper_public_id).first())
    if seen_revision is not None and paper.revision != seen_revision:
        raise PaperChanged(paper)
    return paper


def _add(submission: Submission, decision: Decision, record: Record) -> None:
    """A paper; the one that it was before, where the approval was undone and comes again."""
    paper = publishing.publish(records.replace(record, id=submission.paper_public_id), decision=decision, by=decision.by, at=decision.at)
    submission.paper, submission.paper_public_id = paper, paper.public_id
    submission.save(update_fields=["paper", "paper_public_id"])
    Decision.objects.filter(pk=decision.pk).update(paper_public_id=paper.public_id)
    for other in submission.different_from.all():
        remember_distinction(paper, other, by=submission.contributor, because=submission.because)


def _correct(submission: Submission, paper: Paper, decision: Decision, taken: Collection[str]) -> None:
    proposed = submission.record
    open_still = [name for name in _changes(submission) if name not in taken]
    publishing.revise(paper, corrections.take(paper.record, proposed, taken), decision=decision, by=decision.by)
    if decision.verdict != states.TAKE:
        return
    submission.base_json = paper.record_json
    submission.record_json = records.to_json(corrections.take(paper.record, proposed, open_still))
    submission.title = submission.record.title
    submission.save(update_fields=["base_json", "record_json", "title"])
    for read_before in ("record", "base"):
        submission.__dict__.pop(read_before, None)
    keep_version(submission)
    claim(submission)
    examine(submission)


# -- Many at once ------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one of many: a decision, or why there is none."""

    number: int
    title: str = ""
    decision: Decision | None = None
    refusal: Exception | None = None


def decide_each(
    items: Iterable[tuple[int, int]], verdict: str, *, by: User, reason_code: str = "", reason: str = "", private_note: str = ""
) -> Iterator[Outcome]:
    """Decide many submissions, each a number and the version that was seen, each by itself: one that cannot be decided
    changes nothing and stops none of the others. Whoever dies in the middle leaves whole decisions and untouched items.
    """
    told: dict[str, Any] = {"by": by, "reason_code": reason_code, "reason": reason, "private_note": private_note}
    for number, seen_version in sorted(set(items)):
        submission = Submission.objects.filter(pk=number).first()
        if submission is None or not Submission.objects.reviewable_by(by).filter(pk=number).exists():
            yield Outcome(number=number, refusal=NotAllowed())
            continue
        try:
            decision = decide(submission, verdict, seen_version=seen_version, **told)
        except (Refusal, AlreadyCatalogued, Category.DoesNotExist, DatabaseError) as refusal:
            yield Outcome(number=number, title=submission.title, refusal=refusal)
        else:
            yield Outcome(number=number, title=submission.title, decision=decision)
