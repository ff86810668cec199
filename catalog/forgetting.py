"""Take the e-mail address of somebody who leaves out of what others typed.

An address is one person's, wherever it stands. A name may be a word like any other, so what was typed keeps its words,
and so do the facts of papers. Of whichever room the text is, nothing but the address is changed.
"""

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import quote_plus

from django.db.models import Model, Q

from catalog import credit
from catalog.models import (
    AnsweredRequest,
    Comment,
    Decision,
    DeskNote,
    DisputeNotice,
    Distinction,
    Draft,
    Reading,
    ReadingList,
    Submission,
    SubmissionVersion,
    Tombstone,
)

_TYPED: tuple[tuple[type[Model], tuple[str, ...]], ...] = (
    (AnsweredRequest, ("body",)),
    (Comment, ("text",)),
    (Decision, ("reason", "private_note")),
    (DeskNote, ("text",)),
    (DisputeNotice, ("text",)),
    (Distinction, ("because",)),
    (Draft, ("fields",)),
    (Reading, ("note",)),
    (ReadingList, ("name", "description")),
    (Submission, ("why", "because")),
    (SubmissionVersion, ("why",)),
    (Tombstone, ("reason",)),
)


def forget_addresses(addresses: Collection[str]) -> None:
    """As they are written, and as they are in an address of the web or in a form that is kept."""
    addresses = [address for address in addresses if address]
    if not addresses:
        return
    kept = set(map(quote_plus, addresses))
    by_itself = rf"(?:(?<![\w.+-])(?:{_any_of(addresses)})|(?:{_any_of(kept)}))(?![\w-]|\.\w)"
    pattern = re.compile(by_itself, re.IGNORECASE)
    for model, names in _TYPED:
        for name in names:
            _forget(model, name, {*addresses, *kept}, pattern)


def _any_of(addresses: Collection[str]) -> str:
    return "|".join(map(re.escape, addresses))


def _forget(model: type[Model], name: str, written: Collection[str], pattern: re.Pattern[str]) -> None:
    field: Any = model._meta.get_field(name)
    holds = Q()
    for address in written:
        holds |= Q(**{f"{name}__icontains": address})
    rows = model._default_manager.filter(holds)
    for number, text in rows.values_list("pk", name):
        rest = pattern.sub(str(credit.DELETED), text)[: field.max_length]
        model._default_manager.filter(pk=number).update(**{name: rest})
