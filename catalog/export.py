"""A selection of papers as one file, read from one state of the catalogue.

The site, the API and the command send what is made here, so their bytes are the same. Knows nothing of requests.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, transaction

from catalog import records
from catalog.formats import Catalogue, Format
from catalog.models import CatalogueState
from catalog.records import replace

BYTES_AT_ONCE = 64 * 1024


class Papers(Protocol):
    """The papers of a file, in order: of each, what some columns say."""

    def __len__(self) -> int: ...
    def stream(self, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]: ...


class Export:
    """The file of a selection. Holds its state of the database until `close`, so it is never half old and half new.

    Iterating gives the bytes in pieces; memory does not grow with the selection. Used and closed in one thread.
    """

    def __init__(self, papers: Papers, format_: Format) -> None:
        self.papers = papers
        self.format = format_
        self._held = ExitStack()
        self._held.enter_context(one_state())
        try:
            self.about = self._about()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._held.close()

    def __iter__(self) -> Iterator[bytes]:
        pieces: list[bytes] = []
        size = 0
        for text in self._texts():
            pieces.append(text.encode())
            size += len(pieces[-1])
            if size >= BYTES_AT_ONCE:
                yield b"".join(pieces)
                pieces, size = [], 0
        yield b"".join(pieces)

    @cached_property
    def digest(self) -> str:
        """Differs when, and only when, the bytes do, for one question.

        A format that names the catalogue's version is known by what it says before the first paper. One that does not
        is read through once.
        """
        beginning = self._without_papers(self.about)
        names_version = beginning != self._without_papers(replace(self.about, version=self.about.version + 1))
        digest = sha256()
        for piece in [beginning] if names_version else self:
            digest.update(piece)
        return digest.hexdigest()

    def _without_papers(self, about: Catalogue) -> bytes:
        return "".join(self.format.dump([], about)).encode()

    def _about(self) -> Catalogue:
        state = CatalogueState.now()
        return Catalogue(
            site=settings.SITE_URL,
            title=settings.SITE_NAME,
            license=settings.DATA_LICENSE,
            version=state.version,
            updated_at=state.updated_at,
            count=len(self.papers),
        )

    def _texts(self) -> Iterator[str]:
        stored = (json for (json,) in self.papers.stream(["record_json"]))
        # Before the connection, which would not like it the other way round.
        self._held.callback(stored.close)
        pass_on: Callable[..., Iterator[str]] | None = getattr(self.format, "dump_stored", None)
        return pass_on(stored, self.about) if pass_on else self.format.dump(map(records.from_json, stored), self.about)


@contextmanager
def one_state() -> Iterator[None]:
    """Every question inside is answered from the same state of the database, and nobody who writes has to wait.

    SQLite is told by hand: the site's own transactions there are made for writers, and lock them out.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
        try:
            yield
        finally:
            connection.rollback()
    else:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
