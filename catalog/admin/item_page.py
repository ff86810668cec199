"""What the page of one submission shows on the desk, in a fixed number of questions. Reads only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import checks, comparison, corrections, matching, review
from catalog.admin import queue
from catalog.admin.desk import person
from catalog.matter import up_to_date
from catalog.models import Comment, Decision, DeskNote, Paper, Placement, Revision, Submission, SubmissionVersion
from catalog.models.submission import SubmissionQuerySet
from catalog.records import Record

STROKES = 48
REVISIONS = 6


def reviewable(request: HttpRequest) -> SubmissionQuerySet:
    return Submission.objects.reviewable_by(person(request))


def following(request: HttpRequest, submission: Submission) -> Submission | None:
    """The next to decide: the one that waits behind this one, else the first of the queue."""
    waiting = reviewable(request).awaiting_review().exclude(pk=submission.pk).order_by("submitted_at", "pk")
    ahead = Submission.objects.ahead_of(submission)
    return waiting.exclude(pk__in=ahead.values("pk")).first() or waiting.first()


def _place(request: HttpRequest, submission: Submission) -> dict[str, int]:
    """Where it stands in the queue of this person, and how long that is."""
    waiting = reviewable(request).awaiting_review()
    before = Count("pk", filter=Q(pk__in=Submission.objects.ahead_of(submission).values("pk")))
    counted = waiting.order_by().aggregate(waiting=Count("pk"), before=before)
    return {"waiting": counted["waiting"], "ahead": counted["before"] + 1}


def context(request: HttpRequest, submission: Submission, *, ticked: Collection[str] | None, beside: Paper | None) -> dict[str, Any]:
    """Of a submission with its contributor, paper and reviewer. `ticked` are the fields of a correction that were chosen;
    `beside` is the paper to show beside it, whatever is near.
    """
    record = up_to_date(submission.record)
    different = list(submission.different_from.all())
    matches = [] if submission.is_removal else matching.find_candidates(record, ignoring=submission)
    answers = checks.run(
        record,
        why=submission.why,
        submission=submission,
        different_from=different,
        matches=matches,
        current=submission.paper.record if submission.paper else None,
    )
    age = timezone.now() - submission.submitted_at
    decisions = list(submission.decisions.select_related("by", "undone_by__by"))
    shown: dict[str, Any] = {
        "submission": submission,
        "record": record,
        "standing": queue.standings([submission.contributor_id]).get(submission.contributor_id),
        "age": queue.in_words(age),
        **_place(request, submission),
        "following": following(request, submission),
        "different": different,
        "proposed_too": reviewable(request).filter(pk__in=[match.submission.pk for match in matches if match.submission]),
        "unknown": [name.text for name in submission.proposed_names.all()] if submission.is_open else [],
        "answers": answers,
        "tally": checks.tally(answers),
        "events": _so_far(submission, decisions),
        "acts": _acts(submission, decisions),
        "undoable": _undoable(submission, decisions, request),
    }
    if submission.is_addition:
        return shown | _addition(request, submission, record, matches, beside)
    shown["revisions"] = _revisions(submission)
    if submission.is_correction:
        return shown | _correction(submission, ticked)
    others = reviewable(request).open().filter(paper_public_id=submission.paper_public_id)
    return shown | {"about_it_too": others.exclude(pk=submission.pk)}


# -- An addition -------------------------------------------------------------------------------
def _addition(
    request: HttpRequest, submission: Submission, record: Record, matches: list[matching.Match], beside: Paper | None
) -> dict[str, Any]:
    near = [match for match in matches if match.paper and match.paper.pk != submission.paper_id]
    asked_for = beside or (Paper.objects.filter(slug=request.GET["beside"]).first() if "beside" in request.GET else None)
    other = asked_for or next((match.paper for match in near), None)
    return {
        "near": near,
        "other": other,
        "score": next((match.score for match in near if match.paper == other), None),
        "comparison": comparison.compare(record, other.record if other else None),
        "places": _places(record) if submission.is_open else [],
    }


def _places(record: Record) -> list[dict[str, Any]]:
    """Where approval would put it: at the end of each category. The drawing shows the last strokes of a long shelf."""
    standing: dict[str, list[int | None]] = {place.path: [] for place in record.categories}
    placed = Placement.objects.filter(category__path__in=standing).order_by("position").values_list("category__path", "paper__year")
    for category, year in placed:
        standing[category].append(year)
    return [
        {
            "category": place,
            "years": standing[place.path][-STROKES:],
            "gap": len(standing[place.path][-STROKES:]) + 1,
            "number": len(standing[place.path]) + 1,
        }
        for place in record.categories
    ]


# -- A correction ------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Field:
    """One that a correction changes. `is_overtaken`: it became something else since; `is_so_already`: just what is proposed."""

    row: comparison.Row
    is_ticked: bool
    is_overtaken: bool
    is_so_already: bool
    was: list[list[comparison.Piece]]


def _correction(submission: Submission, ticked: Collection[str] | None) -> dict[str, Any]:
    """While it is open beside the paper as it stands; then beside what it was made against."""
    proposed, base = submission.record, submission.base or submission.record
    current = submission.paper.record if submission.paper and submission.is_open else base
    names = corrections.changes(proposed, base)
    would_be = corrections.take(current, proposed, names)
    rows = {row.name: row for row in comparison.side_by_side(would_be, current)}
    before = {row.name: row.other for row in comparison.differences(current, base)}
    overtaken = set(corrections.overtaken(proposed, base, current))
    still = set(corrections.changes(would_be, current))
    fields = [
        Field(
            row=rows.get(name) or comparison.Row(name=name, label=comparison.label_of(name)),
            is_ticked=ticked is None or name in ticked,
            is_overtaken=name in overtaken,
            is_so_already=name not in still,
            was=before.get(name, []),
        )
        for name in names
    ]
    kept = [row for name, row in rows.items() if name not in names]
    return {"fields": fields, "kept": kept, "total": len(fields) + len(kept), "revision": current.revision}


def _revisions(submission: Submission) -> list[Revision]:
    """The newest of the paper's, oldest of them first."""
    newest = Revision.objects.filter(paper_public_id=submission.paper_public_id).select_related("decision", "by").order_by("-number")
    return list(reversed(newest[:REVISIONS]))


