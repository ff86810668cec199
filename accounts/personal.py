"""What this room keeps of a person, as plain data for the person to take away. Keys, codes and passwords are in none of it."""

from collections.abc import Iterator
from typing import Any

from allauth.account.models import EmailAddress

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


def tokens(person: User) -> list[Any]:
    return list(person.tokens.values("name", "scopes", "created_at", "expires_at", "last_used_at"))


def notifications(person: User) -> Iterator[Any]:
    yield from person.notifications.values("text", "url", "created_at", "read_at").iterator()


def letters(person: User) -> Iterator[Any]:
    yield from person.digests.values("kind", "period", "sent_at").iterator()
