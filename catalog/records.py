"""The one currency: a Record is the bibliographic description of one paper, as plain data.

Formats read and write Records, a submission proposes one, a revision remembers one, and what the site serves is one,
laid down as JSON. Knows nothing of Django, the database or the network.

The JSON of a record is its fields in the order written here, UTF-8, without blanks: the same record gives the same bytes.
"""

import re
import unicodedata
from datetime import datetime
from typing import Any, Literal, get_args

import msgspec

Kind = Literal["paper", "survey", "benchmark", "leaderboard", "framework", "article", "course", "list", "talk"]
LinkKind = Literal["paper", "pdf", "code", "slides", "video", "project", "data"]
KINDS: tuple[str, ...] = get_args(Kind)
LINK_KINDS: tuple[str, ...] = get_args(LinkKind)

MAX_TITLE = 500
MAX_SHORT_NAME = 80
MAX_NAME = 200
MAX_NOTE = 5_000
MAX_ABSTRACT = 10_000
MAX_AUTHORS = 1_000
MAX_LINKS = 20
MAX_URL = 2_000
MAX_VENUE = 100
MAX_LABEL = 100
MAX_PATH = 300
MAX_ORGANIZATIONS = 50
MAX_CATEGORIES = 50
FIRST_YEAR, LAST_YEAR = 1900, 2100


