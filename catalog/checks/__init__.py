"""What can be said about a submission before a person looks at it.

A check is a module with NAME, LABEL and `check(question)`, which returns an outcome and a sentence. It reads only, and
asks nothing of the network. Order here is order on the page, within each outcome.
"""

from collections.abc import Collection
from typing import Any

from catalog import matching
from catalog.checks import address, already_here, category, identifier, links_answer, organizations, title, venue, why
from catalog.checks.answer import OUTCOMES, Answer, Outcome, Question
from catalog.matching import Match
from catalog.models import Paper, Submission
from catalog.records import Record

__all__ = ["CHECKS", "Answer", "Outcome", "Question", "run", "tally"]

CHECKS = (why, already_here, organizations, identifier, title, venue, category, address, links_answer)


def run(
    record: Record,
    *,
    why: str,
    submission: Submission | None = None,
    different_from: Collection[Paper] = (),
    matches: list[Match] | None = None,
) -> list[Answer]:
    """Every check's answer: what needs the contributor first, then what to look at, what passed, what was not run.

    `submission` is the one the record belongs to, which is no duplicate of itself. `matches` saves looking for
    candidates again where the caller has them.
    """
    if matches is None:
        matches = matching.find_candidates(record, ignoring=submission)
    question = Question(record=record, why=why, matches=matches, different_from=different_from)
    answers = [_ask(check, question) for check in CHECKS]
    return sorted(answers, key=lambda answer: OUTCOMES.index(answer.outcome))


def tally(answers: list[Answer]) -> dict[Outcome, int]:
    """How many of each outcome there are."""
    return {outcome: sum(answer.outcome == outcome for answer in answers) for outcome in OUTCOMES}


def _ask(check: Any, question: Question) -> Answer:
    outcome, text = check.check(question)
    return Answer(name=check.NAME, label=str(check.LABEL), outcome=outcome, text=text)
