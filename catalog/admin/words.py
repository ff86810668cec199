"""What the desk says where an act was refused: what is so, then what to do. One sentence or two for each refusal."""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import credit, review
from catalog.identifiers import LABELS
from catalog.models import Category, Decision, Submission
from catalog.publishing import AlreadyCatalogued


def refusal_in_words(refusal: Exception) -> str:
    """The sentence for one refusal of `review` or `publishing`. Nothing was changed where there is one."""
    for kind, say in _SENTENCES:
        if isinstance(refusal, kind):
            return say(refusal)
    raise LookupError(type(refusal).__name__) from refusal


def name_of(person: User | None) -> str:
    return person.username if person else str(credit.DELETED)


def contributor_of(submission: Submission) -> str:
    return submission.contributor.username if submission.contributor else str(credit.DELETED)


def _settled(refused: review.NotPending) -> str:
    """How the submission got where it is."""
    decision, status = refused.last_decision, refused.submission.status
    if status == Submission.Status.WITHDRAWN:
        return _("Already withdrawn by its contributor. Your decision was not recorded.")
    if decision is None:
        return _("It is in another state by now. Nothing is changed: look at it anew.")
    words = {
        review.APPROVE: _("Already approved by %(name)s on %(at)s. Your decision was not recorded."),
        review.REQUEST_CHANGES: _("Already sent back by %(name)s on %(at)s. Your decision was not recorded."),
        review.REJECT: _("Already rejected by %(name)s on %(at)s. Your decision was not recorded."),
    }
    otherwise = _("%(name)s was faster, on %(at)s. Nothing is changed: look at it anew.")
    at = formats.date_format(timezone.localtime(decision.at), "DATETIME_FORMAT")
    return words.get(Decision.Verdict(decision.verdict), otherwise) % {"name": name_of(decision.by), "at": at}


def _changed(refused: review.ChangedSinceSeen) -> str:
    about = {"name": contributor_of(refused.submission), "version": refused.submission.version}
    return _("Edited by %(name)s meanwhile: it is version %(version)d now. Nothing is decided: read it again, then decide.") % about


def _proposed(refused: review.AlreadyProposed) -> str:
    about = {"number": refused.submission.pk, "title": refused.submission.title}
    return _("No. %(number)d, “%(title)s”, asks for the same. Decide that one first.") % about


def _held(held: AlreadyCatalogued) -> str:
    about = {"title": held.paper.title, "scheme": LABELS.get(held.scheme, held.scheme)}
    return (
        _("The catalogue has this %(scheme)s identifier: it is that of “%(title)s”. Reject it as catalogued, or request changes.") % about
    )


def _paper_gone(refused: review.PaperGone) -> str:
    successor = refused.tombstone.successor if refused.tombstone else None
    if successor:
        return _("The paper was merged into “%(title)s” meanwhile. Propose it for that one.") % {"title": successor.title}
    return _("The paper has left the catalogue meanwhile. Reject it, or bring the paper back first.")


def _stays(refused: review.NotUndoable) -> str:
    if refused.by:
        return _("Already undone by %(name)s.") % {"name": name_of(refused.by)}
    return _("More was built on this decision since, so it stays. Undo what came after it first.")


def _limit(refused: review.LimitReached) -> str:
    if refused.until is None:
        return _("The limit is reached. One of those that are open has to be settled first.")
    return _("The limit is reached. You can go on at %(at)s.") % {"at": formats.time_format(timezone.localtime(refused.until))}


_SENTENCES: tuple[tuple[type[Exception], Callable[[Any], str]], ...] = (
    (review.NotPending, _settled),
    (review.ChangedSinceSeen, _changed),
    (review.NotAllowed, lambda _refused: _("This is not yours to decide. Somebody else does.")),
    (review.ReasonMissing, lambda _refused: _("Say why, in words that help whoever reads them go on.")),
    (review.NothingChanged, lambda _refused: _("This is what the paper says already. Change something, or leave it as it is.")),
    (review.NothingTaken, lambda _refused: _("No field is chosen. Choose what to take, or reject it.")),
    (review.PaperGone, _paper_gone),
    (review.PaperChanged, lambda _refused: _("The paper was changed meanwhile. Read it again, then decide.")),
    (review.NotUndoable, _stays),
    (review.AlreadyProposed, _proposed),
    (review.LimitReached, _limit),
    (review.SamePaper, lambda _refused: _("These are the same paper. Choose another to compare or merge it with.")),
    (review.NoticeStands, lambda _refused: _("The paper bears such a notice, or one is proposed. Lift that one first.")),
    (AlreadyCatalogued, _held),
    (Category.DoesNotExist, lambda _refused: _("A category it asks for is gone. Request changes, and name the one that it belongs in.")),
    (DatabaseError, lambda _refused: _("The database was busy; try again.")),
)
