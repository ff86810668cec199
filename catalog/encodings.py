"""Content codings (RFC 9110, section 8.4): which one a client wants, and bytes in it."""

import gzip
import secrets
from collections.abc import Sequence
from io import BytesIO

import brotli

IDENTITY = "identity"
BROTLI = "br"
GZIP = "gzip"
# The better ones first.
OFFERED = (BROTLI, GZIP)
# Beyond these, a tenth of the bytes costs many times as long. A page of 100 kB takes less than a millisecond.
_BROTLI_QUALITY, _BROTLI_WINDOW = 1, 18
_GZIP_LEVEL = 4
_QUICKEST_GZIP_LEVEL = 1
_SHORTEST = 500
_TEXT = ("json", "xml", "javascript")


def wanted(header: str, *, offered: Sequence[str] = OFFERED) -> str:
    """The offered coding that an Accept-Encoding header prefers, else the identity (section 12.5.3).

    What cannot be understood is passed over, and a client that refuses even the identity gets it all the same.
    """
    if not header:
        return IDENTITY
    weights: dict[str, float] = {}
    for item in header.lower().split(","):
        coding, _semicolon, parameter = item.partition(";")
        weight = _weight(parameter)
        if weight is not None:
            weights[coding.strip()] = weight
    others = weights.get("*", 0.0)
    best = max(offered, key=lambda coding: weights.get(coding, others))
    weight = weights.get(best, others)
    return best if weight > 0 and weight >= weights.get(IDENTITY, 0.0) else IDENTITY


def _weight(parameter: str) -> float | None:
    name, _equals, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return None
    return weight if name.strip() == "q" and 0 <= weight <= 1 else None


def is_worth_it(body: bytes, media_type: str) -> bool:
    return len(body) >= _SHORTEST and (media_type.startswith("text/") or any(kind in media_type for kind in _TEXT))


def encode(body: bytes, coding: str) -> bytes:
    """The same bytes for the same body: no time stamp is in them."""
    if coding == BROTLI:
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=_BROTLI_QUALITY, lgwin=_BROTLI_WINDOW)
    if coding == GZIP:
        return gzip.compress(body, _GZIP_LEVEL, mtime=0)
    return body


def encode_once(body: bytes, *, noise: int) -> bytes:
    """In gzip, quickly, with up to so many random bytes that hide how well it was compressed, and so what is in it (BREACH).

    They stand where gzip has the name of a file, as Django's own compression has them.
    """
    packed = BytesIO()
    name = secrets.token_hex(secrets.randbelow(noise) // 2 + 1)
    with gzip.GzipFile(filename=name, mode="wb", compresslevel=_QUICKEST_GZIP_LEVEL, fileobj=packed, mtime=0) as file:
        file.write(body)
    return packed.getvalue()
