"""Which papers, in which order: what a list, a file or a page of the API is a part of.

Which papers is a matter of sets, which the index has. The order is a row of runs: papers by their numbers, papers as a
search ranks them, or papers as a sorted column of the database has them. A part of it costs about the same wherever it
begins: it is found by its place, or counted from the nearer end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import batched, islice
from typing import Any, Protocol

from django.db.models import BooleanField, DateTimeField, F, Func, Lookup, Max, QuerySet, Value
from django.db.models.lookups import GreaterThan, LessThan
from pyroaring import BitMap

from catalog import index, search
from catalog.models import Author, Category, Paper, Placement
from catalog.records import FIRST_YEAR, LAST_YEAR
from catalog.terms import EVERY_PAPER, Term

# Of a sorted column, how many entries are passed over for a page before the database is asked for those papers alone.
WALKED = 20_000
ROWS_AT_ONCE = 500
# What pages want of papers, and so is read with their places.
CARRIED = ["record_json"]

# Where a paper stands in an order: the key of its run, and its place there. Plain values, to be sent and to come back.
type Place = list[Any]


class BadPlace(Exception):
    """This is no place of this order."""


class Run(Protocol):
    """A stretch of an order. `beyond` gives what follows a place, or what comes before it, in the order of the run.

    `rank` says how many papers of the run come before one of them; None where they are too many to be counted for a page.
    """

    def __len__(self) -> int: ...
    def __contains__(self, number: int, /) -> bool: ...
    def at(self, offset: int, size: int) -> list[int]: ...
    def beyond(self, place: Place, size: int, *, backwards: bool) -> list[int]: ...
    def place_of(self, number: int) -> Place: ...
    def rank(self, number: int) -> int | None: ...
    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]: ...


class Order:
    """Papers in an order: its runs one after the other, each with the key that stands for it in a place."""

    def __init__(self, runs: Iterable[tuple[Any, Run]]) -> None:
        self.runs = list(runs)

    def __len__(self) -> int:
        return sum(self.sizes.values())

    @property
    def sizes(self) -> dict[Any, int]:
        """How many papers stand in each run, such as under each year."""
        return {key: len(run) for key, run in self.runs}

    def __getitem__(self, part: slice) -> list[int]:
        """The numbers of the papers from one offset to another."""
        offset, size = part.start or 0, part.stop - (part.start or 0)
        found: list[int] = []
        for _key, run in self.runs:
            if len(found) == size:
                break
            # How many there are is only asked where they have to be counted.
            if not offset or offset < len(run):
                found += run.at(offset, size - len(found))
            offset = offset and max(0, offset - len(run))
        return found

    def beyond(self, place: Place, size: int, *, backwards: bool = False) -> list[int]:
        """The papers that come next after a place, or those just before it, in their order. Raises BadPlace."""
        here = next((number for number, (key, _run) in enumerate(self.runs) if place and key == place[0]), None)
        if here is None:
            raise BadPlace
        try:
            found = self.runs[here][1].beyond(place[1:], size, backwards=backwards)
        except (TypeError, ValueError) as error:
            raise BadPlace from error
        for _key, run in reversed(self.runs[:here]) if backwards else self.runs[here + 1 :]:
            missing = size - len(found)
            if not missing:
                break
            found = run.at(max(0, len(run) - missing), missing) + found if backwards else found + run.at(0, missing)
        return found

    def place_of(self, number: int) -> Place:
        """Where one of the papers stands."""
        return next([key, *run.place_of(number)] for key, run in self.runs if number in run)

    def rank(self, number: int) -> int | None:
        """How many papers come before this one, as far as they are counted; None also where it is none of them."""
        passed = 0
        for _key, run in self.runs:
            if number in run:
                rank = run.rank(number)
                return None if rank is None else passed + rank
            passed += len(run)
        return None

    def __contains__(self, number: int) -> bool:
        return any(number in run for _key, run in self.runs)

    def rows(self, numbers: Iterable[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
        """Of these papers, in this order, what the columns say. One that went meanwhile is left out."""
        numbers = list(numbers)
        for _key, run in self.runs:
            if isinstance(run, Walk) and run.carries == columns and run.carried.keys() >= set(numbers):
                return [run.carried[number] for number in numbers]
        return rows_of(numbers, columns)

    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Of every paper, in order, what the columns say. Memory does not grow with their number."""
        for _key, run in self.runs:
            yield from run.stream(columns)


