"""The catalogue in numbers, each with the address of the list that holds exactly what was counted. Reads only.

What papers say of themselves is counted in the index, however many there are; what people did in the log of decisions, a row a
month. Knows nothing of pictures.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Value, Window
from django.db.models.functions import RowNumber, TruncMonth
from django.urls import reverse
from pyroaring import BitMap

from catalog import index, periods, review
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
    """What came in, and what there was at its end; what was decided, about whose proposals, and half of it within which time."""

    period: str
    added: Mark
    papers: int
    decided: Mark
    contributors: int
    wait: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """`years` are newest first, and the last may stand for all before; `with_...` are the papers that say so at all."""

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
    contributors: int
    waiting: int
    usual_wait: timedelta | None


def of_catalogue(*, now: datetime) -> Statistics:
    """Seven questions, however much there is."""
    said = _Said()
    tree = list(Category.objects.order_by("tree_position"))
    venues, organizations = said.commonest("venue"), said.commonest("organization")
    names = _names(venues, organizations)
    people = Submission.objects.aggregate(
        waiting=Count("pk", filter=Q(status=Submission.Status.PENDING)), contributors=Count("contributor", distinct=True)
    )
    return Statistics(
        papers=Mark(count=said.papers, address=reverse("catalog:paper-list")),
        categories=Mark(count=len(tree), address=reverse("catalog:category-list")),
        venues=Mark(count=len(said.sizes["venue"]), address=reverse("catalog:venue-list")),
        organizations=Mark(count=len(said.sizes["organization"]), address=reverse("catalog:organization-list")),
        with_arxiv=_papers("", said.sizes["has"]["arxiv"], has="arxiv"),
        years=_years(said),
        with_year=sum(said.sizes["year"].values()),
        by_category=_by_category(said, tree),
        by_venue=[_mark(names["venue", slug], said.sizes["venue"][slug], reverse("catalog:venue-detail", args=[slug])) for slug in venues],
        with_venue=sum(said.sizes["venue"].values()),
        by_organization=[
            _mark(names["organization", slug], said.sizes["organization"][slug], reverse("catalog:organization-detail", args=[slug]))
            for slug in organizations
        ],
        with_organization=len(said.with_organization),
        by_edition=_by_edition(said, {slug: names["venue", slug] for slug in venues}),
        months=_months(said, now),
        usual_wait=review.usual_wait(),
        **people,
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


def _names(venues: Iterable[str], organizations: Iterable[str]) -> dict[tuple[str, str], str]:
    """What venues and organizations are called, in one question."""
    called = Venue.objects.filter(slug__in=venues).values_list(Value("venue"), "slug", "name")
    others = Organization.objects.filter(slug__in=organizations).values_list(Value("organization"), "slug", "name")
    return {(kind, slug): name for kind, slug, name in called.order_by().union(others.order_by(), all=True)}


def _years(said: _Said) -> list[Mark]:
    years, sizes = said.years, said.sizes["year"]
    shown = years if len(years) <= YEARS else years[: YEARS - 1]
    marks = [_papers(str(year), sizes[str(year)], year=year) for year in shown]
    if before := years[len(shown) :]:
        marks.append(_papers(f"≤ {before[0]}", sum(sizes[str(year)] for year in before), year_max=before[0]))
    return marks


def _by_category(said: _Said, tree: list[Category]) -> Grid:
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
    for category in tree:
        if category.path in largest:
            here = papers[category.path]
            cells = [
                _papers(head, here.intersection_cardinality(those), category=category.path, **chosen)
                for head, (chosen, those) in zip(heads, columns, strict=True)
            ]
            every = _papers(category.name, len(here), category=category.path)
            rows.append(Row(every=every, cells=cells, depth=category.depth))
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
    since = Decision.objects.filter(at__gte=periods.bounds(names[0])[0]).annotate(month=TruncMonth("at")).order_by()
    decided, waits = _decided(since), _waits(since)
    months, papers = [], said.papers
    for period in reversed(names):
        added = said.sizes["added"][period]
        count, contributors = decided.get(period, (0, 0))
        label = periods.in_words(period)
        months.append(
            Month(
                period=period,
                added=_papers(label, added, added=period),
                papers=papers,
                decided=_mark(label, count, reverse("catalog:change-list", query={"decided": period})),
                contributors=contributors,
                wait=waits.get(period),
            )
        )
        papers -= added
    return months[::-1]


def _decided(decisions: Any) -> dict[str, tuple[int, int]]:
    """Of each month, how many decisions on proposals, and on those of how many people."""
    by_month = decisions.filter(verdict__in=Decision.ON_SUBMISSIONS).values("month")
    counted = by_month.annotate(count=Count("pk"), contributors=Count("submission__contributor", distinct=True))
    return {f"{month:%Y-%m}": (count, people) for month, count, people in counted.values_list("month", "count", "contributors")}


def _waits(decisions: Any) -> dict[str, timedelta]:
    """Of each month, the median of what settled proposals had waited. What was undone has settled nothing."""
    wait = ExpressionWrapper(F("at") - F("submission__submitted_at"), output_field=DurationField())
    settled = decisions.filter(verdict__in=[review.APPROVE, review.REJECT], undone_by=None).annotate(wait=wait)
    ranked = settled.annotate(
        twice=Window(RowNumber(), partition_by=F("month"), order_by=F("wait")) * 2,
        number=Window(Count("pk"), partition_by=F("month")),
    )
    # The one in the middle, or the two.
    middle = ranked.filter(twice__gte=F("number"), twice__lte=F("number") + 2).values_list("month", "wait")
    found: dict[str, list[timedelta]] = defaultdict(list)
    for month, each in middle:
        found[f"{month:%Y-%m}"].append(each)
    return {month: sum(each, timedelta()) / len(each) for month, each in found.items()}
