"""What pages may say about the catalogue as a whole, whether the reader keeps a part of it, and what is new to them."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.models import Notification
from catalog import visits
from catalog.models import CatalogueState, Category, Paper, Reading, ReadingList, Visit

_STATE = f"""
    SELECT state.*,
        EXISTS (SELECT 1 FROM {Category.maintainers.through._meta.db_table} WHERE user_id = %s) AS is_kept_by_reader,
        (SELECT COUNT(*) FROM {Notification._meta.db_table} WHERE user_id = %s AND read_at IS NULL) AS unread_by_reader,
        EXISTS (SELECT 1 FROM {Reading._meta.db_table} WHERE user_id = %s) AS has_readings,
        EXISTS (SELECT 1 FROM {ReadingList._meta.db_table} WHERE owner_id = %s) AS has_lists,
        (SELECT year FROM {Paper._meta.db_table} WHERE year IS NOT NULL ORDER BY year DESC LIMIT 1) AS newest_year,
        visit.began_at AS visit_began_at, visit.seen_at AS visit_seen_at, visit.before AS visit_before
    FROM {CatalogueState._meta.db_table} AS state
    LEFT JOIN {Visit._meta.db_table} AS visit ON visit.user_id = %s
"""  # noqa: S608


class Catalogue:
    """Asks the database only for what a page prints, and once."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def state(self) -> Any:
        """The CatalogueState, if there is one, with what pages ask besides, in the same question: of the reader
        `is_kept_by_reader`, whether named on a category, `unread_by_reader`, how many notifications, `has_readings` and `has_lists`,
        whether they keep papers, and their Visit; and the `newest_year`.
        """
        reader = getattr(self._request, "user", None)
        number = reader.pk if reader else None
        # Written out: it is asked for every page, and to put it together would take longer than to answer it.
        return next(iter(CatalogueState.objects.raw(_STATE, [number] * 5)), None)

    @property
    def stamp(self) -> str | None:
        """The catalogue's, as it was before anything else of it was read for this answer: what a part of a page is kept by."""
        visit = getattr(self._request, "visit", None)
        return visit.stamp if visit else self.state and self.state.stamp

    @cached_property
    def visit(self) -> Visit | None:
        """The reader's, which a page that asks for it prolongs or begins; nothing is known of the visits of nobody."""
        reader = self._request.user
        if not reader.is_authenticated:
            return None
        last = None
        if self.state and self.state.visit_seen_at:
            times = {name: _time(getattr(self.state, f"visit_{name}")) for name in ("began_at", "seen_at", "before")}
            last = Visit(user=reader, **times)
        return visits.note(reader, last)

    @property
    def newest_year(self) -> int | None:
        """The year of the tallest stroke on every shelf."""
        return self.state.newest_year if self.state else None


def _time(value: datetime | None) -> datetime | None:
    """Of SQLite, times come without their zone."""
    return value.replace(tzinfo=UTC) if value and not value.tzinfo else value


def catalogue_of(request: HttpRequest) -> Catalogue:
    """One for each request."""
    if not hasattr(request, "catalogue"):
        request.catalogue = Catalogue(request)  # type: ignore[attr-defined]
    found: Catalogue = request.catalogue  # type: ignore[attr-defined]
    return found


def catalogue(request: HttpRequest) -> dict[str, Catalogue]:
    return {"catalogue": catalogue_of(request)}
