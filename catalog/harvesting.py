"""What has changed in the catalogue, in the order in which it changed, for who copies it: papers, and what went.

A place in that order is a version of the catalogue and a public id. What changes while somebody reads moves to the end, so
that a reader who goes on from place to place misses nothing. A page is found by an index, wherever it begins. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from pyroaring import BitMap

from catalog import index, records
from catalog.models import CatalogueState, Category, CategoryAlias, Paper, Revision, Tombstone
from catalog.models.paper import BEGINNING
from catalog.records import Record
from catalog.selection import Key, Place, Walk, beyond, rows_of
from catalog.terms import EVERY_PAPER

START: Place = [-1, ""]
_KEYS = [Key(name="version"), Key(name="public_id")]
# The clock of a server may have been set back, and who published may have waited: versions and times agree but for this.
_SKEW = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Item:
    """A paper as it is now, or as it was when it went. `datestamp` is when that became so."""

    public_id: str
    version: int
    datestamp: datetime
    record: Record
    is_deleted: bool = False

    @property
    def place(self) -> Place:
        return [self.version, self.public_id]


class Changes:
    """The items that changed from `since` until `until`, both included, of one category and those below it, or of all."""

    def __init__(self, *, since: datetime | None = None, until: datetime | None = None, category: Category | None = None) -> None:
        self.since, self.until, self.category = since, until, category

    def after(self, place: Place, size: int) -> list[Item]:
        """The next items. How many questions are asked does not depend on how many there are."""
        return list(islice(merge(self._papers(place, size), self._tombstones(place, size), key=lambda item: item.place), size))

    @property
    def count(self) -> int | None:
        """How many there are; None where that cannot be said without counting."""
        if self.since or self.until:
            return None
        papers = CatalogueState.now().paper_count if self._numbers is None else len(self._numbers)
        return papers + self._graves.count()

    @cached_property
    def _numbers(self) -> BitMap | None:
        return index.papers_of([("category", self.category.path)])["category", self.category.path] if self.category else None

    def _papers(self, place: Place, size: int) -> Iterator[Item]:
        rows = _within(Paper.objects.order_by("version", "public_id"), "served_at", self.since, self.until)
        versions = Paper.objects.values_list("version", flat=True)
        # Nobody has to walk past what changed long before, or long after.
        if self.since and self.since > BEGINNING + _SKEW:
            before = versions.filter(served_at__lt=self.since - _SKEW).order_by("-served_at").first()
            place = max(place, [before or -1, ""])
        if self.until and self.until < timezone.now() - _SKEW:
            later = versions.filter(served_at__gt=self.until + _SKEW).order_by("served_at").first()
            rows = rows.filter(version__lte=later) if later else rows
        walk = Walk(rows=rows, number="pk", keys=_KEYS, papers=self._numbers, every=_every_paper)
        numbers = walk.beyond(place, size, backwards=False)
        for public_id, version, at, json in rows_of(numbers, ["public_id", "version", "served_at", "record_json"]):
            yield Item(public_id=public_id, version=version, datestamp=at, record=records.from_json(json))

    def _tombstones(self, place: Place, size: int) -> Iterator[Item]:
        rows = _within(self._graves, "at", self.since, self.until).order_by("version", "public_id")
        for grave in rows.filter(beyond(_KEYS, place, backwards=False))[:size]:
            yield _of_tombstone(grave)

    @cached_property
    def _graves(self) -> QuerySet[Tombstone]:
        """With what was served last of each."""
        rows = _with_last_record(Tombstone.objects.all())
        if self.category is None:
            return rows
        # The places in a stored record are the only objects in it that begin with a path.
        paths = Category.objects.filter(lineage=self.category).values_list("path", flat=True)
        former = CategoryAlias.objects.filter(category__lineage=self.category).values_list("path", flat=True)
        stood = Q()
        for path in {*paths, *former}:
            stood |= Q(last_json__contains=f'{{"path":"{path}",')
        return rows.filter(stood)


def item(public_id: str) -> Item | None:
    """What this id stands for; None where it never stood for anything."""
    paper = Paper.objects.filter(public_id=public_id).only("public_id", "version", "served_at", "record_json").first()
    if paper:
        return Item(public_id=public_id, version=paper.version, datestamp=paper.served_at, record=paper.record)
    grave = _with_last_record(Tombstone.objects.filter(public_id=public_id)).first()
    return _of_tombstone(grave) if grave else None


def earliest() -> datetime:
    """Nothing here has changed before."""
    first = [Paper.objects.aggregate(first=Min("served_at"))["first"], Tombstone.objects.aggregate(first=Min("at"))["first"]]
    return min((at for at in first if at), default=BEGINNING)


def _every_paper() -> int:
    return len(index.papers_of([EVERY_PAPER])[EVERY_PAPER])


def _within(rows: QuerySet[Any], column: str, since: datetime | None, until: datetime | None) -> QuerySet[Any]:
    if since:
        rows = rows.filter(**{f"{column}__gte": since})
    return rows.filter(**{f"{column}__lte": until}) if until else rows


def _with_last_record(graves: QuerySet[Tombstone]) -> QuerySet[Tombstone]:
    newest = Revision.objects.filter(paper_public_id=OuterRef("public_id")).order_by("-number").values("record_json")[:1]
    return graves.annotate(last_json=Subquery(newest))


def _of_tombstone(grave: Any) -> Item:
    record = records.from_json(grave.last_json) if grave.last_json else Record(title=grave.title)
    return Item(public_id=grave.public_id, version=grave.version, datestamp=grave.at, record=record, is_deleted=True)


def paths_now(items: Iterable[Item]) -> dict[str, str]:
    """Where the categories have moved in which some that went stood last, by their paths of then."""
    paths = {category.path for each in items if each.is_deleted for category in each.record.categories}
    return dict(CategoryAlias.objects.filter(path__in=paths).values_list("path", "category__path")) if paths else {}
