"""Put many new papers on the shelf in one transaction: what `publishing.publish` does for one, in bulk.

Stands beside `publishing` behind the same door, and leaves the same rows: `manage.py verify_catalogue` proves it. Memory
does not grow with the number of papers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, reduce
from itertools import batched, chain
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from pyroaring import BitMap

from accounts.models import User
from catalog import bulk, citing, index, publishing, records, taxonomy, terms
from catalog.models import (
    Affiliation,
    Author,
    CatalogueState,
    Category,
    CategoryAlias,
    Decision,
    Edition,
    Identifier,
    Link,
    Organization,
    Paper,
    Placement,
    Revision,
    Tombstone,
)
from catalog.models.paper import new_public_id
from catalog.records import Record, fold, replace, slug_of

AT_ONCE = 500
_ASKED_AT_ONCE = 50
# So many terms are gathered before they are written.
TERMS_AT_ONCE = 150_000

_slug_of_author = lru_cache(maxsize=50_000)(lambda name: slug_of(name, max_length=80))


@contextmanager
def many(*, decision: Decision | None = None, by: User | None = None, at: datetime | None = None) -> Iterator["Shelf"]:
    """A shelf that takes papers until the block ends: all of them stand there then, or none. One version of the catalogue."""
    with transaction.atomic():
        publishing.take_turn()
        at = publishing.whole_second(at or timezone.now())
        publishing.next_version(at)
        shelf = Shelf(decision=decision, by=by, at=at)
        yield shelf
        shelf.finish()


class Shelf:
    def __init__(self, *, decision: Decision | None, by: User | None, at: datetime) -> None:
        self.at = at
        self.count = 0
        self._decision, self._by = decision, by
        self._version = CatalogueState.now().version
        self._changes = index.Changes()
        self._names = _Names()
        self._addresses = _Unique("slug", joint="-")
        self._keys = _Unique("citation_key", joint="-")

    def put(self, new: Sequence[Record]) -> list[Record]:
        """Publish papers that the catalogue does not hold; answers their records as they are served.

        One that comes with an id keeps it and its times, and its slug and citation key where they are free. Neither a
        paper nor a tombstone may have an id or an identifier of theirs. Raises Category.DoesNotExist.
        """
        return [record for some in batched(new, AT_ONCE, strict=False) for record in self._put(some)]

    def finish(self) -> None:
        self._changes.write()
        CatalogueState.objects.update(paper_count=F("paper_count") + self.count)

    def _put(self, new: Sequence[Record]) -> list[Record]:
        ids = [record.id or new_public_id() for record in new]
        slugs = self._addresses.of([record.slug or slug_of(record.title) or id_.lower() for record, id_ in zip(new, ids, strict=True)])
        keys = self._keys.of([record.citation_key or citing.citation_key(record) for record in new])
        numbers = bulk.new_numbers(Paper, len(new))
        served = [self._served(*each) for each in zip(new, ids, slugs, keys, strict=True)]
        rows = _Rows(version=self._version, at=self.at, decision=self._decision, by=self._by)
        for number, record in zip(numbers, served, strict=True):
            rows.add(number, record, self._names)
            self._changes.note(number, None, record)
        rows.insert()
        if len(self._changes) > TERMS_AT_ONCE:
            self._changes.write()
        self.count += len(new)
        return served

    def _served(self, record: Record, id_: str, slug: str, key: str) -> Record:
        added_at = min(record.added_at or self.at, self.at) if record.id else self.at
        updated_at = max(min(record.updated_at or self.at, self.at), added_at) if record.id else self.at
        venue = record.venue and self._names.venue(record.venue)
        organizations = {each.slug: each for each in map(self._names.organization, record.organizations)}
        return replace(
            record,
            id=id_,
            slug=slug,
            path=f"/papers/{slug}/",
            venue=venue,
            organizations=tuple(organizations.values()),
            categories=self._names.places(record.categories),
            added_at=added_at,
            updated_at=updated_at,
            revision=1,
            citation_key=key,
        )


class _Names:
    """What papers name, each asked of the database once."""

    def __init__(self) -> None:
        self._venues: dict[tuple[str, str], tuple[int, str, str]] = {}
        self._organizations: dict[tuple[str, str], tuple[int, str, str]] = {}
        self._editions: dict[tuple[str, int | None], int] = {}
        self._categories: dict[str, Category] = {}
        self._taken: dict[int, BitMap] = {}
        self.organization_numbers: dict[str, int] = {}
        self._venue_numbers: dict[str, int] = {}

    def venue(self, venue: records.Venue) -> records.Venue:
        asked = (venue.slug, venue.name)
        if asked not in self._venues:
            found = taxonomy.venue_named(venue.name, slug=venue.slug)
            self._venues[asked] = (found.pk, found.slug, found.name)
        number, slug, name = self._venues[asked]
        self._venue_numbers[slug] = number
        return replace(venue, slug=slug, name=name)

    def organization(self, organization: records.Organization) -> records.Organization:
        asked = (organization.slug, organization.name)
        if asked not in self._organizations:
            found: Organization = taxonomy.organization_named(organization.name, slug=organization.slug)
            self._organizations[asked] = (found.pk, found.slug, found.name)
        number, slug, name = self._organizations[asked]
        self.organization_numbers[slug] = number
        return records.Organization(slug=slug, name=name)

    def edition(self, venue: records.Venue) -> int:
        asked = (venue.slug, venue.year)
        if asked not in self._editions:
            edition, _is_new = Edition.objects.get_or_create(venue_id=self._venue_numbers[venue.slug], year=venue.year)
            self._editions[asked] = edition.pk
        return self._editions[asked]

    def category(self, path: str) -> Category:
        """Raises Category.DoesNotExist."""
        if path not in self._categories:
            alias = CategoryAlias.objects.filter(path=path).select_related("category").first()
            self._categories[path] = alias.category if alias else Category.objects.get(path=path)
        return self._categories[path]

    def places(self, wanted: Iterable[records.Category]) -> tuple[records.Category, ...]:
        """Each at the position asked for where that is free, else behind the last; the primary one first, then as in the tree."""
        places = {self.category(place.path).path: place for place in wanted}
        primary = next((path for path, place in places.items() if place.primary), next(iter(places), ""))
        found = []
        for path, place in places.items():
            category = self.category(path)
            position = self._position(category, place.position)
            found.append(records.Category(path=path, name=category.name, position=position, primary=path == primary, note=place.note))
        return tuple(sorted(found, key=lambda place: (not place.primary, self.category(place.path).tree_position)))

    def _position(self, category: Category, wanted: int) -> int:
        if category.pk not in self._taken:
            self._taken[category.pk] = BitMap(Placement.objects.filter(category=category).values_list("position", flat=True))
        taken = self._taken[category.pk]
        position = wanted if wanted and wanted not in taken else (taken.max() + 1 if taken else 1)
        taken.add(position)
        return position


class _Unique:
    """Values for a column in which no two papers are alike, those of tombstones included; what is taken gets a number.

    Of each value that was wanted twice, the highest number is remembered.
    """

    def __init__(self, column: str, *, joint: str) -> None:
        self._column, self._joint = column, joint
        self._numbers: dict[str, int] = {}

    def of(self, wanted: Sequence[str]) -> list[str]:
        taken = self._taken(Q(**{f"{self._column}__in": set(wanted)}))
        self._learn(value for value, times in Counter(wanted).items() if times > 1 or value in taken)
        found = []
        for value in wanted:
            number = value
            while number in taken:
                self._numbers[value] += 1
                number = f"{value}{self._joint}{self._numbers[value]}"
            taken.add(number)
            found.append(number)
        return found

    def _learn(self, wanted_again: Iterable[str]) -> None:
        """The highest numbers that these have got so far."""
        for some in batched((value for value in wanted_again if value not in self._numbers), _ASKED_AT_ONCE, strict=False):
            self._numbers.update(dict.fromkeys(some, 1))
            beginnings = (Q(**{f"{self._column}__startswith": f"{value}{self._joint}"}) for value in some)
            for numbered in self._taken(reduce(or_, beginnings)):
                value, _joint, end = numbered.rpartition(self._joint)
                if end.isascii() and end.isdecimal() and value in self._numbers:
                    self._numbers[value] = max(self._numbers[value], int(end))

    def _taken(self, condition: Q) -> set[str]:
        found = (model.objects.filter(condition).order_by().values_list(self._column, flat=True) for model in (Paper, Tombstone))
        return set(chain.from_iterable(found))


class _Rows:
    """The rows of some papers, by model."""

    COLUMNS: dict[type[Any], tuple[str, ...]] = {
        Paper: (
            "id", "public_id", "slug", "title", "title_key", "short_name", "kind", "year", "abstract", "note", "edition_id", "venue_raw",
            "venue_track", "citation_key", "added_at", "updated_at", "record_json", "search_text", "version", "served_at",
            "has_code", "has_pdf", "has_abstract", "has_doi", "has_arxiv",
        ),
        Author: ("paper_id", "position", "name", "slug", "orcid"),
        Identifier: ("paper_id", "scheme", "value"),
        Link: ("paper_id", "position", "kind", "url", "label"),
        Affiliation: ("paper_id", "organization_id", "position"),
        Placement: ("paper_id", "category_id", "position", "is_primary", "note"),
        Revision: ("paper_public_id", "number", "record_json", "decision_id", "by_id", "at"),
    }  # fmt: skip

    def __init__(self, *, version: int, at: datetime, decision: Decision | None, by: User | None) -> None:
        self._version, self._at = version, at
        self._decision, self._by = decision and decision.pk, by and by.pk
        self._rows: dict[type[Any], list[tuple[Any, ...]]] = {model: [] for model in self.COLUMNS}

    def add(self, number: int, record: Record, names: _Names) -> None:
        json, venue = records.to_json(record), record.venue
        holds = terms.holdings(record)
        self._rows[Paper].append((
            number, record.id, record.slug, record.title, fold(record.title)[: records.MAX_TITLE], record.short_name, record.kind,
            record.year, record.abstract, record.note, names.edition(venue) if venue else None, venue.raw if venue else "",
            venue.track if venue else "", record.citation_key, record.added_at, record.updated_at, json, terms.document(record),
            self._version, self._at, *(holds[name] for name in ("code", "pdf", "abstract", "doi", "arxiv")),
        ))  # fmt: skip
        self._rows[Author] += (
            (number, place, author.name, _slug_of_author(author.name), author.orcid or "") for place, author in enumerate(record.authors, 1)
        )
        self._rows[Identifier] += ((number, scheme, value) for scheme, value in record.identifiers.items())
        self._rows[Link] += ((number, place, link.kind, link.url, link.label) for place, link in enumerate(record.links, 1))
        self._rows[Affiliation] += (
            (number, names.organization_numbers[each.slug], place) for place, each in enumerate(record.organizations, 1)
        )
        self._rows[Placement] += (
            (number, names.category(place.path).pk, place.position, place.primary, place.note) for place in record.categories
        )
        self._rows[Revision].append((record.id, 1, json, self._decision, self._by, self._at))

    def insert(self) -> None:
        for model, columns in self.COLUMNS.items():
            bulk.insert(model, columns, self._rows[model])
