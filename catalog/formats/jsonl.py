"""JSON Lines: one record a line, for tools that read line by line."""

from collections.abc import Iterable, Iterator
from itertools import batched

from catalog import records
from catalog.formats.format import Catalogue, Entry, Ignored, Piece, not_understood
from catalog.formats.json_ import RECORDS_AT_ONCE, record_of
from catalog.records import Record

NAME = "jsonl"
LABEL = "JSON Lines"
EXTENSION = "jsonl"
MEDIA_TYPE = "application/jsonl"


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    return dump_stored(map(records.to_json, records_), about)


def dump_stored(lines: Iterable[str], about: Catalogue) -> Iterator[str]:
    """The same from records that are JSON already, passed through as they are."""
    for some in batched(lines, RECORDS_AT_ONCE, strict=False):
        yield "\n".join(some) + "\n"


# In characters: the longest record there can be is far shorter.
MAX_LINE = 1_000_000


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Every line that is a record; any other that is not blank is reported."""
    for number, line in enumerate(lines, start=1):
        if number == 1:
            line = line.removeprefix("\ufeff")
        if not line.strip():
            yield Ignored(line=number, kind="blank")
        elif len(line) > MAX_LINE:
            yield not_understood(number, line, f"longer than {MAX_LINE} characters")
        else:
            try:
                yield Entry(line=number, record=record_of(line))
            except ValueError as error:
                yield not_understood(number, line, str(error))
