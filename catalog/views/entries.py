"""Rows of papers as pages list them: what is stored, decoded, with the citation to copy."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from catalog import records
from catalog.formats import bibtex
from catalog.records import Record

# All that a list asks of a paper.
ROW = ("record_json", "citation_key")
# Of a longer row of authors a page copies the beginning and `and others`; a download names all.
CITED_AUTHORS = 20


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`number` is its place in the curator's order, counted from 1, and `note` the curator's words about it there."""

    record: Record
    bibtex: str
    number: int | None = None
    note: str = ""


def entry(record_json: str, citation_key: str, note: str = "", *, number: int | None = None) -> Entry:
    record = records.from_json(record_json)
    return Entry(record=record, bibtex=bibtex.entry(record, citation_key, max_authors=CITED_AUTHORS), number=number, note=note)


def entries(rows: Iterable[tuple[str, ...]], *, first_number: int | None = None) -> list[Entry]:
    """Of rows of (record as JSON, citation key) or of (record as JSON, citation key, note)."""
    return [entry(*row, number=None if first_number is None else number) for number, row in enumerate(rows, start=first_number or 1)]


def by_year(rows: Iterable[tuple[int | None, Entry]], counts: dict[int | None, int]) -> list[dict[str, Any]]:
    """Entries that come in the order of their years under those years; `counts` also counts what other pages show."""
    return [
        {"year": year, "count": counts.get(year, 0), "entries": [each for _year, each in group]}
        for year, group in groupby(rows, key=lambda row: row[0])
    ]


def one_page(request: HttpRequest, rows: QuerySet[Any, Any], *, size: int) -> Page[Any]:
    """The page that the address names. There is no page past the last, nor one that is not a plain number."""
    number = request.GET.get("page") or "1"
    if not (number.isascii() and number.isdigit()):
        raise Http404
    try:
        return Paginator(rows, size).page(number)
    except InvalidPage as missing:
        raise Http404 from missing
