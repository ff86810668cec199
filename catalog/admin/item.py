"""One submission on the desk: open it, decide it, say something, undo. Each is one call of `review`, and an answer.

Whatever was refused, the page comes back as things stand now, says why, and keeps every word that was typed.
"""

from collections.abc import Callable, Collection
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from catalog import comparison, corrections, reasons, records, review
from catalog.admin import item_page
from catalog.admin.desk import person
from catalog.admin.reasons import ReasonSelect
from catalog.admin.words import contributor_of, refusal_in_words
from catalog.fields import refuse_unfinished
from catalog.forms import CorrectionForm, fields_of
from catalog.matter import as_approved, edit_form
from catalog.models import Category, Decision, Paper, Submission
from catalog.publishing import AlreadyCatalogued

type View = Callable[..., HttpResponse]

# What `review` raises where somebody was faster or something is missing: told with the page as it stands now.
REFUSALS = (review.Refusal, AlreadyCatalogued, Category.DoesNotExist)
_LARGEST = 2**31 - 1
_GROUPS = {
    review.APPROVE: gettext_lazy("To approve"),
    review.TAKE: gettext_lazy("To approve in part"),
    review.REQUEST_CHANGES: gettext_lazy("To request changes"),
    review.REJECT: gettext_lazy("To reject"),
}
# The reason that an approval with edits begins with, where the desk offers it.
_EDITED = "edited"


class DecisionForm(forms.Form):
    """A verdict on the version, and of a paper the revision, that was on the screen. The buttons carry the verdict.

    `verdicts` are those that the page offers, as far as the state of the submission allows them.
    """

    verdict = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[(verdict.value, verdict.label) for verdict in (review.APPROVE, review.REQUEST_CHANGES, review.REJECT)],
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Press one of the buttons at the foot.")},
    )
    version = forms.IntegerField(min_value=1, max_value=_LARGEST, widget=forms.HiddenInput, label=gettext_lazy("Version"))
    revision = forms.IntegerField(min_value=1, max_value=_LARGEST, required=False, widget=forms.HiddenInput, label=gettext_lazy("Revision"))
    reason_code = forms.ChoiceField(label=gettext_lazy("Reason"))
    reason = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=records.MAX_NOTE,
        validators=[refuse_unfinished],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Approving needs none. Shown exactly as you write it."),
    )
    private_note = forms.CharField(
        label=gettext_lazy("Private note"),
        required=False,
        max_length=records.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "form": "decision", "placeholder": gettext_lazy("Only maintainers see this")}),
    )

    def __init__(
        self, data: QueryDict | None = None, *, submission: Submission, verdicts: Collection[str] = Decision.ON_SUBMISSIONS
    ) -> None:
        self.submission = submission
        self.verdicts = [verdict for verdict in verdicts if submission.status in review.TRANSITIONS[verdict][0]]
        self.offered = [reason for reason in reasons.offered(submission) if reason.verdict in verdicts]
        groups = [(label, self._choices(verdict)) for verdict, label in _GROUPS.items() if verdict in self.verdicts]
        fitting = [code for _label, group in groups for code, _wording in group]
        revision = submission.paper.revision if submission.paper else None
        first = fitting[0] if fitting else ""
        super().__init__(data, initial={"version": submission.version, "revision": revision, "reason_code": first})
        code = cast(forms.ChoiceField, self.fields["reason_code"])
        code.required = bool(fitting)
        code.widget = ReasonSelect(self.offered, into="id_reason")
        # Taken is any; shown are those that its state allows.
        code.choices = [(reason.code, reason.label) for reason in self.offered]
        code.widget.choices = [(label, group) for label, group in groups if group]

    def _choices(self, verdict: str) -> list[tuple[str, str]]:
        return [(reason.code, reason.label) for reason in self.offered if reason.verdict == verdict]

    @property
    def ticked(self) -> list[str] | None:
        """Of a correction the fields to take; None where nobody was asked."""
        asked = self.is_bound and self.submission.is_correction and review.TAKE in self.verdicts
        return cast(QueryDict, self.data).getlist("field") if asked else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        verdict, code = data.get("verdict"), data.get("reason_code")
        if not verdict or "reason_code" in self.errors:
            return data
        if verdict == review.APPROVE and self._takes_a_part:
            verdict = review.TAKE
        fitting = [reason.code for reason in self.offered if reason.verdict == verdict]
        if verdict == review.TAKE and code not in fitting:
            # The ticks say that it is a part; a reason to approve it whole stood there before.
            data["reason_code"] = fitting[0] if fitting else ""
        elif not fitting:
            data["reason_code"] = ""
        elif code not in fitting:
            self.add_error("reason_code", _("That is a reason for another decision. Choose one for this, or press another button."))
        return data

    @property
    def _takes_a_part(self) -> bool:
        submission = self.submission
        changed = corrections.changes(submission.record, submission.base) if submission.base else []
        return self.ticked is not None and not set(changed) <= set(self.ticked)


