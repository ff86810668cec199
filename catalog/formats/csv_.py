"""CSV (RFC 4180), for spreadsheets and for whatever reads tables: one row a paper below a header, UTF-8 without a mark.

No cell is taken for a formula: one that begins like one gets an apostrophe in front, which the reader here takes away again.
A list in a cell has `; ` between its parts. What is read may be any table with a header, whoever made it.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from catalog import identifiers, records
from catalog.formats import reference
from catalog.formats.format import Catalogue, Entry, Ignored, NotUnderstood, Piece, not_understood
from catalog.records import Author, Category, Link, LinkKind, Organization, Record, Venue, fold

NAME = "csv"
LABEL = "CSV"
EXTENSION = "csv"
MEDIA_TYPE = "text/csv"

COLUMNS = (
    *("id", "slug", "title", "short_name", "kind", "year", "authors", "orcids", "organizations"),
    *("venue", "venue_year", "venue_track", "venue_raw", *identifiers.SCHEMES, "url", "links"),
    *("categories", "category_positions", "category_notes", "abstract", "note", "citation_key", "added_at", "updated_at", "revision"),
)


class _Handing:
    """For a writer that gives back each row that it has written."""

    def write(self, row: str) -> str:
        return row


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    written = csv.writer(_Handing()).writerow
    yield written(COLUMNS)
    for record in records_:
        yield written(_row(record))


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Records of every row with a title, below the first line that is not blank and names its columns.

    A row with more or fewer cells than the header is reported.
    """
    numbered = enumerate(lines, start=1)
    for number, line in numbered:
        header = line.removeprefix("\ufeff") if number == 1 else line
        if not header.strip():
            yield Ignored(line=number, kind="blank")
        elif re.fullmatch(r'"?sep=.?"?', header.strip(), re.IGNORECASE):
            # Excel's own word for what stands between cells.
            yield Ignored(line=number, kind="heading")
        else:
            break
    else:
        return
    yield from _read_table(number, header, (line for _number, line in numbered))


# Writing

# What a spreadsheet takes for the beginning of a formula, also in full width; an apostrophe, so that ours can be told.
_FORMULA = tuple("=+-@\t\r\n'＝＋－＠")
_PARTING = re.compile(r"[;\\]")


def _row(record: Record) -> list[str | int | None]:
    found, venue, places = record.identifiers, record.venue, record.categories
    orcids = [author.orcid or "" for author in record.authors]
    return [
        record.id,
        _safe(record.slug),
        _safe(record.title),
        _safe(record.short_name),
        record.kind,
        record.year,
        _list([author.name for author in record.authors]),
        _list(orcids) if any(orcids) else "",
        _list([organization.name for organization in record.organizations]),
        *((_safe(venue.name), venue.year, _safe(venue.track), _safe(venue.raw)) if venue else ("", "", "", "")),
        *([_safe(found.get(scheme, "")) for scheme in identifiers.SCHEMES] if found else _NO_IDENTIFIERS),
        record.links[0].url if record.links else "",
        _list([f"{link.kind} {link.url} {link.label}".rstrip() for link in record.links]),
        _list([place.path for place in places]),
        "; ".join([str(place.position) for place in places]),
        _list([place.note for place in places]) if any(place.note for place in places) else "",
        _safe(record.abstract),
        _safe(record.note),
        record.citation_key,
        record.added_at.isoformat().replace("+00:00", "Z") if record.added_at else "",
        record.updated_at.isoformat().replace("+00:00", "Z") if record.updated_at else "",
        record.revision,
    ]


_NO_IDENTIFIERS = ("",) * len(identifiers.SCHEMES)


def _safe(text: str) -> str:
    text = records.without_unwanted_characters(text)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _list(parts: list[str]) -> str:
    joined = "; ".join(parts)
    # Only where a part has a sign of ours in it are there more than between the parts.
    if "\\" in joined or joined.count(";") >= max(1, len(parts)):
        joined = "; ".join([_PARTING.sub(r"\\\g<0>", part) for part in parts])
    return _safe(joined)


# Reading

