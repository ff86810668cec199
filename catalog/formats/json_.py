"""JSON: the whole selection in one envelope, one record a line."""

from collections.abc import Iterable, Iterator

import msgspec

from catalog import records
from catalog.formats.format import Catalogue, Entry, Loaded, NotUnderstood, not_understood
from catalog.records import Record

NAME = "json"
LABEL = "JSON"
EXTENSION = "json"
MEDIA_TYPE = "application/json"

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
    for line in lines:
        yield joint + line
        joint = ",\n"
    yield "\n]}\n" if joint else "]}\n"


class _Envelope(msgspec.Struct):
    papers: list[msgspec.Raw]


def load(text: str) -> Loaded:
    """Every record of an envelope; one that is not a record is reported and the others are kept."""
    try:
        papers = msgspec.json.decode(text, type=_Envelope).papers
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as error:
        return Loaded(not_understood=(not_understood(1, text[:200], str(error)),))
    entries: list[Entry] = []
    rest: list[NotUnderstood] = []
    line, seen = 1, 0
    for paper in papers:
        raw = bytes(paper).decode()
        start = text.index(raw, seen)
        line += text.count("\n", seen, start)
        seen = start
        try:
            entries.append(Entry(line=line, record=records.from_json(raw)))
        except (msgspec.DecodeError, RecursionError) as error:
            rest.append(not_understood(line, raw, str(error)))
    return Loaded(entries=tuple(entries), not_understood=tuple(rest))
