"""Why an act was refused. Each carries facts; the edge chooses the sentence."""

from datetime import datetime

from accounts.models import User
from catalog.models import Decision, Paper, Submission, Tombstone


class Refusal(Exception):
    """Nothing was changed."""


class LimitReached(Refusal):
    """The person has said as much as is taken at once. `until` is when the hour lets the next one through; None where
    one of the open submissions has to be settled first."""

    def __init__(self, until: datetime | None) -> None:
        super().__init__(f"until {until}")
        self.until = until


class AlreadyProposed(Refusal):
    """An open submission lays claim to the same identifier, or asks for the removal of the same paper."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"proposed in no. {submission.pk}")
        self.submission = submission


class NotPending(Refusal):
    """The submission is not in a state that allows this act; `last_decision` is how it got there, if by one."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"no. {submission.pk} is {submission.status}")
        self.submission = submission
        self.last_decision: Decision | None = submission.decisions.select_related("by").last()


class ChangedSinceSeen(Refusal):
    """The contributor has edited the submission since the version that was looked at."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(f"no. {submission.pk} is at version {submission.version}")
        self.submission = submission


class NotAllowed(Refusal):
    """This person may not do this."""


class ReasonMissing(Refusal):
    """Asking for changes, rejecting, taking over and merging need words that others can read."""


class NothingChanged(Refusal):
    """The correction says what the paper says already."""


class NothingTaken(Refusal):
    """Of the correction no field was chosen."""


class PaperGone(Refusal):
    """The paper that this is about was retracted, or merged into another."""

    def __init__(self, tombstone: Tombstone | None) -> None:
        super().__init__(f"{tombstone} is gone")
        self.tombstone = tombstone


class PaperChanged(Refusal):
    """The paper has another revision than the one that was looked at."""

    def __init__(self, paper: Paper) -> None:
        super().__init__(f"{paper.slug} is at revision {paper.revision}")
        self.paper = paper


class NotUndoable(Refusal):
    """The decision is undone already, then by `by`; or others were built on it since; or nothing can undo its kind."""

    def __init__(self, decision: Decision, by: User | None = None) -> None:
        super().__init__(f"decision {decision.pk} stays")
        self.decision = decision
        self.by = by
