"""What a check is asked, and what it answers."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from catalog.matching import Match
from catalog.models import Paper
from catalog.records import Record

type Outcome = Literal["fail", "warn", "pass", "skip"]

OUTCOMES: tuple[Outcome, ...] = ("fail", "warn", "pass", "skip")
WORDS = {"fail": _("Needs you"), "warn": _("Look"), "pass": _("Passed"), "skip": _("Not run")}


@dataclass(frozen=True, kw_only=True)
class Question:
    """A proposal. `different_from` are the papers that the contributor says it is not."""

    record: Record
    why: str
    matches: list[Match]
    different_from: Collection[Paper] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`fail` stops a submission, `warn` is for a person to look at, `skip` was not asked."""

    name: str
    label: str
    outcome: Outcome
    text: str

    @property
    def word(self) -> str:
        return str(WORDS[self.outcome])
