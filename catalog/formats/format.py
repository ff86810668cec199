"""What a format is: the words that every file of this folder answers to."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

import msgspec

from catalog.records import Record


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says about the catalogue it comes from.

    `site` is an address without a slash at its end, `count` the number of records that follow.
    """

    site: str
    title: str
    license: str
    version: int
    updated_at: datetime | None
    count: int


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record and where it stands: the line where it begins, counted from 1, and how many lines are its own."""

    line: int
    record: Record
    lines: int = 1


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
    """A module of this folder. NAME is also the extension and the value of `?format=`.

    One that cannot be read back has no `read`.
    """

    NAME: str
    LABEL: str
    EXTENSION: str
    MEDIA_TYPE: str

    def dump(self, records: Iterable[Record], about: Catalogue) -> Iterator[str]:
        """The file in pieces, each a line or more; the same records give the same text."""

    def read(self, lines: Iterable[str]) -> Iterator[Piece]:
        """Read a file of this syntax, ours or anyone's, given as lines without their ends. Never raises for what stands in it.

        Accounts for every line, in order as far as the syntax lets one line follow another. A syntax of lines is read in a
        stream; one that needs the whole file refuses what is larger than it can take, as one piece that is not understood.
        """


MAX_SHOWN = 200


def not_understood(line: int, text: str, reason: str, *, lines: int = 1) -> NotUnderstood:
    return NotUnderstood(line=line, text=text.strip()[:MAX_SHOWN], reason=reason, lines=lines)


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