_PART = re.compile(r"((?:[^;\\]|\\.)*)(?:;\s?|\Z)", re.DOTALL)
# Under which heads, folded, other programs and people write what.
_HEADS: dict[str, tuple[str, ...]] = {
    "title": ("title", "paper", "paper title", "article title", "document title", "papers", "name"),
    "subtitle": ("subtitle",),
    "short_name": ("short name", "short title", "acronym", "nickname", "system"),
    "kind": ("kind", "item type", "type", "document type", "publication type"),
    "year": ("year", "publication year", "pub year", "date", "publication date", "issued", "published"),
    "authors": ("authors", "author", "author full names", "author names", "author s", "creators", "by"),
    "organizations": ("organizations", "organization", "institution", "institutions", "affiliation", "affiliations", "org", "orgs", "lab"),
    "venue": ("venue", "conference", "journal", "publication title", "publication", "source title", "source", "booktitle", "book title",
              "proceedings title", "conference name", "container title", "journal title", "published in"),
    "venue_year": ("venue year",),
    "doi": ("doi",),
    "arxiv": ("arxiv", "arxiv id", "eprint"),
    "openreview": ("openreview",),
    "acl": ("acl",),
    "usenix": ("usenix",),
    "abstract": ("abstract", "abstract note", "summary"),
    "note": ("note", "notes", "comment", "comments", "remark", "remarks", "description"),
    "category": ("category", "categories", "section", "topic", "topics", "collection"),
    "url": ("url", "urls", "link", "links", "paper link", "paper url", "website", "article url", "address", "href"),
    "pdf": ("pdf", "pdf link", "pdf url", "full text"),
    "code": ("code", "github", "repository", "repo", "code link", "code url", "implementation"),
    "slides": ("slides",),
    "video": ("video", "talk", "recording"),
    "project": ("project", "project page", "homepage"),
    "data": ("data", "dataset"),
}  # fmt: skip
_FIELD_OF = {head: field for field, heads in _HEADS.items() for head in heads}
_LINK_FIELDS: tuple[LinkKind, ...] = ("pdf", "code", "slides", "video", "project", "data")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_OURS = {"id", "slug", "title", "kind", "authors", "links", "citation_key", "added_at", "revision"}


def _read_table(first: int, header: str, lines: Iterable[str]) -> Iterator[Piece]:
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader((line + "\n" for line in chain([header], lines)), delimiter=delimiter)
    heads: list[str] = []
    record_of: Callable[[dict[str, str]], Record] | None = None
    seen = 0
    while True:
        try:
            row = next(rows, None)
        except csv.Error as error:
            row, reason = [], f"no row: {error}"
        else:
            reason = ""
        if row is None:
            return
        line, length = first + seen, rows.line_num - seen
        seen = rows.line_num
        if record_of is None:
            heads = [head.strip() for head in row]
            record_of = _own if _OURS.issubset(heads) else _anyones
            if not reason and (record_of is _own or "title" in map(_field_of, heads)):
                yield Ignored(line=line, kind="heading", lines=length)
                continue
            rest = sum(1 for _line in lines)
            yield not_understood(line, header, reason or "no column for the title", lines=length + rest)
            return
        if not reason and not any(map(str.strip, row)):
            yield Ignored(line=line, kind="blank", lines=length)
        else:
            yield _piece(line, length, row, heads, record_of, reason)


def _piece(
    line: int, lines: int, row: Sequence[str], heads: Sequence[str], record_of: Callable[[dict[str, str]], Record], reason: str
) -> Entry | NotUnderstood:
    try:
        if reason:
            raise ValueError(reason)
        if len(row) < len(heads) or any(map(str.strip, row[len(heads) :])):
            raise ValueError(f"{len(row)} cells, where the header has {len(heads)}")
        cells = {head: _bare(cell) for head, cell in reversed([*zip(heads, row, strict=False)])}
        reference.refuse_long(cells)
        return Entry(line=line, record=record_of(cells), lines=lines)
    except ValueError as error:
        return not_understood(line, " ".join(row), str(error), lines=lines)


