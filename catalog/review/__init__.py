"""Decide what happens to submissions.

Everything that changes the fate of a submission is here, and nothing else writes a Submission or a Decision. Each act
is one transaction; what it changes it takes by compare-and-set on status and version, so that of many at once exactly
one wins. Knows nothing of requests: callers say who is acting. Letters go out after the commit.
"""

from catalog.review.decisions import Outcome, decide, decide_each
from catalog.review.desk import COMMENTS_PER_HOUR, LEASE, Opening, comment, leave_note, open_item, take_over
from catalog.review.papers import (
    NoticeStands,
    SamePaper,
    confirm_notice,
    lift_notice,
    log_arrangement,
    merge,
    propose_notice,
    tell_apart,
)
from catalog.review.proposals import (
    OPEN_AT_ONCE,
    PER_HOUR,
    correct,
    edit,
    examine_again,
    remove,
    respect_limits,
    submit,
    usual_wait,
    withdraw,
)
from catalog.review.refusals import (
    AlreadyProposed,
    ChangedSinceSeen,
    LimitReached,
    NotAllowed,
    NothingChanged,
    NothingTaken,
    NotPending,
    NotUndoable,
    PaperChanged,
    PaperGone,
    ReasonMissing,
    Refusal,
)
from catalog.review.roles import decidable_by, is_category_maintainer, may_decide, may_undo
from catalog.review.states import APPROVE, ARRANGE, IMPORT, LIFT, MERGE, NOTICE, REJECT, REQUEST_CHANGES, TAKE, TRANSITIONS, UNDO
from catalog.review.undoing import undo

__all__ = [
    "APPROVE",
    "ARRANGE",
    "COMMENTS_PER_HOUR",
    "IMPORT",
    "LEASE",
    "LIFT",
    "MERGE",
    "NOTICE",
    "OPEN_AT_ONCE",
    "PER_HOUR",
    "REJECT",
    "REQUEST_CHANGES",
    "TAKE",
    "TRANSITIONS",
    "UNDO",
    "AlreadyProposed",
    "ChangedSinceSeen",
    "LimitReached",
    "NotAllowed",
    "NotPending",
    "NotUndoable",
    "NothingChanged",
    "NothingTaken",
    "NoticeStands",
    "Opening",
    "Outcome",
    "PaperChanged",
    "PaperGone",
    "ReasonMissing",
    "Refusal",
    "SamePaper",
    "comment",
    "confirm_notice",
    "correct",
    "decidable_by",
    "decide",
    "decide_each",
    "edit",
    "examine_again",
    "is_category_maintainer",
    "leave_note",
    "lift_notice",
    "log_arrangement",
    "may_decide",
    "may_undo",
    "merge",
    "open_item",
    "propose_notice",
    "remove",
    "respect_limits",
    "submit",
    "take_over",
    "tell_apart",
    "undo",
    "usual_wait",
    "withdraw",
]
