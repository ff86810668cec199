"""What stands on the shelves, in the order of their curators, and who stands beside whom.

Questions of pages that show papers in their place: each is answered by a bounded number of rows, however large the
catalogue. Reads only.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Affiliation, Category, Organization, Paper, Placement, Venue
from catalog.records import Record

# Strokes of one drawing: as many as fit the narrowest page.
STROKES = 64
RELATED = 5
# Of those, by the same authors, so that there is room for others.
BY_AUTHORS = 3


@dataclass(frozen=True, kw_only=True)
class Shelf[Of: (Category, Venue, Organization)]:
    """What papers stand under, how many, and the years of the first STROKES of them for the drawing.

    Papers are counted once with all that lies below; only those that stand here themselves are drawn. `first` and
    `last` are the years of the editions of a venue.
    """

    of: Of
    count: int
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
    """The whole tree, read from top to bottom, in two queries."""
    categories = Category.objects.annotate(paper_count=Count("descendants__placements__paper", distinct=True)).order_by("tree_position")
    years = _years(Placement.objects.all(), by="category", year="paper__year", order=["position"])
    heads = {category.parent_id for category in categories}
    return [
        Shelf(of=category, count=category.paper_count, years=years.get(category.pk, []), is_head=category.pk in heads)
        for category in categories
    ]


def venues() -> list[Shelf[Venue]]:
    """The series that have papers here, by name; on their shelves the oldest papers come first."""
    found = Venue.objects.annotate(
        paper_count=Count("editions__papers"),
        first=Min("editions__year", filter=Q(editions__papers__isnull=False)),
        last=Max("editions__year", filter=Q(editions__papers__isnull=False)),
    ).filter(paper_count__gt=0)
    years = _years(Paper.objects.filter(edition__isnull=False), by="edition__venue", year="year", order=["year", "id"])
    return [
        Shelf(of=venue, count=venue.paper_count, years=years.get(venue.pk, []), first=venue.first, last=venue.last)
        for venue in found.order_by("name")
    ]


def organizations() -> QuerySet[Any]:
    """Those that have papers here, by name, each with its `paper_count`."""
    return Organization.objects.annotate(paper_count=Count("affiliations")).filter(paper_count__gt=0).order_by("name")


def organization_shelves(page: Iterable[Any]) -> list[Shelf[Organization]]:
    """The shelves of some `organizations()`; on them the oldest papers come first."""
    page = list(page)
    rows = Affiliation.objects.filter(organization__in=page)
    years = _years(rows, by="organization", year="paper__year", order=["paper__year", "paper"])
    return [Shelf(of=each, count=each.paper_count, years=years.get(each.pk, [])) for each in page]


def _years(rows: QuerySet[Any], *, by: str, year: str, order: list[str]) -> dict[int, list[int | None]]:
    """The years of the first STROKES rows of each group."""
    number = Window(RowNumber(), partition_by=F(by), order_by=order)
    found: dict[int, list[int | None]] = {}
    for group, value in rows.annotate(number=number).filter(number__lte=STROKES).order_by(by, "number").values_list(by, year):
        found.setdefault(group, []).append(value)
    return found


def beginnings(categories: Iterable[Category], *, length: int) -> dict[int, list[tuple[str, str, str]]]:
    """The first papers of each category, as (record as JSON, citation key, the curator's note)."""
    number = Window(RowNumber(), partition_by=F("category"), order_by=["position"])
    rows = Placement.objects.filter(category__in=categories).annotate(number=number).filter(number__lte=length)
    found: dict[int, list[tuple[str, str, str]]] = {}
    facts = rows.order_by("category", "number").values_list("category", "paper__record_json", "paper__citation_key", "note")
    for category, *paper in facts:
        found.setdefault(category, []).append((paper[0], paper[1], paper[2]))
    return found


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


def place_of(record: Record) -> Place | None:
    """Two queries; none for a paper without a category."""
    if not record.categories:
        return None
    primary = record.categories[0]
    slugs = primary.path.split("/")
    paths = ["/".join(slugs[:depth]) for depth in range(1, len(slugs) + 1)]
    before = Count("placements", filter=Q(placements__position__lt=primary.position))
    lineage: list[Any] = list(
        Category.objects.filter(path__in=paths).annotate(before=before, count=Count("placements")).order_by("tree_position")
    )
    category = lineage[-1]
    start = max(0, min(category.before - STROKES // 2, category.count - STROKES))
    names = ("paper__slug", "paper__title", "paper__short_name", "paper__year")
    rows = list(Placement.objects.filter(category=category).order_by("position").values_list(*names)[start : start + STROKES])
    here = category.before - start
    return Place(
        lineage=lineage,
        number=category.before + 1,
        count=category.count,
        years=[year for *_names, year in rows],
        here=here + 1,
        previous=_named(*rows[here - 1][:3]) if here else None,
        next=_named(*rows[here + 1][:3]) if here + 1 < len(rows) else None,
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


def related_to(paper: Paper, place: Place | None) -> list[Related]:
    """At most RELATED papers, those with most reasons first: authors in common, the same edition, the next on the shelf.

    Two queries.
    """
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
    if paper.edition_id:
        beside = Placement.objects.filter(paper=OuterRef("pk"), category=place.category if place else None)
        same = others.filter(edition=paper.edition_id).annotate(is_beside=Exists(beside)).order_by("-is_beside", "-id")
        reason = _("Same venue and year") if paper.record.venue and paper.record.venue.year else _("Same venue")
        for names_ in same.values_list(*names)[:RELATED]:
            add(_named(*names_), reason)
    for neighbour in (place.next, place.previous) if place else ():
        if neighbour:
            add(neighbour, _("Beside it in %(category)s") % {"category": place.category if place else ""})
    return sorted(found.values(), key=lambda related: -len(related.reasons))[:RELATED]
