"""What a contributor does: propose a paper, follow what comes of it, change it, take it back.

Whatever goes wrong with a form, it comes back with every word that was typed.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from uuid import UUID, uuid4

from allauth.account.decorators import verified_email_required
from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from catalog import checks, matching, pasting, review
from catalog.forms import PaperForm, fields_of, fill
from catalog.matching import Match
from catalog.models import Paper, Submission
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record
from catalog.views import reading_words

type View = Callable[..., HttpResponse]

# The fields of a form that came from nobody signed in, kept until they are; in characters.
_UNSENT = "unsent_submission"
_LONGEST_UNSENT = 200_000


class Contributor(HttpRequest):
    """A request that `contributors_only` has let through."""

    user: User
    htmx: HtmxDetails


def contributors_only(view: View) -> View:
    """Let in who is signed in with a verified address. Others are shown the way, and find what they typed when they are back."""
    guarded = verified_email_required(view)

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponse:
        if request.method == "POST" and not _may_contribute(request):
            _keep_unsent(request)
        return guarded(request, **kwargs)

    return answer


def _may_contribute(request: HttpRequest) -> bool:
    return request.user.is_authenticated and EmailAddress.objects.filter(user=request.user, verified=True).exists()


def _keep_unsent(request: HttpRequest) -> None:
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if len(text := fields.urlencode()) <= _LONGEST_UNSENT:
        request.session[_UNSENT] = {"path": request.path, "fields": text}


def _unsent(request: HttpRequest) -> QueryDict | None:
    """What was typed here before signing in; once."""
    kept = request.session.get(_UNSENT)
    if request.method == "POST" or not kept or kept["path"] != request.path:
        return None
    del request.session[_UNSENT]
    return QueryDict(kept["fields"], mutable=True)


# -- Propose -----------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_new(request: Contributor) -> HttpResponse:
    unsent = _unsent(request)
    fields = unsent or (request.POST.copy() if request.method == "POST" else QueryDict(mutable=True))
    if "paste" not in fields:
        fields["paste"] = request.GET.get("paste", "")
    if not _is_uuid(fields.get("token")):
        fields["token"] = str(uuid4())
    if request.method == "POST" and not request.POST.get("act"):
        return _send(request, PaperForm(fields))
    return _draft(request, fields, notice="signed_in" if unsent else "")


def _is_uuid(text: object) -> bool:
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def _send(request: Contributor, form: PaperForm) -> HttpResponse:
    token = UUID(form.data["token"])
    if sent := Submission.objects.filter(contributor=request.user, token=token).first():
        return redirect(sent)
    matches = _judged(form, request.user)
    if form.errors:
        return _page(request, form, matches=matches, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        review.respect_limits(by=request.user)
        submission = review.submit(
            form.record,
            by=request.user,
            token=token,
            different_from=_told_apart(form, matches),
            why=form.cleaned_data["why"],
            is_own_work=form.cleaned_data["is_own_work"],
        )
    except review.LimitReached as limit:
        return _wait(request, form, limit)
    except (AlreadyCatalogued, review.AlreadyProposed):
        return _overtaken(request, form)
    return redirect(submission)


def _wait(request: Contributor, form: PaperForm, limit: review.LimitReached) -> HttpResponse:
    response = _page(request, form, notice="limit", status=HTTPStatus.TOO_MANY_REQUESTS, limit=limit, per_hour=review.PER_HOUR)
    if limit.until:
        response["Retry-After"] = str(max(1, round((limit.until - timezone.now()).total_seconds())))
    return response


def _overtaken(request: Contributor, form: PaperForm, submission: Submission | None = None) -> HttpResponse:
    """Somebody was faster by a moment; what they did is in the database now, and the form says so."""
    matches = _judged(form, request.user, submission)
    return _page(request, form, matches=matches, submission=submission, status=HTTPStatus.CONFLICT)


# -- The form ----------------------------------------------------------------------------------
def _draft(request: Contributor, fields: QueryDict, *, submission: Submission | None = None, notice: str = "") -> HttpResponse:
    """The form before it is sent: read what was pasted, add a row, or only check."""
    act = "read" if request.method != "POST" and str(fields["paste"]).strip() and not notice else request.POST.get("act")
    facts: list[tuple[str, str]] = []
    filled: set[str] = set()
    form = PaperForm(fields, base=submission.record if submission else None)
    if act == "read":
        reading = pasting.read(str(fields["paste"]), venues=form.venue_spellings, organizations=form.organization_spellings)
        facts = reading_words.words_of(reading)
        filled = fill(fields, fields_of(reading.record)) if reading.record else set()
    elif act == "add_link":
        fields.appendlist("link_url", "")
        fields.appendlist("link_kind", "paper")
    form.hush()
    return _page(request, form, submission=submission, notice=notice, facts=facts, filled=filled, added=act == "add_link")


def _page(
    request: Contributor,
    form: PaperForm,
    *,
    matches: list[Match] | None = None,
    submission: Submission | None = None,
    notice: str = "",
    status: int = HTTPStatus.OK,
    **more: object,
) -> HttpResponse:
    """The form with what is near to it and what the checks say. `notice` is what the page has to say first."""
    record = form.record
    if matches is None:
        matches = matching.find_candidates(record, ignoring=submission)
    answers = checks.run(
        record,
        why=" ".join(str(form.data.get("why", "")).split()),
        matches=matches,
        submission=submission,
        different_from=_told_apart(form, matches),
    )
    context = {
        "form": form,
        "record": record,
        "submission": submission,
        "notice": notice,
        "is_blank": request.method != "POST" and record == Record(title="") and not notice,
        "taken": [match for match in matches if match.verdict == "same_identifier" and match.paper],
        "near": [match for match in _near(matches) if match.paper],
        "answers": answers,
        "tally": checks.tally(answers),
        "ahead": Submission.objects.ahead_of(submission) if submission else Submission.objects.awaiting_review(),
        "usual_wait": review.usual_wait(),
        **more,
    }
    is_live = request.htmx and request.POST.get("act") == "check"
    response = render(request, "catalog/submission_form.html#live" if is_live else "catalog/submission_form.html", context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _near(matches: list[Match]) -> list[Match]:
    """Those that a person is asked about."""
    return [match for match in matches if match.verdict in {"similar_title", "other_version"}]


def _told_apart(form: PaperForm, matches: list[Match]) -> list[Paper]:
    """The near papers that the person was shown and says it is not."""
    return [match.paper for match in _near(matches) if match.paper and match.paper.public_id in form.asked]


def _judged(form: PaperForm, by: User, submission: Submission | None = None) -> list[Match]:
    """What is near to the form's paper; where that stands in the way, the form says so."""
    form.full_clean()
    matches = matching.find_candidates(form.record, ignoring=submission)
    for match in matches:
        if match.verdict == "same_identifier":
            form.add_error("links", _taken(match, by))
    apart = _told_apart(form, matches)
    if any(match.paper and match.paper not in apart for match in _near(matches)):
        if form.cleaned_data.get("answer") == "same":
            form.add_error("answer", _("Then it is here already, and there is nothing to add. Open it above."))
        else:
            form.add_error("answer", _("Say whether this is a different paper or one of those above."))
    return matches


