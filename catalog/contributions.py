"""What people have contributed, as far as everybody may know it: what was approved, and what they decided. Reads only.

What waits, was rejected, withdrawn or taken back is not even counted. Each question goes along one index, however much one
person has done.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import User
from catalog import keeping, log, records
from catalog.models import Decision, Submission, Tombstone
from catalog.records import Record

Kind, Status, Verdict = Submission.Kind, Submission.Status, Decision.Verdict

_ADDED = Q(kind=Kind.ADDITION)
# A correction of which a part was taken is one, whatever becomes of the rest.
_STANDS = Q(status=Status.APPROVED) | Q(
    Exists(Decision.objects.filter(submission=OuterRef("pk"), verdict=Verdict.TAKE, undone_by__isnull=True))
)
_REVIEWED = Q(is_own=False, verdict__in=Decision.ON_SUBMISSIONS)


class Figures(NamedTuple):
    proposed: int = 0
    corrected: int = 0
    reviewed: int = 0

    @property
    def total(self) -> int:
        return sum(self)


def figures_of(person: User) -> Figures:
    """One question."""
    credited = Submission.objects.filter(_STANDS, contributor=OuterRef("pk")).order_by().values("contributor")
    decided = Decision.objects.filter(_REVIEWED, by=OuterRef("pk")).order_by().values("by")
    counts = (
        credited.filter(_ADDED).values(count=Count("pk")),
        credited.filter(~_ADDED).values(count=Count("pk")),
        decided.values(count=Count("pk")),
    )
    row = User.objects.filter(pk=person.pk).values_list(*(Coalesce(Subquery(count), 0) for count in counts)).get()
    return Figures(*row)


_COUNTS = {"proposed": Count("pk", filter=_ADDED), "corrected": Count("pk", filter=~_ADDED)}


# -- One person's, newest first ------------------------------------------------------------------
def proposed_by(person: User) -> QuerySet[Submission]:
    return _newest(Submission.objects.filter(_STANDS, _ADDED, contributor=person))


def corrected_by(person: User) -> QuerySet[Submission]:
    """Removals, too."""
    return _newest(Submission.objects.filter(_STANDS, ~_ADDED, contributor=person))


def reviewed_by(person: User) -> QuerySet[Decision]:
    """Not what was their own."""
    return Decision.objects.filter(_REVIEWED, by=person).order_by("-at", "-id")


def _newest(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    return submissions.order_by("-submitted_at", "-id")


# Of some of these the rows are read only once a page of them is found: that is done along the index alone.
def approvals(submissions: QuerySet[Any, Any]) -> QuerySet[Decision]:
    """The decisions by which some of `corrected_by` stand, for the log."""
    return log.decisions().filter(submission__in=submissions.values("pk"), verdict__in=[Verdict.APPROVE, Verdict.TAKE], undone_by=None)


def reviews(decisions: QuerySet[Any, Any]) -> QuerySet[Decision]:
    """Some of `reviewed_by`, for the log."""
    return log.decisions().filter(pk__in=decisions.values("pk"))


@dataclass(frozen=True, kw_only=True)
class Addition:
    """A paper that somebody brought in; `is_here` is whether it stands on the shelf, `is_merged` whether another took it in."""

    record: Record
    is_here: bool = True
    is_merged: bool = False


def additions(submissions: QuerySet[Submission]) -> list[Addition]:
    """Of some of `proposed_by`: one question, and one more where a paper has gone."""
    some = _newest(Submission.objects.filter(pk__in=submissions.values("pk")))
    rows = list(some.values_list("paper__record_json", "paper_public_id", "title"))
    gone = {public_id for json, public_id, _title in rows if json is None}
    graves = {grave.public_id: grave for grave in Tombstone.objects.filter(public_id__in=gone)} if gone else {}
    return [Addition(record=records.from_json(json)) if json else _gone(graves.get(public_id), title) for json, public_id, title in rows]


def _gone(grave: Tombstone | None, title: str) -> Addition:
    if grave is None:
        return Addition(record=Record(title=title), is_here=False)
    record = Record(title=grave.title, slug=grave.slug, path=f"/papers/{grave.slug}/")
    return Addition(record=record, is_here=False, is_merged=bool(grave.successor_public_id))


# -- Everybody's -------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Those who have a page, as numbers of people, who contributed most first; the others all together."""

    people: list[tuple[int, Figures]]
    others: int
    theirs: Figures


def ranking(stamp: str | None) -> Ranking:
    """Of everybody who is still here. Kept while the catalogue is as it is: it looks at every contribution there is."""
    return keeping.keep(stamp, ("contributors",), _ranking, size=lambda made: 200 * len(made.people))


def _ranking() -> Ranking:
    proposals = Submission.objects.filter(_STANDS, contributor__isnull=False).order_by().values_list("contributor")
    found = {person: Figures(proposed, corrected) for person, proposed, corrected in proposals.annotate(**_COUNTS)}
    reviews = Decision.objects.filter(_REVIEWED, by__isnull=False).order_by().values_list("by").annotate(count=Count("pk"))
    for person, count in reviews:
        found[person] = found.get(person, Figures())._replace(reviewed=count)
    names = dict(User.objects.filter(is_public=True, is_active=True).values_list("pk", "username"))
    people = sorted((row for row in found.items() if row[0] in names), key=lambda row: (-row[1].total, names[row[0]].lower()))
    others = [figures for person, figures in found.items() if person not in names]
    return Ranking(people=people, others=len(others), theirs=Figures(*map(sum, zip(*others, strict=True))))
