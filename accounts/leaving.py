"""People leave, and what they did stays: their account goes with everything that is theirs alone; the record has no name.

The only way in which an account is deleted. Other rooms let go of the person's name when `signals.leaving` tells them to.
"""

import logging
from collections.abc import Collection
from urllib.parse import quote_plus

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import SESSION_KEY
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts import notify, signals
from accounts.models import MAINTAINERS, User

log = logging.getLogger(__name__)


class Needed(Exception):
    """Without this person nobody could decide any more, or say who may."""


def leave(person: User) -> None:
    """Delete the account. Raises Needed.

    The letter of farewell goes out once it is done, to the address as it was; nothing is written down for it.
    """
    address, username = notify.address_of(person), person.username
    addresses = {person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)}
    with transaction.atomic():
        # This takes its time, and nobody else has to wait for it.
        _forget_sessions(person, addresses)
        # Whoever listens may wait for others at a door: nobody may wait there who holds rows of people.
        signals.leaving.send(User, person=person, addresses=addresses)
        if is_needed(person, lock=True):
            raise Needed
        _forget_in_log(person)
        User.objects.get(pk=person.pk).delete()
        if address:
            transaction.on_commit(lambda: _say_farewell(address, username), robust=True)


def is_needed(person: User, *, lock: bool = False) -> bool:
    """Whether this is the last who may decide everything, or the last owner."""
    if not person.is_maintainer:
        return False
    member = User.groups.through.objects.filter(group__name=MAINTAINERS).values("user")
    others = User.objects.exclude(pk=person.pk).filter(Q(is_superuser=True) | Q(pk__in=member), is_active=True, is_staff=True)
    if lock:
        others = others.order_by("pk").select_for_update(no_key=True)
    return not any(other.is_superuser or not person.is_superuser for other in others)


def _forget_sessions(person: User, addresses: Collection[str]) -> None:
    """Those in which they are or were signed in, and those that hold their address, as where somebody began to sign in with it.

    A session does not say whose it is without being read, so all are read. A form that is kept in one is written as in an address.
    """
    held = {address.lower() for address in addresses if address}
    held |= {quote_plus(address) for address in held}
    # By itself, as a value, and not in what somebody else may have typed.
    held.add(f"'{person.username}'".lower())
    theirs = []
    for session in Session.objects.iterator(chunk_size=500):
        kept = session.get_decoded()
        if kept.get(SESSION_KEY) == str(person.pk) or any(trace in str(kept).lower() for trace in held):
            theirs.append(session.session_key)
    Session.objects.filter(session_key__in=theirs).delete()


def _forget_in_log(person: User) -> None:
    """What owners did about the account stays in the log of the desk, without the name."""
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(User), object_id=str(person.pk))
    about.update(object_repr=_("deleted user"))


def _say_farewell(address: str, username: str) -> None:
    context = {"username": username, "site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    subject = " ".join(render_to_string("email/farewell_subject.txt", context).split())
    try:
        send_mail(subject, render_to_string("email/farewell.txt", context), settings.DEFAULT_FROM_EMAIL, [address])
    except OSError as error:
        # Every refusal of a mail server is one. Its words may hold the address, which is forgotten by now.
        log.error("A letter of farewell was not sent: %s", type(error).__name__)
