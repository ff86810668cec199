"""RIS, what libraries, publishers and reference managers exchange: a tag and a value a line, `TY` to `ER`.

Lines end in CR and LF, as the format's inventors have it. Reading takes the dialects of EndNote, Zotero and publishers.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from catalog import identifiers, records
from catalog.citing import citation_key, is_journal, name_parts
from catalog.formats import reference
from catalog.formats.format import Catalogue, Entry, Ignored, NotUnderstood, Piece, not_understood
from catalog.records import LinkKind, Record

NAME = "ris"
LABEL = "RIS"
EXTENSION = "ris"
MEDIA_TYPE = "application/x-research-info-systems"


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    for record in records_:
        yield entry(record, record.citation_key or citation_key(record))


def entry(record: Record, key: str) -> str:
    """`T2` is where it appeared; the kind stands in `M3`, what is neither DOI nor address in `AN`, organizations in `AD`."""
    found, links, venue = record.identifiers, record.links, record.venue
    in_journal = venue is not None and is_journal(venue.name)
    tags = [
        ("TY", _TYPES.get(record.kind, "GEN") if venue is None else "JOUR" if in_journal else "CONF"),
        ("ID", key),
        ("TI", _line(record.title)),
        ("ST", _line(record.short_name)),
        *[("AU", _author(author.name)) for author in record.authors],
        ("PY", str(record.year or "")),
        *([("JO" if in_journal else "T2", _line(f"{venue.name} {venue.year or ''}"))] if venue else []),
        ("M3", "" if record.kind == "paper" else record.kind),
        ("DO", found.get("doi", "")),
        *[("AN", f"{_AS_SAID.get(scheme, scheme)}:{value}") for scheme, value in found.items() if scheme != "doi"],
        *[("L1" if link.kind == "pdf" else "UR", _line(link.url)) for link in links],
        *[("AD", _line(organization.name)) for organization in record.organizations],
        *[("KW", _line(category.name or category.path)) for category in record.categories],
        ("N1", _line(record.note)),
        ("AB", _line(record.abstract)),
    ]
    return "\r\n".join([f"{tag}  - {value}" for tag, value in tags if value]) + "\r\nER  - \r\n\r\n"


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Records from each `TY` to its `ER`, to the next `TY` or to the end. A line without a tag goes on with the one before it."""
    reference_: _Reference | None = None
    for number, line in enumerate(lines, start=1):
        tagged = _TAG.match(line.removeprefix("\ufeff") if number == 1 else line)
        tag = tagged[1] if tagged else ""
        if tag == "TY":
            if reference_:
                yield from reference_.pieces()
            reference_ = _Reference(number)
        if reference_ is None:
            if not line.strip():
                yield Ignored(line=number, kind="blank")
            elif tagged:
                yield not_understood(number, line, "no TY before it")
            else:
                yield Ignored(line=number, kind="comment")
            continue
        reference_.add(tag, tagged[2] or "" if tagged else line)
        if tag == "ER":
            yield from reference_.pieces()
            reference_ = None
    if reference_:
        yield from reference_.pieces()


# Writing

_TYPES = {
    "benchmark": "DATA", "leaderboard": "ELEC", "framework": "COMP", "article": "BLOG", "course": "ELEC", "list": "ELEC", "talk": "SLIDE",
}  # fmt: skip
_AS_SAID = {"arxiv": "arXiv"}
_BREAK = re.compile(r"\s*[\r\n\x0b\x0c\x1c-\x1e\x85\u2028\u2029]\s*")


def _line(text: str) -> str:
    text = records.without_unwanted_characters(text)
    return (text if text.isprintable() else _BREAK.sub(" ", text)).strip()


@lru_cache(maxsize=20_000)
def _author(name: str) -> str:
    parts = name_parts(_line(name))
    return ", ".join(part for part in (parts.family, parts.given, parts.suffix) if part)


# Reading

