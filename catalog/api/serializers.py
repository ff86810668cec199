"""What the API says of categories and names, and of lookups. Papers need none of this: they are stored as they are served."""

from collections.abc import Sequence
from typing import Any, Literal, get_args

import msgspec
from django.db.models import Count, F, Min, Prefetch, QuerySet

from catalog import index, models
from catalog.pasting import Fact
from catalog.records import Record


class CategoryNode(msgspec.Struct, frozen=True, kw_only=True):
    """A category. `parent` is the path of the one above; `count` its papers and those of the categories below, each once."""

    path: str
    name: str
    description: str
    position: int
    parent: str | None
    count: int


class VenueYear(msgspec.Struct, frozen=True, kw_only=True):
    """One year of a venue; `year` is null for papers whose year there is not known."""

    year: int | None
    count: int


class VenueSeries(msgspec.Struct, frozen=True, kw_only=True):
    """A venue, the spellings that lead to it, and its years with papers, newest first."""

    slug: str
    name: str
    full_name: str
    aliases: tuple[str, ...]
    editions: tuple[VenueYear, ...]
    count: int


class OrganizationName(msgspec.Struct, frozen=True, kw_only=True):
    """An organization and the spellings that lead to it."""

    slug: str
    name: str
    aliases: tuple[str, ...]
    count: int


def categories() -> QuerySet[models.Category]:
    """In the order of the tree."""
    return models.Category.objects.select_related("parent").order_by("tree_position", "id")


def category_nodes(rows: Sequence[models.Category]) -> list[CategoryNode]:
    papers = index.papers_with("category", [row.path for row in rows])
    return [
        CategoryNode(
            path=row.path,
            name=row.name,
            description=row.description,
            position=row.position,
            parent=row.parent.path if row.parent else None,
            count=len(papers[row.path]),
        )
        for row in rows
    ]


def venues() -> QuerySet[models.Venue]:
    editions = models.Edition.objects.order_by(F("year").desc(nulls_last=True))
    aliases = models.VenueAlias.objects.order_by("text", "id")
    related = (Prefetch("editions", editions), Prefetch("aliases", aliases))
    return models.Venue.objects.prefetch_related(*related).order_by("name", "id")


def venue_series(rows: Sequence[models.Venue]) -> list[VenueSeries]:
    years = {row.slug: {f"{row.slug}/{edition.year or ''}": edition.year for edition in row.editions.all()} for row in rows}
    papers = index.papers_with("edition", [term for its in years.values() for term in its])
    return [
        VenueSeries(
            slug=row.slug,
            name=row.name,
            full_name=row.full_name,
            aliases=_other_spellings(row),
            editions=tuple(VenueYear(year=year, count=len(papers[term])) for term, year in years[row.slug].items() if papers[term]),
            count=sum(len(papers[term]) for term in years[row.slug]),
        )
        for row in rows
    ]


def organizations() -> QuerySet[models.Organization]:
    aliases = models.OrganizationAlias.objects.order_by("text", "id")
    return models.Organization.objects.prefetch_related(Prefetch("aliases", aliases)).order_by("name", "id")


def organization_names(rows: Sequence[models.Organization]) -> list[OrganizationName]:
    papers = index.papers_with("organization", [row.slug for row in rows])
    return [OrganizationName(slug=row.slug, name=row.name, aliases=_other_spellings(row), count=len(papers[row.slug])) for row in rows]


def _other_spellings(row: Any) -> tuple[str, ...]:
    return tuple(alias.text for alias in row.aliases.all() if alias.text != row.name)


class AuthorName(msgspec.Struct, frozen=True, kw_only=True):
    """A name that stands on papers; all its spellings that fold to one slug are one name."""

    slug: str
    name: str
    count: int


def authors() -> QuerySet[models.Author, Any]:
    """By name, as names are folded."""
    named = models.Author.objects.exclude(slug="").order_by("slug").values("slug")
    counted = named.annotate(name=Min("name"), count=Count("paper", distinct=True))
    return counted.values_list("slug", "name", "count", named=True)


def author_names(rows: Sequence[Any]) -> list[AuthorName]:
    return [AuthorName(slug=row.slug, name=row.name, count=row.count) for row in rows]


# -- Of lookups --------------------------------------------------------------------------------
SuggestedKind = Literal["paper", "category", "venue", "organization", "author"]
KINDS: tuple[str, ...] = get_args(SuggestedKind)


class Pasted(msgspec.Struct):
    """What was read. `record` is null where nothing was; its title is empty where only an address or identifier was given."""

    record: Record | None
    facts: tuple[Fact, ...]


class PaperName(msgspec.Struct):
    """A paper here, and where it is."""

    id: str
    slug: str
    title: str
    url: str


class CandidateReason(msgspec.Struct):
    """One thing that is alike, or differs."""

    label: str
    text: str


class Candidate(msgspec.Struct):
    """A paper here that may be the same, how surely (`score` runs from 0 to 1), and why."""

    paper: PaperName
    verdict: Literal["same_identifier", "other_version", "same_link", "similar_title"]
    score: float
    reasons: list[CandidateReason]


class Candidates(msgspec.Struct):
    """Likeliest first."""

    candidates: list[Candidate]


class Suggestion(msgspec.Struct):
    """A page that may be meant."""

    kind: SuggestedKind
    label: str
    path: str


class Suggestions(msgspec.Struct):
    """Likeliest first."""

    results: list[Suggestion]
