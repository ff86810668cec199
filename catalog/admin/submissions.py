"""The review queue and one submission on the desk: read, call `review.decide`, answer."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from catalog import checks, comparison, matching, records, review, taxonomy
from catalog.admin import queue
from catalog.admin.desk import DeskAdmin, person
from catalog.identifiers import LABELS
from catalog.models import Category, Decision, Paper, Placement, Submission
from catalog.models.submission import SubmissionQuerySet
from catalog.publishing import AlreadyCatalogued
from catalog.reasons import REASONS
from catalog.records import Record

ROWS = 100
STROKES = 48


class DecisionForm(forms.Form):
    """A verdict on the version that was on the screen. The buttons carry the verdict."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=Decision.Verdict.choices,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Press one of the three buttons.")},
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput, label=gettext_lazy("Version"))
    reason_code = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[
            (label, list(REASONS[verdict].items()))
            for verdict, label in (
                ("approve", gettext_lazy("To approve")),
                ("request_changes", gettext_lazy("To request changes")),
                ("reject", gettext_lazy("To reject")),
            )
        ],
    )
    reason = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=records.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Approving needs none. Shown exactly as you write it."),
    )
    private_note = forms.CharField(
        label=gettext_lazy("Private note"),
        required=False,
        max_length=records.MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "form": "decision", "placeholder": gettext_lazy("Only maintainers see this")}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        verdict, code = data.get("verdict"), data.get("reason_code")
        if verdict and code and code not in REASONS[verdict]:
            self.add_error("reason_code", _("That is a reason for another decision. Choose one for this, or press another button."))
        return data


