"""What the framework, and `review`, object to, said as every problem here is said."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions

from accounts.models import User
from catalog import answers, review
from catalog.answers import BadBody, Problem
from catalog.identifiers import LABELS
from catalog.models import Category, Paper, Submission
from catalog.publishing import AlreadyCatalogued

REFUSALS = (review.Refusal, AlreadyCatalogued, Category.DoesNotExist)
# Where one of the open submissions has to be settled first, nobody knows when; one looks again in an hour.
_SOME_TIME = 3600


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse:
    """REST framework's EXCEPTION_HANDLER."""
    if isinstance(error, exceptions.APIException):
        challenge = getattr(error, "auth_header", None)
        headers = {"WWW-Authenticate": challenge} if challenge else {}
        error = Problem(error.status_code, str(error.detail), headers=headers)
    elif isinstance(error, REFUSALS):
        error = problem_of_refusal(error, by=context["request"].user)
    return answers.problem(context["request"]._request, answers.problem_of(error))


def problem_of_refusal(refusal: Exception, *, by: User) -> Problem:
    """What `review` refused, to the one who asked: 409 with what is in the way, unless another status says it better."""
    match refusal:
        case review.NotAllowed():
            return Problem(403, _("This is not yours to decide. Somebody else does."))
        case review.LimitReached(until=until):
            seconds = _SOME_TIME if until is None else max(1, round((until - timezone.now()).total_seconds()))
            return Problem(429, _limit(refusal), headers={"Retry-After": str(seconds)})
        case review.ReasonMissing():
            return BadBody([("#/reason", _("Say why, in words that help whoever reads them go on."))])
        case review.NothingTaken():
            return BadBody([("#/fields", _("No field is chosen. Choose what to take, or reject it."))])
        case review.NothingChanged():
            return BadBody([("#/record", _("This is what the paper says already. Change something, or leave it as it is."))])
        case review.ChangedSinceSeen(submission=submission):
            return stale(submission)
        case review.AlreadyProposed(submission=submission):
            return proposed(submission, by=by)
        case review.PaperGone(tombstone=tombstone):
            return gone(tombstone.successor if tombstone else None, tombstone.last.reason if tombstone else "")
        case AlreadyCatalogued(paper=paper, scheme=scheme):
            return catalogued([paper], _("A paper here has this identifier: %s.") % LABELS.get(scheme, scheme))
        case review.NotPending(submission=submission):
            detail = _("It is settled, or waits for somebody else: nothing is changed. It is: %s.") % submission.get_status_display()
            return Problem(409, detail, more={"submissions": [{**_where(submission), "status": submission.status, **_last(refusal)}]})
        case review.PaperChanged(paper=paper):
            return outrun(paper)
        case Category.DoesNotExist():
            return Problem(409, _("A category it asks for is gone. Request changes, and name the one that it belongs in."))
    raise refusal


def stale(submission: Submission) -> Problem:
    """RFC 9110, section 15.5.13."""
    detail = _("It is at version %(version)d by now. Read it again, then go on.") % {"version": submission.version}
    return Problem(412, detail, more={"submissions": [{**_where(submission), "version": submission.version}]})


def outrun(paper: Paper) -> Problem:
    detail = _("The paper is at revision %(number)d by now. Read it again, then go on.") % {"number": paper.revision}
    return Problem(409, detail, more={"papers": [named(paper)]})


def gone(successor: Paper | None, reason: str) -> Problem:
    if successor:
        return Problem(409, _("The paper was merged into another. Say it of that one."), more={"papers": [named(successor)]})
    return Problem(409, " ".join([_("The paper has left the catalogue."), reason]).strip())


def proposed(submission: Submission, *, by: User) -> Problem:
    """Of what others propose nothing is said but that it is proposed."""
    if submission.contributor_id != by.pk:
        return Problem(409, _("Somebody has proposed this already. It shows once a maintainer has approved it."), more={"submissions": []})
    detail = _("You have proposed this already: no. %(number)d.") % {"number": submission.pk}
    return Problem(409, detail, more={"submissions": [_where(submission)]})


def catalogued(papers: Iterable[Paper], detail: str) -> Problem:
    return Problem(409, detail, more={"papers": [named(paper) for paper in papers]})


def named(paper: Paper) -> dict[str, str]:
    """Where a paper is that is in the way."""
    return {"id": paper.public_id, "slug": paper.slug, "title": paper.title, "url": reverse("api:paper", args=[paper.slug])}


def _where(submission: Submission) -> dict[str, Any]:
    return {"number": submission.pk, "url": reverse("api:submission", args=[submission.pk])}


def _limit(limit: review.LimitReached) -> str:
    if limit.until is None:
        return _("You have %(count)d open submissions. One of them has to be settled first.") % {"count": review.OPEN_AT_ONCE}
    return _("That is as much as is taken in an hour. Wait, then go on.")


def _last(refusal: review.NotPending) -> dict[str, Any]:
    """How it got there, if by a decision: what the public log says of it."""
    decision = refusal.last_decision
    return {"decided_by": decision.by.username if decision.by else None, "decided_at": decision.at} if decision else {}
