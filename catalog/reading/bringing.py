"""What a pasted text or a file names, and which of it is here: before anything is put anywhere.

A paper is found by what is exact: its id, an identifier, its address where only one paper has that, its title where exactly one
paper has the same, folded, and no identifier speaks against it. Nothing is guessed: what is like a paper is not that paper.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice
from typing import BinaryIO
from urllib.parse import unquote

import msgspec
from django.conf import settings
from django.utils.translation import gettext as _

from catalog import formats, identifiers, pasting
from catalog.formats import Entry, Ignored, NotUnderstood, Piece, Readable
from catalog.ingest.known import differ
from catalog.ingest.reading import format_of, lines_of
from catalog.matching import bare_address
from catalog.models import Identifier, Link, Paper
from catalog.reading.standing import Today
from catalog.records import MAX_TITLE, Record, fold, tidy
from catalog.spellings import MAX_LINE, Spellings

MOST_BYTES = 1_000_000
MOST_ENTRIES = 1_000
_SHOWN = 200
_TITLE_KEY = 500
_HEAD = 20


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that is here, and the line that names it first."""

    line: int
    public_id: str
    record: Record


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A paper that is not here: what it is called as far as that is known, and what the form for proposals reads of it."""

    line: int
    name: str
    paste: str


class NotRead(msgspec.Struct, frozen=True, kw_only=True):
    line: int
    text: str
    reason: str


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found in it, in its order. `is_cut` says that it names more than MOST_ENTRIES, which were not looked at."""

    found: list[Found]
    missing: list[Missing]
    not_read: list[NotRead]
    is_cut: bool = False

    @property
    def public_ids(self) -> list[str]:
        return [each.public_id for each in self.found]


def bring(file: BinaryIO, *, name: str = "") -> Brought:
    """Read a file whose name ends as that of a format does; else the text says what it is. Raises ingest.Unreadable."""
    format_, passed = format_of(name, lines_of(file, most=MOST_BYTES))
    lines = list(passed)
    if format_ is None or name.lower().endswith(".txt"):
        format_ = _format_of(lines)
    pieces = format_.read(lines) if format_ else _read_lines(lines)
    read = list(islice((piece for piece in pieces if not isinstance(piece, Ignored)), MOST_ENTRIES + 1))
    return _judged(read[:MOST_ENTRIES], is_cut=len(read) > MOST_ENTRIES)


def bring_text(text: str) -> Brought:
    """The same of a text that was pasted. Raises ingest.Unreadable."""
    return bring(BytesIO(text.encode(errors="replace")))


def brought_before(public_ids: Iterable[str]) -> Brought:
    """What was found once, by its ids, as far as it is still here."""
    asked = list(islice((public_id for public_id in public_ids if public_id.isalnum()), MOST_ENTRIES))
    return _judged([Entry(line=0, record=Record(title="", id=public_id)) for public_id in asked], is_cut=False)


# -- Read --------------------------------------------------------------------------------------
def _format_of(lines: Sequence[str]) -> Readable | None:
    """What a text is, by how it begins; None where it is one paper a line."""
    head = [line.strip() for line in islice(filter(str.strip, lines), _HEAD)]
    first = head[0] if head else ""
    signs: list[tuple[Readable, Callable[[str], object]]] = [
        (formats.bibtex, re.compile(r"@[a-z]+\s*[{(]", re.IGNORECASE).match),
        (formats.ris, re.compile(r"TY\s{1,2}-").match),
        (formats.markdown, re.compile(r"#{1,6} |[-*+] \[").match),
    ]
    if re.match(r"\[\s*(?:\{|$)", first):
        return formats.csl
    if first.startswith("{"):
        return formats.jsonl if first.endswith("}") and '"papers"' not in first else formats.json_
    return next((format_ for format_, is_begun in signs if any(map(is_begun, head))), None)


def _read_lines(lines: Iterable[str]) -> Iterator[Piece]:
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text:
            continue
        if len(text) > MAX_LINE:
            yield NotUnderstood(line=number, text=text[:_SHOWN], reason=_("The line is too long."))
            continue
        parts = re.split(r"[\s,;]+", text)
        if len(parts) > 1 and all(map(identifiers.recognise, parts)):
            yield from (_read_line(number, part) for part in parts)
        else:
            yield _read_line(number, text)


def _read_line(number: int, text: str) -> Piece:
    if own := re.fullmatch(rf"{re.escape(settings.SITE_URL)}/papers/([^/?#]+)/?(?:[?#].*)?", text):
        return Entry(line=number, record=Record(title="", slug=unquote(own[1])))
    reading = pasting.read(text, venues=_NONE, organizations=_NONE)
    if reading.record is None:
        reason = _("This is no identifier, no address that could be one of a paper, and no title.")
        return NotUnderstood(line=number, text=text[:_SHOWN], reason=reason)
    return Entry(line=number, record=reading.record)