def _taken(match: Match, by: User) -> str:
    if match.paper:
        return _("“%(title)s” has this identifier: the paper is here already.") % {"title": match.record.title}
    if match.submission and match.submission.contributor_id == by.pk:
        return _("You have proposed this paper already: no. %(number)d.") % {"number": match.submission.pk}
    return _("Somebody has proposed this paper already. It will be in the list once a maintainer has approved it.")


# -- Follow ------------------------------------------------------------------------------------
@require_safe
@never_cache
@contributors_only
def submission_list(request: Contributor) -> HttpResponse:
    submissions = Submission.objects.filter(contributor=request.user).select_related("paper")
    return render(request, "catalog/submission_list.html", {"submissions": submissions})


@require_safe
@never_cache
@contributors_only
def submission_detail(request: Contributor, number: int) -> HttpResponse:
    submission = _submission(request, number)
    decisions = list(submission.decisions.select_related("by"))
    apart = list(submission.different_from.all())
    answers = checks.run(submission.record, why=submission.why, submission=submission, different_from=apart) if submission.is_open else []
    context = {
        "submission": submission,
        "is_mine": submission.contributor_id == request.user.pk,
        "decisions": decisions,
        "last": decisions[-1] if decisions else None,
        "ahead": Submission.objects.ahead_of(submission),
        "usual_wait": review.usual_wait(),
        "answers": answers,
        "tally": checks.tally(answers) if submission.is_open else submission.tally,
    }
    return render(request, "catalog/submission_detail.html", context)


