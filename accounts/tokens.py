"""Keys by which a person's programs sign in: made, found, revoked. Of a key nothing is kept but its digest.

The only writer of Token. Whether the person may do what a program asks is judged at each request, by what they are then.
"""

import secrets
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import Token, User

# By which a key that was published by mistake is found.
PREFIX = "osh_"
# What is looked up at all: a key of ours is far shorter.
LONGEST = 100
PER_PERSON = 20
NOTED_EVERY = timedelta(minutes=1)


class TooMany(Exception):
    """The person has PER_PERSON tokens."""


@transaction.atomic
def make(user: User, *, name: str, scopes: Collection[str], days: int) -> tuple[Token, str]:
    """A token and its key, which nobody can ever be shown again: 256 random bits behind PREFIX. Raises TooMany."""
    User.objects.select_for_update().get(pk=user.pk)
    if user.tokens.count() >= PER_PERSON:
        raise TooMany
    key = PREFIX + secrets.token_urlsafe(32)
    now = timezone.now()
    chosen = [scope for scope in Token.Scope.values if scope in scopes]
    token = Token.objects.create(
        user=user, name=name, digest=_digest(key), scopes=chosen, created_at=now, expires_at=now + timedelta(days=days)
    )
    return token, key


def find(key: str) -> Token | None:
    """The token with this key and its person; None where there is none, it has expired, or the account is closed."""
    if not key.startswith(PREFIX) or len(key) > LONGEST:
        return None
    now = timezone.now()
    good = Token.objects.filter(digest=_digest(key), expires_at__gt=now, user__is_active=True)
    token = good.select_related("user").first()
    if token and (token.last_used_at is None or token.last_used_at <= now - NOTED_EVERY):
        # Of many requests at once only the first writes.
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


def revoke(user: User, number: int) -> bool:
    """Whether the person had this token; nobody has it any more."""
    return bool(user.tokens.filter(pk=number).delete()[0])


def _digest(key: str) -> str:
    """Plain SHA-256: what has 256 random bits cannot be guessed, however fast the guessing."""
    return sha256(key.encode()).hexdigest()
