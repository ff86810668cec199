"""CSL-JSON, what citation processors and most reference managers exchange (schema `csl-data.json` 1.0.2): an array of items.

The schema forbids names it does not know; what it has no field for stands under `custom`, so that our own file loses nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from catalog import identifiers, records
from catalog.citing import citation_key, is_journal, name_parts
from catalog.formats import reference
from catalog.formats.format import Catalogue, Piece
from catalog.formats.json_ import read_list
from catalog.records import Category, Kind, Link, Organization, Record, Venue

NAME = "csl"
LABEL = "CSL-JSON"
EXTENSION = "csl"
MEDIA_TYPE = "application/vnd.citationstyles.csl+json"


class _Name(msgspec.Struct, omit_defaults=True, rename={"particle": "non-dropping-particle"}):
    family: str = ""
    particle: str = ""
    given: str = ""
    suffix: str = ""
    literal: str = ""


class _Custom(msgspec.Struct, omit_defaults=True):
    """What CSL-JSON cannot say of a record, under the names it has there. `orcids` are those of the authors, in order."""

    id: str = ""
    slug: str = ""
    path: str = ""
    kind: Kind = "paper"
    orcids: list[str | None] = []
    organizations: tuple[Organization, ...] = ()
    venue: Venue | None = None
    identifiers: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    categories: tuple[Category, ...] = ()
    added_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0
    citation_key: str = ""


_NAMES = {
    "title_short": "title-short", "date_parts": "date-parts", "container_title": "container-title", "event_title": "event-title",
    "key": "citation-key",
}  # fmt: skip


class _Date(msgspec.Struct, rename=_NAMES):
    date_parts: list[list[int]]


class _Item(msgspec.Struct, omit_defaults=True, rename=_NAMES):
    id: str
    type: str
    key: str
    title: str
    title_short: str = ""
    author: list[_Name] = []
    issued: _Date | None = None
    container_title: str = ""
    event_title: str = ""
    genre: str = ""
    number: str = ""
    publisher: str = ""
    DOI: str = ""
    URL: str = ""
    abstract: str = ""
    note: str = ""
    keyword: str = ""
    custom: _Custom | None = None


_encode = msgspec.json.Encoder().encode


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    """An item a line. A file that was cut off stays without its closing bracket, so that no reader takes it for whole."""
    yield "[\n"
    joint = ""
    for record in records_:
        yield joint + _encode(_item(record)).decode()
        joint = ",\n"
    yield "\n]\n" if joint else "]\n"


def entry(record: Record) -> str:
    """One item for a page, in lines, without what stands under `custom`."""
    item = _item(record)
    item.custom = None
    return msgspec.json.format(_encode([item]), indent=2).decode()


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """The items of an array, alone or as programs and services wrap it. What is not as the schema has it is read as it is meant."""
    return read_list(lines, names=("items", "references", "message"), record_of=_record_of)


# Writing

_TYPES = {
    "benchmark": "dataset", "leaderboard": "webpage", "framework": "software", "article": "post-weblog", "course": "webpage",
    "list": "webpage", "talk": "speech",
}  # fmt: skip


def _item(record: Record) -> _Item:
    found, venue = record.identifiers, record.venue
    orcids = [author.orcid for author in record.authors]
    place = _plain(f"{venue.name} {venue.year or ''}".strip()) if venue else ""
    in_journal = venue is not None and is_journal(venue.name)
    arxiv = found.get("arxiv", "")
    is_preprint = bool(arxiv) and not venue
    key = record.citation_key or citation_key(record)
    return _Item(
        id=key,
        key=key,
        type=_TYPES.get(record.kind, "article") if venue is None else "article-journal" if in_journal else "paper-conference",
        title=_plain(record.title),
        title_short=_plain(record.short_name),
        author=[_name(author.name) for author in record.authors],
        issued=_Date(date_parts=[[record.year]]) if record.year else None,
        container_title=place,
        event_title="" if in_journal else place,
        genre="Preprint" if is_preprint else "",
        number=f"arXiv:{arxiv}" if arxiv else "",
        publisher="arXiv" if is_preprint else "",
        DOI=found.get("doi", ""),
        URL=record.links[0].url if record.links else "",
        abstract=_plain(record.abstract),
        note=_plain(record.note),
        keyword=", ".join([category.name or category.path for category in record.categories]),
        custom=_Custom(
            id=record.id,
            slug=record.slug,
            path=record.path,
            kind=record.kind,
            orcids=orcids if any(orcids) else [],
            organizations=record.organizations,
            venue=venue,
            identifiers=found,
            links=record.links,
            categories=record.categories,
            added_at=record.added_at,
            updated_at=record.updated_at,
            revision=record.revision,
            citation_key=record.citation_key,
        ),
    )


_plain = records.without_unwanted_characters


@lru_cache(maxsize=20_000)
def _name(name: str) -> _Name:
    parts = name_parts(_plain(name))
    if not parts.given:
        return _Name(literal=parts.family)
    words = parts.family.split(" ")
    start = next((place for place, word in enumerate(words) if not word.islower()), len(words) - 1)
    return _Name(family=" ".join(words[start:]), particle=" ".join(words[:start]), given=parts.given, suffix=parts.suffix)


# Reading

_TAG = re.compile(r"</?[a-z][a-z0-9:]*(?:\s[^<>]*)?>", re.IGNORECASE)
_NEVER = re.compile(r"(?!)")


def _record_of(text: str) -> Record:
    """Raises ValueError that says what is wrong."""
    try:
        item = msgspec.json.decode(text, type=dict[str, Any])
        custom = _custom_of(item.get("custom"))
        record = _anyones(item, is_ours=custom is not None)
    except UnicodeEncodeError as error:
        raise ValueError("a letter that is half of a surrogate pair") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return _with(custom, record) if custom else record


def _custom_of(data: Any) -> _Custom | None:
    """None unless the item is one of ours."""
    try:
        custom = msgspec.convert(data, _Custom)
    except msgspec.ValidationError:
        return None
    return custom if custom.id or custom.links or custom.identifiers or custom.categories or custom.kind != "paper" else None


def _with(custom: _Custom, record: Record) -> Record:
    authors = record.authors
    if len(custom.orcids) == len(authors):
        authors = tuple(msgspec.structs.replace(author, orcid=orcid) for author, orcid in zip(authors, custom.orcids, strict=True))
    of = {name: getattr(custom, name) for name in _Custom.__struct_fields__ if name != "orcids"}
    return records.replace(record, authors=authors, **of)


def _anyones(item: Mapping[str, Any], *, is_ours: bool) -> Record:
    """Others mark up titles and abstracts; what looks like a tag in ours is text."""
    marks = _NEVER if is_ours else _TAG
    said = {name: _text(value) for name, value in item.items()}
    reference.refuse_long(said)
    of = said.get
    title = reference.plain(marks.sub("", of("title", "")))
    if subtitle := reference.plain(marks.sub("", of("subtitle", ""))):
        title = f"{title}: {subtitle}"
    names = item.get("author")
    stated = [("doi", of("DOI") or of("doi", "")), *(_identifiers_in(of("number", ""), of("archive_location", ""), of("note", "")))]
    place = of("container-title") or of("event-title") or of("event", "")
    is_preprint = of("type") == "article" and of("genre", "").lower() == "preprint"
    return reference.record(
        title=title,
        short_name=reference.plain(of("title-short") or of("shortTitle") or of("short-title", "")),
        kind=reference.kind_of(of("type", "")),
        year=_year(item),
        abstract=reference.prose(marks.sub("", of("abstract", ""))),
        note=reference.prose(of("note", "")),
        authors=map(_spoken, names if isinstance(names, list) else []),
        venue="" if is_preprint else reference.plain(place),
        addresses=[of("URL") or of("url", "")],
        stated=stated,
    )


def _text(value: Any) -> str:
    """Crossref writes a list where one title would do."""
    if isinstance(value, list):
        value = value[0] if value else ""
    return str(value) if isinstance(value, str | int) else ""


def _year(item: Mapping[str, Any]) -> int | None:
    for name in ("issued", "published", "published-print", "published-online", "original-date", "submitted"):
        date = item.get(name)
        if not isinstance(date, dict):
            date = {"raw": date}
        parts = date.get("date-parts")
        if isinstance(parts, list) and parts and isinstance(parts[0], list) and parts[0]:
            date = {"raw": parts[0][0]}
        for stated in (date.get("raw"), date.get("literal")):
            if year := reference.year_in(_text(stated)):
                return year
    return None


def _spoken(name: Any) -> str:
    """Given name first."""
    if not isinstance(name, dict):
        return reference.plain(_text(name))
    parts = ("given", "dropping-particle", "non-dropping-particle", "family", "suffix")
    said = " ".join(filter(None, (reference.plain(_text(name.get(part))) for part in parts)))
    return said or reference.plain(_text(name.get("literal") or name.get("name")))


def _identifiers_in(*texts: str) -> list[tuple[str, str]]:
    return [(found.scheme, found.value) for text in texts for found in identifiers.identifiers_in(text)]
