"""What pages may say about the catalogue as a whole, whether the reader keeps a part of it, and how much is new to them."""

from django.db.models import Count, Exists, Max, Subquery
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
    def state(self) -> CatalogueState | None:
        """With what every page asks of the reader, in the same question: `is_kept_by_reader`, whether named on a category,
        and `unread_by_reader`, how many notifications.
        """
        reader = getattr(self._request, "user", None)
        number = reader.pk if reader else None
        named = Category.maintainers.through.objects.filter(user=number)
        unread = Notification.objects.unread().filter(user=number).order_by().values("user").annotate(count=Count("pk")).values("count")
        return CatalogueState.objects.annotate(is_kept_by_reader=Exists(named), unread_by_reader=Coalesce(Subquery(unread), 0)).first()

    @cached_property
    def newest_year(self) -> int | None:
        """The year of the tallest stroke on every shelf."""
        return Paper.objects.aggregate(newest=Max("year"))["newest"]


def catalogue(request: HttpRequest) -> dict[str, Catalogue]:
    return {"catalogue": Catalogue(request)}
