"""A selection of papers as one file, read from one state of the catalogue.

The site, the API and the command send what is made here, so their bytes are the same. Knows nothing of requests.
"""

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from typing import Self

from django.conf import settings
from django.db import connection, transaction
from django.http import QueryDict
from django.urls import reverse
from pyroaring import BitMap

from catalog import records
from catalog.filters import PaperFilter
from catalog.formats import Catalogue, Format, Page, bibtex
from catalog.models import CatalogueState, Paper, Tombstone
from catalog.records import Author, Category, Link, Organization, Record, Venue, replace
from catalog.selection import Numbers, Order, Selection
from catalog.shelf import Places

BYTES_AT_ONCE = 64 * 1024
# As many papers are read twice, to have an ETag that is exact to the byte.
READ_THROUGH = 500


# A record that has something in every field, so that no format can change unseen.
_SAMPLE = Record(
    title="Zoë’s {A}: B",
    short_name="Zoë’s {A}",
    year=2000,
    abstract="=A\n& <b>",
    note="N;",
    authors=(Author(name="Ann van Bee Jr.", orcid="0000-0002-1825-0097"), Author(name="C Team")),
    organizations=(Organization(name="O"),),
    venue=Venue(name="V", year=2000, track="T", raw="V 00"),
    identifiers={"doi": "10.1000/a", "arxiv": "2001.00001", "openreview": "abcde", "acl": "P00-1000", "usenix": "osdi20/a"},
    links=(Link(url="https://a.org/"), Link(kind="pdf", url="https://a.org/b", label="L")),
    categories=(Category(path="a/b", name="B", position=1, primary=True, note="N"),),
    added_at=datetime(2000, 1, 1, tzinfo=UTC),
    updated_at=datetime(2000, 1, 1, tzinfo=UTC),
    revision=1,
    citation_key="k",
)


class NoSuchPage(Exception):
    """There are not as many papers."""


