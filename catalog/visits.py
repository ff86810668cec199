"""What is new to a reader: the papers that came in since their last visit. A visit is of pages that show papers."""

from datetime import datetime, timedelta

from django.db import Error
from django.utils import timezone

from accounts.models import User
from catalog.models import Paper, Visit

# A visit is over after so long without a page; that there was one is written down no more often than this.
ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=5)
# More new papers than these are not counted.
COUNTED = 1_000


def note(user: User, last: Visit | None) -> Visit | None:
    """The visit that a page belongs to, which the page prolongs or begins; `last` is what was written down of it before.

    Of pages that are asked for at once, one begins the visit: a row is changed only as it was read. None where the database
    takes nothing down just now: reading goes on.
    """
    try:
        return _prolonged(last, timezone.now()) if last else _first(user, timezone.now())
    except Error:
        return None


def _first(user: User, now: datetime) -> Visit:
    visit = Visit(user=user, began_at=now, seen_at=now)
    Visit.objects.bulk_create([visit], ignore_conflicts=True)
    return visit


def _prolonged(visit: Visit, now: datetime) -> Visit:
    silence = now - visit.seen_at
    if silence < NOTED_EVERY:
        return visit
    changes = {"seen_at": now}
    if silence > ENDS_AFTER:
        changes |= {"began_at": now, "before": visit.seen_at}
    if not Visit.objects.filter(user=visit.user_id, seen_at=visit.seen_at).update(**changes):
        return Visit.objects.get(user=visit.user_id)
    for name, value in changes.items():
        setattr(visit, name, value)
    return visit


def count_of_new(*, since: datetime) -> int:
    """How many papers were added after that time; COUNTED + 1 stands for any more."""
    return Paper.objects.filter(added_at__gt=since).order_by("-added_at", "-id")[: COUNTED + 1].count()
