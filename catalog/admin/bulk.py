"""Many submissions decided at once: a preview that shows each and takes one reason, then what became of each.

Nothing is decided without the preview; what it showed, by number and version, is what is decided.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import comparison, corrections, records, review
from catalog.admin import queue, words
from catalog.admin.desk import person
from catalog.admin.reasons import ReasonSelect
from catalog.fields import refuse_unfinished
from catalog.models import Decision, Reason, Submission
from catalog.models.submission import SubmissionQuerySet

MOST = 100
VERDICTS = {
    review.APPROVE: gettext_lazy("Approve"),
    review.REQUEST_CHANGES: gettext_lazy("Request changes"),
    review.REJECT: gettext_lazy("Reject"),
}
KEYS = {review.APPROVE: "a", review.REQUEST_CHANGES: "c", review.REJECT: "r"}
_NUMBER = re.compile(r"[0-9]{1,18}")
_SEEN = re.compile(r"([0-9]{1,18}):([0-9]{1,9})")


class BulkForm(forms.Form):
    """One reason for all of them. A decision against says why; the words of the first reason are there to begin with."""

    reason_code = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    reason = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=records.MAX_NOTE,
        validators=[refuse_unfinished],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Say why, in words that help whoever reads them go on.")},
    )
    private_note = forms.CharField(
        label=gettext_lazy("Private note"),
        required=False,
        max_length=records.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": gettext_lazy("Only maintainers see this")}),
    )

    def __init__(self, *args: Any, verdict: str, kinds: set[str], **more: Any) -> None:
        super().__init__(*args, **more)
        # Those that fit every one of them.
        fitting = {"", *kinds} if len(kinds) == 1 else {""}
        offered = list(Reason.objects.filter(verdict=verdict, is_offered=True, kind__in=fitting))
        needs_words = verdict != review.APPROVE
        code = cast(forms.ChoiceField, self.fields["reason_code"])
        code.widget = ReasonSelect(offered, into="id_reason")
        none = [] if needs_words and offered else [("", _("None of the list"))]
        code.choices = none + [(reason.code, reason.label) for reason in offered]
        code.required = needs_words and bool(offered)
        self.fields["reason"].required = needs_words
        if needs_words and offered:
            self.fields["reason"].initial = offered[0].text


@dataclass(frozen=True, kw_only=True)
class Item:
    """One that will be decided: its row of the queue, and its record, of a correction beside what the paper says."""

    row: queue.Row
    facts: list[comparison.Row]
    changes: str


@dataclass(frozen=True, kw_only=True)
class Apart:
    """One that was selected and will not be decided, and why."""

    number: int
    title: str
    why: str


class _Unclear(Exception):
    """What was sent cannot be acted upon; in a sentence, why."""


def preview(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("admin:catalog_submission_changelist")
    try:
        verdict = _verdict(request)
        numbers = [int(each[0]) for each in _all(_NUMBER, request.POST.getlist("number"))]
    except _Unclear as unclear:
        return _refusal(request, str(unclear), status=HTTPStatus.BAD_REQUEST)
    return _preview(request, verdict, numbers)


def decide(request: HttpRequest) -> HttpResponse:
    """Decide what the preview showed. Sent again, it finds each decided already, and says so."""
    if request.method != "POST":
        return redirect("admin:catalog_submission_changelist")
    try:
        verdict = _verdict(request)
        seen = [(int(each[1]), int(each[2])) for each in _all(_SEEN, request.POST.getlist("item"))]
    except _Unclear as unclear:
        return _refusal(request, str(unclear), status=HTTPStatus.BAD_REQUEST)
    numbers = [number for number, _version in seen]
    kinds = _reviewable(request).filter(pk__in=numbers).order_by().values_list("kind", flat=True).distinct()
    form = BulkForm(request.POST, verdict=verdict, kinds=set(kinds))
    if not form.is_valid():
        return _preview(request, verdict, numbers, form)
    outcomes = list(review.decide_each(seen, verdict, by=person(request), **form.cleaned_data))
    done = [outcome for outcome in outcomes if outcome.decision]
    context = {
        **admin.site.each_context(request),
        "title": _("%(done)d done, %(skipped)d skipped") % {"done": len(done), "skipped": len(outcomes) - len(done)},
        "done": [(outcome, _became(outcome.decision)) for outcome in done if outcome.decision],
        "skipped": [(outcome, words.refusal_in_words(outcome.refusal)) for outcome in outcomes if outcome.refusal],
    }
    status = HTTPStatus.OK if done else HTTPStatus.CONFLICT
    return render(request, "admin/catalog/submission/bulk_done.html", context, status=status)


# -- What was asked ------------------------------------------------------------------------------
def _verdict(request: HttpRequest) -> str:
    verdict = request.POST.get("verdict", "")
    if verdict not in VERDICTS:
        raise _Unclear(_("There is no such decision. Choose one of those beside the button."))
    return verdict


def _all(pattern: re.Pattern[str], texts: list[str]) -> list[re.Match[str]]:
    found = [match for text in dict.fromkeys(texts) if (match := pattern.fullmatch(text))]
    if not texts:
        raise _Unclear(_("Nothing is selected. Tick what you want to decide, then ask for the preview."))
    if len(found) < len(set(texts)):
        raise _Unclear(_("One of the numbers is none of ours. Nothing is decided: select again in the queue."))
    if len(found) > MOST:
        raise _Unclear(_("That is more than %(most)d at once. Nothing is decided: select fewer.") % {"most": MOST})
    return found


def _reviewable(request: HttpRequest) -> SubmissionQuerySet:
    return Submission.objects.reviewable_by(person(request))


# -- What is shown -------------------------------------------------------------------------------
def _preview(request: HttpRequest, verdict: str, numbers: Iterable[int], form: BulkForm | None = None) -> HttpResponse:
    there = list(_reviewable(request).filter(pk__in=numbers).select_related("contributor", "opened_by").order_by("submitted_at", "pk"))
    if not there:
        return _refusal(request, _("None of these is there for you to decide. Nothing is changed."), status=HTTPStatus.NOT_FOUND)
    allowed, _becomes = review.TRANSITIONS[verdict]
    gone = set(numbers) - {submission.pk for submission in there}
    apart = [Apart(number=number, title="", why=_("It is not there, or not yours to decide.")) for number in sorted(gone)]
    ready = []
    for submission in there:
        is_own = submission.contributor_id == person(request).pk
        if submission.status not in allowed:
            why = _("It is waiting no more: %(state)s.") % {"state": submission.get_status_display()}
        elif is_own and not review.may_decide(submission, by=person(request)):
            why = _("This is your own submission. Somebody else decides it.")
        else:
            ready.append(submission)
            continue
        apart.append(Apart(number=submission.pk, title=submission.title, why=why))
    context = {
        **admin.site.each_context(request),
        "title": _("%(verdict)s: preview") % {"verdict": VERDICTS[Decision.Verdict(verdict)]},
        "verdict": verdict,
        "key": KEYS[Decision.Verdict(verdict)],
        "items": [_item(row) for row in queue.rows(ready, person(request))],
        "apart": apart,
        "removals": [submission for submission in ready if submission.is_removal] if verdict == review.APPROVE else [],
        "form": form or BulkForm(verdict=verdict, kinds={submission.kind for submission in ready}),
    }
    return render(request, "admin/catalog/submission/bulk_preview.html", context)


def _item(row: queue.Row) -> Item:
    proposed, base = row.submission.record, row.submission.base
    if row.submission.is_correction and base:
        changed = (str(comparison.label_of(name)) for name in corrections.changes(proposed, base))
        return Item(row=row, facts=comparison.differences(proposed, base), changes=", ".join(changed))
    return Item(row=row, facts=comparison.compare(proposed), changes="")


def _became(decision: Decision) -> str:
    if decision.verdict == review.REJECT:
        return _("Rejected.")
    if decision.verdict == review.REQUEST_CHANGES:
        return _("Back with its contributor.")
    return {
        Submission.Kind.ADDITION: _("Approved: it stands in the catalogue."),
        Submission.Kind.CORRECTION: _("Approved: the paper is corrected."),
        Submission.Kind.REMOVAL: _("Approved: the paper has left the catalogue."),
    }[Submission.Kind(cast(Submission, decision.submission).kind)]


def _refusal(request: HttpRequest, text: str, *, status: HTTPStatus) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": _("Nothing was decided"), "text": text}
    return render(request, "admin/catalog/submission/bulk_refused.html", context, status=status)
