"""Read what a person pastes into the one box of the submission form: an address, an identifier, BibTeX, a line of a list.

The answer is a record as far as the text states one, and facts about the reading for the page to put into words. Nothing
is fetched, nothing is saved, and no text is too strange to be answered.
"""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from catalog import citations, formats, identifiers, records
from catalog.citations import Spellings
from catalog.formats import bibtex
from catalog.records import Link, Record

MAX_BYTES = 200_000

What = Literal[
    "identifier",  # name: the scheme; value
    "version",  # value: the number of the version that was pasted; the paper is kept, not the version
    "link",  # name: what it leads to; value: the address
    "tracking",  # value: the address that lost its tracking parameters
    "title",  # value
    "authors",  # value: how many
    "venue",  # name and year as read; value: as written
    "unknown_venue",  # the same, of a venue the catalogue does not know
    "organization",  # name as read; value: as written
    "unknown_organization",  # the same
    "more",  # value: how many further entries or lines were left aside
    "cleaned",  # value: hidden or control characters that were left out, by name
    "refused_link",  # name: the reason, as in identifiers.UnusableAddress; value: the address
    "not_understood",  # name: why; value: the beginning of what was not understood
    "too_long",  # value: the limit in bytes
    "empty",
]


class Fact(msgspec.Struct, frozen=True):
    what: What
    name: str = ""
    value: str = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """`record` is None unless `understood`; its title is empty where only an address or identifier was pasted."""

    record: Record | None
    said: tuple[Fact, ...] = ()

    @property
    def understood(self) -> bool:
        return self.record is not None


def read(text: str, *, venues: Spellings, organizations: Spellings) -> Reading:
    """What can be read from a pasted text. Never raises for what stands in it."""
    # A lone surrogate has no bytes; it is left out below, with the other characters nobody can see.
    if len(text.encode(errors="replace")) > MAX_BYTES:
        return Reading(record=None, said=(Fact("too_long", value=str(MAX_BYTES)),))
    hidden = records.unwanted_characters(text)
    cleaned = (Fact("cleaned", value=", ".join(hidden)),) if hidden else ()
    text = records.without_unwanted_characters(text).strip()
    if not text:
        reading = Reading(record=None, said=(Fact("empty"),))
    elif _BIBTEX.search(text):
        reading = _read_bibtex(text, venues, organizations)
    elif _ADDRESS.fullmatch(text) or _is_identifier(text):
        reading = _read_address(text)
    else:
        reading = _read_bullet(text, venues, organizations)
    return Reading(record=reading.record, said=reading.said + cleaned)


_BIBTEX = re.compile(r"^[ \t]*@[a-z]+\s*[{(]", re.IGNORECASE | re.MULTILINE)
# With its scheme, whatever that is, or a host and a path without one.
_ADDRESS = re.compile(r"<?(?:[a-z][a-z0-9+.-]*:\S*|(?:[\w-]+\.)+[a-z]{2,}/\S*)", re.IGNORECASE)
_PREFIXED = re.compile(r"(?:doi|arxiv|openreview|acl|usenix)\s*(?:id)?\s*[:\s]\s*(\S+)", re.IGNORECASE)


def _is_identifier(text: str) -> bool:
    return _identifier_of(text) is not None and (not re.search(r"\s", text) or _PREFIXED.fullmatch(text) is not None)


def _identifier_of(text: str) -> identifiers.Identifier | None:
    """`arXiv 2307.08691` and `doi 10.1145/...` do without a colon."""
    prefixed = _PREFIXED.fullmatch(text)
    return identifiers.recognise(text) or (identifiers.recognise(prefixed[1]) if prefixed else None)


def _read_address(text: str) -> Reading:
    if text.startswith("<"):
        text = text[1:].removesuffix(">")
    if identifier := _identifier_of(text):
        said = [Fact("identifier", identifier.scheme, identifier.value)]
        if identifier.version:
            said.append(Fact("version", value=str(identifier.version)))
        links, found = citations.settle_links([Link(url=identifiers.url_of(identifier.scheme, identifier.value))])
        year = identifiers.year_of(identifier.scheme, identifier.value)
        return Reading(record=Record(title="", year=year, identifiers=found, links=links), said=tuple(said))
    if "://" not in text and not re.match(r"[a-z][a-z0-9+-]*:", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        clean = identifiers.clean_url(text)
    except identifiers.UnusableAddress as refusal:
        return Reading(record=None, said=(_refused(refusal),))
    url = identifiers.without_tracking(clean)
    kind = identifiers.link_kind_of(url)
    said = [Fact("link", kind, url)]
    if url != clean:
        said.append(Fact("tracking", value=clean))
    return Reading(record=Record(title="", links=(Link(kind=kind, url=url),)), said=tuple(said))


def _read_bibtex(text: str, venues: Spellings, organizations: Spellings) -> Reading:
    loaded = formats.loaded(bibtex.read(text.splitlines()))
    missed = tuple(Fact("not_understood", each.reason, each.text) for each in loaded.not_understood)
    if not loaded.entries:
        return Reading(record=None, said=missed or (Fact("not_understood", "", text[:200]),))
    record = citations.with_known_names(loaded.entries[0].record, venues=venues, organizations=organizations)
    if not record.short_name:
        record = records.replace(record, short_name=citations.short_name_of(record.title))
    said = list(_facts(record))
    if record.authors:
        said.append(Fact("authors", value=str(len(record.authors))))
    if venue := record.venue:
        what: What = "venue" if venues.canonical(venue.name) else "unknown_venue"
        said.append(Fact(what, f"{venue.name} {venue.year or ''}".strip(), venue.raw))
    names = [organization.name for organization in record.organizations]
    said += (Fact("organization" if organizations.canonical(name) else "unknown_organization", name, name) for name in names)
    if more := len(loaded.entries) - 1:
        said.append(Fact("more", value=str(more)))
    return Reading(record=record, said=(*said, *missed))


def _read_bullet(text: str, venues: Spellings, organizations: Spellings) -> Reading:
    first, *others = _bullets(text)
    bullet = citations.read_bullet(first, venues=venues, organizations=organizations)
    if bullet is None:
        return Reading(record=None, said=(Fact("not_understood", "", first[:200]),))
    said = list(_facts(bullet.record))
    if venue := bullet.venue:
        said.append(Fact("venue" if venue.is_known else "unknown_venue", f"{venue.name} {venue.year or ''}".strip(), venue.raw))
    said += (
        Fact("organization" if reading.is_known else "unknown_organization", reading.name, reading.raw) for reading in bullet.organizations
    )
    said += map(_refused, bullet.refused)
    if others:
        said.append(Fact("more", value=str(len(others))))
    return Reading(record=bullet.record, said=tuple(said))


def _bullets(text: str) -> list[str]:
    """Lines of a list; a line without a marker goes on with the one before it."""
    bullets: list[list[str]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if bullets and not re.match(r"[-*+•]\s|\d{1,4}[.)]\s", line):
            bullets[-1].append(line)
        else:
            bullets.append([line])
    return [" ".join(lines) for lines in bullets]


def _facts(record: Record) -> Iterator[Fact]:
    yield Fact("title", value=record.title)
    for scheme, value in record.identifiers.items():
        yield Fact("identifier", scheme, value)
    if not record.identifiers and record.main_link:
        yield Fact("link", record.main_link.kind, record.main_link.url)


def _refused(refusal: identifiers.UnusableAddress) -> Fact:
    return Fact("refused_link", refusal.reason, refusal.url[:200])
