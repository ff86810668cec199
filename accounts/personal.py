"""What this room keeps of a person, as plain data for the person to take away. Keys, codes and passwords are in none of it."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession

from accounts.models import User


def account(person: User) -> dict[str, Any]:
    return {
        "username": person.username,
        "joined_at": person.date_joined,
        "last_sign_in_at": person.last_login,
        "has_password": person.has_usable_password(),
        "roles": [*person.groups.order_by("name").values_list("name", flat=True), *(["owner"] if person.is_superuser else [])],
        "letter_about_what_waits": person.review_digest,
    }


def public_page(person: User) -> dict[str, Any]:
    fields = ("is_public", "display_name", "about", "affiliation", "orcid", "homepage")
    return {name: getattr(person, name) for name in fields}


def addresses(person: User) -> list[Any]:
    return list(EmailAddress.objects.filter(user=person).order_by("pk").values("email", "verified", "primary"))


def second_factors(person: User) -> list[Any]:
    return list(Authenticator.objects.filter(user=person).order_by("pk").values("type", "created_at", "last_used_at"))


def other_sites(person: User) -> list[Any]:
    """What another site told when it was connected, too."""
    accounts = SocialAccount.objects.filter(user=person).order_by("pk")
    return list(accounts.values("provider", "uid", "extra_data", "date_joined", "last_login"))


def browsers(person: User) -> list[Any]:
    sessions = UserSession.objects.filter(user=person).order_by("pk")
    return list(sessions.values("ip", "user_agent", "created_at", "last_seen_at"))


def tokens(person: User) -> list[Any]:
    return list(person.tokens.values("name", "scopes", "created_at", "expires_at", "last_used_at"))


def notifications(person: User) -> Iterator[Any]:
    yield from person.notifications.values("text", "url", "created_at", "read_at").iterator()


def letters(person: User) -> Iterator[Any]:
    yield from person.digests.values("kind", "period", "sent_at").iterator()
