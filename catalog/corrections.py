"""A proposed record against the one it was made from, field by field: what it changes, and taking some of it. Pure.

A field is named as in the Record; each identifier is a field of its own: `identifiers.doi`. What a paper cannot be
corrected in (its id, address, times, its places in the curator's order) is no field.
"""

from collections.abc import Callable, Collection
from typing import Any

from catalog.records import Category, Record, replace

FIELDS: dict[str, Callable[[Record], Any]] = {
    "title": lambda record: record.title,
    "short_name": lambda record: record.short_name,
    "kind": lambda record: record.kind,
    "authors": lambda record: record.authors,
    "venue": lambda record: record.venue and replace(record.venue, slug=""),
    "year": lambda record: record.year,
    "organizations": lambda record: [organization.name for organization in record.organizations],
    "categories": lambda record: [(place.path, place.primary, place.note) for place in record.categories],
    "links": lambda record: record.links,
    "abstract": lambda record: record.abstract,
    "note": lambda record: record.note,
}
_IDENTIFIER = "identifiers."


def changes(proposed: Record, base: Record) -> list[str]:
    """The fields that the proposal changes, in the order a person asks."""
    changed = [name for name, read in FIELDS.items() if read(proposed) != read(base)]
    schemes = sorted({*proposed.identifiers, *base.identifiers})
    return changed + [f"{_IDENTIFIER}{scheme}" for scheme in schemes if proposed.identifiers.get(scheme) != base.identifiers.get(scheme)]


def take(record: Record, proposed: Record, fields: Collection[str]) -> Record:
    """The record with these fields of the proposal; what else it says stays. A place it has already keeps its position."""
    plain = {name: getattr(proposed, name) for name in FIELDS if name in fields}
    if "categories" in plain:
        plain["categories"] = _placed(proposed.categories, record)
    schemes = {name.removeprefix(_IDENTIFIER) for name in fields if name.startswith(_IDENTIFIER)}
    identifiers = {scheme: value for scheme, value in record.identifiers.items() if scheme not in schemes}
    identifiers |= {scheme: value for scheme, value in proposed.identifiers.items() if scheme in schemes}
    return replace(record, identifiers=identifiers, **plain)


def _placed(places: tuple[Category, ...], record: Record) -> tuple[Category, ...]:
    positions = {place.path: place.position for place in record.categories}
    return tuple(replace(place, position=positions.get(place.path, 0)) for place in places)


def overtaken(proposed: Record, base: Record, current: Record) -> list[str]:
    """The fields that the proposal changes and that have become something else again since it was made."""
    since = set(changes(current, base))
    differing = set(changes(proposed, current))
    return [name for name in changes(proposed, base) if name in since and name in differing]
