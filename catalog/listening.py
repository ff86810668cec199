"""What the catalogue does when something happens to a person. Called by the signals of `accounts`, in their transaction."""

import re
from collections.abc import Collection
from typing import Any

from accounts.models import User
from catalog import forgetting, notices, publishing, review
from catalog.models import AnsweredRequest, Submission


def show_anew(*, person: User, **more: Any) -> None:
    """Pages that name them are made anew."""
    publishing.new_state()


def let_go(*, person: User, addresses: Collection[str], **more: Any) -> None:
    """Before the person is deleted: nothing waits for them any more, and what was written about them loses name and address.

    What they proposed and decided stays; the rows that point to them let go by themselves.
    """
    publishing.take_turn()
    for submission in Submission.objects.filter(contributor=person, status=Submission.Status.CHANGES_REQUESTED):
        review.withdraw(submission, by=person)
    notices.forget(person)
    _forget_answers(person)
    forgetting.forget_addresses(addresses)
    publishing.new_state()


def _forget_answers(person: User) -> None:
    """Of what programs of others were answered today."""
    name = f'"{person.username}"'
    for answered in AnsweredRequest.objects.exclude(user=person).filter(body__contains=name):
        answered.body = re.sub(rf'("(?:by|contributor|decided_by)":\s*){re.escape(name)}', r"\1null", answered.body)
        answered.save(update_fields=["body"])