class Export:
    """The file of a selection. Holds its state of the database until `close`, so it is never half old and half new.

    Iterating gives the bytes in pieces; memory does not grow with the selection. Used and closed in one thread. It is called
    as the site is, unless it has a `title` of its own. `address` is the path and query of the file and `listed_at` that of the
    page that lists the same papers; a format that comes in pages (PAGE_SIZE) says them, and holds the papers of `page`. Raises
    NoSuchPage.
    """

    def __init__(self, papers: Order, format_: Format, *, title: str = "", address: str = "", listed_at: str = "", page: int = 1) -> None:
        self.papers = papers
        self.format = format_
        self.size: int | None = getattr(format_, "PAGE_SIZE", None)
        self._places: Places | None = None
        self._title = title or settings.SITE_NAME
        self._addresses = (address, listed_at)
        self._page = page
        self._held = ExitStack()
        self._held.enter_context(one_state())
        try:
            # A list with headings has its papers by their places, whatever order was asked for.
            self._places = Places(papers) if getattr(format_, "BY_PLACE", False) else None
            self.about = self._about()
        except BaseException:
            self.close()
            raise

    @classmethod
    def of(cls, papers: PaperFilter, format_: Format, *, page: int = 1) -> Self:
        """The selection that was asked for, in the order asked for. Pages have the newest first, whatever that was."""
        query = QueryDict(papers.query, mutable=True)
        selection = papers.selection
        if hasattr(format_, "PAGE_SIZE"):
            query.pop("sort", None)
            selection = Selection(papers.chosen, "-added")
        asked = f"?{query.urlencode(safe='/')}" if query else ""
        address = reverse("catalog:paper-list-download", args=[format_.EXTENSION])
        return cls(selection, format_, address=address + asked, listed_at=reverse("catalog:paper-list") + asked, page=page)

    @classmethod
    def of_one(cls, paper: Paper, format_: Format) -> Self:
        address = reverse("catalog:paper-record", args=[paper.slug, format_.EXTENSION])
        papers = Order([(None, Numbers(papers=BitMap([paper.pk])))])
        return cls(papers, format_, address=address, listed_at=paper.get_absolute_url())

    def keeps(self, place: ExitStack) -> None:
        """Close it with the export."""
        self._held.push(place)

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
        """Differs when the bytes do, for one question, and only then.

        What the file says of a sample stands for how it says things. A format that names the catalogue's version is known by
        that; a short file is read through. Of a long one the signature of its papers has to do, which differs also by what
        a format leaves out.
        """
        beginning = self._of_a_sample(self.about)
        digest = sha256(beginning)
        if beginning == self._of_a_sample(replace(self.about, version=self.about.version + 1)):
            papers = self.papers if self.about.count > READ_THROUGH else None
            for piece in [papers.signature().encode()] if isinstance(papers, Selection) else self:
                digest.update(piece)
        elif not isinstance(self.papers, Selection):
            # The version knows nothing of lists that people keep.
            digest.update(repr(self.papers[0 : len(self.papers)]).encode())
        return digest.hexdigest()

    def _of_a_sample(self, about: Catalogue) -> bytes:
        return "".join(self.format.dump([_SAMPLE], about)).encode()

    def _about(self) -> Catalogue:
        state, count = CatalogueState.now(), len(self.papers)
        return Catalogue(
            site=settings.SITE_URL,
            title=self._title,
            license=settings.DATA_LICENSE,
            version=state.version,
            updated_at=state.updated_at,
            count=count if self.size is None else min(self.size, count - self._start),
            page=self._place(self.size, count) if self.size else None,
            contents=self._places.contents if self._places else (),
            former_keys=_former_keys() if self.format.NAME == bibtex.NAME else {},
        )

    @property
    def _start(self) -> int:
        return (self._page - 1) * (self.size or 0)

    def _place(self, size: int, count: int) -> Page:
        first, listed_at = self._addresses
        if self._start >= max(count, 1):
            raise NoSuchPage

        def address(page: int) -> str:
            return first if page == 1 else f"{first}{'&' if '?' in first else '?'}page={page}"

        return Page(
            address=address(self._page),
            first=first,
            previous=address(self._page - 1) if self._page > 1 else "",
            next=address(self._page + 1) if self._start + size < count else "",
            listed_at=listed_at,
        )

    def _texts(self) -> Iterator[str]:
        if self._places:
            placed = self._places.stream()
            self._held.callback(placed.close)
            return self.format.dump(placed, self.about)
        stored = self._stored()
        # Before the connection, which would not like it the other way round.
        self._held.callback(stored.close)
        pass_on: Callable[..., Iterator[str]] | None = getattr(self.format, "dump_stored", None)
        return pass_on(stored, self.about) if pass_on else self.format.dump(map(records.from_json, stored), self.about)

    def _stored(self) -> Generator[str]:
        columns = ["record_json"]
        if self.size is None:
            rows = self.papers.stream(columns)
        else:
            rows = iter(self.papers.rows(self.papers[self._start : self._start + self.size], columns))
        for (json,) in rows:
            yield json


def _former_keys() -> dict[str, list[str]]:
    """By the paper that took others in, one after the other."""
    merged = Tombstone.objects.exclude(successor_public_id="").order_by("citation_key")
    graves = {id_: (successor, key) for id_, successor, key in merged.values_list("public_id", "successor_public_id", "citation_key")}
    found: dict[str, list[str]] = defaultdict(list)
    for successor, key in graves.values():
        seen = {successor}
        while (following := graves.get(successor, ("", ""))[0]) and following not in seen:
            seen.add(following)
            successor = following
        found[successor].append(key)
    return found


@contextmanager
def one_state() -> Iterator[None]:
    """Every question inside is answered from the same state of the database, and nobody who writes has to wait.

    SQLite is told by hand: the site's own transactions there are made for writers, and lock them out. One inside another is
    of the state of that one.
    """
    connection.ensure_connection()
    if connection.in_atomic_block or (connection.vendor == "sqlite" and connection.connection.in_transaction):
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