# Reference Manager wants two blanks and a hyphen; others are less strict, and leave out the blank at the end.
_TAG = re.compile(r"\s?([A-Z][A-Z0-9])\s{0,3}-(?:\s(.*)|)$", re.DOTALL)
MAX_LINES = 20_000
_TITLES, _SHORT = ("TI", "T1", "CT"), ("ST",)
_VENUES = ("T2", "JF", "JO", "JA", "BT", "C3", "J2", "T3")
_LINKS: dict[str, LinkKind | None] = {"UR": None, "LK": None, "L1": "pdf", "L2": None}


class _Reference:
    """The lines from a TY on. A field that is too long, or too many lines, and nothing more of them is kept."""

    def __init__(self, line: int) -> None:
        self.line, self.lines, self.blanks = line, 0, 0
        self.values: list[tuple[str, str]] = []
        self.trouble = ""

    def add(self, tag: str, value: str) -> None:
        if not tag and not value.strip():
            self.blanks += 1
            return
        # Blank lines within are part of it, those at its end are not.
        self.lines += 1 + self.blanks
        self.blanks = 0
        if self.lines > MAX_LINES or len(value) > reference.MAX_FIELD:
            self.trouble = self.trouble or "too long"
        elif tag:
            self.values.append((tag, value.strip()))
        elif len(self.values[-1][1]) + len(value) > reference.MAX_FIELD:
            self.trouble = self.trouble or "too long"
        else:
            self.values[-1] = (self.values[-1][0], f"{self.values[-1][1]}\n{value.strip()}".strip())

    def pieces(self) -> Iterator[Entry | NotUnderstood | Ignored]:
        yield self._piece()
        if self.blanks:
            yield Ignored(line=self.line + self.lines, kind="blank", lines=self.blanks)

    def _piece(self) -> Entry | NotUnderstood:
        try:
            if self.trouble:
                raise ValueError(self.trouble)
            return Entry(line=self.line, record=_record(self.values), lines=self.lines)
        except ValueError as error:
            text = " ".join(value for _tag, value in self.values[:4])
            return not_understood(self.line, text, str(error), lines=self.lines)


def _record(values: list[tuple[str, str]]) -> Record:
    said: dict[str, list[str]] = {}
    for tag, value in values:
        if value:
            said.setdefault(tag, []).append(value)

    def first(*tags: str) -> str:
        return next((said[tag][0] for tag in tags if tag in said), "")

    title = reference.plain(first(*_TITLES))
    if not title and first("TY") != "JOUR":
        title = reference.plain(first("BT"))
    addresses: list[str | tuple[LinkKind, str]] = []
    for tag, value in values:
        if tag in _LINKS:
            kind = _LINKS[tag]
            addresses += ((kind, address) if kind else address for address in re.split(r"\s*;\s*(?=https?:)|\s+", value))
    authors = [name for tag in ("AU", "A1") for value in said.get(tag, []) for name in _names(value)]
    stated = [("doi", first("DO", "M3") if not first("DO") and first("M3").startswith("10.") else first("DO"))]
    stated += [(found.scheme, found.value) for value in said.get("AN", []) for found in identifiers.identifiers_in(value)]
    stated += [("arxiv", found.value) for tag in _VENUES for found in identifiers.identifiers_in(first(tag)) if found.scheme == "arxiv"]
    return reference.record(
        title=title,
        short_name=reference.plain(first(*_SHORT)),
        kind=reference.kind_of(first("M3"), first("TY")),
        year=reference.year_in(first("PY", "Y1", "YR", "DA")),
        abstract=reference.prose(first("AB", "N2")),
        note=reference.prose(first("N1")),
        authors=authors,
        organizations=map(reference.plain, said.get("AD", [])),
        venue=reference.plain(first(*(tag for tag in _VENUES if first(tag) != first(*_TITLES)))),
        addresses=addresses,
        stated=stated,
    )


def _names(text: str) -> Iterator[str]:
    """One a line by rights; some write several, family first, with semicolons between them."""
    parts = text.split(";")
    for name in parts if all("," in part for part in parts) else [text]:
        plain = reference.plain(name)
        yield reference.given_first(plain) if "," in plain else plain
