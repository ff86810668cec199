"""JSON: the whole selection in one envelope, one record a line."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched
from typing import Any

import msgspec

from catalog import records
from catalog.formats.format import Catalogue, Entry, NotUnderstood, Piece, account, not_understood
from catalog.records import Record

NAME = "json"
LABEL = "JSON"
EXTENSION = "json"
MEDIA_TYPE = "application/json"

# Pieces of a file are as large as this: a step for each record would cost more than the record.
RECORDS_AT_ONCE = 20
SCHEMA_PATH = "/api/schema/record/v1.json"


def dump(records_: Iterable[Record], about: Catalogue) -> Iterator[str]:
    return dump_stored(map(records.to_json, records_), about)


def dump_stored(lines: Iterable[str], about: Catalogue) -> Iterator[str]:
    """The same from records that are JSON already, passed through as they are.

    A file that was cut off stays without its closing bracket, so that no reader takes it for whole.
    """
    head = {
        "schema": about.site + SCHEMA_PATH,
        "site": about.site,
        "title": about.title,
        "license": about.license,
        "version": about.version,
        "updated_at": about.updated_at,
        "count": about.count,
    }
    yield msgspec.json.encode(head).decode().removesuffix("}") + ',"papers":[\n'
    joint = ""
    for some in batched(lines, RECORDS_AT_ONCE, strict=False):
        yield joint + ",\n".join(some)
        joint = ",\n"
    yield "\n]}\n" if joint else "]}\n"


# In characters. Whoever takes files from strangers has a smaller limit.
MAX_TEXT = 256_000_000
# Under what name the list of records may stand: in our envelope, and in a page of our API.
_LISTS = ("papers", "results")


def read(lines: Iterable[str]) -> Iterator[Piece]:
    """Every record of an envelope, of a page of the API or of a bare array; what is no record is reported, the others are kept."""
    return read_list(lines, names=_LISTS, record_of=record_of)


def record_of(text: str) -> Record:
    """Raises ValueError that says what is wrong. A name that stands twice in an object is an error, as I-JSON has it (RFC 7493)."""
    try:
        record = records.from_json(text)
        json.loads(text, object_pairs_hook=_distinct)
    except UnicodeEncodeError as error:
        raise ValueError("a letter that is half of a surrogate pair") from error
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return record


def _distinct(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)[:50]!r} stands twice")


def read_list(lines: Iterable[str], *, names: Sequence[str], record_of: Callable[[str], Record]) -> Iterator[Piece]:
    """The elements of an array, which may stand under one of `names`, each made a record; a ValueError is why one is none."""
    kept: list[str] = []
    size, lines = 0, iter(lines)
    for line in lines:
        size += len(line) + 1
        if size > MAX_TEXT:
            yield not_understood(1, line, f"longer than {MAX_TEXT} characters", lines=len(kept) + 1 + sum(1 for _line in lines))
            return
        kept.append(line)
    if not any(map(str.strip, kept)):
        yield from account([], lines=kept, between="blank")
        return
    kept[0] = kept[0].removeprefix("\ufeff")
    text = "\n".join(kept)
    try:
        elements = _elements(text, names)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        yield not_understood(_line_of(error, text), text, str(error), lines=len(kept))
        return
    yield from account(_read_each(text, elements, record_of), lines=kept, between="envelope")


def _elements(text: str, names: Sequence[str]) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.ValidationError:
        fields = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    name = next((name for name in names if name in fields), None)
    if name is None:
        raise msgspec.ValidationError(f"Expected an array, or an object with `{names[0]}`")
    return msgspec.json.decode(fields[name], type=list[msgspec.Raw])


def _line_of(error: Exception, text: str) -> int:
    place = re.search(r"\(byte (\d+)\)", str(error))
    return text.encode()[: int(place[1])].count(b"\n") + 1 if place else 1


def _read_each(text: str, elements: Iterable[msgspec.Raw], record_of: Callable[[str], Record]) -> Iterator[Entry | NotUnderstood]:
    line, seen = 1, 0
    for element in elements:
        raw = bytes(element).decode()
        start = text.index(raw, seen)
        line += text.count("\n", seen, start)
        seen = start + len(raw)
        length = raw.count("\n")
        try:
            yield Entry(line=line, record=record_of(raw), lines=length + 1)
        except ValueError as error:
            yield not_understood(line, raw, str(error), lines=length + 1)
        line += length