_NONE = Spellings()


# -- Judge -------------------------------------------------------------------------------------
def _judged(pieces: Sequence[Piece], *, is_cut: bool) -> Brought:
    entries = [piece for piece in pieces if isinstance(piece, Entry)]
    here = _Here([entry.record for entry in entries])
    found: dict[str, Found] = {}
    missing: list[Missing] = []
    not_read = [NotRead(line=piece.line, text=piece.text, reason=piece.reason) for piece in pieces if isinstance(piece, NotUnderstood)]
    for entry in entries:
        papers = here.papers_of(entry.record)
        if len(papers) > 1:
            titles = ", ".join(f"“{paper.title}”" for paper in papers)
            reason = _("It says what belongs to several papers: %(titles)s.") % {"titles": titles}
            not_read.append(NotRead(line=entry.line, text=_name_of(entry.record), reason=reason))
        elif papers:
            [paper] = papers
            found.setdefault(paper.public_id, Found(line=entry.line, public_id=paper.public_id, record=paper.record))
        else:
            missing.append(Missing(line=entry.line, name=_name_of(entry.record), paste=_paste_of(entry.record)))
    not_read.sort(key=lambda each: each.line)
    return Brought(found=list(found.values()), missing=missing, not_read=not_read, is_cut=is_cut)


class _Here:
    """The papers of the catalogue that some records may be, asked for at once."""

    def __init__(self, asked: Sequence[Record]) -> None:
        ids = {record.id for record in asked} - {""}
        self._today = Today(ids)
        self._by_id = self._papers("public_id", {self._today.of(public_id) for public_id in ids})
        self._by_slug = self._papers("slug", {record.slug for record in asked if record.slug.isprintable()} - {""})
        self._by_title = self._papers("title_key", {fold(record.title)[:_TITLE_KEY] for record in asked} - {""})
        self._by_identifier = self._identified({item for record in asked for item in record.identifiers.items()})
        self._by_address = self._linked({bare_address(record.links[0].url) for record in asked if _is_address(record)})

    def papers_of(self, record: Record) -> list[Paper]:
        """The one that it is; several where it says of itself what belongs to several."""
        if known := self._by_id.get(self._today.of(record.id)) or self._by_slug.get(record.slug):
            return known
        if identified := {paper.pk: paper for item in record.identifiers.items() for paper in self._by_identifier.get(item, ())}:
            return list(identified.values())
        titled = self._by_title.get(fold(record.title)[:_TITLE_KEY], [])
        if len(titled) == 1 and not differ(record, titled[0].record):
            return titled
        leading = self._by_address.get(bare_address(record.links[0].url), []) if _is_address(record) else []
        return leading if len(leading) == 1 else []

    def _papers(self, column: str, values: set[str]) -> dict[str, list[Paper]]:
        found: dict[str, list[Paper]] = defaultdict(list)
        for paper in Paper.objects.defer("search_text", "abstract").filter(**{f"{column}__in": values}) if values else ():
            found[getattr(paper, column)].append(paper)
        return found

    def _identified(self, items: set[tuple[str, str]]) -> dict[tuple[str, str], list[Paper]]:
        values: dict[str, list[str]] = defaultdict(list)
        for scheme, value in items:
            values[scheme].append(value)
        return {
            (scheme, identifier.value): [identifier.paper]
            for scheme, some in values.items()
            for identifier in Identifier.objects.filter(scheme=scheme, value__in=some).select_related("paper")
        }

    def _linked(self, addresses: set[str]) -> dict[str, list[Paper]]:
        urls = [f"{scheme}://{address}{end}" for address in addresses for scheme in ("https", "http") for end in ("", "/")]
        found: dict[str, list[Paper]] = defaultdict(list)
        for link in Link.objects.filter(url__in=urls).select_related("paper") if urls else ():
            if link.paper not in found[bare_address(link.url)]:
                found[bare_address(link.url)].append(link.paper)
        return found


def _is_address(record: Record) -> bool:
    """All that is known of it is where it lies."""
    return bool(record.links) and not record.title and not record.identifiers


def _name_of(record: Record) -> str:
    address = record.links[0].url if record.links else ""
    named = next((f"{identifiers.LABELS.get(scheme, scheme)} {value}" for scheme, value in record.identifiers.items()), address)
    return tidy(record.title)[:MAX_TITLE] or named[:_SHOWN] or record.slug[:_SHOWN]


def _paste_of(record: Record) -> str:
    """What leads the form for proposals to most of it: an identifier, else an address, else the title."""
    for scheme, value in record.identifiers.items():
        if scheme in identifiers.SCHEMES:
            return identifiers.url_of(scheme, value)
    return record.links[0].url if record.links else tidy(record.title)[:MAX_TITLE]
