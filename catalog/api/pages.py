"""Pages by cursor: a place in the order, signed, so that nothing is lost or seen twice while papers are added."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog import paging
from catalog.answers import BadParameters
from catalog.selection import BadPlace, Key, Place, beyond

PARAMETERS = ("cursor", "page_size", "count")
USUAL_SIZE = 50
LARGEST_SIZE = 200


class Listed[Row](Protocol):
    """What has pages: rows in an order, each with a place in it."""

    def __len__(self) -> int: ...
    def __getitem__(self, part: slice, /) -> list[Row]: ...
    def beyond(self, place: Place, size: int, *, backwards: bool = False) -> list[Row]: ...
    def place_of(self, row: Row, /) -> Place: ...


@dataclass(frozen=True, kw_only=True)
class Page[Row]:
    """`next`, `previous` and `first` are whole addresses. `count` is of all pages, where it was asked for."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None
    first: str
    count: int | None


@dataclass(frozen=True)
class Rows:
    """The rows of a query whose order is total and runs in one direction."""

    query: QuerySet[Any]

    def __len__(self) -> int:
        return self.query.count()

    def __getitem__(self, part: slice) -> list[Any]:
        return list(self.query[part])

    def beyond(self, place: Place, size: int, *, backwards: bool = False) -> list[Any]:
        if len(place) != len(self._keys):
            raise BadPlace
        rows = self.query.filter(beyond(self._keys, place, backwards=backwards))
        return list(rows.reverse()[:size])[::-1] if backwards else list(rows[:size])

    def place_of(self, row: Any) -> Place:
        return [getattr(row, key.name) for key in self._keys]

    @property
    def _keys(self) -> list[Key]:
        return [Key(name=name.removeprefix("-"), is_descending=name.startswith("-")) for name in map(str, self.query.query.order_by)]


def page_of[Row](listed: Listed[Row], request: HttpRequest, *, query: str = "") -> Page[Row]:
    """The page that the address asks for. `query` says which selection it is a page of, and stays in the addresses.

    Raises BadParameters for a bad size or cursor.
    """
    size, counts = size_of(request), _counts(request)
    backwards, place = False, None
    try:
        if cursor := request.GET.get("cursor"):
            backwards, place = paging.from_text(cursor, of=request.path, query=query)
        found = listed[0 : size + 1] if place is None else listed.beyond(place, size + 1, backwards=backwards)
    except BadPlace as error:
        raise BadParameters([("cursor", _("This is no cursor of this selection. Begin without one."))]) from error
    has_more = len(found) > size
    found = found[-size:] if backwards else found[:size]
    asked = {name: request.GET[name] for name in ("page_size", "count") if name in request.GET}

    def address(**more: str) -> str:
        parts = filter(None, [query, urlencode({**asked, **more})])
        return request.build_absolute_uri(f"{request.path}?{'&'.join(parts)}".removesuffix("?"))

    def beside(row: Row, *, backwards: bool) -> str:
        return address(cursor=paging.to_text(listed.place_of(row), of=request.path, query=query, backwards=backwards))

    has_next = bool(found) and (backwards or has_more)
    has_previous = bool(found) and (has_more if backwards else place is not None)
    return Page(
        rows=found,
        next=beside(found[-1], backwards=False) if has_next else None,
        previous=beside(found[0], backwards=True) if has_previous else None,
        first=address(),
        count=len(listed) if counts else None,
    )


def size_of(request: HttpRequest) -> int:
    text = request.GET.get("page_size") or str(USUAL_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_SIZE):
        raise BadParameters([("page_size", _("Expected a number from 1 to %(largest)d.") % {"largest": LARGEST_SIZE})])
    return int(text)


def _counts(request: HttpRequest) -> bool:
    if (text := request.GET.get("count", "0")) not in {"0", "1"}:
        raise BadParameters([("count", _("Expected 1, to be told how many there are."))])
    return text == "1"
