"""Proposing that a paper goes, with the reason that its address will give."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import drafts, review
from catalog.forms import RemovalForm
from catalog.models import Paper, Submission, Tombstone
from catalog.views.proposing import brought, departed, give_token, is_sending, keep, may_publish, number_in, paper_at, sent_before
from catalog.views.signed_in import Contributor, contributors_only, retry_after, shown_the_way, submission_of, unsent


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def paper_remove(request: Contributor, slug: str) -> HttpResponse:
    paper = paper_at(slug)
    fields, notice = brought(request)
    if isinstance(paper, Tombstone):
        return _gone(request, paper, fields) if fields is not None else departed(request, paper)
    fields = fields if fields is not None else QueryDict(mutable=True)
    give_token(fields)
    if is_sending(request):
        sent = sent_before(request, fields)
        return redirect(sent) if sent else _send(request, paper, fields)
    if request.POST.get("act") == "save":
        return keep(request, fields, title=paper.title) or _page(request, fields, paper=paper, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, fields, paper=paper, notice=notice)


def _send(request: Contributor, paper: Paper, fields: QueryDict) -> HttpResponse:
    form = RemovalForm(fields)
    if not form.is_valid():
        return _page(request, fields, form=form, paper=paper, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        submission = _propose(request, paper, form)
    except review.LimitReached as limit:
        more: dict[str, Any] = {"limit": limit, "per_hour": review.PER_HOUR}
        return retry_after(_page(request, fields, paper=paper, notice="limit", status=HTTPStatus.TOO_MANY_REQUESTS, **more), limit)
    except review.PaperGone as gone:
        return _gone(request, gone.tombstone, fields)
    except review.AlreadyProposed as proposed:
        more = {"proposed": proposed.submission, "is_mine": proposed.submission.contributor_id == request.user.pk}
        return _page(request, fields, paper=paper, notice="proposed", status=HTTPStatus.CONFLICT, **more)
    except (review.NotPending, review.ChangedSinceSeen):
        # The same form was sent twice at this very moment, and the other was the first.
        return redirect(sent_before(request, fields) or "catalog:submission-list")
    drafts.discard(submission.token, by=request.user)
    return redirect(submission)


@transaction.atomic
def _propose(request: Contributor, paper: Paper, form: RemovalForm) -> Submission:
    publishes = request.POST.get("act") == "publish" and may_publish(request)
    if not publishes:
        review.respect_limits(by=request.user)
    submission = review.remove(paper, by=request.user, why=form.cleaned_data["why"], token=UUID(str(form.typed["token"])))
    if publishes:
        review.decide(submission, review.APPROVE, by=request.user, seen_version=1)
    return submission


def _gone(request: Contributor, tombstone: Tombstone | None, fields: QueryDict) -> HttpResponse:
    """The paper went while its removal was typed: the text, to copy."""
    give_token(fields)
    return _page(request, fields, notice="gone", status=HTTPStatus.CONFLICT, tombstone=tombstone)


def _page(
    request: Contributor,
    fields: QueryDict,
    *,
    form: RemovalForm | None = None,
    paper: Paper | None = None,
    submission: Submission | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    if form is None:
        form = RemovalForm(fields)
        form.hush()
    context = {
        "form": form,
        "paper": paper,
        "submission": submission,
        "notice": notice,
        "may_publish": paper is not None and submission is None and may_publish(request),
        "ahead": Submission.objects.ahead_of(submission) if submission else Submission.objects.awaiting_review(),
        "usual_wait": review.usual_wait(),
        **more,
    }
    return render(request, "catalog/removal_form.html", context, status=status)


# -- Change ------------------------------------------------------------------------------------
def edit(request: Contributor, submission: Submission) -> HttpResponse:
    """Other words for a removal that is open."""
    kept = unsent(request)
    if request.method != "POST" and not submission.is_open:
        messages.warning(request, _("This submission is settled and stays as it is."))
        return redirect(submission)
    if request.method == "POST":
        return _send_again(request, submission, request.POST.copy())
    fields = kept or QueryDict(mutable=True)
    if not kept:
        fields.update({"why": submission.why, "version": str(submission.version)})
    return _page(request, fields, paper=submission.paper, submission=submission, notice="signed_in" if kept else "")


def _send_again(request: Contributor, submission: Submission, fields: QueryDict) -> HttpResponse:
    form = RemovalForm(fields)
    shown: dict[str, Any] = {"paper": submission.paper, "submission": submission}
    if not form.is_valid():
        return _page(request, fields, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY, **shown)
    words: dict[str, Any] = {"why": form.cleaned_data["why"], "seen_version": number_in(fields, "version")}
    try:
        review.edit(submission, submission.record, by=request.user, **words)
    except review.ChangedSinceSeen as changed:
        fields["version"] = str(changed.submission.version)
        return _page(request, fields, paper=submission.paper, submission=changed.submission, notice="changed", status=HTTPStatus.CONFLICT)
    except review.NotPending as settled:
        more: dict[str, Any] = {"last": settled.last_decision, "submission": settled.submission, "paper": submission.paper}
        return _page(request, fields, notice="settled", status=HTTPStatus.CONFLICT, **more)
    return redirect(submission)


# -- A form without its token --------------------------------------------------------------------
def not_sent(request: Contributor, number: int | None = None, slug: str = "") -> HttpResponse:
    """The form again with all that was typed and a token that is good; who is not signed in finds it behind the sign-in."""
    if elsewhere := shown_the_way(request):
        return elsewhere
    fields = request.POST.copy()
    submission = submission_of(request, number, own=True) if number else None
    paper = submission.paper if submission else paper_at(slug)
    if isinstance(paper, Tombstone):
        return _gone(request, paper, fields)
    give_token(fields)
    return _page(request, fields, paper=paper, submission=submission, notice="not_sent", status=HTTPStatus.FORBIDDEN)


paper_remove.not_sent = not_sent  # type: ignore[attr-defined]
