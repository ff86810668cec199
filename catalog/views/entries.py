"""Rows of papers as pages list them: what is stored, decoded, and the page of them that an address names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from catalog import paging, records
from catalog.records import Record
from catalog.selection import CARRIED, BadPlace, Order

# All that a list asks of a paper.
ROW = CARRIED
PAPERS_A_PAGE = 50


@dataclass(kw_only=True)
class Entry:
    """`number` is its place in the curator's order, counted from 1, and `note` the curator's words about it there."""

    record_json: str
    number: int | None = None
    note: str = ""

    @cached_property
    def record(self) -> Record:
        return records.from_json(self.record_json)


def entries(rows: Iterable[tuple[str, ...]], *, first_number: int | None = None) -> list[Entry]:
    """Of rows of (record as JSON) or of (record as JSON, note)."""
    return [
        Entry(record_json=json, note=note[0] if note else "", number=None if first_number is None else number)
        for number, (json, *note) in enumerate(rows, start=first_number or 1)
    ]


def by_year(rows: Iterable[tuple[int | None, Entry]], counts: Mapping[int | None, int]) -> list[dict[str, Any]]:
    """Entries that come in the order of their years under those years; `counts` also counts what other pages show."""
    return [
        {"year": year, "count": counts.get(year, 0), "entries": [each for _year, each in group]}
        for year, group in groupby(rows, key=lambda row: row[0])
    ]


def one_page(request: HttpRequest, rows: QuerySet[Any, Any] | list[Any], *, size: int) -> Page[Any]:
    """The page that the address names. There is no page past the last, nor one that is not a plain number."""
    return _checked(request, Paginator(rows, size), lambda paginator, number: paginator.page(number))


class PaperPage(Page):
    """The numbers of papers. `after` is what the address of the next page says of where this one ends."""

    after = ""


def page_of_papers(request: HttpRequest, papers: Order, *, size: int, query: str = "") -> PaperPage:
    """The page that the address names; where it also says after which paper, it goes on there, whatever came in meanwhile.

    `query` is the selection that it is a page of. A place that was not given out for it is passed over.
    """

    def page_at(paginator: Paginator[int], number: int) -> PaperPage:
        paginator.validate_number(number)
        page = PaperPage(_following(request, papers, size, query) or papers[(number - 1) * size : number * size], number, paginator)
        if page.has_next() and page.object_list:
            page.after = paging.to_text(papers.place_of(page.object_list[-1]), of=request.path, query=query)
        return page

    return _checked(request, Paginator(papers, size), page_at)  # type: ignore[arg-type]


def _checked[P: Page[Any]](request: HttpRequest, paginator: Paginator[Any], page_at: Callable[[Paginator[Any], int], P]) -> P:
    number = request.GET.get("page") or "1"
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    try:
        return page_at(paginator, int(number))
    except InvalidPage as missing:
        raise Http404 from missing


def _following(request: HttpRequest, papers: Order, size: int, query: str) -> list[int]:
    try:
        _backwards, place = paging.from_text(request.GET.get("after", ""), of=request.path, query=query)
        return papers.beyond(place, size)
    except BadPlace:
        return []
