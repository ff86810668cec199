"""What pages may say about the catalogue as a whole."""

from django.db.models import Max
from django.http import HttpRequest
from django.utils.functional import cached_property

from catalog.models import CatalogueState, Paper


class Catalogue:
    """Asks the database only for what a page prints, and once."""

    @cached_property
    def state(self) -> CatalogueState | None:
        return CatalogueState.objects.first()

    @cached_property
    def newest_year(self) -> int | None:
        """The year of the tallest stroke on every shelf."""
        return Paper.objects.aggregate(newest=Max("year"))["newest"]


def catalogue(request: HttpRequest) -> dict[str, Catalogue]:
    return {"catalogue": Catalogue()}