class SayForm(forms.Form):
    """Something said about a submission, or a note with which it is taken over."""

    text = forms.CharField(required=False, max_length=records.MAX_NOTE, label=gettext_lazy("Text"))


class UndoForm(forms.Form):
    decision = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    reason = forms.CharField(required=False, max_length=records.MAX_NOTE)


def urls() -> list[URLPattern]:
    """The pages of one submission, for those whom the desk lets in."""
    view, reads = admin.site.admin_view, require_http_methods(["GET", "HEAD", "POST"])
    return [
        path("<int:number>/change/", _kept(reads(item), item_not_sent), name="catalog_submission_change"),
        path("<int:number>/edit/", _kept(reads(edit), edit_not_sent), name="catalog_submission_edit"),
        path("<int:number>/take-over/", view(require_POST(take_over)), name="catalog_submission_take_over"),
        path("<int:number>/comment/", view(require_POST(comment)), name="catalog_submission_comment"),
        path("<int:number>/note/", view(require_POST(note)), name="catalog_submission_note"),
        path("<int:number>/undo/", view(require_POST(undo)), name="catalog_submission_undo"),
    ]


def _kept(page: View, not_sent: View) -> View:
    """A page of the desk that has an answer of its own to a form without a good token: what was typed, and a good one."""
    view = admin.site.admin_view(page)
    view.not_sent = admin.site.admin_view(csrf_exempt(not_sent))  # type: ignore[attr-defined]
    return view


# -- Read and decide ---------------------------------------------------------------------------
def item(request: HttpRequest, number: int) -> HttpResponse:
    """Opening it marks it as being reviewed."""
    submission = _submission(request, number)
    if request.method == "POST":
        return _decide(request, submission)
    if request.method == "HEAD":
        return _page(request, submission)
    opening = review.open_item(submission, by=person(request))
    return _page(request, opening.submission, since=item_page.edited_since(opening))


def _decide(request: HttpRequest, submission: Submission) -> HttpResponse:
    form = DecisionForm(request.POST, submission=submission)
    if not form.is_valid():
        return _page(request, submission, form)
    try:
        decision = review.decide(submission, form.cleaned_data["verdict"], by=person(request), fields=form.ticked, **_told(form))
    except review.ReasonMissing as refusal:
        form.add_error("reason", refusal_in_words(refusal))
        return _page(request, submission, form)
    except REFUSALS as refusal:
        return _refused(request, submission, refusal)
    return _next(request, decision)


def item_not_sent(request: HttpRequest, number: int) -> HttpResponse:
    submission = _submission(request, number)
    typed = DecisionForm(request.POST, submission=submission)
    return _page(request, submission, typed, trouble=_not_sent(), status=HTTPStatus.FORBIDDEN)


def _not_sent() -> dict[str, Any]:
    told = _("It came without the token that ties it to your browser. Nothing is decided, and what you wrote is kept: send it again.")
    return {"title": _("This form was not sent"), "text": told}


def _told(form: DecisionForm) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "seen_version": said["version"],
        "seen_revision": said["revision"],
        "reason_code": said["reason_code"],
        "reason": said["reason"],
        "private_note": said["private_note"],
    }


def _next(request: HttpRequest, decision: Decision) -> HttpResponse:
    """What waits next, with a word on what was decided; at the end of the queue the queue."""
    following = item_page.following(request, cast(Submission, decision.submission))
    address = _address(following) if following else reverse("admin:catalog_submission_changelist")
    return HttpResponseRedirect(f"{address}?decided={decision.pk}")


def done(decision: Decision) -> str:
    """What became of a decision, in a sentence."""
    submission = cast(Submission, decision.submission)
    about = {"title": submission.title, "name": contributor_of(submission), "number": submission.pk}
    paper = submission.paper
    link = format_html('<a href="{}">{}</a>', paper.get_absolute_url(), submission.title) if paper else submission.title
    if decision.verdict == review.APPROVE:
        if submission.is_removal:
            return _("Removed: %(title)s. Its address says why.") % about
        return format_html(_("Approved. {} stands in the catalogue.") if submission.is_addition else _("Approved. {} is corrected."), link)
    if decision.verdict == review.TAKE:
        taken = ", ".join(map(comparison.label_of, decision.fields))
        left = corrections.changes(submission.record, submission.base) if submission.base else []
        still_open = ", ".join(map(comparison.label_of, left))
        return format_html(_("Approved in part: {} of {}. Still open, at its old place: {}."), taken, link, still_open)
    if decision.verdict == review.REJECT:
        return _("Rejected: %(title)s. %(name)s is told by mail.") % about
    if decision.verdict == review.UNDO:
        return _("Undone. No. %(number)d waits again, at its old place: %(title)s.") % about
    return _("No. %(number)d is back with %(name)s: %(title)s.") % about