class Selection(Order):
    """The papers that `filters` chose, in one of the ORDERS. Asks nothing before it has to.

    For who wants those of higher numbers than `since` alone: of others, words are not proven, so that they may be missing.
    """

    def __init__(self, chosen: Mapping[str, Any], order: str, *, since: int = 0) -> None:
        self.chosen = chosen
        self.order = order
        self._since = since

    def __len__(self) -> int:
        return len(self.papers)

    @cached_property
    def runs(self) -> list[tuple[Any, Run]]:  # type: ignore[override]
        return ORDERS[self.order](self)

    @cached_property
    def papers(self) -> BitMap:
        return self.leaving_out("")

    @property
    def is_whole(self) -> bool:
        """Nothing was asked for."""
        return not self._sets

    def leaving_out(self, name: str) -> BitMap:
        """The papers that all parameters but this one leave."""
        sets = [papers for parameter, papers in self._sets.items() if parameter != name]
        return BitMap.intersection(*sets) if sets else self.everything

    @property
    def everything(self) -> BitMap:
        return self._postings[EVERY_PAPER]

    def signature(self) -> str:
        """Differs when, and only when, the records or their order do.

        A record that is new or changed has a newer version than all before it. So of selections whose newest version is the
        same, the later one has lost papers at most, and their number tells.
        """
        papers = Paper.objects.all() if self.is_whole else Paper.objects.filter(pk__in=index.as_rows(self.papers))
        newest = papers.aggregate(newest=Max("version"))["newest"]
        return repr((len(self), newest, [(key, _order_of(run)) for key, run in self.runs]))

    @cached_property
    def found(self) -> search.Found | None:
        """What the words find, whatever else is asked for."""
        return search.find(self.chosen["q"], since=self._since) if self.chosen["q"] else None

    @cached_property
    def _sets(self) -> dict[str, BitMap]:
        """Of each parameter that was given, the papers that it leaves."""
        sets = {name: BitMap.union(*(self._postings[term] for term in terms)) for name, terms in self._terms.items()}
        if self.found:
            sets["q"] = self.found.papers
        if authors := self.chosen["author"]:
            sets["author"] = BitMap(Author.objects.filter(slug__in=[author.slug for author in authors]).values_list("paper", flat=True))
        return sets

    @cached_property
    def _terms(self) -> dict[str, list[Term]]:
        terms = {name: [(name, of(value)) for value in self.chosen[name]] for name, of in _TERMS.items() if self.chosen[name]}
        low, high = self.chosen["year_min"], self.chosen["year_max"]
        if low or high:
            terms["years"] = [("year", str(year)) for year in range(low or FIRST_YEAR, (high or LAST_YEAR) + 1)]
        return terms

    @cached_property
    def _postings(self) -> dict[Term, BitMap]:
        return index.papers_of([EVERY_PAPER, *(term for terms in self._terms.values() for term in terms)])


def _order_of(run: Run) -> list[int] | bytes | None:
    """What the records do not say of it."""
    if isinstance(run, Ranked):
        return run.papers
    return run.papers.serialize() if isinstance(run, Numbers) else None


# Which term stands for a value of each parameter that is a field of the index.
_TERMS: dict[str, Callable[[Any], str]] = {
    "category": lambda category: category.path,
    "venue": lambda venue: venue.slug,
    "organization": lambda organization: organization.slug,
    "year": str,
    "added": str,
    "kind": str,
    "has": str,
}


