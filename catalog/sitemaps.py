"""Where everything is, for search engines (sitemaps.org). Reads only.

A sitemap is a row of parts of at most PART addresses. Papers stand in them by their numbers, so that a part is one range of
the primary key, wherever it lies; a part changes when its papers do, and new papers come into the last one.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from urllib.parse import quote

from django.urls import reverse

from catalog import index
from catalog.models import Category, Paper, Posting
from catalog.terms import EVERY_PAPER

PART = 10_000

# An address on this site, and when what stands there last changed, where that is known.
type Place = tuple[str, datetime | None]

_PAGES = [
    "home",
    "paper-list",
    "category-list",
    "venue-list",
    "organization-list",
    "change-list",
    "review-queue",
    "statistics",
    "dump-list",
    "person-list",
    "reading-list-index",
    "about",
]
_NAMED = {"venues": ("venue", "venue-detail"), "organizations": ("organization", "organization-detail")}
SECTIONS = ("pages", *_NAMED, "papers")


def parts() -> Iterator[tuple[str, int]]:
    """Every part, by its section and its number from 1; none is empty."""
    for section in SECTIONS:
        yield from ((section, number) for number in range(1, -(-_size(section) // PART) + 1))


def part(section: str, number: int) -> list[Place]:
    """What stands in a part; nothing, if there is no such part."""
    start = (number - 1) * PART
    if section == "papers":
        return _papers(start)
    places = _pages() if section == "pages" else _named(section)
    return list(islice(places, start, start + PART))


def _size(section: str) -> int:
    if section == "papers":
        return len(index.papers_of([EVERY_PAPER])[EVERY_PAPER])
    return sum(1 for _place in (_pages() if section == "pages" else _named(section)))


def _pages() -> Iterator[Place]:
    yield from ((reverse(f"catalog:{name}"), None) for name in _PAGES)
    paths = Category.objects.order_by("tree_position").values_list("path", flat=True)
    yield from ((reverse("catalog:category-detail", args=[path]), None) for path in paths)


def _named(section: str) -> Iterator[Place]:
    """Those that have papers here: of others the index knows nothing."""
    field, page = _NAMED[section]
    slugs = Posting.objects.filter(field=field).order_by("term").values_list("term", flat=True).distinct()
    return ((reverse(f"catalog:{page}", args=[slug]), None) for slug in slugs)


def _papers(start: int) -> list[Place]:
    numbers = index.papers_of([EVERY_PAPER])[EVERY_PAPER][start : start + PART]
    if not numbers:
        return []
    rows = Paper.objects.filter(pk__range=(numbers[0], numbers[-1])).order_by("pk").values_list("slug", "updated_at", "served_at")
    return [(f"/papers/{quote(slug)}/", max(updated_at, served_at)) for slug, updated_at, served_at in rows]
