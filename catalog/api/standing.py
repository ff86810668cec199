"""How somebody's submission stands, as the API tells its contributor and whoever may review it. Never holds a private note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from catalog import corrections
from catalog.models import Comment, Decision, Submission


class SubmissionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a list. `paper` is the id of the paper that it is about, or became; null while there is none."""

    number: int
    url: str
    kind: str
    status: str
    version: int
    title: str
    contributor: str | None
    paper: str | None
    submitted_at: datetime
    updated_at: datetime


class CheckAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What an automatic check says of this version."""

    name: str
    label: str
    outcome: str
    text: str


class DecisionMade(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided of one version, with the reason that everyone may read. `fields` are those taken of a correction."""

    verdict: str
    version: int | None
    reason_code: str
    reason: str
    fields: list[str]
    by: str | None
    is_own: bool
    at: datetime
    undone_at: datetime | None


class CommentSaid(msgspec.Struct, frozen=True, kw_only=True):
    """What the contributor or a reviewer said."""

    by: str | None
    text: str
    at: datetime


class SubmissionState(SubmissionSummary, frozen=True, kw_only=True):
    """All of it. `changes` are the fields that a correction changes; `ahead` is how many wait longer, null unless it waits."""

    why: str
    is_own_work: bool
    different_from: list[str]
    because: str
    record: msgspec.Raw
    changes: list[str]
    ahead: int | None
    checks: list[CheckAnswer]
    decisions: list[DecisionMade]
    comments: list[CommentSaid]


def submissions() -> QuerySet[Submission]:
    return Submission.objects.select_related("contributor")


def whole() -> QuerySet[Submission]:
    """With all that `state` tells. What is private is not even read."""
    decisions = Decision.objects.select_related("by", "undone_by").defer("private_note", "undone_by__private_note")
    comments = Comment.objects.select_related("by")
    related = (Prefetch("decisions", decisions), Prefetch("comments", comments), "different_from")
    return submissions().select_related("paper").prefetch_related(*related)


def summaries(rows: Sequence[Submission]) -> list[SubmissionSummary]:
    return [SubmissionSummary(**_summary(row)) for row in rows]


def state(submission: Submission) -> SubmissionState:
    """Of one of `whole()`."""
    base = submission.base
    return SubmissionState(
        **_summary(submission),
        why=submission.why,
        is_own_work=submission.is_own_work,
        different_from=sorted(paper.public_id for paper in submission.different_from.all()),
        because=submission.because,
        record=msgspec.Raw(submission.record_json.encode()),
        changes=corrections.changes(submission.record, base) if base else [],
        ahead=Submission.objects.ahead_of(submission).count() if submission.is_pending else None,
        checks=[CheckAnswer(**answer) for answer in submission.answers] if submission.is_open else [],
        decisions=[_decision(decision) for decision in submission.decisions.all()],
        comments=[comment(each) for each in submission.comments.all()],
    )


def comment(said: Comment) -> CommentSaid:
    return CommentSaid(by=said.by.username if said.by else None, text=said.text, at=said.at)


def _summary(submission: Submission) -> dict[str, Any]:
    return {
        "number": submission.pk,
        "url": reverse("api:submission", args=[submission.pk]),
        "kind": submission.kind,
        "status": submission.status,
        "version": submission.version,
        "title": submission.title,
        "contributor": submission.contributor.username if submission.contributor else None,
        "paper": submission.paper_public_id or None,
        "submitted_at": submission.submitted_at,
        "updated_at": submission.updated_at,
    }


def _decision(decision: Decision) -> DecisionMade:
    return DecisionMade(
        verdict=decision.verdict,
        version=decision.submission_version,
        reason_code=decision.reason_code,
        reason=decision.reason,
        fields=decision.fields,
        by=decision.by.username if decision.by else None,
        is_own=decision.is_own,
        at=decision.at,
        undone_at=decision.undone_by.at if decision.is_undone else None,
    )