# -- What happened so far ------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Event:
    """`what` is submitted, version, decision, private, comment or note; `text` is what was said, if anything."""

    at: datetime
    what: str
    by: Any = None
    text: str = ""
    number: int = 0
    decision: Decision | None = None

    @property
    def is_for_the_desk(self) -> bool:
        return self.what in {"private", "note"}


def _so_far(submission: Submission, decisions: list[Decision]) -> list[Event]:
    edits = SubmissionVersion.objects.filter(submission=submission, number__gt=1).values_list("number", "at")
    versions = edits if submission.version > 1 else []
    # Taking a part and undoing make a version, too: these are told as decisions.
    made = {_left_at(decision) for decision in decisions if decision.verdict == review.TAKE}
    made |= {_left_at(decision) + 1 for decision in decisions if decision.is_undone}
    events = [Event(at=submission.submitted_at, what="submitted", by=submission.contributor)]
    events += [Event(at=at, what="version", by=submission.contributor, number=number) for number, at in versions if number not in made]
    for decision in decisions:
        events.append(Event(at=decision.at, what="decision", by=decision.by, text=decision.reason, decision=decision))
        if decision.private_note:
            events.append(Event(at=decision.at, what="private", by=decision.by, text=decision.private_note))
    said: list[tuple[str, Comment | DeskNote]] = [("comment", each) for each in submission.comments.select_related("by")]
    said += [("note", each) for each in submission.desk_notes.select_related("by")]
    events += [Event(at=each.at, what=what, by=each.by, text=each.text) for what, each in said]
    return sorted(events, key=lambda event: event.at)


@dataclass(frozen=True, kw_only=True)
class Act:
    """A decision with what it shows of facts: what the maintainer made of the proposal, and which fields were taken."""

    decision: Decision
    edits: list[comparison.Row]
    taken: list[str]


def _acts(submission: Submission, decisions: list[Decision]) -> list[Act]:
    edited = [decision.submission_version or 0 for decision in decisions if decision.record_json]
    versions = {each.number: each for each in submission.versions.filter(number__in=edited)} if edited else {}
    acts = []
    for decision in decisions:
        version = versions.get(decision.submission_version or 0)
        edits = comparison.differences(decision.record, version.record) if decision.record and version else []
        acts.append(Act(decision=decision, edits=edits, taken=[comparison.label_of(name) for name in decision.fields]))
    return acts


def _left_at(decision: Decision) -> int:
    """The version that a decision left the submission at."""
    return (decision.submission_version or 0) + (decision.verdict == review.TAKE)


def _undoable(submission: Submission, decisions: list[Decision], request: HttpRequest) -> Decision | None:
    """The decision that a button may take back: the last one, while the submission stands as it left it."""
    decision = decisions[-1] if decisions else None
    if decision is None or decision.is_undone or decision.verdict not in Decision.ON_SUBMISSIONS:
        return None
    if submission.version != _left_at(decision) or submission.status != review.TRANSITIONS[decision.verdict][1]:
        return None
    return decision if review.may_undo(decision, by=person(request)) else None


def edited_since(opening: review.Opening) -> dict[str, Any] | None:
    """What the contributor changed since somebody had it open; None where nothing."""
    if opening.since_version is None:
        return None
    submission = opening.submission
    wanted = [opening.since_version, submission.version]
    versions = {each.number: each for each in submission.versions.filter(number__in=wanted)}
    if len(versions) < len(wanted):
        return None
    older, newer = (versions[number] for number in wanted)
    rows = comparison.differences(newer.record, older.record)
    labels = [row.label for row in rows] + ([_("Why it belongs")] if newer.why != older.why else [])
    words = (newer.why, older.why) if newer.why != older.why else None
    return {"by": opening.since_opened_by, "at": newer.at, "version": newer.number, "labels": labels, "rows": rows, "words": words}
