"""A paper of the corpus as rows of the database, such as publishing would have left them. Knows no database."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from catalog import citing, records, terms
from catalog.records import Record, fold, slug_of
from tests.bench.papers import Corpus

type Row = tuple[Any, ...]

# The columns that are filled of each model, by its name. All others have their default, or count on.
COLUMNS = {
    "paper": (
        "id", "public_id", "slug", "title", "title_key", "short_name", "kind", "year", "abstract", "edition_id", "venue_raw",
        "citation_key", "added_at", "updated_at", "record_json", "search_text",
        "has_code", "has_pdf", "has_abstract", "has_doi", "has_arxiv",
    ),
    "author": ("paper_id", "position", "name", "slug"),
    "identifier": ("paper_id", "scheme", "value"),
    "link": ("paper_id", "position", "kind", "url"),
    "affiliation": ("paper_id", "organization_id", "position"),
    "placement": ("paper_id", "category_id", "position", "is_primary"),
    "revision": ("paper_public_id", "number", "record_json", "at"),
}  # fmt: skip

slug_of_name = lru_cache(maxsize=100_000)(lambda name: slug_of(name, max_length=80))


@dataclass(frozen=True, kw_only=True)
class Names:
    """Number and address or name of what papers name: categories by path, which also have their place in the tree; the others by name."""

    categories: dict[str, tuple[int, str, int]]
    organizations: dict[str, tuple[int, str]]
    venues: dict[str, str]
    editions: dict[tuple[str, int | None], int]


def rows_of(corpus: Corpus, chunk: int, names: Names, taken: dict[str, int]) -> dict[str, list[Row]]:
    """The rows of one chunk, by model. `taken` says how many places of each category the chunks before it have."""
    rows: dict[str, list[Row]] = {model: [] for model in COLUMNS}
    positions = defaultdict(int, taken)
    for number, record in zip(corpus.numbers(chunk), corpus.papers(chunk), strict=True):
        for place in record.categories:
            positions[place.path] += 1
        _add(rows, number + 1, _served(record, number + 1, names, positions), names)
    return rows


def _served(record: Record, pk: int, names: Names, positions: dict[str, int]) -> Record:
    """The record as readers get it, with the names and numbers that it has by then."""
    places = sorted(record.categories, key=lambda place: (not place.primary, names.categories[place.path][2]))
    return records.replace(
        record,
        path=f"/papers/{record.slug}/",
        organizations=tuple(records.replace(each, slug=names.organizations[each.name][1]) for each in record.organizations),
        venue=record.venue and records.replace(record.venue, slug=names.venues[record.venue.name]),
        categories=tuple(records.replace(place, name=names.categories[place.path][1], position=positions[place.path]) for place in places),
        revision=1,
        citation_key=f"{citing.citation_key(record)}-{pk}",
    )


def _add(rows: dict[str, list[Row]], pk: int, record: Record, names: Names) -> None:
    json, at, kinds = records.to_json(record), _time(record.added_at), {link.kind for link in record.links}
    rows["paper"].append((
        pk, record.id, record.slug, record.title, fold(record.title)[: records.MAX_TITLE], record.short_name, record.kind, record.year,
        record.abstract, names.editions[record.venue.name, record.venue.year] if record.venue else None,
        record.venue.raw if record.venue else "", record.citation_key, at, at, json, terms.document(record),
        "code" in kinds, "pdf" in kinds, bool(record.abstract), "doi" in record.identifiers, "arxiv" in record.identifiers,
    ))  # fmt: skip
    rows["author"] += ((pk, position, author.name, slug_of_name(author.name)) for position, author in _counted(record.authors))
    rows["identifier"] += ((pk, scheme, value) for scheme, value in record.identifiers.items())
    rows["link"] += ((pk, position, link.kind, link.url) for position, link in _counted(record.links))
    rows["affiliation"] += ((pk, names.organizations[each.name][0], position) for position, each in _counted(record.organizations))
    rows["placement"] += ((pk, names.categories[place.path][0], place.position, place.primary) for place in record.categories)
    rows["revision"].append((record.id, 1, json, at))


def _counted[T](things: Iterable[T]) -> Iterable[tuple[int, T]]:
    return enumerate(things, start=1)


def _time(at: datetime | None) -> str:
    """As every database reads it, in UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}"
