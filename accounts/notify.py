"""How a person is reached: a sentence on the site, a letter to a verified address, and each periodic letter once.

What there is to say, and to whom, others know.
"""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.text import Truncator

from accounts.models import Digest, Notification, User

# Of one person's notifications the newest are kept.
KEPT = 200


def notify(user: User, text: str, *, url: str) -> Notification:
    """Tell a person something on the site. `url` is a path of this site; a longer text is cut; the oldest beyond KEPT go."""
    said = Truncator(text).chars(Notification.LONGEST)
    notification = Notification.objects.create(user=user, text=said, url=url, created_at=timezone.now())
    user.notifications.exclude(pk__in=user.notifications.values("pk")[:KEPT]).delete()
    return notification


def mark_read(user: User, number: int | None = None) -> int:
    """Mark one of a person's notifications as read, or all; how many were unread."""
    unread = user.notifications.unread()
    return (unread if number is None else unread.filter(pk=number)).update(read_at=timezone.now())


def address_of(user: User | None) -> str | None:
    """Where a letter reaches this person: their first address, once verified, while the account is open."""
    if user is None or not user.is_active:
        return None
    return EmailAddress.objects.filter(user=user, primary=True, verified=True).values_list("email", flat=True).first()


def has_verified_address(user: User) -> bool:
    """Whether this person may propose: whoever does can be told what was decided."""
    return EmailAddress.objects.filter(user=user, verified=True).exists()


def begin_digest(user: User, kind: str, period: str) -> bool:
    """Whether this person's letter of this kind and period is the caller's to send: the answer is yes once, for ever.

    It is written down before the letter goes out, so that a process that ends in between never sends two.
    """
    try:
        with transaction.atomic():
            Digest.objects.create(user=user, kind=kind, period=period, sent_at=timezone.now())
    except IntegrityError:
        return False
    return True
