"""What a check is asked, and what it answers."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from django.utils.translation import gettext_lazy as _

from catalog import corrections
from catalog.matching import Match
from catalog.models import Paper
from catalog.records import Record

type Outcome = Literal["fail", "warn", "pass", "skip"]

OUTCOMES: tuple[Outcome, ...] = ("fail", "warn", "pass", "skip")
WORDS = {"fail": _("Needs you"), "warn": _("Look"), "pass": _("Passed"), "skip": _("Not run")}

# Of submissions: those that say what a paper is, and all.
FACTS = ("addition", "correction")
ALL = ("addition", "correction", "removal")


@dataclass(frozen=True, kw_only=True)
class Question:
    """A proposal. `different_from` are the papers that the contributor says it is not, `because` in their words.

    A correction or removal was made against `base`; `current` is what the paper says now, None where it is gone.
    """

    record: Record
    why: str
    matches: list[Match]
    different_from: Collection[Paper] = ()
    because: str = ""
    kind: str = "addition"
    base: Record | None = None
    current: Record | None = None
    is_own_work: bool = False

    @cached_property
    def changed(self) -> set[str]:
        """Of a correction: the fields that it changes, the identifiers as one. Of an addition there is nothing to change."""
        changes = corrections.changes(self.record, self.base) if self.base else []
        return {name.partition(".")[0] for name in changes}

    def is_new(self, field: str) -> bool:
        """Whether the proposal says something in this field that the catalogue does not say of the paper already."""
        return self.kind == "addition" or field in self.changed


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
