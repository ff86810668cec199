"""What programs send: JSON of a known shape, or a problem that points at what is wrong with it."""

import re
from collections.abc import Hashable
from functools import cache
from typing import Any, cast

import msgspec
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework.request import Request

from catalog.answers import BadBody, Problem

MEDIA_TYPES = ("application/json", "application/merge-patch+json")
_WHERE = re.compile(r"(?s)(.*?)(?: - at `(\$.*)`)?")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


@cache
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape)


def read[T](request: Request, shape: type[T]) -> T:
    """The body as this shape. Raises Problem: 415 for another media type, 413 (of Django) for too much, 400 for the rest.

    No text can exhaust the reader: it goes only as deep as the shape does, and numbers have limits.
    """
    media_type = request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise Problem(415, _("Send JSON, as application/json."))
    try:
        body = request._request.body
    except UnreadablePostError:
        raise Problem(400, _("The request broke off.")) from None
    try:
        decoded: T = _decoder(cast(Hashable, shape)).decode(body)
    except msgspec.ValidationError as error:
        raise _wrong(str(error)) from None
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise BadBody([("#", _("This is no JSON that can be read: %(error)s.") % {"error": _first_words(error)})]) from None
    return decoded


def _wrong(text: str) -> BadBody:
    """What msgspec says of one place, which it writes as `$.record.links[0].url`."""
    match = _WHERE.fullmatch(text)
    said, place = match.groups() if match else (text, None)
    steps = [name or number for name, number in _STEP.findall(place or "") if number != "..."]
    return BadBody([("/".join(["#", *map(escaped, steps)]), f"{said}.")])


def escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901, section 3)."""
    return name.replace("~", "~0").replace("/", "~1")


def _first_words(error: Exception) -> str:
    return str(error).splitlines()[0][:200] if isinstance(error, msgspec.DecodeError) else type(error).__name__
