"""JSON Lines: one record a line, for tools that read line by line."""

from collections.abc import Iterable, Iterator

import msgspec

from catalog import records
from catalog.formats.format import Catalogue, Entry, Loaded, NotUnderstood, not_understood
from catalog.records import Record

NAME = "jsonl"
LABEL = "JSON Lines"
EXTENSION = "jsonl"
MEDIA_TYPE = "application/jsonl"


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    return dump_stored(map(records.to_json, records_), about)


def dump_stored(lines: Iterable[str], about: Catalogue) -> Iterator[str]:
    """The same from records that are JSON already, passed through as they are."""
    for line in lines:
        yield line + "\n"


def load(text: str) -> Loaded:
    """Every line that is a record; blank lines count for nothing, any other is reported."""
    entries: list[Entry] = []
    rest: list[NotUnderstood] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            entries.append(Entry(line=number, record=records.from_json(line)))
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
            rest.append(not_understood(number, line, str(error)))
    return Loaded(entries=tuple(entries), not_understood=tuple(rest))
