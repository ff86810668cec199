"""What every change begins with, and what may stand in its way."""

from collections.abc import Collection

from accounts.models import User
from catalog.models import Paper


class Full(Exception):
    """There are `limit` already, which is as many as are kept."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"{limit} already")
        self.limit = limit


class NoSuchPaper(Exception):
    """No paper of the catalogue has this id."""


def take_turn(person: User) -> None:
    """Wait until nothing else is written for this person, and let nothing be, until this transaction ends: so that limits
    and positions hold, also between two windows.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=person.pk)


def refuse_what_is_gone(public_ids: Collection[str]) -> None:
    """Raises NoSuchPaper where not all of these are papers of the catalogue."""
    if Paper.objects.filter(public_id__in=public_ids).count() < len(set(public_ids)):
        raise NoSuchPaper
