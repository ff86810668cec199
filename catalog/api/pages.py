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

PARAMETERS = ("cursor", "page_size")
USUAL_SIZE = 50
LARGEST_SIZE = 200


class Listed[Row](Protocol):
    """What has pages: rows in an order, each with a place in it."""

    def __getitem__(self, part: slice, /) -> list[Row]: ...
    def beyond(self, place: Place, size: int, *, backwards: bool = False) -> list[Row]: ...
    def place_of(self, row: Row, /) -> Place: ...


@dataclass(frozen=True, kw_only=True)
class Page[Row]:
    """`next` and `previous` are whole addresses."""

    rows: Sequence[Row]
    next: str | None
    previous: str | None


@dataclass(frozen=True)
class Rows:
    """The rows of a query whose order is total and ascending."""

    query: QuerySet[Any]

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
        return [Key(name=str(name)) for name in self.query.query.order_by]


def page_of[Row](listed: Listed[Row], request: HttpRequest, *, query: str = "") -> Page[Row]:
    """The page that the address asks for. `query` says which selection it is a page of, and stays in the addresses.

    Raises BadParameters for a bad size or cursor.
    """
    size = _size(request)
    backwards, place = False, None
    try:
        if cursor := request.GET.get("cursor"):
            backwards, place = paging.from_text(cursor, of=request.path, query=query)
        found = listed[0 : size + 1] if place is None else listed.beyond(place, size + 1, backwards=backwards)
    except BadPlace as error:
        raise BadParameters([("cursor", _("This is no cursor of this selection. Begin without one."))]) from error
    has_more = len(found) > size
    found = found[-size:] if backwards else found[:size]

    def address(row: Row, *, backwards: bool) -> str:
        cursor = paging.to_text(listed.place_of(row), of=request.path, query=query, backwards=backwards)
        more = {"page_size": size} if "page_size" in request.GET else {}
        own = urlencode({**more, "cursor": cursor})
        return request.build_absolute_uri(f"{request.path}?{query}{'&' if query else ''}{own}")

    has_next = bool(found) and (backwards or has_more)
    has_previous = bool(found) and (has_more if backwards else place is not None)
    return Page(
        rows=found,
        next=address(found[-1], backwards=False) if has_next else None,
        previous=address(found[0], backwards=True) if has_previous else None,
    )


def _size(request: HttpRequest) -> int:
    text = request.GET.get("page_size") or str(USUAL_SIZE)
    if not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= LARGEST_SIZE):
        raise BadParameters([("page_size", _("Expected a number from 1 to %(largest)d.") % {"largest": LARGEST_SIZE})])
    return int(text)
