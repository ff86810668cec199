"""What pages may say about the catalogue as a whole, whether the reader keeps a part of it, and how much is new to them."""

from typing import Any

from django.db.models import Count, Exists, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts.models import Notification
from catalog.models import CatalogueState, Category, Paper


class Catalogue:
    """Asks the database only for what a page prints, and once."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def state(self) -> Any:
        """The CatalogueState, if there is one, with what pages ask besides, in the same question: of the reader
        `is_kept_by_reader`, whether named on a category, and `unread_by_reader`, how many notifications; and the `newest_year`.
        """
        reader = getattr(self._request, "user", None)
        number = reader.pk if reader else None
        named = Category.maintainers.through.objects.filter(user=number)
        unread = Notification.objects.unread().filter(user=number).order_by().values("user").annotate(count=Count("pk")).values("count")
        newest = Paper.objects.filter(year__isnull=False).order_by("-year").values("year")[:1]
        asked = {"is_kept_by_reader": Exists(named), "unread_by_reader": Coalesce(Subquery(unread), 0), "newest_year": Subquery(newest)}
        return CatalogueState.objects.annotate(**asked).first()

    @property
    def stamp(self) -> str | None:
        """The catalogue's, as it was before anything else of it was read for this answer: what a part of a page is kept by."""
        visit = getattr(self._request, "visit", None)
        return visit.stamp if visit else self.state and self.state.stamp

    @property
    def newest_year(self) -> int | None:
        """The year of the tallest stroke on every shelf."""
        return self.state.newest_year if self.state else None


def catalogue_of(request: HttpRequest) -> Catalogue:
    """One for each request."""
    if not hasattr(request, "catalogue"):
        request.catalogue = Catalogue(request)  # type: ignore[attr-defined]
    found: Catalogue = request.catalogue  # type: ignore[attr-defined]
    return found


def catalogue(request: HttpRequest) -> dict[str, Catalogue]:
    return {"catalogue": catalogue_of(request)}