def _submission(request: Contributor, number: int, *, own: bool = False) -> Submission:
    """The submission, for its contributor and, unless only the own is asked for, for maintainers; for others there is none."""
    submission = get_object_or_404(Submission.objects.select_related("contributor", "paper"), pk=number)
    if submission.contributor_id == request.user.pk or (request.user.is_maintainer and not own):
        return submission
    raise Http404


# -- Change, take back ---------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_edit(request: Contributor, number: int) -> HttpResponse:
    submission = _submission(request, number, own=True)
    unsent = _unsent(request)
    if request.method == "POST" and not request.POST.get("act"):
        return _send_again(request, PaperForm(request.POST.copy(), base=submission.record), submission)
    if request.method != "POST" and not submission.is_open:
        messages.warning(request, _("This submission is settled and stays as it is."))
        return redirect(submission)
    fields = unsent or (request.POST.copy() if request.method == "POST" else _fields_of(submission))
    fields.setdefault("paste", "")
    return _draft(request, fields, submission=submission, notice="signed_in" if unsent else "")


def _fields_of(submission: Submission) -> QueryDict:
    fields = fields_of(submission.record, why=submission.why, is_own_work=submission.is_own_work)
    fields["version"] = str(submission.version)
    if apart := list(submission.different_from.values_list("public_id", flat=True)):
        fields["answer"] = "different"
        fields.setlist("asked", apart)
    return fields


def _send_again(request: Contributor, form: PaperForm, submission: Submission) -> HttpResponse:
    matches = _judged(form, request.user, submission)
    if form.errors:
        return _page(request, form, matches=matches, submission=submission, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        version = str(form.data.get("version", ""))
        review.edit(
            submission,
            form.record,
            by=request.user,
            seen_version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else 0,
            different_from=_told_apart(form, matches),
            why=form.cleaned_data["why"],
            is_own_work=form.cleaned_data["is_own_work"],
        )
    except review.ChangedSinceSeen as changed:
        form.typed["version"] = str(changed.submission.version)
        return _page(request, form, matches=matches, submission=changed.submission, notice="changed", status=HTTPStatus.CONFLICT)
    except review.NotPending as settled:
        last = settled.last_decision
        return _page(request, form, matches=matches, submission=settled.submission, notice="settled", last=last, status=HTTPStatus.CONFLICT)
    except (AlreadyCatalogued, review.AlreadyProposed):
        return _overtaken(request, form, submission)
    return redirect(submission)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def submission_withdraw(request: Contributor, number: int) -> HttpResponse:
    submission = _submission(request, number, own=True)
    if request.method != "POST" and submission.is_open:
        return render(request, "catalog/submission_withdraw.html", {"submission": submission})
    if request.method == "POST":
        try:
            review.withdraw(submission, by=request.user)
        except review.NotPending:
            messages.warning(request, _("This submission is settled and stays as it is."))
    return redirect(submission)


# -- A form without its token ----------------------------------------------------------------------
def _not_sent(request: Contributor, number: int | None = None) -> HttpResponse:
    """The form again with all that was typed and a token that is good; who is not signed in finds it behind the sign-in."""
    if not _may_contribute(request):
        _keep_unsent(request)
        return redirect_to_login(request.get_full_path())
    submission = _submission(request, number, own=True) if number else None
    fields = request.POST.copy()
    fields.setdefault("paste", "")
    form = PaperForm(fields, base=submission.record if submission else None)
    form.hush()
    return _page(request, form, submission=submission, notice="not_sent", status=HTTPStatus.FORBIDDEN)


submission_new.not_sent = submission_edit.not_sent = _not_sent  # type: ignore[attr-defined]