def rows_of(numbers: Iterable[int], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    """Of these papers, in this order, what the columns say. One that went meanwhile is left out."""
    numbers = list(numbers)
    found = {number: row for number, *row in Paper.objects.filter(pk__in=numbers).order_by().values_list("pk", *columns)}
    return [tuple(found[number]) for number in numbers if number in found]


# -- Runs --------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Numbers:
    """Papers by their numbers, which grow as papers come in."""

    papers: BitMap
    newest_first: bool = True

    def __len__(self) -> int:
        return len(self.papers)

    def __contains__(self, number: int) -> bool:
        return number in self.papers

    def at(self, offset: int, size: int) -> list[int]:
        if self.newest_first:
            stop = max(0, len(self) - offset)
            return list(reversed(self.papers[max(0, stop - size) : stop]))
        return list(self.papers[offset : offset + size])

    def beyond(self, place: Place, size: int, *, backwards: bool) -> list[int]:
        (number,) = place
        below, at_most = self.papers.rank(number - 1) if number else 0, self.papers.rank(number)
        before, after = (len(self) - at_most, len(self) - below) if self.newest_first else (below, at_most)
        start = max(0, before - size)
        return self.at(start, before - start) if backwards else self.at(after, size)

    def place_of(self, number: int) -> Place:
        return [number]

    def rank(self, number: int) -> int:
        return len(self) - self.papers.rank(number) if self.newest_first else self.papers.rank(number) - 1

    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        numbers = (self.papers[len(self) - 1 - rank] for rank in range(len(self))) if self.newest_first else iter(self.papers)
        yield from _stream(numbers, columns)


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """Papers in an order of their own. A place is a number, and where it stood in case it stands there no more."""

    papers: list[int]

    def __len__(self) -> int:
        return len(self.papers)

    def __contains__(self, number: int) -> bool:
        return number in self.papers

    def at(self, offset: int, size: int) -> list[int]:
        return self.papers[offset : offset + size]

    def beyond(self, place: Place, size: int, *, backwards: bool) -> list[int]:
        number, stood = place
        here = self.papers.index(number) if number in self.papers else stood - (not backwards)
        start = max(0, here - size)
        return self.papers[start:here] if backwards else self.at(here + 1, size)

    def place_of(self, number: int) -> Place:
        return [number, self.papers.index(number)]

    def rank(self, number: int) -> int:
        return self.papers.index(number)

    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        yield from _stream(self.papers, columns)


@dataclass(frozen=True, kw_only=True)
class Key:
    """A column that rows are ordered by, which is never null. All keys of a walk run in one direction."""

    name: str
    is_descending: bool = False


@dataclass(frozen=True, kw_only=True)
class Walk:
    """Papers as a sorted column of the database has them. The last of the `keys` makes their order total.

    `rows` are those of the column, in order, `number` is the name of what leads from them to the paper, and `every` says how
    many there are: some `papers` among many are found by walking along the column. None stands for all of them. `carries`
    are columns that are read along the way, where every row counts.
    """

    rows: QuerySet[Any]
    number: str
    keys: Sequence[Key]
    papers: BitMap | None
    every: Callable[[], int]
    carries: Sequence[str] = ()
    carried: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    # Where those stand that were read: nobody has to ask again.
    _read: dict[int, tuple[Any, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return self.every() if self.papers is None else len(self.papers)

    def __contains__(self, number: int) -> bool:
        return self.papers is None or number in self.papers

    def at(self, offset: int, size: int) -> list[int]:
        if self.papers is None and not offset:
            return self._walk(self.rows, skip=0, size=size)
        size = min(size, len(self) - offset)
        behind = len(self) - offset - size
        if size <= 0:
            return []
        if offset > behind:
            return self._walk(self.rows.reverse(), skip=behind, size=size)[::-1]
        return self._walk(self.rows, skip=offset, size=size)

    def beyond(self, place: Place, size: int, *, backwards: bool) -> list[int]:
        rows = self.rows.filter(beyond(self.keys, self._values(place), backwards=backwards))
        found = self._walk(rows.reverse() if backwards else rows, skip=0, size=size)
        return found[::-1] if backwards else found

    def place_of(self, number: int) -> Place:
        if number not in self._read:
            self._noted(self.rows.filter(**{self.number: number}).values_list(self.number, *self._names))
        return [value.isoformat() if isinstance(value, datetime) else value for value in self._read[number]]

    def rank(self, number: int) -> int | None:
        before = self.rows.filter(beyond(self.keys, self._values(self.place_of(number)), backwards=True)).reverse()
        if self.papers is not None and len(self.papers) <= WALKED:
            return self._only_these(before).count()
        if self.papers is None:
            count = before[: WALKED + 1].count()
            return count if count <= WALKED else None
        passed = list(before.values_list(self.number, flat=True)[: WALKED + 1])
        return sum(each in self for each in passed) if len(passed) <= WALKED else None

    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        prefix = "" if self.number == "pk" else f"{self.number}__"
        rows = self.rows if self.papers is None else self._only_these(self.rows)
        yield from rows.values_list(*(prefix + column for column in columns)).iterator(chunk_size=ROWS_AT_ONCE)

    def _walk(self, rows: QuerySet[Any], *, skip: int, size: int) -> list[int]:
        if self.papers is None:
            found = list(rows.values_list(self.number, *self.carries, *self._names)[skip : skip + size])
            self.carried.update((number, tuple(row[: len(self.carries)])) for number, *row in found)
            return self._noted((number, *row[len(self.carries) :]) for number, *row in found)
        entries = rows.values_list(self.number, *self._names)
        passed = (skip + size) * self.every() // max(1, len(self))
        if passed <= WALKED:
            read = list(entries[: 2 * passed + size])
            found = list(islice((entry for entry in read if entry[0] in self), skip, skip + size))
            if len(found) == size or len(read) < 2 * passed + size:
                return self._noted(found)
        return self._noted(self._only_these(rows).values_list(self.number, *self._names)[skip : skip + size])

    def _noted(self, entries: Iterable[tuple[Any, ...]]) -> list[int]:
        found = {number: tuple(values) for number, *values in entries}
        self._read.update(found)
        return list(found)

    @property
    def _names(self) -> list[str]:
        return [key.name for key in self.keys]

    def _only_these(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows if self.papers is None else rows.filter(**{f"{self.number}__in": index.as_rows(self.papers)})

    def _values(self, place: Place) -> list[Any]:
        times = {field.name for field in self.rows.model._meta.concrete_fields if isinstance(field, DateTimeField)}
        plain = [value for _key, value in zip(self.keys, place, strict=True)]
        return [datetime.fromisoformat(value) if key.name in times else value for key, value in zip(self.keys, plain, strict=True)]


def beyond(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Lookup[Any]:
    """Beyond a place, compared as a row of values: the only form that a database looks up in an index of several columns."""
    further = LessThan if keys[0].is_descending != backwards else GreaterThan
    return further(_Row(*(F(key.name) for key in keys)), _Row(*map(Value, values)))


class _Row(Func):
    template = "(%(expressions)s)"
    output_field = BooleanField()


def _stream(numbers: Iterable[int], columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    for some in batched(numbers, ROWS_AT_ONCE, strict=False):
        yield from rows_of(some, columns)


# -- Orders ------------------------------------------------------------------------------------
def _by(name: str, *, descending: bool = False) -> Callable[[Selection], list[tuple[Any, Run]]]:
    sign = "-" if descending else ""

    def runs(selection: Selection) -> list[tuple[Any, Run]]:
        walk = Walk(
            rows=Paper.objects.order_by(f"{sign}{name}", f"{sign}id"),
            number="pk",
            keys=[Key(name=name, is_descending=descending), Key(name="id", is_descending=descending)],
            papers=None if selection.is_whole else selection.papers,
            every=lambda: len(selection.everything),
            carries=CARRIED,
        )
        return [(name, walk)]

    return runs


def by_year(papers: BitMap, *, newest_first: bool) -> list[tuple[int | None, Run]]:
    """Years are few: each is a run. Those without a year come last either way."""
    years = {int(term): those & papers for (_field, term), those in index.papers_by_term("year").items()}
    runs: list[tuple[int | None, BitMap]] = [(year, years[year]) for year in sorted(years, reverse=newest_first)]
    runs.append((None, papers - BitMap.union(*years.values()) if years else papers))
    return [(year, Numbers(papers=those, newest_first=newest_first)) for year, those in runs]


def _by_relevance(selection: Selection) -> list[tuple[Any, Run]]:
    stretches = selection.found.ranked(selection.papers) if selection.found else []
    return list(enumerate(Ranked(papers=each) if isinstance(each, list) else Numbers(papers=each) for each in stretches))


def _curated(selection: Selection) -> list[tuple[Any, Run]]:
    """Tree first, then place: a paper that stands in two parts of the category comes where it comes first."""
    parts = list(Category.objects.filter(lineage=selection.chosen["category"][0]).order_by("tree_position"))
    places = index.papers_with("place", [part.path for part in parts])
    seen = BitMap()
    runs: list[tuple[Any, Run]] = []
    for part in parts:
        here = places[part.path]
        walk = Walk(
            rows=Placement.objects.filter(category=part).order_by("position"),
            number="paper",
            keys=[Key(name="position")],
            papers=(here & selection.papers) - seen,
            every=here.__len__,
        )
        runs.append((part.pk, walk))
        seen |= here
    return runs


ORDERS: dict[str, Callable[[Selection], list[tuple[Any, Run]]]] = {
    "-added": _by("added_at", descending=True),
    "added": _by("added_at"),
    "-year": lambda selection: by_year(selection.papers, newest_first=True),
    "year": lambda selection: by_year(selection.papers, newest_first=False),
    "title": _by("title_key"),
    "relevance": _by_relevance,
    "curated": _curated,
}
