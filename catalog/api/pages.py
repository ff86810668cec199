"""Pages by cursor: a place in the order, not a number of rows, so nothing is lost or seen twice while papers are added.

A cursor is signed together with the selection it belongs to; what comes back is what was given out, or is refused.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.core.signing import BadSignature, Signer
from django.db.models import DateTimeField, Model, OrderBy, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from catalog.answers import BadParameters

PARAMETERS = ("cursor", "page_size")
USUAL_SIZE = 50
LARGEST_SIZE = 200


@dataclass(frozen=True, kw_only=True)
class Page[M: Model]:
    """`next` and `previous` are whole addresses."""

    rows: Sequence[M]
    next: str | None
    previous: str | None


def page_of[M: Model](rows: QuerySet[M], request: HttpRequest, *, query: str = "") -> Page[M]:
    """The page that the address asks for. The rows' order has to be total; columns that may be null stand with nulls last.

    `query` says which selection the rows are, and stays in the addresses. Raises BadParameters for a bad size or cursor.
    """
    size = _size(request)
    signer = Signer(salt=f"cursor {request.path} {sorted(parse_qsl(query))}", sep=".")
    backwards, place = _place(request, signer)
    keys = _keys(rows)
    if place is not None:
        rows = rows.filter(_beyond(keys, _from_plain(rows, keys, place), backwards=backwards))
    found = list((rows.reverse() if backwards else rows)[: size + 1])
    has_more = len(found) > size
    found = found[:size]
    if backwards:
        found.reverse()

    def address(row: M, *, backwards: bool) -> str:
        values = [getattr(row, key.name) for key in keys]
        plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
        more = {"page_size": size} if "page_size" in request.GET else {}
        own = urlencode({**more, "cursor": signer.sign_object([backwards, *plain])})
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


def _place(request: HttpRequest, signer: Signer) -> tuple[bool, list[Any] | None]:
    text = request.GET.get("cursor")
    if not text:
        return False, None
    try:
        backwards, *place = signer.unsign_object(text)
    except BadSignature as error:
        raise BadParameters([("cursor", _("This is no cursor of this selection. Begin without one."))]) from error
    return backwards, place


@dataclass(frozen=True, kw_only=True)
class _Key:
    name: str
    is_descending: bool
    is_nullable: bool


def _keys(rows: QuerySet[Any]) -> list[_Key]:
    """What the rows are ordered by."""
    keys = []
    for each in rows.query.order_by:
        if isinstance(each, OrderBy):
            column: Any = each.expression
            keys.append(_Key(name=column.name, is_descending=each.descending, is_nullable=bool(each.nulls_last)))
        else:
            keys.append(_Key(name=str(each).removeprefix("-"), is_descending=str(each).startswith("-"), is_nullable=False))
    return keys


def _from_plain(rows: QuerySet[Any], keys: list[_Key], place: list[Any]) -> list[Any]:
    times = {field.name for field in rows.model._meta.concrete_fields if isinstance(field, DateTimeField)}
    return [datetime.fromisoformat(value) if key.name in times else value for key, value in zip(keys, place, strict=True)]


def _beyond(keys: list[_Key], place: list[Any], *, backwards: bool) -> Q:
    """Rows after the place, or before it: beyond it in one key, level with it in all keys to the left of that."""
    found, level = Q(pk__in=[]), Q()
    for key, value in zip(keys, place, strict=True):
        if value is None:
            here = Q(**{f"{key.name}__isnull": True})
            further = Q(**{f"{key.name}__isnull": False}) if backwards else Q(pk__in=[])
        else:
            here = Q(**{key.name: value})
            further = Q(**{f"{key.name}__{'lt' if key.is_descending != backwards else 'gt'}": value})
            if key.is_nullable and not backwards:
                further |= Q(**{f"{key.name}__isnull": True})
        found |= level & further
        level &= here
    return found