# -- Approve with edits ------------------------------------------------------------------------
def edit(request: HttpRequest, number: int) -> HttpResponse:
    """The proposal in the form of papers; sent, what stands there is what is approved."""
    submission = _submission(request, number)
    if submission.is_removal:
        raise Http404
    if request.method != "POST":
        if not (submission.is_pending and review.may_decide(submission, by=person(request))):
            return HttpResponseRedirect(_address(submission))
        form = edit_form(fields_of(as_approved(submission)), submission)
        form.hush()
        return _edit_page(request, submission, form, _edit_decision(submission))
    form, decision_form = edit_form(request.POST.copy(), submission), _edit_decision(submission, request.POST)
    act = request.POST.get("act")
    if act == "add_link":
        form.typed.appendlist("link_url", "")
        form.typed.appendlist("link_kind", "paper")
        form.hush()
        return _edit_page(request, submission, form, decision_form)
    if not form.is_valid() or not decision_form.is_valid() or act == "look":
        return _edit_page(request, submission, form, decision_form)
    try:
        decision = review.decide(submission, review.APPROVE, by=person(request), record=form.record, **_told(decision_form))
    except REFUSALS as refusal:
        return _edit_refused(request, submission, refusal)
    return _next(request, decision)


def edit_not_sent(request: HttpRequest, number: int) -> HttpResponse:
    submission = _submission(request, number)
    form = edit_form(request.POST.copy(), submission)
    form.hush()
    decision_form = _edit_decision(submission, request.POST)
    return _edit_page(request, submission, form, decision_form, trouble=_not_sent(), status=HTTPStatus.FORBIDDEN)


def _edit_decision(submission: Submission, data: QueryDict | None = None) -> DecisionForm:
    if data is not None:
        data = data.copy()
        data["verdict"] = review.APPROVE
    form = DecisionForm(data, submission=submission, verdicts=[review.APPROVE])
    if any(reason.code == _EDITED for reason in form.offered):
        form.initial["reason_code"] = _EDITED
    return form


def _edit_refused(request: HttpRequest, submission: Submission, refusal: Exception) -> HttpResponse:
    now = _submission(request, submission.pk)
    if isinstance(refusal, review.NotPending | review.PaperGone):
        return _refused(request, now, refusal)
    form, decision_form = edit_form(request.POST.copy(), now), _edit_decision(now, _as_of(now, request.POST))
    form.full_clean()
    return _edit_page(request, now, form, decision_form, trouble=_trouble(refusal, now), status=_status(refusal))


