"""The public log: what anyone may know of each decision.

What was approved is known by its paper. Of what was rejected or sent back the log holds number, kind, verdict and reason,
and none of what was proposed. Private notes and addresses are not even read. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from catalog import reasons, records
from catalog.models import Decision, Paper, Revision, Submission
from catalog.records import Record


@dataclass(frozen=True, kw_only=True)
class Change:
    """One decision. `by` and `contributor` are usernames, empty where the account is gone.

    `paper` says what an approved paper is called: now, where it `is_here`; else in the revision that approval made.
    `why` is the contributor's sentence about it, and empty with any other verdict.
    """

    number: int
    at: datetime
    verdict: str
    verdict_name: str
    by: str
    is_own: bool
    submission: int
    kind_name: str
    contributor: str
    reason_name: str
    reason: str
    paper: Record | None = None
    is_here: bool = False
    why: str = ""


def decisions() -> QuerySet[Decision]:
    """All of them, newest first, each with no more than its public facts."""
    found = Decision.objects.select_related("by", "submission__contributor", "submission__paper").order_by("-at", "-id")
    paper = ("submission__paper__slug", "submission__paper__title", "submission__paper__short_name")
    about = ("submission__kind", "submission__title", "submission__why", "submission__contributor__username")
    return found.only("verdict", "reason_code", "reason", "is_own", "at", "by__username", *about, *paper)


def changes(page: Iterable[Decision]) -> list[Change]:
    """Of some `decisions()`. One more question where papers have left since."""
    page = list(page)
    left = [each.pk for each in page if each.verdict == Decision.Verdict.APPROVE and each.submission.paper is None]
    titles = dict(Revision.objects.filter(decision__in=left).values_list("decision", "record_json"))
    return [_change(each, titles.get(each.pk)) for each in page]


def _change(decision: Decision, revision_json: str | None) -> Change:
    submission = decision.submission
    is_approved = decision.verdict == Decision.Verdict.APPROVE
    return Change(
        number=decision.pk,
        at=decision.at,
        verdict=decision.verdict,
        verdict_name=decision.get_verdict_display(),
        by=decision.by.username if decision.by else "",
        is_own=decision.is_own,
        submission=submission.pk,
        kind_name=submission.get_kind_display(),
        contributor=submission.contributor.username if submission.contributor else "",
        reason_name=reasons.name_of(decision.verdict, decision.reason_code),
        reason=decision.reason,
        paper=_called(submission, revision_json) if is_approved else None,
        is_here=is_approved and submission.paper is not None,
        why=submission.why if is_approved else "",
    )


def _called(submission: Submission, revision_json: str | None) -> Record:
    paper: Paper | None = submission.paper
    if paper:
        return Record(slug=paper.slug, path=paper.get_absolute_url(), title=paper.title, short_name=paper.short_name)
    return records.from_json(revision_json) if revision_json else Record(title=submission.title)
