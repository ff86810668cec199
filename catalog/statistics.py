"""The catalogue in numbers, each with the address of the list that holds exactly what was counted. Reads only.

What papers say of themselves is counted in the index, however many there are; what people did in the log of decisions, a row a
month. Knows nothing of pictures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BooleanField, Count, DurationField, ExpressionWrapper, F, Q, Value, Window
from django.db.models.functions import RowNumber, TruncMonth
from django.urls import reverse
from django.utils.translation import ngettext
from pyroaring import BitMap

from accounts.models import User
from catalog import contributions, index, periods, review
from catalog.contributions import Figures, Ranking
from catalog.models import Category, Decision, Organization, Submission, Venue

# How much a picture shows: of years the latest, of names the commonest.
YEARS = 12
NAMES = 10
CATEGORIES = 30
COLUMNS = 7
MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Mark:
    """So many of something, and the address of the list of them; none where nothing was counted."""

    label: str = ""
    count: int
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A name, how many there are in each column, and in all."""

    every: Mark
    cells: list[Mark]
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Names by years. `is_cut` says that there are more names than rows."""

    columns: list[str]
    rows: list[Row]
    is_cut: bool = False

    @property
    def most(self) -> int:
        return max((cell.count for row in self.rows for cell in row.cells), default=0)


@dataclass(frozen=True, kw_only=True)
class Month:
    """What came in, and what there was at its end; what was decided, and half of what was settled within which time."""

    period: str
    added: Mark
    papers: int
    decided: Mark
    wait: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """`years` are newest first, and the last may stand for all before; `with_...` are the papers that say so at all.

    Contributors are named where they chose to have a page; the last of them may stand for all others.
    """

    papers: Mark
    categories: Mark
    venues: Mark
    organizations: Mark
    with_arxiv: Mark
    years: list[Mark]
    with_year: int
    by_category: Grid
    by_venue: list[Mark]
    with_venue: int
    by_organization: list[Mark]
    with_organization: int
    by_edition: Grid
    months: list[Month]
    contributors: Mark
    by_contributor: list[Mark]
    waiting: int


def of_catalogue(stamp: str | None, *, now: datetime) -> Statistics:
    """Seven questions, however much there is; three of them are asked once for each `stamp` of the catalogue."""
    said, ranking = _Said(), contributions.ranking(stamp)
    venues, organizations = said.commonest("venue"), said.commonest("organization")
    names = _Names(venues, organizations, [number for number, _figures in ranking.people[:NAMES]])
    return Statistics(
        papers=Mark(count=said.papers, address=reverse("catalog:paper-list")),
        categories=Mark(count=len(names.tree), address=reverse("catalog:category-list")),
        venues=Mark(count=len(said.sizes["venue"]), address=reverse("catalog:venue-list")),
        organizations=Mark(count=len(said.sizes["organization"]), address=reverse("catalog:organization-list")),
        with_arxiv=_papers("", said.sizes["has"]["arxiv"], has="arxiv"),
        years=_years(said),
        with_year=sum(said.sizes["year"].values()),
        by_category=_by_category(said, names.tree),
        by_venue=[_mark(names.venues[slug], said.sizes["venue"][slug], reverse("catalog:venue-detail", args=[slug])) for slug in venues],
        with_venue=sum(said.sizes["venue"].values()),
        by_organization=[
            _mark(names.organizations[slug], said.sizes["organization"][slug], reverse("catalog:organization-detail", args=[slug]))
            for slug in organizations
        ],
        with_organization=len(said.with_organization),
        by_edition=_by_edition(said, {slug: names.venues[slug] for slug in venues}),
        months=_months(said, now),
        contributors=_mark("", len(ranking.people) + ranking.others, reverse("catalog:person-list")),
        by_contributor=_by_contributor(ranking, names.people),
        waiting=Submission.objects.awaiting_review().count(),
    )


# -- What papers say -------------------------------------------------------------------------
class _Said:
    """How many papers each term is true of, and of categories and years which, from one reading of the index."""

    def __init__(self) -> None:
        self.sizes: dict[str, Counter[str]] = defaultdict(Counter)
        self.sets: dict[str, dict[str, BitMap]] = {"category": {}, "year": {}}
        self.with_organization = BitMap()
        for (field, term), papers in index.each_term("added", "all", "category", "edition", "has", "organization", "venue", "year"):
            self.sizes[field][term] = len(papers)
            if field in self.sets:
                self.sets[field][term] = papers
            elif field == "organization":
                self.with_organization |= papers

    @property
    def papers(self) -> int:
        return self.sizes["all"][""]

    @property
    def years(self) -> list[int]:
        """Newest first."""
        return sorted(map(int, self.sizes["year"]), reverse=True)

    def commonest(self, field: str, most: int = NAMES) -> list[str]:
        return sorted(self.sizes[field], key=lambda term: (-self.sizes[field][term], term))[:most]


def _mark(label: str, count: int, address: str) -> Mark:
    return Mark(label=label, count=count, address=address if count else "")


def _papers(label: str, count: int, **selection: Any) -> Mark:
    return _mark(label, count, reverse("catalog:paper-list", query=selection))


class _Names:
    """What is called how, in one question: paths and names of all categories in their order, of some others by slug or number."""

    def __init__(self, venues: Iterable[str], organizations: Iterable[str], people: Iterable[int]) -> None:
        tree = Category.objects.values_list(Value("category"), "tree_position", "path", "name")
        called = Venue.objects.filter(slug__in=venues).values_list(Value("venue"), Value(0), "slug", "name")
        named = Organization.objects.filter(slug__in=organizations).values_list(Value("organization"), Value(0), "slug", "name")
        public = User.objects.filter(pk__in=people, is_public=True, is_active=True)
        pages = public.values_list(Value("person"), "pk", "username", "display_name")
        rows = list(tree.order_by().union(called.order_by(), named.order_by(), pages.order_by(), all=True).order_by())
        self.tree = [(path, name) for _place, path, name in sorted(row[1:] for row in rows if row[0] == "category")]
        self.venues = {slug: name for kind, _none, slug, name in rows if kind == "venue"}
        self.organizations = {slug: name for kind, _none, slug, name in rows if kind == "organization"}
        self.people = {number: (username, name or username) for kind, number, username, name in rows if kind == "person"}


def _years(said: _Said) -> list[Mark]:
    years, sizes = said.years, said.sizes["year"]
    shown = years if len(years) <= YEARS else years[: YEARS - 1]
    marks = [_papers(str(year), sizes[str(year)], year=year) for year in shown]
    if before := years[len(shown) :]:
        marks.append(_papers(f"≤ {before[0]}", sum(sizes[str(year)] for year in before), year_max=before[0]))
    return marks


def _by_category(said: _Said, tree: list[tuple[str, str]]) -> Grid:
    """The largest, in the order of the tree. The first column stands for all years before, where there are more."""
    years, papers = said.years, said.sets["category"]
    recent = years if len(years) <= COLUMNS else years[: COLUMNS - 1]
    columns = [({"year": year}, said.sets["year"][str(year)]) for year in reversed(recent)]
    heads = [str(year) for year in reversed(recent)]
    if before := years[len(recent) :]:
        columns.insert(0, ({"year_max": before[0]}, BitMap.union(*(said.sets["year"][str(year)] for year in before))))
        heads.insert(0, f"≤ {before[0]}")
    largest = set(said.commonest("category", CATEGORIES))
    rows = []
    for path, name in tree:
        if path in largest:
            here = papers[path]
            cells = [
                _papers(head, here.intersection_cardinality(those), category=path, **chosen)
                for head, (chosen, those) in zip(heads, columns, strict=True)
            ]
            rows.append(Row(every=_papers(name, len(here), category=path), cells=cells, depth=path.count("/")))
    return Grid(columns=heads, rows=rows, is_cut=len(papers) > CATEGORIES)


def _by_edition(said: _Said, venues: Mapping[str, str]) -> Grid:
    """The commonest venues, and the latest years that they have papers of."""
    editions = {(slug, year): size for term, size in said.sizes["edition"].items() for slug, _slash, year in [term.rpartition("/")] if year}
    years = sorted({year for slug, year in editions if slug in venues})[-COLUMNS:]
    rows = [
        Row(
            every=_mark(name, said.sizes["venue"][slug], reverse("catalog:venue-detail", args=[slug])),
            cells=[_mark(year, editions.get((slug, year), 0), reverse("catalog:edition-detail", args=[slug, int(year)])) for year in years],
        )
        for slug, name in venues.items()
    ]
    return Grid(columns=years, rows=rows)


# -- What people did -------------------------------------------------------------------------
def _months(said: _Said, now: datetime) -> list[Month]:
    names = periods.latest_months(MONTHS, now=now)
    decided = _decided(periods.bounds(names[0])[0])
    months, papers = [], said.papers
    for period in reversed(names):
        added, (count, wait) = said.sizes["added"][period], decided.get(period, (0, None))
        months.append(
            Month(
                period=period,
                added=_papers(periods.in_words(period), added, added=period),
                papers=papers,
                decided=_mark(periods.in_words(period), count, reverse("catalog:change-list", query={"decided": period})),
                wait=wait,
            )
        )
        papers -= added
    return months[::-1]


def _decided(begin: datetime) -> dict[str, tuple[int, timedelta | None]]:
    """Of each month since, how many decisions on proposals, and the median of what those that settle one had waited.

    What was undone has settled nothing.
    """
    settles = Q(verdict__in=[review.APPROVE, review.REJECT], undone_by__isnull=True)
    decisions = Decision.objects.filter(verdict__in=Decision.ON_SUBMISSIONS, at__gte=begin).annotate(
        month=TruncMonth("at"),
        settles=ExpressionWrapper(settles, output_field=BooleanField()),
        wait=ExpressionWrapper(F("at") - F("submission__submitted_at"), output_field=DurationField()),
    )
    alike = [F("month"), F("settles")]
    ranked = decisions.annotate(
        twice=Window(RowNumber(), partition_by=alike, order_by=F("wait")) * 2,
        number=Window(Count("pk"), partition_by=alike),
        decided=Window(Count("pk"), partition_by=F("month")),
    )
    # The one in the middle, or the two.
    middle = ranked.filter(twice__gte=F("number"), twice__lte=F("number") + 2).order_by()
    counts: dict[str, int] = {}
    waits: dict[str, list[timedelta]] = {}
    for month, settled, wait, count in middle.values_list("month", "settles", "wait", "decided"):
        counts[f"{month:%Y-%m}"] = count
        if settled:
            waits.setdefault(f"{month:%Y-%m}", []).append(wait)
    medians = {month: sum(each, timedelta()) / len(each) for month, each in waits.items()}
    return {month: (count, medians.get(month)) for month, count in counts.items()}


def _by_contributor(ranking: Ranking, names: Mapping[int, tuple[str, str]]) -> list[Mark]:
    """Those who did most, by name where they have a page; one mark for all others."""
    marks, shown = [], Figures()
    for number, figures in ranking.people[:NAMES]:
        if number in names:
            username, name = names[number]
            marks.append(_mark(name, figures.total, reverse("catalog:person-detail", args=[username])))
            shown = Figures(*map(sum, zip(shown, figures, strict=True)))
    everything = sum(figures.total for _number, figures in ranking.people) + ranking.theirs.total
    others = len(ranking.people) + ranking.others - len(marks)
    if others:
        label = ngettext("%(count)d other", "%(count)d others", others) % {"count": others}
        marks.append(_mark(label, everything - shown.total, reverse("catalog:person-list")))
    return marks