def _edit_page(
    request: HttpRequest,
    submission: Submission,
    form: CorrectionForm,
    decision_form: DecisionForm,
    *,
    trouble: dict[str, Any] | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    shown = {
        **admin.site.each_context(request),
        "title": _("Approve with edits"),
        "submission": submission,
        "form": form,
        "decision_form": decision_form,
        "trouble": trouble,
        "record": form.base,
        "edits": comparison.differences(form.record, form.base) if request.method == "POST" else None,
    }
    return render(request, "admin/catalog/submission/edit_form.html", shown, status=status)


# -- Around a decision ---------------------------------------------------------------------------
def take_over(request: HttpRequest, number: int) -> HttpResponse:
    return _say(request, number, "take_over", lambda submission, text: review.take_over(submission, by=person(request), note=text))


def comment(request: HttpRequest, number: int) -> HttpResponse:
    return _say(request, number, "comment", lambda submission, text: review.comment(submission, text, by=person(request)))


def note(request: HttpRequest, number: int) -> HttpResponse:
    return _say(request, number, "note", lambda submission, text: review.leave_note(submission, text, by=person(request)))


def _say(request: HttpRequest, number: int, where: str, act: Callable[[Submission, str], object]) -> HttpResponse:
    submission = _submission(request, number)
    form = SayForm(request.POST)
    said = {"where": where, "text": request.POST.get("text", "")}
    if not form.is_valid():
        trouble = {"title": _("Nothing is changed"), "text": " ".join(map(str, form.errors["text"]))}
        return _page(request, submission, trouble=trouble, said=said, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        act(submission, form.cleaned_data["text"])
    except review.Refusal as refusal:
        now = _submission(request, number)
        return _page(request, now, trouble=_trouble(refusal, now), said=said, status=_status(refusal))
    return HttpResponseRedirect(_address(submission))


def undo(request: HttpRequest, number: int) -> HttpResponse:
    submission = _submission(request, number)
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise Http404
    decision = get_object_or_404(submission.decisions, pk=form.cleaned_data["decision"])
    try:
        act = review.undo(decision, by=person(request), reason=form.cleaned_data["reason"])
    except REFUSALS as refusal:
        now = _submission(request, number)
        return _page(request, now, trouble=_trouble(refusal, now), status=_status(refusal))
    return HttpResponseRedirect(f"{_address(submission)}?decided={act.pk}")


# -- The page ----------------------------------------------------------------------------------
def _page(
    request: HttpRequest,
    submission: Submission,
    form: DecisionForm | None = None,
    *,
    trouble: dict[str, Any] | None = None,
    since: dict[str, Any] | None = None,
    said: dict[str, str] | None = None,
    beside: Paper | None = None,
    status: int = HTTPStatus.OK,
) -> HttpResponse:
    form = form or DecisionForm(submission=submission)
    shown = {
        **admin.site.each_context(request),
        **item_page.context(request, submission, ticked=form.ticked, beside=beside),
        "title": _("No. %(number)d") % {"number": submission.pk},
        "form": form,
        "trouble": trouble,
        "since": since,
        "said": said,
        "may_decide": bool(form.verdicts) and review.may_decide(submission, by=person(request)),
        "just_decided": just_decided(request),
    }
    return render(request, "admin/catalog/submission/change_form.html", shown, status=status)


def _refused(request: HttpRequest, submission: Submission, refusal: Exception) -> HttpResponse:
    """As it stands now, with what was typed; by now it may be nothing that this person reviews."""
    now = _submission(request, submission.pk)
    again = DecisionForm(_as_of(now, request.POST), submission=now)
    held = refusal.paper if isinstance(refusal, AlreadyCatalogued) else None
    return _page(request, now, again, trouble=_trouble(refusal, now), beside=held, status=_status(refusal))


def _as_of(submission: Submission, typed: QueryDict) -> QueryDict:
    """What was typed, about what is on the screen now."""
    data = typed.copy()
    data["version"] = str(submission.version)
    data["revision"] = str(submission.paper.revision) if submission.paper else ""
    return data


def just_decided(request: HttpRequest) -> dict[str, Any] | None:
    """The decision that led here, for a word on it and the way to undo it."""
    number = request.GET.get("decided", "")
    if not (number.isascii() and number.isdigit() and len(number) < len(str(2**63))):
        return None
    theirs = Decision.objects.filter(by=person(request), submission__in=item_page.reviewable(request))
    decision = theirs.select_related("submission__contributor", "submission__paper", "undone_by").filter(pk=number).first()
    if decision is None:
        return None
    return {"decision": decision, "words": done(decision), "is_undoable": decision.verdict != review.UNDO and not decision.is_undone}


def _submission(request: HttpRequest, number: int) -> Submission:
    """As it stands now; one that this person does not review, perhaps since a moment ago, is not there for them."""
    return get_object_or_404(item_page.reviewable(request).select_related("contributor", "paper", "opened_by"), pk=number)


def _address(submission: Submission) -> str:
    return reverse("admin:catalog_submission_change", args=[submission.pk])


# -- What was refused ----------------------------------------------------------------------------
def _status(refusal: Exception) -> int:
    if isinstance(refusal, review.NotAllowed):
        return HTTPStatus.FORBIDDEN
    if isinstance(refusal, review.LimitReached):
        return HTTPStatus.TOO_MANY_REQUESTS
    return HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(refusal, review.ReasonMissing) else HTTPStatus.CONFLICT


def _trouble(refusal: Exception, submission: Submission) -> dict[str, Any]:
    """A title, a sentence, and the paper to look at, if any."""
    about = {"name": contributor_of(submission), "version": submission.version}
    kept = _("What you typed is kept: look again, then decide.")
    if isinstance(refusal, review.ChangedSinceSeen):
        told = _("Below is version %(version)d; nothing is decided.") % about
        return {"title": _("Edited by %(name)s while you were reading") % about, "text": f"{told} {kept}"}
    if isinstance(refusal, review.PaperChanged):
        told = _("It is at revision %(number)d by now, shown below; nothing is decided.") % {"number": refusal.paper.revision}
        return {"title": _("The entry has changed since you looked"), "text": f"{told} {kept}"}
    trouble: dict[str, Any] = {"title": _("Nothing is decided"), "text": refusal_in_words(refusal)}
    if isinstance(refusal, AlreadyCatalogued):
        trouble["paper"] = refusal.paper
    if isinstance(refusal, review.PaperGone):
        trouble["paper"] = refusal.tombstone.successor if refusal.tombstone else None
    return trouble