@admin.register(Submission)
class SubmissionAdmin(DeskAdmin):
    """Two pages, and no way to write a submission by hand. Category maintainers find here what they may decide; the rest
    is not there for them.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer or review.is_category_maintainer(person(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(require_GET(self.changelist_view)), name="catalog_submission_changelist"),
            path("<int:number>/change/", view(require_http_methods(["GET", "HEAD", "POST"])(self.item)), name="catalog_submission_change"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        selection = queue.Selection(request.GET, _reviewable(request))
        try:
            page = Paginator(selection.submissions.select_related("contributor"), ROWS).page(request.GET.get("page", 1))
        except InvalidPage as past_the_last:
            raise Http404 from past_the_last
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review queue"),
            "selection": selection,
            "page": page,
            "rows": queue.rows(page.object_list),
            "figures": queue.figures(person(request)),
        }
        return render(request, "admin/catalog/submission/change_list.html", context)

    def item(self, request: HttpRequest, number: int) -> HttpResponse:
        submission = _submission(request, number)
        if request.method == "POST":
            return self._decide(request, submission)
        form = DecisionForm(initial={"version": submission.version, "reason_code": "belongs"})
        return self._page(request, submission, form)

    def _decide(self, request: HttpRequest, submission: Submission) -> HttpResponse:
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._page(request, submission, form)
        told = form.cleaned_data
        try:
            decision = review.decide(
                submission,
                told["verdict"],
                by=person(request),
                seen_version=told["version"],
                reason_code=told["reason_code"],
                reason=told["reason"],
                private_note=told["private_note"],
            )
        except review.NotAllowed as refused:
            raise PermissionDenied from refused
        except review.ReasonMissing:
            form.add_error("reason", _("Say why, in words that help whoever reads them go on."))
            return self._page(request, submission, form)
        except review.NotPending as settled:
            now = _submission(request, submission.pk)
            return self._page(request, now, form, trouble={"title": _settled(settled)})
        except review.ChangedSinceSeen:
            now = _submission(request, submission.pk)
            form.data = {**request.POST.dict(), "version": str(now.version)}
            return self._page(request, now, form, trouble=_changed(now))
        except AlreadyCatalogued as held:
            return self._page(request, submission, form, trouble=_held(held), beside=held.paper)
        except Category.DoesNotExist:
            return self._page(request, submission, form, trouble=_without_a_place())
        messages.success(request, _done(decision))
        following = _following(request, submission)
        return HttpResponseRedirect(_address(following) if following else reverse("admin:catalog_submission_changelist"))

    def _page(
        self,
        request: HttpRequest,
        submission: Submission,
        form: DecisionForm,
        *,
        trouble: dict[str, str] | None = None,
        beside: Paper | None = None,
    ) -> HttpResponse:
        record = _up_to_date(submission.record)
        different = list(submission.different_from.all())
        matches = matching.find_candidates(record, ignoring=submission)
        answers = checks.run(record, why=submission.why, submission=submission, different_from=different, matches=matches)
        near = [match for match in matches if match.paper and match.paper.pk != submission.paper_id]
        asked_for = beside or Paper.objects.filter(slug=request.GET.get("beside", "")).first()
        other = asked_for or next((match.paper for match in near), None)
        age = timezone.now() - submission.submitted_at
        context = {
            **self.admin_site.each_context(request),
            "title": _("No. %(number)d") % {"number": submission.pk},
            "submission": submission,
            "record": record,
            "form": form,
            "trouble": trouble,
            "may_decide": submission.is_pending and review.may_decide(submission, by=person(request)),
            "standing": queue.standings([submission.contributor_id]).get(submission.contributor_id),
            "age": queue.in_words(age),
            "lateness": queue.lateness(age),
            "ahead": _reviewable(request).ahead_of(submission).count() + 1,
            "waiting": _reviewable(request).awaiting_review().count(),
            "following": _following(request, submission),
            "near": near,
            "proposed_too": _reviewable(request).filter(pk__in=[match.submission.pk for match in matches if match.submission]),
            "different": different,
            "other": other,
            "score": next((match.score for match in near if match.paper == other), None),
            "comparison": comparison.compare(record, other.record if other else None),
            "answers": answers,
            "tally": checks.tally(answers),
            "places": _places(record) if submission.is_open else [],
            "decisions": list(submission.decisions.select_related("by")),
        }
        status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
        return render(request, "admin/catalog/submission/change_form.html", context, status=status)


# -- Whose submissions -------------------------------------------------------------------------
def _reviewable(request: HttpRequest) -> SubmissionQuerySet:
    return Submission.objects.reviewable_by(person(request))


def _submission(request: HttpRequest, number: int) -> Submission:
    """As it stands now; one that this person does not review, perhaps since a moment ago, is not there for them."""
    return get_object_or_404(_reviewable(request).select_related("contributor", "paper"), pk=number)


# -- What the page shows ---------------------------------------------------------------------
def _up_to_date(record: Record) -> Record:
    """With its categories where they stand and as they are called now; one that is gone stays as it was asked for."""
    places = []
    for place in record.categories:
        try:
            category = taxonomy.category_at(place.path)
        except Category.DoesNotExist:
            places.append(place)
        else:
            places.append(records.replace(place, path=category.path, name=category.name))
    return records.replace(record, categories=tuple(places))


def _places(record: Record) -> list[dict[str, Any]]:
    """Where approval would put it: at the end of each category. The drawing shows the last strokes of a long shelf."""
    standing: dict[str, list[int | None]] = {place.path: [] for place in record.categories}
    placed = Placement.objects.filter(category__path__in=standing).order_by("position").values_list("category__path", "paper__year")
    for category, year in placed:
        standing[category].append(year)
    return [
        {
            "category": place,
            "years": standing[place.path][-STROKES:],
            "gap": len(standing[place.path][-STROKES:]) + 1,
            "number": len(standing[place.path]) + 1,
        }
        for place in record.categories
    ]


def _following(request: HttpRequest, submission: Submission) -> Submission | None:
    """The next to decide: the one that waits behind this one, else the first of the queue."""
    waiting = _reviewable(request).awaiting_review().exclude(pk=submission.pk).order_by("submitted_at", "pk")
    ahead = Submission.objects.ahead_of(submission)
    return waiting.exclude(pk__in=ahead.values("pk")).first() or waiting.first()


def _address(submission: Submission) -> str:
    return reverse("admin:catalog_submission_change", args=[submission.pk])


# -- What became of a decision ---------------------------------------------------------------
def _done(decision: Decision) -> str:
    submission = decision.submission
    about = {"title": submission.title, "name": _contributor(submission), "number": submission.pk}
    if decision.verdict == review.APPROVE and submission.paper:
        link = format_html('<a href="{}">{}</a>', submission.paper.get_absolute_url(), submission.title)
        return format_html(_("Approved. {} stands in the catalogue."), link)
    if decision.verdict == review.REJECT:
        return _("Rejected: %(title)s. %(name)s is told by mail.") % about
    return _("No. %(number)d is back with %(name)s: %(title)s.") % about


def _contributor(submission: Submission) -> str:
    return submission.contributor.username if submission.contributor else _("its contributor")


def _settled(settled: review.NotPending) -> str:
    """In a sentence, how the submission got where it is."""
    decision = settled.last_decision
    if decision is None or settled.submission.status == Submission.Status.WITHDRAWN:
        return _("Already withdrawn by its contributor. Your decision was not recorded.")
    words = {
        review.APPROVE: _("Already approved by %(name)s on %(at)s. Your decision was not recorded."),
        review.REQUEST_CHANGES: _("Already sent back by %(name)s on %(at)s. Your decision was not recorded."),
        review.REJECT: _("Already rejected by %(name)s on %(at)s. Your decision was not recorded."),
    }
    name = decision.by.username if decision.by else _("a maintainer who has left")
    at = formats.date_format(timezone.localtime(decision.at), "j F Y, H:i")
    return words[Decision.Verdict(decision.verdict)] % {"name": name, "at": at}


def _changed(submission: Submission) -> dict[str, str]:
    about = {"name": _contributor(submission), "version": submission.version}
    return {
        "title": _("Edited by %(name)s while you were reading") % about,
        "text": _("Below is version %(version)d; nothing is decided. What you wrote is kept: read again, then decide.") % about,
    }


def _held(held: AlreadyCatalogued) -> dict[str, str]:
    about = {"title": held.paper.title, "scheme": LABELS.get(held.scheme, held.scheme)}
    return {
        "title": _("The catalogue has this %(scheme)s identifier") % about,
        "text": _("It is that of “%(title)s”, now beside it. Nothing is decided: reject it as catalogued, or request changes.") % about,
    }


def _without_a_place() -> dict[str, str]:
    return {
        "title": _("A category it asks for is gone"),
        "text": _("Nothing is decided. Request changes, and name the category that it belongs in."),
    }