def _bare(cell: str) -> str:
    """Without the apostrophe that keeps it from being a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _own(cells: dict[str, str]) -> Record:
    """Raises ValueError where a cell does not hold what our own file has there."""
    of = {column: cells.get(column, "") for column in COLUMNS}
    if not of["title"]:
        raise reference.NoTitle
    orcids, positions, notes = (_parts(of[column]) for column in ("orcids", "category_positions", "category_notes"))
    venue = None
    if of["venue"]:
        venue = Venue(name=of["venue"], year=int(of["venue_year"] or 0) or None, track=of["venue_track"], raw=of["venue_raw"])
    plain = {
        **{column: of[column] for column in ("id", "slug", "title", "short_name", "abstract", "note", "citation_key")},
        "path": f"/papers/{of['slug']}/" if of["slug"] else "",
        "kind": of["kind"] or "paper",
        "year": int(of["year"]) if of["year"] else None,
        "authors": [Author(name=name, orcid=_at(orcids, place) or None) for place, name in enumerate(_parts(of["authors"]))],
        "organizations": [Organization(name=name) for name in _parts(of["organizations"])],
        "venue": venue,
        "identifiers": {scheme: of[scheme] for scheme in identifiers.SCHEMES if of[scheme]},
        "links": [_link(text) for text in _parts(of["links"])] or [Link(url=url) for url in [of["url"]] if url],
        "categories": [
            Category(path=path, position=int(_at(positions, place) or 0), primary=place == 0, note=_at(notes, place))
            for place, path in enumerate(_parts(of["categories"]))
        ],
        "added_at": of["added_at"] or None,
        "updated_at": of["updated_at"] or None,
        "revision": int(of["revision"] or 0),
    }
    return records.from_plain(plain)


def _parts(text: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", part, flags=re.DOTALL) for part in _PART.findall(text)[:-1]] if text else []


def _at(parts: Sequence[str], place: int) -> str:
    return parts[place] if place < len(parts) else ""


def _link(text: str) -> Link:
    kind, _blank, rest = text.partition(" ")
    url, _blank, label = rest.partition(" ")
    return Link(kind=kind, url=url, label=label)  # type: ignore[arg-type]


def _field_of(head: str) -> str:
    return _FIELD_OF.get(fold(head), "")


def _anyones(cells: dict[str, str]) -> Record:
    """Of several columns that mean the same, the first that says something."""
    of = dict.fromkeys(_HEADS, "")
    for head, cell in cells.items():
        field = _field_of(head)
        of[field] = cell.strip() or of.get(field, "")
    addresses: list[str | tuple[LinkKind, str]] = list(_addresses(of["url"]))
    addresses += ((kind, url) for kind in _LINK_FIELDS for url in _addresses(of[kind]))
    title, subtitle = reference.plain(of["title"]), reference.plain(of["subtitle"])
    # A title may be a link, as spreadsheets and lists write it.
    if written := re.fullmatch(r"\[(.+)\]\((https?://\S+)\)", title):
        title, addresses = written[1], [written[2], *addresses]
    year = reference.year_in(of["year"]) or reference.year_in(of["venue_year"])
    return reference.record(
        title=f"{title}: {subtitle}" if title and subtitle else title,
        short_name=reference.plain(of["short_name"]),
        kind=reference.kind_of(of["kind"]),
        year=year,
        abstract=reference.prose(of["abstract"]),
        note=reference.prose(of["note"]),
        authors=[reference.given_first(name) if "," in name else name for name in map(reference.plain, _names(of["authors"]))],
        organizations=map(reference.plain, _names(of["organizations"])),
        venue=" ".join(filter(None, (reference.plain(of["venue"]), of["venue_year"].strip()))) if of["venue"].strip() else "",
        addresses=addresses,
        stated=[(scheme, of[scheme].strip()) for scheme in identifiers.SCHEMES],
    )


def _addresses(text: str) -> Iterator[str]:
    found = _ADDRESS.findall(text)
    yield from (address.rstrip(";,)") for address in found)
    if not found and (identifier := identifiers.recognise(text)):
        yield identifiers.url_of(identifier.scheme, identifier.value)


def _names(text: str) -> list[str]:
    """Parted by semicolons, else by line breaks, bars, `and`, else by commas where each part is a whole name."""
    for sign in (r"\s*;\s*", r"\s*\n\s*", r"\s*\|\s*"):
        if len(names := [name for name in re.split(sign, text.strip()) if name]) > 1:
            return names
    names = [name for name in re.split(r",?\s+(?:and|&)\s+", text.strip()) if name]
    parts = [part.strip() for part in names[0].split(",") if part.strip()] if names else []
    if len(parts) > 1 and all(" " in part for part in parts):
        return [*parts, *names[1:]]
    return names
