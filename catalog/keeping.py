"""Keep what was made once for as long as it is good: whole answers, and parts of pages that many answers share.

Each process has its own. Nothing is ever cleared: what was made of one state of the catalogue is not found once the stamp
is another, and after LONGEST in any case, so that what changes without a stamp, such as a username or how long something
has waited, is right within a minute. What is asked for least goes first.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from operator import attrgetter
from sys import getsizeof
from threading import Lock
from time import monotonic
from typing import Any, NamedTuple

from cachetools import LRUCache
from django.conf import settings
from django.db import connection

LONGEST = 60.0
# What a process holds at most, in bytes: of answers as they are sent, and of parts.
MOST_ANSWERS = 16_000_000
MOST_PARTS = 8_000_000
# What anything kept costs beside itself.
_OVERHEAD = 500


class _Kept(NamedTuple):
    value: Any
    stamp: str
    until: float
    size: int


class Store[V]:
    """Values by key, `most` bytes of them. For many threads."""

    def __init__(self, *, most: int) -> None:
        self._largest = most // 8
        self._kept: LRUCache[Hashable, _Kept] = LRUCache(most, getsizeof=attrgetter("size"))
        self._door = Lock()
        self._making: dict[Hashable, Lock] = {}

    def knows(self, key: Hashable) -> bool:
        """Whether something was kept by this key, good or not any more."""
        return key in self._kept

    def find(self, key: Hashable, stamp: str | None) -> V | None:
        with self._door:
            kept = self._kept.get(key)
        return kept.value if kept and kept.stamp == stamp and monotonic() < kept.until else None

    def put(self, key: Hashable, stamp: str | None, value: V, *, size: int) -> None:
        """Keeps nothing without a stamp, nothing out of proportion, and nothing while developing: templates change then."""
        size += _OVERHEAD + len(repr(key))
        if stamp and size <= self._largest and not settings.DEBUG:
            with self._door:
                self._kept[key] = _Kept(value, stamp, monotonic() + LONGEST, size)

    @contextmanager
    def alone(self, key: Hashable) -> Iterator[None]:
        """Let the first come make it; others wait until it has, and should look again. None waits for a second one."""
        making = self._making.setdefault(key, Lock())
        if making.acquire(blocking=False):
            try:
                yield
            finally:
                self._making.pop(key, None)
                making.release()
        else:
            with making:
                pass
            yield


answers: Store[Any] = Store(most=MOST_ANSWERS)
parts: Store[Any] = Store(most=MOST_PARTS)


def keep[V](stamp: str | None, key: Hashable, make: Callable[[], V], *, size: Callable[[V], int] = getsizeof) -> V:
    """The part of a page that has this key, made now where none is kept that was made of this state. None is never kept.

    The key begins with the name of the part, and holds all that the part depends on beside the catalogue. It is the same
    for everybody: nothing that belongs to a person may go into a part. `size` is in bytes; the default is right for text
    and bytes, and for nothing that holds other things.
    """
    if (found := parts.find(key, stamp)) is not None:
        return found
    with parts.alone(key):
        if (found := parts.find(key, stamp)) is not None:
            return found
        made = make()
        if made is not None:
            parts.put(key, stamp, made, size=size(made))
        return made


def current_stamp() -> str | None:
    """The catalogue's, as every reader sees it at this moment; None before anything was ever published.

    In plain SQL, and never kept: it is asked before everything else, and a change shows at once in every process.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM catalog_cataloguestate WHERE id = 1")
        row = cursor.fetchone()
    return row[0] if row else None
