"""What a format is: the words that every file of this folder answers to."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Protocol

import msgspec

from catalog.records import Record


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says about the catalogue it comes from.

    `site` is an address without a slash at its end, `count` the number of records that follow. `citation_keys` maps a
    paper's id to the key it is cited under; what it does not hold gets a proposal.
    """

    site: str
    title: str
    license: str
    version: int
    updated_at: datetime | None
    count: int
    citation_keys: Mapping[str, str] = {}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A record and the line of the file where it begins, counted from 1."""

    line: int
    record: Record


class NotUnderstood(msgspec.Struct, frozen=True, kw_only=True):
    """`reason` is for the reader of a report; `text` is the beginning of what was found there."""

    line: int
    text: str
    reason: str


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was read: nothing of a file is passed over in silence."""

    entries: tuple[Entry, ...] = ()
    not_understood: tuple[NotUnderstood, ...] = ()

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

    def load(self, text: str) -> Loaded:
        """Read a file of this syntax, ours or anyone's. Never raises for what stands in it."""


MAX_SHOWN = 200


def not_understood(line: int, text: str, reason: str) -> NotUnderstood:
    return NotUnderstood(line=line, text=text.strip()[:MAX_SHOWN], reason=reason)
