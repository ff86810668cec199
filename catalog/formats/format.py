"""What a format is: the words that every file of this folder answers to."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

import msgspec

from catalog.records import Category, Record


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Where a paged file stands (RFC 5005): its own address and those beside it, empty where there is none.

    `listed_at` is the page for people that shows the same selection. All begin with a slash.
    """

    address: str
    first: str
    previous: str = ""
    next: str = ""
    listed_at: str


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says about the catalogue it comes from.

    `site` is an address without a slash at its end, `count` the number of records that follow. `page` is known of a file
    that comes in pages, and `contents` of one that goes by places: the categories that papers stand in and those above them,
    from the top of the tree to its end; one without a path is for papers that are placed nowhere.
    `former_keys` are the citation keys of papers that others have taken in, by the id of the one that has them now.
    """

    site: str
    title: str
    license: str
    version: int
    updated_at: datetime | None
    count: int
    page: Page | None = None
    contents: tuple[Category, ...] = ()
    former_keys: Mapping[str, Sequence[str]] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record and where it stands: the line where it begins, counted from 1, and how many lines are its own.

    That is none for what begins on the last line of the piece before it and ends there, as in JSON without line breaks.
    `headings` are those it stands under, the outermost first: the names that belong to the parts of its category's path.
    """

    line: int
    record: Record
    lines: int = 1
    headings: tuple[str, ...] = ()


class NotUnderstood(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is for the reader of a report; `text` is the beginning of what was found there."""

    line: int
    text: str
    reason: str
    lines: int = 1


class Ignored(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that hold no paper and need none. `kind` is one word for a report: `blank`, `heading`, `prose`, `comment`, ..."""

    line: int
    kind: str
    lines: int = 1


type Piece = Entry | NotUnderstood | Ignored


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file in memory. Nothing of it is passed over in silence: the lines of all pieces are the lines of the file.

    `ignored` counts lines by their kind; those after the first of an entry, or of what was not understood, are `continuation`.
    """

    entries: tuple[Entry, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()
    ignored: dict[str, int] = {}

    @property
    def records(self) -> list[Record]:
        return [entry.record for entry in self.entries]


class Format(Protocol):
    """A module of this folder. NAME is also the extension and the value of `?format=`."""

    NAME: str
    LABEL: str
    EXTENSION: str
    MEDIA_TYPE: str

    def dump(self, records: Iterable[Record], about: Catalogue) -> Iterator[str]:
        """The file in pieces, each a line or more; the same records give the same text."""


class Readable(Format, Protocol):
    """A format that can be read back."""

    def read(self, lines: Iterable[str]) -> Iterator[Piece]:
        """Read a file of this syntax, ours or anyone's, given as lines without their ends. Never raises for what stands in it.

        Accounts for every line, in order as far as the syntax lets one line follow another. A syntax of lines is read in a
        stream; one that needs the whole file refuses what is larger than it can take, as one piece that is not understood.
        """


MAX_SHOWN = 200


def not_understood(line: int, text: str, reason: str, *, lines: int = 1) -> NotUnderstood:
    # Half a surrogate pair could not be shown in a report.
    shown = text.strip()[:MAX_SHOWN].encode(errors="replace").decode()
    return NotUnderstood(line=line, text=shown, reason=reason, lines=lines)


def account(pieces: Iterable[Entry | NotUnderstood], *, lines: Sequence[str], between: str) -> Iterator[Piece]:
    """Account for all `lines` of a file that was read as a whole: what was found in it, in order, and what stands between.

    Lines between are blank or of the kind `between`.
    """
    done = 0
    for piece in pieces:
        yield from _ignored(done + 1, lines[done : piece.line - 1], between)
        end = piece.line + piece.lines - 1
        yield msgspec.structs.replace(piece, lines=end - max(done, piece.line - 1))
        done = max(done, end)
    yield from _ignored(done + 1, lines[done:], between)


def _ignored(first: int, lines: Sequence[str], kind: str) -> Iterator[Ignored]:
    for is_blank, run in groupby(enumerate(lines, start=first), key=lambda line: not line[1].strip()):
        numbers = [number for number, _line in run]
        yield Ignored(line=numbers[0], kind="blank" if is_blank else kind, lines=len(numbers))


def loaded(pieces: Iterable[Piece]) -> Loaded:
    """Everything that a `read` gives, gathered."""
    entries, rest, ignored = [], [], Counter[str]()
    for piece in pieces:
        match piece:
            case Ignored(kind=kind, lines=lines):
                ignored[kind] += lines
                continue
            case Entry():
                entries.append(piece)
            case NotUnderstood():
                rest.append(piece)
        if piece.lines > 1:
            ignored["continuation"] += piece.lines - 1
    return Loaded(entries=tuple(entries), not_understood=tuple(rest), ignored=dict(ignored))
