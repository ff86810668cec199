"""Pages by place, not by number of rows: nothing is lost or seen twice while papers are added.

A place is signed together with the question it belongs to; what comes back is what was given out, or is refused.
"""

from typing import Any
from urllib.parse import parse_qsl

from django.core.signing import BadSignature, Signer

from catalog.selection import BadPlace, Place


def to_text(place: Place, *, of: str, query: str, backwards: bool = False) -> str:
    """The place as a part of an address. `of` is the path that it is a place of, `query` the selection there."""
    return _signer(of, query).sign_object([backwards, *place])


def from_text(text: str, *, of: str, query: str) -> tuple[bool, Place]:
    """Whether to go backwards, and from where. Raises BadPlace for what was not given out for this question."""
    try:
        backwards, *place = _signer(of, query).unsign_object(text)
    except BadSignature as error:
        raise BadPlace from error
    return backwards, place


def _signer(of: str, query: str) -> Signer:
    asked: list[Any] = sorted(parse_qsl(query))
    return Signer(salt=f"cursor {of} {asked}", sep=".")
