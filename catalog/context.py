"""What pages may say about the catalogue as a whole, and whether the reader keeps a part of it."""

from django.db.models import Exists, Max
from django.http import HttpRequest
from django.utils.functional import cached_property

from catalog.models import CatalogueState, Category, Paper


class Catalogue:
    """Asks the database only for what a page prints, and once."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def state(self) -> CatalogueState | None:
        """With `is_kept_by_reader`, whether the reader is named on a category: every page prints the one and asks the other."""
        reader = getattr(self._request, "user", None)
        named = Category.maintainers.through.objects.filter(user=reader.pk if reader else None)
        return CatalogueState.objects.annotate(is_kept_by_reader=Exists(named)).first()

    @cached_property
    def newest_year(self) -> int | None:
        """The year of the tallest stroke on every shelf."""
        return Paper.objects.aggregate(newest=Max("year"))["newest"]


def catalogue(request: HttpRequest) -> dict[str, Catalogue]:
    return {"catalogue": Catalogue(request)}
