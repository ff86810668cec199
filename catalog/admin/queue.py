"""The review queue as the desk shows it: what is asked for, what there is, and how long things take.

Reads only, in as many questions for a hundred rows as for one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, Value, When
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
# What the nearest paper is, or what the correction touches; the gravest first.
RISKS = {
    "same_identifier": ("fail", gettext_lazy("Same identifier")),
    "other_version": ("warn", gettext_lazy("Same title")),
    "similar_title": ("warn", gettext_lazy("Near title")),
    "title_changes": ("warn", gettext_lazy("Title changes")),
    "same_link": ("", gettext_lazy("Same link")),
}
NO_RISK = "none"
LEASES = {"free": gettext_lazy("Free"), "mine": gettext_lazy("Mine"), "others": gettext_lazy("Someone else’s")}
BY_RISK = "risk"
OLD, LATE = timedelta(days=1), timedelta(days=2)


@dataclass(frozen=True, kw_only=True)
class Option:
    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, kw_only=True)
class Facet:
    name: str
    legend: str
    options: list[Option]


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
    """Of the submissions that somebody reviews, those that the parameters `state`, `kind`, `risk`, `lease` and `q` ask for,
    in the order of `sort`. Unknown values are as good as none.
    """

    def __init__(self, data: QueryDict, reviewer: User) -> None:
        self._found = _annotated(Submission.objects.reviewable_by(reviewer), reviewer)
        self.chosen = {name: [value for value in labels if value in data.getlist(name)] for name, (_legend, labels) in _FACETS.items()}
        self.chosen["state"] = self.chosen["state"] or ["waiting"]
        self.is_by_risk = data.get("sort") == BY_RISK
        self.q = records.tidy(records.without_unwanted_characters(data.get("q", "")))[:300]
        if self.q:
            self._found = self._found.filter(_asked(self.q))

    @property
    def is_waiting_only(self) -> bool:
        return self.chosen["state"] == ["waiting"]

    @property
    def is_oldest_first(self) -> bool:
        """Open ones, in the order they are to be decided; with settled ones among them, what moved last comes first."""
        return not self.is_by_risk and not {"decided", "withdrawn"} & set(self.chosen["state"])

    @property
    def is_narrowed(self) -> bool:
        return bool(self.q or any(self.chosen[name] for name in _FACETS if name != "state"))

    @property
    def submissions(self) -> SubmissionQuerySet:
        found = self._found.filter(**{f"in_{name}__in": values for name, values in self.chosen.items() if values})
        if self.is_by_risk:
            gravity = Case(*(When(in_risk=risk, then=place) for place, risk in enumerate(RISKS)), default=len(RISKS))
            return found.order_by(gravity, "submitted_at", "pk")
        return found.order_by("submitted_at", "pk") if self.is_oldest_first else found.order_by("-updated_at", "-pk")

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """What is chosen beside the words, for a form that keeps it."""
        return [(name, value) for name, values in self.chosen.items() for value in values] + ([("sort", BY_RISK)] * self.is_by_risk)

    @property
    def facets(self) -> list[Facet]:
        """Beside each value the number of rows that it alone would leave, with what is chosen of the others."""
        there = list(self._found.order_by().values_list(*(f"in_{name}" for name in _FACETS)).annotate(count=Count("pk")))
        return [
            Facet(name=name, legend=str(legend), options=[self._option(name, value, label, there) for value, label in labels.items()])
            for name, (legend, labels) in _FACETS.items()
        ]

    def _option(self, facet: str, value: str, label: str | Promise, there: list[tuple[Any, ...]]) -> Option:
        asked = [{value} if name == facet else set(self.chosen[name]) for name in _FACETS]
        rows = sum(row[-1] for row in there if all(not values or each in values for values, each in zip(asked, row, strict=False)))
        return Option(value=value, label=str(label), count=rows, chosen=value in self.chosen[facet])


_FACETS: dict[str, tuple[str | Promise, Mapping[str, str | Promise]]] = {
    "state": (gettext_lazy("State"), {state: label for state, (label, _statuses) in STATES.items()}),
    "kind": (gettext_lazy("Proposes"), dict(Submission.Kind.choices)),
    "risk": (gettext_lazy("Risk"), {risk: label for risk, (_look, label) in RISKS.items()} | {NO_RISK: gettext_lazy("None")}),
    "lease": (gettext_lazy("Lease"), LEASES),
}


def _annotated(submissions: SubmissionQuerySet, reviewer: User) -> SubmissionQuerySet:
    """Each with its value in every facet."""
    is_leased = Q(leased_until__gt=timezone.now(), opened_by__isnull=False)
    return submissions.annotate(
        in_state=Case(*(When(status__in=statuses, then=Value(state)) for state, (_label, statuses) in STATES.items())),
        in_kind=F("kind"),
        in_risk=Case(*(When(risk=risk, then=Value(risk)) for risk in RISKS), default=Value(NO_RISK)),
        in_lease=Case(
            When(is_leased & Q(opened_by=reviewer), then=Value("mine")),
            When(is_leased, then=Value("others")),
            default=Value("free"),
        ),
    )


def _asked(q: str) -> Q:
    """A part of the title, the number, or all that one contributor proposed."""
    number = q.lower().removeprefix("no.").removeprefix("#").strip()
    return Q(title__icontains=q) | Q(contributor__username__iexact=q) | (Q(pk=number) if number.isdecimal() else Q())


@dataclass(frozen=True, kw_only=True)
class Row:
    submission: Submission
    standing: Standing | None
    categories: str
    age: str
    lateness: str
    risk: tuple[str, str | Promise] | None
    # Of LEASES.
    lease: str

    @property
    def is_edited_since_opened(self) -> bool:
        """While somebody has it open: what they read is not what it says now."""
        return self.lease != "free" and self.submission.is_edited_since_opened


def rows(submissions: Iterable[Submission], reviewer: User) -> list[Row]:
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
            lease=_lease(submission, reviewer),
        )
        for submission in submissions
    ]


def _lease(submission: Submission, reviewer: User) -> str:
    if not submission.is_leased:
        return "free"
    return "mine" if submission.opened_by_id == reviewer.pk else "others"


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
        usual=in_words(wait) if wait is not None else "",
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
