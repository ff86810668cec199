"""What stands on the shelves, in the order of their curators, and who stands beside whom.

Questions of pages that show papers in their place: each is answered by a bounded number of rows, however large the
catalogue. Reads only.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from catalog import index, records
from catalog.models import Affiliation, Category, Edition, Organization, Paper, Placement, Venue
from catalog.records import SMALL_WORDS, Record, fold
from catalog.records import Category as Heading
from catalog.selection import Key, Numbers, Order, Selection, Walk, by_year, rows_of
from catalog.terms import Term, lineage

# Strokes of one drawing: as many as fit the narrowest page.
STROKES = 64
# What a page says of a paper in a category: its record as JSON, and the curator's words about it there.
PLACED = ["paper__record_json", "note"]
RELATED = 5
# Of those, by the same authors, and called alike, so that there is room for others.
BY_AUTHORS = 3
BY_TITLE = 2
# Of a title, so many words are looked for in others; one that more titles have than these says little.
TITLE_WORDS = 12
TELLING = 500
NOT_TELLING = SMALL_WORDS | {
    "based", "better", "beyond", "efficient", "from", "high", "into", "large",
    "multi", "novel", "over", "through", "toward", "towards", "using", "with",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Shelf[Of: (Category, Venue, Organization)]:
    """What papers stand under, how many, and the years of the first STROKES of them for the drawing.

    Papers are counted once with all that lies below; only those that are `placed` at a category itself are drawn. `first`
    and `last` are the years of the editions of a venue.
    """

    of: Of
    count: int
    placed: BitMap = field(default_factory=BitMap)
    years: list[int | None] = field(default_factory=list)
    first: int | None = None
    last: int | None = None
    is_head: bool = False

    @property
    def is_cut(self) -> bool:
        """There are more papers than strokes; of a head with parts, there may be."""
        return len(self.years) == STROKES and (self.is_head or self.count > STROKES)

    @property
    def depth(self) -> int:
        return self.of.depth if isinstance(self.of, Category) else 0


def contents() -> list[Shelf[Category]]:
    """The whole tree, read from top to bottom."""
    categories = list(Category.objects.order_by("tree_position"))
    papers = index.papers_by_term("category", "place")
    placed = {category: papers.get(("place", category.path), BitMap()) for category in categories}
    drawn = _first_placed(placed, length=STROKES, columns=["paper__year"])
    heads = {category.parent_id for category in categories}
    return [
        Shelf(
            of=category,
            count=len(papers.get(("category", category.path), ())),
            placed=placed[category],
            years=[year for (year,) in drawn.get(category.pk, ())],
            is_head=category.pk in heads,
        )
        for category in categories
    ]


def venues() -> list[Shelf[Venue]]:
    """The series that have papers here, by name; on their shelves the oldest papers come first."""
    papers = index.papers_by_term("venue", "edition", "year")
    editions: dict[str, list[int]] = {}
    for about, term in papers:
        slug, _slash, year = term.rpartition("/")
        if about == "edition" and year:
            editions.setdefault(slug, []).append(int(year))
    return [
        Shelf(
            of=venue,
            count=len(here),
            years=_years(here, papers),
            first=min(editions.get(venue.slug, ()), default=None),
            last=max(editions.get(venue.slug, ()), default=None),
        )
        for venue in Venue.objects.order_by("name")
        if (here := papers.get(("venue", venue.slug)))
    ]


def organizations() -> QuerySet[Organization]:
    """Those that have papers here, by name."""
    return Organization.objects.filter(Exists(Affiliation.objects.filter(organization=OuterRef("pk")))).order_by("name")


def organization_shelves(page: Iterable[Organization]) -> list[Shelf[Organization]]:
    """The shelves of some `organizations()`; on them the oldest papers come first."""
    page = list(page)
    papers = index.papers_with("organization", [each.slug for each in page])
    years = index.papers_by_term("year")
    return [Shelf(of=each, count=len(papers[each.slug]), years=_years(papers[each.slug], years)) for each in page]


def _years(papers: BitMap, by_term: Mapping[Term, BitMap]) -> list[int | None]:
    """The years of the first STROKES of these papers, oldest first, those without one last."""
    years = sorted((int(term), those) for (field, term), those in by_term.items() if field == "year")
    found = [year for year, those in years for _each in range(min(STROKES, papers.intersection_cardinality(those)))][:STROKES]
    return [*found, *[None] * (min(STROKES, len(papers)) - len(found))]


def _first_placed(placed: Mapping[Category, BitMap], *, length: int, columns: Sequence[str]) -> dict[int, list[tuple[Any, ...]]]:
    """Of the first papers of each category, in the curator's order, what the columns say of their placements.

    One question; and one more of a category that has as many free positions at its beginning as papers were asked for.
    """
    found: dict[int, list[tuple[Any, ...]]] = {}
    near = Placement.objects.filter(category__in=placed, position__lte=2 * length).order_by("category", "position")
    for category, *row in near.values_list("category", *columns):
        found.setdefault(category, []).append(tuple(row))
    for category, papers in placed.items():
        if len(found.get(category.pk, ())) < min(length, len(papers)):
            found[category.pk] = list(category.placements.order_by("position").values_list(*columns)[:length])
    return {category: rows[:length] for category, rows in found.items()}


def beginnings(shelves: Iterable[Shelf[Category]], *, length: int) -> dict[int, list[tuple[Any, ...]]]:
    """The first papers of each category, as (record as JSON, the curator's note)."""
    return _first_placed({each.of: each.placed for each in shelves}, length=length, columns=PLACED)


def papers_of_category(shelf: Shelf[Category]) -> Order:
    """Those that stand at this very place, in the curator's order; what is PLACED comes along."""
    rows = Placement.objects.filter(category=shelf.of).order_by("position")
    walk = Walk(rows=rows, number="paper", keys=[Key(name="position")], papers=None, every=shelf.placed.__len__, carries=PLACED)
    return Order([(shelf.of.pk, walk)])


def papers_of_venue(venue: Venue) -> Order:
    """By year of the edition, newest first; the runs are the years that have papers, None last."""
    years = list(venue.editions.order_by(F("year").desc(nulls_last=True)).values_list("year", flat=True))
    papers = index.papers_with("edition", [f"{venue.slug}/{year or ''}" for year in years])
    runs = ((year, Numbers(papers=papers[f"{venue.slug}/{year or ''}"])) for year in years)
    return Order((year, run) for year, run in runs if run)


def papers_of_edition(edition: Edition) -> Order:
    term = f"{edition.venue.slug}/{edition.year or ''}"
    return Order([(edition.year, Numbers(papers=index.papers_with("edition", [term])[term]))])


def papers_of_organization(organization: Organization) -> Order:
    """By year, newest first; the runs are the years that have papers, None last."""
    papers = index.papers_with("organization", [organization.slug])[organization.slug]
    return Order((year, run) for year, run in by_year(papers, newest_first=True) if run)


class Places:
    """Papers as a list with headings has them: in the order of the tree, each at every one of its places.

    A selection of categories has no others. One question for each category that has papers.
    """

    def __init__(self, papers: Order) -> None:
        chosen = papers.chosen["category"] if isinstance(papers, Selection) else []
        self._order = papers
        self._papers = papers.papers if isinstance(papers, Selection) else BitMap(papers[0 : len(papers)])
        parts = Category.objects.filter(lineage__in=chosen).distinct() if chosen else Category.objects.all()
        self._parts = list(parts.order_by("tree_position"))
        placed = index.papers_with("place", [part.path for part in self._parts])
        self._placed = {path: (here, here & self._papers) for path, here in placed.items()}
        self._elsewhere = self._papers - BitMap.union(BitMap(), *placed.values())

    @property
    def contents(self) -> tuple[Heading, ...]:
        """The categories that papers stand in, and those above them; at the end one without a path, for papers without a place."""
        needed = {path for part in self._parts if self._placed[part.path][1] for path in lineage(part.path)}
        missing = needed - {part.path for part in self._parts}
        above = Category.objects.filter(path__in=missing) if missing else []
        categories = sorted((*self._parts, *above), key=lambda category: category.tree_position)
        found = [Heading(path=category.path, name=category.name) for category in categories if category.path in needed]
        return (*found, *([Heading(path="")] if self._elsewhere else ()))

    def stream(self) -> Generator[Record]:
        """The place at hand comes first among the categories of a record, and is primary where the paper is to be found.

        That is its primary place, or else the first of the others that are here.
        """
        here = {part.path for part in self._parts}
        for part in self._parts:
            every, those = self._placed[part.path]
            rows = Placement.objects.filter(category=part).order_by("position")
            walk = Walk(rows=rows, number="paper", keys=[], papers=None if len(every) == len(those) else those, every=those.__len__)
            for (json,) in walk.stream(["record_json"]) if those else ():
                yield _at(part.path, records.from_json(json), here)
        # In the order asked for; it is only gone through where there are any.
        for number, json in self._order.stream(["id", "record_json"]) if self._elsewhere else ():
            if number in self._elsewhere:
                yield records.from_json(json)


def _at(path: str, record: Record, here: set[str]) -> Record:
    first = record.categories[0]
    if first.path == path and first.primary:
        return record
    home = next(place.path for place in record.categories if place.path in here)
    places = [records.replace(place, primary=place.path == home) for place in record.categories]
    return records.replace(record, categories=tuple(sorted(places, key=lambda place: place.path != path)))


# -- One paper among its neighbours ----------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a paper stands in its primary category: `number` of `count`. `here` is its stroke among `years`.

    `lineage` leads from the root of the tree to the category. Neighbours hold no more than their names and address.
    """

    lineage: list[Category]
    number: int
    count: int
    years: list[int | None]
    here: int
    previous: Record | None
    next: Record | None

    @property
    def category(self) -> Category:
        return self.lineage[-1]


def surroundings(paper: Paper) -> tuple[Place | None, list[Related]]:
    """Where a paper stands in its primary category, if it has one, and at most RELATED papers that have to do with it.

    Five questions.
    """
    record = paper.record
    path, edition = (record.categories[0].path if record.categories else ""), _edition(record)
    words = [("title", word) for word in _telling_words(record.title)]
    papers = index.papers_of([("place", path), ("edition", edition), *words])
    beside, same_edition = papers["place", path], papers["edition", edition] - BitMap([paper.pk])
    place = _place_of(record, count=len(beside))
    likeliest = [*Numbers(papers=same_edition & beside).at(0, RELATED), *Numbers(papers=same_edition - beside).at(0, RELATED)]
    alike = _called_alike({word: papers["title", word] - BitMap([paper.pk]) for _field, word in words})
    return place, _related_to(paper, place, likeliest[:RELATED], alike)


def _telling_words(title: str) -> list[str]:
    return list(dict.fromkeys(word for word in fold(title).split() if len(word) > 3 and word not in NOT_TELLING))[:TITLE_WORDS]


def _called_alike(titles: Mapping[str, BitMap]) -> dict[int, list[str]]:
    """The papers that have at least two of these words in their titles, and which; those with the rarest words first."""
    shared: dict[int, list[str]] = {}
    for word, papers in titles.items():
        for number in papers if len(papers) <= TELLING else ():
            shared.setdefault(number, []).append(word)
    weights = {number: sum(1 / len(titles[word]) for word in words) for number, words in shared.items() if len(words) > 1}
    likeliest = sorted(weights, key=lambda number: (-weights[number], -number))[:BY_TITLE]
    return {number: shared[number] for number in likeliest}


def _edition(record: Record) -> str:
    return f"{record.venue.slug}/{record.venue.year or ''}" if record.venue else ""


def _place_of(record: Record, *, count: int) -> Place | None:
    """Its place among the papers that stand in its primary category."""
    if not record.categories:
        return None
    primary = record.categories[0]
    above = list(Category.objects.filter(path__in=lineage(primary.path)).order_by("tree_position"))
    placements = Placement.objects.filter(category=above[-1])
    before = placements.filter(position__lt=primary.position)
    after = placements.filter(position__gte=primary.position)
    near = Q(pk__in=before.order_by("-position").values("pk")[:STROKES]) | Q(pk__in=after.order_by("position").values("pk")[:STROKES])
    ahead = Subquery(before.order_by().values("category").annotate(count=Count("pk")).values("count"))
    names = ("paper__slug", "paper__title", "paper__short_name", "paper__year")
    rows = list(Placement.objects.filter(near).order_by("position").annotate(ahead=ahead).values_list(*names, "position", "ahead"))
    here = next(number for number, row in enumerate(rows) if row[4] == primary.position)
    start = max(0, min(here - STROKES // 2, len(rows) - STROKES))
    return Place(
        lineage=above,
        number=(rows[here][5] or 0) + 1,
        count=count,
        years=[row[3] for row in rows[start : start + STROKES]],
        here=here - start + 1,
        previous=_named(*rows[here - 1][:3]) if here else None,
        next=_named(*rows[here + 1][:3]) if here + 1 < len(rows) else None,
    )


@dataclass(frozen=True, kw_only=True)
class Neighbours:
    """Where a paper stands in an order: `number` of `count`, and beside whom. The number of one that lies deep is not known.

    Neighbours hold no more than their names and address.
    """

    number: int | None
    count: int
    previous: Record | None
    next: Record | None


def neighbours(paper: Paper, papers: Order) -> Neighbours | None:
    """None where it is none of these. Five questions beside those that the order asks."""
    if paper.pk not in papers:
        return None
    place, rank = papers.place_of(paper.pk), papers.rank(paper.pk)
    before, after = (papers.beyond(place, 1, backwards=backwards) for backwards in (True, False))
    named = {number: _named(*names) for number, *names in rows_of([*before, *after], ("pk", "slug", "title", "short_name"))}
    return Neighbours(
        number=None if rank is None else rank + 1,
        count=len(papers),
        previous=next(map(named.get, before), None),
        next=next(map(named.get, after), None),
    )


def _named(slug: str, title: str, short_name: str) -> Record:
    return Record(slug=slug, path=f"/papers/{slug}/", title=title, short_name=short_name)


@dataclass(kw_only=True)
class Related:
    record: Record
    reasons: list[str]

    @property
    def reason(self) -> str:
        return "; ".join(self.reasons)


def _related_to(paper: Paper, place: Place | None, same_edition: list[int], alike: Mapping[int, list[str]]) -> list[Related]:
    """Those with most reasons first: authors in common, words in both titles, the same edition, the next on the shelf."""
    found: dict[str, Related] = {}

    def add(record: Record, reason: str) -> None:
        found.setdefault(record.slug, Related(record=record, reasons=[])).reasons.append(reason)

    others = Paper.objects.exclude(pk=paper.pk)
    names = ("slug", "title", "short_name")
    authors = paper.authors.exclude(slug="").values("slug")
    shared = others.filter(authors__slug__in=authors).values(*names).annotate(shared=Count("authors__slug", distinct=True))
    for slug, title, short_name, count in shared.order_by("-shared", "slug").values_list(*names, "shared")[:BY_AUTHORS]:
        reason = ngettext("%(count)d author in common", "%(count)d authors in common", count) % {"count": count}
        add(_named(slug, title, short_name), reason)
    called = {number: _named(*row) for number, *row in rows_of({**alike, **dict.fromkeys(same_edition)}, ("pk", *names))}
    for number, words in alike.items():
        if number in called:
            add(called[number], _("%(words)s in both titles") % {"words": get_text_list([f"“{word}”" for word in words[:3]], _("and"))})
    if venue := paper.record.venue:
        reason = _("Same venue and year") if venue.year else _("Same venue")
        for number in same_edition:
            if number in called:
                add(called[number], reason)
    for neighbour in (place.next, place.previous) if place else ():
        if neighbour:
            add(neighbour, _("Beside it in %(category)s") % {"category": place.category if place else ""})
    return sorted(found.values(), key=lambda related: -len(related.reasons))[:RELATED]
