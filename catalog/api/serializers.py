"""What the API says of categories, venues and organizations. Papers need none of this: they are stored as they are served."""

from typing import Any

import msgspec
from django.db.models import Count, F, Prefetch, QuerySet

from catalog import models


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
    below = Count("descendants__placements__paper", distinct=True)
    return models.Category.objects.select_related("parent").annotate(count=below).order_by("tree_position", "id")


def category(row: Any) -> CategoryNode:
    return CategoryNode(
        path=row.path,
        name=row.name,
        description=row.description,
        position=row.position,
        parent=row.parent.path if row.parent else None,
        count=row.count,
    )


def venues() -> QuerySet[models.Venue]:
    years = models.Edition.objects.annotate(count=Count("papers")).filter(count__gt=0).order_by(F("year").desc(nulls_last=True))
    aliases = models.VenueAlias.objects.order_by("text", "id")
    related = (Prefetch("editions", years), Prefetch("aliases", aliases))
    return models.Venue.objects.prefetch_related(*related).order_by("name", "id")


def venue(row: Any) -> VenueSeries:
    years = tuple(VenueYear(year=edition.year, count=edition.count) for edition in row.editions.all())
    return VenueSeries(
        slug=row.slug,
        name=row.name,
        full_name=row.full_name,
        aliases=_other_spellings(row),
        editions=years,
        count=sum(year.count for year in years),
    )


def organizations() -> QuerySet[models.Organization]:
    aliases = models.OrganizationAlias.objects.order_by("text", "id")
    counted = models.Organization.objects.annotate(count=Count("affiliations"))
    return counted.prefetch_related(Prefetch("aliases", aliases)).order_by("name", "id")


def organization(row: Any) -> OrganizationName:
    return OrganizationName(slug=row.slug, name=row.name, aliases=_other_spellings(row), count=row.count)


def _other_spellings(row: Any) -> tuple[str, ...]:
    return tuple(alias.text for alias in row.aliases.all() if alias.text != row.name)