class Author(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    orcid: str | None = None


class Organization(msgspec.Struct, frozen=True, kw_only=True):
    """`slug` is empty while the name is not known to the catalogue."""

    slug: str = ""
    name: str


class Venue(msgspec.Struct, frozen=True, kw_only=True):
    """Series and edition. `slug` is empty while unknown; `raw` is what a person wrote, and is kept."""

    slug: str = ""
    name: str
    year: int | None = None
    track: str = ""
    raw: str = ""


class Link(msgspec.Struct, frozen=True, kw_only=True):
    kind: LinkKind = "paper"
    url: str
    label: str = ""


class Category(msgspec.Struct, frozen=True, kw_only=True):
    """A paper's place under one category. `position` counts from 1 in the curator's order; 0 is not placed yet."""

    path: str
    name: str = ""
    position: int = 0
    primary: bool = False
    note: str = ""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One paper. `id`, `slug`, `path`, `citation_key`, the times and `revision` are empty until it is catalogued.

    `identifiers` maps a scheme of `catalog.identifiers` to a normalised value. `citation_key` is given once and stays.
    """

    id: str = ""
    slug: str = ""
    path: str = ""
    title: str
    short_name: str = ""
    kind: Kind = "paper"
    year: int | None = None
    abstract: str = ""
    note: str = ""
    authors: tuple[Author, ...] = ()
    organizations: tuple[Organization, ...] = ()
    venue: Venue | None = None
    identifiers: dict[str, str] = {}
    links: tuple[Link, ...] = ()
    categories: tuple[Category, ...] = ()
    added_at: datetime | None = None
    updated_at: datetime | None = None
    revision: int = 0
    citation_key: str = ""

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "identifiers", dict(sorted(self.identifiers.items())))

    @property
    def headword(self) -> str:
        """The short name if the title begins with it and a colon, as in a dictionary; else empty."""
        name = self.short_name
        return name if name and (self.title == name or self.title.startswith(f"{name}:")) else ""

    @property
    def main_link(self) -> Link | None:
        return self.links[0] if self.links else None


_decoder = msgspec.json.Decoder(Record)
_encoder = msgspec.json.Encoder(decimal_format="string")

replace = msgspec.structs.replace


def to_json(record: Record) -> str:
    """The bytes that are stored and served, as text: one line, no blanks, keys in the order of the fields."""
    return _encoder.encode(record).decode()


def from_json(text: str | bytes) -> Record:
    """Read a record. Raises msgspec.ValidationError (or DecodeError) naming the field."""
    return _decoder.decode(text)


def from_plain(data: dict[str, Any]) -> Record:
    """The same from decoded JSON."""
    return msgspec.convert(data, Record)


_ORCID = re.compile(r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]")


def faults(record: Record) -> list[str]:
    """Why the catalogue cannot keep this record, a sentence each; none where it can. What people leave out is no fault."""
    # They build on this module.
    from catalog.identifiers import SCHEMES, NotAnIdentifier, UnusableAddress, clean_url, normalise

    found: list[str] = []
    venue = record.venue or Venue(name="-")
    texts = [
        ("The title", record.title, MAX_TITLE),
        ("The short name", record.short_name, MAX_SHORT_NAME),
        ("The note", record.note, MAX_NOTE),
        ("The abstract", record.abstract, MAX_ABSTRACT),
        ("The name of the venue", venue.name, MAX_VENUE),
        ("The venue as it was written", venue.raw, MAX_NAME),
        ("The track", venue.track, MAX_LABEL),
        *(("The name of an author", author.name, MAX_NAME) for author in record.authors),
        *(("The name of an organization", organization.name, MAX_NAME) for organization in record.organizations),
        *(("The label of a link", link.label, MAX_LABEL) for link in record.links),
        *(("The path of a category", category.path, MAX_PATH) for category in record.categories),
        *(("The note on a category", category.note, MAX_NOTE) for category in record.categories),
    ]
    for what, text, most in texts:
        if len(text) > most:
            found.append(f"{what} has {len(text):,} characters; {most:,} are the limit.")
        if hidden := unwanted_characters(text):
            found.append(f"{what} holds {hidden[0]}, which nobody can see.")
    needed = [
        *(("The title", record.title), ("The name of the venue", venue.name)),
        *(("The name of an author", author.name) for author in record.authors),
        *(("The name of an organization", organization.name) for organization in record.organizations),
        *(("The path of a category", category.path) for category in record.categories),
    ]
    found += (f"{what} is empty." for what, text in needed if not text.strip())
    counts = [
        ("authors", len(record.authors), MAX_AUTHORS),
        ("organizations", len(record.organizations), MAX_ORGANIZATIONS),
        ("links", len(record.links), MAX_LINKS),
        ("categories", len(record.categories), MAX_CATEGORIES),
    ]
    found += (f"It has {count} {what}; {most} are the limit." for what, count, most in counts if count > most)
    for year in (record.year, venue.year):
        if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
            found.append(f"{str(year)[:10]} is no year from {FIRST_YEAR} to {LAST_YEAR}.")
    for author in record.authors:
        if author.orcid is not None and not _ORCID.fullmatch(author.orcid):
            found.append(f"{author.orcid[:30]!r} is no ORCID iD.")
    for link in record.links:
        try:
            clean_url(link.url)
        except UnusableAddress as refusal:
            found.append(f"{link.url[:60]!r} is no address that can be kept ({refusal.reason}).")
    for scheme, value in record.identifiers.items():
        try:
            is_normal = scheme in SCHEMES and normalise(scheme, value) == value
        except NotAnIdentifier:
            is_normal = False
        if not is_normal:
            found.append(f"{scheme[:20]} {value[:60]!r} is no identifier as the catalogue writes it.")
    return found


def fitted(record: Record) -> Record:
    """The same record with the names and labels cut that are longer than the catalogue keeps them, for files that nobody can correct first.

    What a paper says of itself, such as its title, is not cut.
    """
    venue = record.venue
    if venue and (len(venue.name) > MAX_VENUE or len(venue.raw) > MAX_NAME or len(venue.track) > MAX_LABEL):
        venue = replace(venue, name=cut(venue.name, MAX_VENUE), raw=cut(venue.raw, MAX_NAME), track=cut(venue.track, MAX_LABEL))
        record = replace(record, venue=venue)
    if any(len(link.label) > MAX_LABEL for link in record.links):
        record = replace(record, links=tuple(replace(link, label=cut(link.label, MAX_LABEL)) for link in record.links))
    return record


def cut(text: str, most: int) -> str:
    """The beginning of a text, up to a blank where there is one, and an ellipsis; as it is where it is no longer than that."""
    if len(text) <= most:
        return text
    beginning = text[: most - 1]
    return f"{beginning[: beginning.rfind(' ')] if ' ' in beginning else beginning}…"


_BLANKS = re.compile(r"\s+")


def tidy(text: str) -> str:
    """One line in Unicode's composed form (NFC): blanks folded to single spaces and cut from the ends."""
    return _BLANKS.sub(" ", unicodedata.normalize("NFC", text)).strip()


# Joiners are part of the spelling in Arabic, Persian and the scripts of India.
_JOINERS = {"\u200c", "\u200d"}


def unwanted_characters(text: str) -> list[str]:
    """Name the characters that can hide or reorder text: controls, bidi marks, zero-width signs, lone surrogates.

    Tab and line breaks are not among them.
    """
    if text.isprintable():
        return []
    found = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co"} and c not in _JOINERS and c not in "\t\n\r"}
    return [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in sorted(found)]


def without_unwanted_characters(text: str) -> str:
    """The same text with those characters left out, for readers of files that nobody can correct first."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c for c in text if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"} or c in _JOINERS or c in "\t\n\r")


_UNHEARD = re.compile(r"[\u0300-\u036f'’`]")
_NOT_WORD = re.compile(r"(?:[^\w+]|_)+")
_ASCII = {code: None if chr(code) in "'`" else " " for code in range(128) if not (chr(code).isalnum() or chr(code) == "+")}


def fold(text: str) -> str:
    """Text as the search and the matcher compare it: no case, no accents, words parted by one space.

    A plus sign stays: `ZeRO++` is not `ZeRO`.
    """
    if text.isascii():
        # The same by a table, which is much quicker.
        return " ".join(text.lower().translate(_ASCII).split())
    # Twice: folding the case can make letters that have parts again.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _NOT_WORD.sub(" ", _UNHEARD.sub("", plain)).strip()


# Words that say little at the end of an address.
SMALL_WORDS = {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "via", "with"}


def slug_of(text: str, *, max_length: int = 48) -> str:
    """An address part made of words: `orca-a-distributed-serving-system`; cut between words, never after a small one.

    `+` is spelled out, because ZeRO and ZeRO++ are two things. Letters without a Latin form stay as they are. May be empty.
    """
    words = fold(text.replace("+", " plus ").replace("&", " and ")).replace("+", " ").split()
    kept: list[str] = []
    for word in words:
        if kept and len("-".join([*kept, word])) > max_length:
            while len(kept) > 1 and kept[-1] in SMALL_WORDS:
                kept.pop()
            break
        kept.append(word[:max_length])
    return "-".join(kept)


def spelling_key(text: str) -> str:
    """A spelling as two of them are compared: `Hugging Face`, `HuggingFace` and `hugging-face` are one."""
    return fold(text).replace(" ", "")
