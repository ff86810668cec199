"""Following what one proposed: its page and the conversation on it, the list of all, drafts, and taking one back."""

from http import HTTPStatus
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog import checks, drafts, reasons, review
from catalog.forms import CommentForm
from catalog.models import Draft, Submission
from catalog.views import course
from catalog.views.signed_in import Contributor, contributors_only, retry_after, shown_the_way, submission_of, unsent

_FORMS = {
    "submission-new": gettext_lazy("Addition"),
    "paper-correct": gettext_lazy("Correction"),
    "paper-remove": gettext_lazy("Removal"),
}


@require_safe
@never_cache
@contributors_only
def submission_list(request: Contributor) -> HttpResponse:
    submissions = Submission.objects.filter(contributor=request.user).select_related("paper")
    kept = [(draft, _form_of(draft)) for draft in Draft.objects.filter(contributor=request.user)]
    return render(request, "catalog/submission_list.html", {"submissions": submissions, "drafts": kept})


def _form_of(draft: Draft) -> str:
    """What it is a draft of."""
    try:
        return str(_FORMS.get(resolve(draft.path).url_name or "", ""))
    except Resolver404:
        return ""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def draft_discard(request: Contributor, token: UUID) -> HttpResponse:
    if request.method == "POST":
        drafts.discard(token, by=request.user)
        messages.success(request, _("The draft is thrown away."))
    return redirect("catalog:submission-list")


# -- One ---------------------------------------------------------------------------------------
@require_safe
@never_cache
@contributors_only
def submission_detail(request: Contributor, number: int) -> HttpResponse:
    return _page(request, submission_of(request, number))


def _page(
    request: Contributor,
    submission: Submission,
    *,
    comment: CommentForm | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
    limit: review.LimitReached | None = None,
) -> HttpResponse:
    decisions = list(submission.decisions.select_related("by", "undone_by__by").defer("private_note", "undone_by__private_note"))
    wordings = reasons.names() if any(decision.reason_code for decision in decisions) else {}
    versions = list(submission.versions.all())
    comments = submission.comments.select_related("by")
    settling = [decision for decision in decisions if decision.verdict != review.UNDO and not decision.is_undone]
    context = {
        "submission": submission,
        "is_mine": submission.contributor_id == request.user.pk,
        "last": settling[-1] if settling else None,
        "turns": course.conversation(submission, versions, decisions, comments, wordings),
        "steps": course.steps(submission, versions, decisions),
        "versions": course.changes(versions, decisions),
        "proposed_changes": course.proposed_changes(submission) if submission.is_correction else [],
        "field_count": course.count_of_fields(submission.record, submission.base) if submission.base else 0,
        "ahead": Submission.objects.ahead_of(submission),
        "usual_wait": review.usual_wait() if submission.is_pending else None,
        "tally": submission.tally,
        "answers": [checks.Answer(**answer) for answer in submission.answers] if submission.is_open else [],
        "comment": comment or CommentForm(),
        "token": (comment.data.get("token") if comment else "") or uuid4(),
        "notice": notice,
        "limit": limit,
        "per_hour": review.COMMENTS_PER_HOUR,
    }
    return render(request, "catalog/submission_detail.html", context, status=status)


# -- Say something -------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_comment(request: Contributor, number: int) -> HttpResponse:
    submission = submission_of(request, number)
    if request.method != "POST":
        kept = unsent(request)
        return _page(request, submission, comment=_typed(kept), notice="signed_in") if kept else redirect(submission)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return _page(request, submission, comment=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        review.comment(submission, form.cleaned_data["text"], by=request.user, token=_token(request))
    except review.LimitReached as limit:
        page = _page(request, submission, comment=_typed(request.POST), notice="limit", limit=limit, status=HTTPStatus.TOO_MANY_REQUESTS)
        return retry_after(page, limit)
    except review.NotAllowed:
        raise Http404 from None
    return redirect(f"{submission.get_absolute_url()}#conversation")


def _token(request: Contributor) -> UUID | None:
    try:
        return UUID(str(request.POST.get("token")))
    except ValueError:
        return None


def _typed(fields: QueryDict) -> CommentForm:
    """What nobody has judged yet."""
    return CommentForm(initial={"text": fields.get("text", "")})


# -- Take back -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_withdraw(request: Contributor, number: int) -> HttpResponse:
    submission = submission_of(request, number, own=True)
    if request.method != "POST" and submission.is_open:
        return render(request, "catalog/submission_withdraw.html", {"submission": submission})
    if request.method == "POST":
        try:
            review.withdraw(submission, by=request.user)
        except review.NotPending:
            messages.warning(request, _("This submission is settled and stays as it is."))
    return redirect(submission)


def _not_sent(request: Contributor, number: int) -> HttpResponse:
    """The page with what was typed and a token that is good; who is not signed in finds it behind the sign-in."""
    if elsewhere := shown_the_way(request):
        return elsewhere
    submission = submission_of(request, number)
    return _page(request, submission, comment=_typed(request.POST), notice="not_sent", status=HTTPStatus.FORBIDDEN)


submission_comment.not_sent = _not_sent  # type: ignore[attr-defined]
