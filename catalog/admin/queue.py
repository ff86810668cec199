"""The review queue as the desk shows it: what is asked for, what there is, and how long things take.

Reads only, in as many questions for a hundred rows as for one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Count, Max, Min, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from catalog import records, review
from catalog.models import Category, CategoryAlias, Decision, Submission
from catalog.models.submission import SubmissionQuerySet

STATES = {
    "waiting": (gettext_lazy("Waiting"), [Submission.Status.PENDING]),
    "changes": (gettext_lazy("Changes requested"), [Submission.Status.CHANGES_REQUESTED]),
    "decided": (gettext_lazy("Decided"), [Submission.Status.APPROVED, Submission.Status.REJECTED]),
    "withdrawn": (gettext_lazy("Withdrawn"), [Submission.Status.WITHDRAWN]),
}
RISKS = {
    "same_identifier": ("fail", gettext_lazy("Same identifier")),
    "other_version": ("warn", gettext_lazy("Same title")),
    "similar_title": ("warn", gettext_lazy("Near title")),
    "same_link": ("", gettext_lazy("Same link")),
}
OLD, LATE = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What became of one contributor's submissions so far, of all kinds. Those not decided count in `sent` only."""

    sent: int
    decided: int
    approved: int

    def __str__(self) -> str:
        if self.decided:
            return _("%(approved)d approved of %(decided)d") % {"approved": self.approved, "decided": self.decided}
        return _("first submission") if self.sent == 1 else _("none decided yet")


class Selection:
    """Of the submissions that somebody reviews, those that the parameters `state`, `kind` and `q` ask for.

    Unknown values are as good as none.
    """

    def __init__(self, data: QueryDict, reviewable: SubmissionQuerySet) -> None:
        self._reviewable = reviewable
        self.states = [state for state in STATES if state in data.getlist("state")] or ["waiting"]
        self.kinds = [kind for kind in Submission.Kind.values if kind in data.getlist("kind")]
        self.q = records.tidy(records.without_unwanted_characters(data.get("q", "")))[:300]

    @property
    def is_waiting_only(self) -> bool:
        return self.states == ["waiting"]

    @property
    def is_oldest_first(self) -> bool:
        """Open ones, in the order they are to be decided; with settled ones among them, what moved last comes first."""
        return not {"decided", "withdrawn"} & set(self.states)

    @property
    def is_narrowed(self) -> bool:
        return bool(self.kinds or self.q)

    @cached_property
    def submissions(self) -> SubmissionQuerySet:
        found = self._found.filter(status__in=self._statuses)
        if self.kinds:
            found = found.filter(kind__in=self.kinds)
        return found.order_by("submitted_at", "pk") if self.is_oldest_first else found.order_by("-updated_at", "-pk")

    @property
    def _statuses(self) -> list[str]:
        return [status for state in self.states for status in STATES[state][1]]

    @property
    def _found(self) -> SubmissionQuerySet:
        asked = Q(title__icontains=self.q)
        number = self.q.lower().removeprefix("no.").removeprefix("#").strip()
        if number.isdecimal():
            asked |= Q(pk=number)
        return self._reviewable.filter(asked)

    @cached_property
    def _counted(self) -> list[tuple[str, str, int]]:
        return list(self._found.order_by().values_list("status", "kind").annotate(count=Count("pk")))

    @property
    def state_options(self) -> list[Option]:
        return [
            Option(
                value=state,
                label=str(label),
                count=sum(n for status, kind, n in self._counted if status in statuses and (not self.kinds or kind in self.kinds)),
                chosen=state in self.states,
            )
            for state, (label, statuses) in STATES.items()
        ]

    @property
    def kind_options(self) -> list[Option]:
        return [
            Option(
                value=kind,
                label=str(label),
                count=sum(n for status, of, n in self._counted if of == kind and status in self._statuses),
                chosen=kind in self.kinds,
            )
            for kind, label in Submission.Kind.choices
        ]


@dataclass(frozen=True, kw_only=True)
class Row:
    submission: Submission
    standing: Standing | None
    categories: str
    age: str
    lateness: str
    risk: tuple[str, str | Promise] | None


def rows(submissions: Iterable[Submission]) -> list[Row]:
    submissions = list(submissions)
    now = timezone.now()
    of = standings({submission.contributor_id for submission in submissions})
    formerly = CategoryAlias.objects.values_list("path", "category__name")
    names = dict(Category.objects.order_by().values_list("path", "name").union(formerly).order_by())
    return [
        Row(
            submission=submission,
            standing=of.get(submission.contributor_id),
            categories=", ".join(names.get(place.path, place.path) for place in submission.record.categories),
            age=in_words(now - submission.submitted_at),
            lateness=lateness(now - submission.submitted_at),
            risk=RISKS.get(submission.risk),
        )
        for submission in submissions
    ]


def standings(contributors: Iterable[int | None]) -> dict[int | None, Standing]:
    decided = Q(status__in=STATES["decided"][1])
    counted = (
        Submission.objects.filter(contributor__in=[pk for pk in contributors if pk])
        .order_by()
        .values_list("contributor")
        .annotate(sent=Count("pk"), decided=Count("pk", filter=decided), approved=Count("pk", filter=Q(status="approved")))
    )
    return {pk: Standing(sent=sent, decided=decided, approved=approved) for pk, sent, decided, approved in counted}


@dataclass(frozen=True, kw_only=True)
class Figures:
    waiting: int
    back: int
    oldest: str
    usual: str
    last_decided_at: datetime | None
    this_week: int
    this_week_by_you: int


def figures(user: User) -> Figures:
    """Of what this person reviews."""
    now = timezone.now()
    pending = Q(status=Submission.Status.PENDING)
    reviewable = Submission.objects.reviewable_by(user)
    decisions = Decision.objects.all() if user.is_maintainer else Decision.objects.filter(submission__in=reviewable)
    there = reviewable.aggregate(
        waiting=Count("pk", filter=pending),
        oldest=Min("submitted_at", filter=pending),
        back=Count("pk", filter=Q(status=Submission.Status.CHANGES_REQUESTED)),
    )
    this_week = Q(at__gt=now - timedelta(days=7))
    decided = decisions.aggregate(
        last=Max("at"), this_week=Count("pk", filter=this_week), by_you=Count("pk", filter=this_week & Q(by=user))
    )
    wait = review.usual_wait(decisions)
    return Figures(
        waiting=there["waiting"],
        back=there["back"],
        oldest=in_words(now - there["oldest"]) if there["oldest"] else "",
        usual=in_words(wait) if wait else "",
        last_decided_at=decided["last"],
        this_week=decided["this_week"],
        this_week_by_you=decided["by_you"],
    )


def in_words(span: timedelta) -> str:
    """A waiting time in the two units that matter: `2 d 4 h`, `19 h`, `40 min`."""
    minutes = max(0, int(span.total_seconds())) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return _("%(days)d d %(hours)d h") % {"days": days, "hours": hours} if hours else _("%(days)d d") % {"days": days}
    return _("%(hours)d h") % {"hours": hours} if hours else _("%(minutes)d min") % {"minutes": minutes}


def lateness(span: timedelta) -> str:
    return "late" if span > LATE else "old" if span > OLD else ""
