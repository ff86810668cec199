"""Forms that somebody means to finish later: kept for the one who typed them, and shown to nobody else.

The only writer of Draft. A draft is no submission: nothing is checked, claimed or told to anybody.
"""

from uuid import UUID

from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from accounts.models import User
from catalog.models import Draft
from catalog.records import MAX_TITLE

PER_PERSON = 20
# In characters, as the fields stand in an address.
LONGEST = 200_000
_NOT_KEPT = ("csrfmiddlewaretoken", "act")


class TooMany(Exception):
    """The person has as many as are kept for one."""


class TooLong(Exception):
    """The fields hold more than is kept."""


@transaction.atomic
def save(fields: QueryDict, *, by: User, token: UUID, path: str, title: str = "") -> Draft:
    """Keep the fields of the form at `path`; those of the same token take the place of what was kept before.

    Raises TooMany or TooLong.
    """
    kept = fields.copy()
    for name in _NOT_KEPT:
        kept.pop(name, None)
    if len(text := kept.urlencode()) > LONGEST:
        raise TooLong
    # One at a time for each person, so that the count holds.
    User.objects.select_for_update().get(pk=by.pk)
    mine = Draft.objects.filter(contributor=by)
    if not mine.filter(token=token).exists() and mine.count() >= PER_PERSON:
        raise TooMany
    facts = {"path": path, "title": title[:MAX_TITLE], "fields": text, "saved_at": timezone.now()}
    draft, _is_new = Draft.objects.update_or_create(contributor=by, token=token, defaults=facts)
    return draft


def fields_of(token: str, *, by: User, path: str) -> QueryDict | None:
    """What this person kept of the form at this address; None where there is no such draft of theirs."""
    try:
        draft = Draft.objects.filter(contributor=by, token=UUID(token), path=path).first()
    except ValueError:
        return None
    return QueryDict(draft.fields, mutable=True) if draft else None


def discard(token: UUID, *, by: User) -> None:
    """Throw it away; it may be gone already."""
    Draft.objects.filter(contributor=by, token=token).delete()
