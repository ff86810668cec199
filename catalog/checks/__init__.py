"""What can be said about a submission before a person looks at it.

A check is a module with NAME, LABEL, KINDS and FIELDS, and `check(question)`, which returns an outcome and a sentence. It
is asked about submissions of its KINDS; about a correction only where that changes one of its FIELDS, if it names any. It
reads only, and asks nothing of the network. Order here is order on the page, within each outcome.
"""

from collections.abc import Collection
from typing import Any

from catalog import matching
from catalog.checks import (
    address,
    already_here,
    basis,
    category,
    facts,
    identifier,
    links_answer,
    lookalike,
    organizations,
    own_work,
    title,
    venue,
    why,
)
from catalog.checks.answer import OUTCOMES, Answer, Outcome, Question
from catalog.matching import Match
from catalog.models import Paper, Submission
from catalog.records import Record

__all__ = ["CHECKS", "Answer", "Outcome", "Question", "run", "tally"]

CHECKS = (
    why,
    basis,
    already_here,
    facts,
    organizations,
    identifier,
    title,
    lookalike,
    venue,
    category,
    address,
    own_work,
    links_answer,
)


def run(
    record: Record,
    *,
    why: str,
    submission: Submission | None = None,
    different_from: Collection[Paper] = (),
    because: str | None = None,
    matches: list[Match] | None = None,
    kind: str | None = None,
    base: Record | None = None,
    current: Record | None = None,
    is_own_work: bool | None = None,
) -> list[Answer]:
    """The answer of every check that concerns this kind: what needs the contributor first, then what to look at, what
    passed, what was not run.

    `submission` is the one the record belongs to, which is no duplicate of itself; what is not given is taken from it:
    kind, base, because, is_own_work. Without one it is an addition. A correction or removal was made against `base`;
    `current` is the record that the paper has now, None where it is gone. `matches` saves looking for candidates again
    where the caller has them.
    """
    if submission is not None:
        kind, base = kind or submission.kind, base or submission.base
        because = submission.because if because is None else because
        is_own_work = submission.is_own_work if is_own_work is None else is_own_work
    if matches is None:
        matches = [] if kind == "removal" else matching.find_candidates(record, ignoring=submission)
    question = Question(
        record=record,
        why=why,
        matches=matches,
        different_from=different_from,
        because=because or "",
        kind=Submission.Kind(kind or "addition").value,
        base=base,
        current=current,
        is_own_work=bool(is_own_work),
    )
    answers = [_ask(check, question) for check in CHECKS if _concerns(check, question)]
    return sorted(answers, key=lambda answer: OUTCOMES.index(answer.outcome))


def tally(answers: list[Answer]) -> dict[Outcome, int]:
    """How many of each outcome there are."""
    return {outcome: sum(answer.outcome == outcome for answer in answers) for outcome in OUTCOMES}


def _concerns(check: Any, question: Question) -> bool:
    if question.kind not in check.KINDS:
        return False
    return question.kind != "correction" or not check.FIELDS or not question.changed.isdisjoint(check.FIELDS)


def _ask(check: Any, question: Question) -> Answer:
    outcome, text = check.check(question)
    return Answer(name=check.NAME, label=str(check.LABEL), outcome=outcome, text=text)
