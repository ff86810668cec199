"""The course of a submission: what was said about it, what happened to it, and what each version changed, in order.

Made from rows that are already read; asks nothing. Of decisions and of who had it open it tells what the contributor may know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from accounts.models import User
from catalog import comparison, corrections, log, reasons
from catalog.comparison import Row
from catalog.models import Comment, Decision, Submission, SubmissionVersion
from catalog.records import Record


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What somebody said. `act` is `submit`, `say`, or a verdict; then `edits` is what the maintainer made otherwise, and
    `taken` the fields of an approval in part.
    """

    act: str
    by: User | None
    at: datetime
    text: str = ""
    is_contributor: bool = False
    reason_name: str = ""
    edits: list[Row] = field(default_factory=list)
    taken: str = ""
    undone: Decision | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happened, or is to come. `what` is `submit`, `check`, `open`, `edit`, `return`, `withdraw`, or a verdict."""

    what: str
    at: datetime | None = None
    by: User | None = None
    verdict: str = ""
    version: int = 0
    is_undone: bool = False


@dataclass(frozen=True, kw_only=True)
class Change:
    """A version and what differs from the one before; `came_by` is `edit`, or the verdict that made it."""

    version: SubmissionVersion
    came_by: str
    differences: list[Row]
    why: str


def conversation(
    submission: Submission,
    versions: Sequence[SubmissionVersion],
    decisions: Iterable[Decision],
    comments: Iterable[Comment],
    wordings: dict[tuple[str, str], str],
) -> list[Turn]:
    """Oldest first; it begins with why it was proposed. `wordings` are of `reasons.names()`."""
    contributor = submission.contributor
    first = versions[0].why if versions else submission.why
    begun = Turn(act="submit", by=contributor, at=submission.submitted_at, text=first, is_contributor=True)
    said = [
        Turn(
            act="say", by=one.by, at=one.at, text=one.text, is_contributor=one.by_id is not None and one.by_id == submission.contributor_id
        )
        for one in comments
    ]
    decided = [_decided(decision, versions, wordings) for decision in decisions]
    return [begun, *sorted([*said, *decided], key=lambda turn: turn.at)]


def _decided(decision: Decision, versions: Iterable[SubmissionVersion], wordings: dict[tuple[str, str], str]) -> Turn:
    about = next((version for version in versions if version.number == decision.submission_version), None)
    return Turn(
        act=decision.verdict,
        by=decision.by,
        at=decision.at,
        text=decision.reason,
        reason_name=reasons.name_of(decision, wordings),
        edits=comparison.differences(decision.record, about.record) if decision.record and about else [],
        taken=log.fields_in_words(decision.fields),
        undone=decision.undone_by if decision.is_undone else None,
    )


def steps(submission: Submission, versions: Sequence[SubmissionVersion], decisions: Sequence[Decision]) -> list[Step]:
    """What happened, oldest first; what is to come is the page's to say."""
    begun = [Step(what="submit", at=submission.submitted_at), Step(what="check", at=submission.submitted_at)]
    happened = [
        Step(what=each.verdict, at=each.at, by=each.by, verdict=each.get_verdict_display(), is_undone=each.is_undone) for each in decisions
    ]
    made = _made_by(decisions)
    returned = {
        next((version.number for version in versions if version.at > each.at and version.number not in made), 0)
        for each in decisions
        if each.verdict == Decision.Verdict.REQUEST_CHANGES and not each.is_undone
    }
    happened += [
        Step(what="return" if version.number in returned else "edit", at=version.at, version=version.number)
        for version in versions[1:]
        if version.number not in made
    ]
    if submission.opened_by and submission.opened_at:
        happened.append(Step(what="open", at=submission.opened_at, by=submission.opened_by))
    if submission.status == Submission.Status.WITHDRAWN:
        happened.append(Step(what="withdraw", at=submission.updated_at))
    return [*begun, *sorted(happened, key=lambda step: step.at or submission.submitted_at)]


def changes(versions: Sequence[SubmissionVersion], decisions: Iterable[Decision]) -> list[Change]:
    """What each version after the first says otherwise, newest first."""
    made = _made_by(decisions)
    return [
        Change(
            version=newer,
            came_by=made.get(newer.number, "edit"),
            differences=comparison.differences(newer.record, older.record),
            why=newer.why if newer.why != older.why else "",
        )
        for older, newer in reversed(list(pairwise(versions)))
    ]


def _made_by(decisions: Iterable[Decision]) -> dict[int, str]:
    """The versions that came of decisions: what part of a correction leaves open, and what was there before one undone."""
    made: dict[int, str] = {}
    for decision in decisions:
        number = decision.submission_version or 0
        if decision.verdict == Decision.Verdict.TAKE:
            number += 1
            made[number] = Decision.Verdict.TAKE
        if decision.is_undone:
            made[number + 1] = Decision.Verdict.UNDO
    return made


def count_of_fields(record: Record, base: Record) -> int:
    """Of how many fields a correction changes some."""
    return len(corrections.FIELDS) + len({*record.identifiers, *base.identifiers})


def proposed_changes(submission: Submission) -> list[Row]:
    """What a correction changes of the paper it was made against."""
    base = submission.base
    if base is None:
        return []
    return comparison.differences(corrections.take(base, submission.record, corrections.changes(submission.record, base)), base)
