"""The papers on the desk: what each says and said, and what maintainers do to a paper itself. What it says changes through
submissions: restoring a revision is a correction of the maintainer's own.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from catalog import comparison, corrections, history, log, publishing, records, review, taxonomy
from catalog.admin import disputes, duplicates, merging
from catalog.admin.desk import DeskAdmin, person
from catalog.admin.tombstones import address_of, find_paper
from catalog.admin.words import refusal_in_words
from catalog.identifiers import LABELS
from catalog.models import Category, Decision, Paper, Revision, Submission
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record

REVISIONS_A_PAGE = 20
READ, ACT = ("GET", "HEAD"), ("POST",)
# What an act on a paper may be refused with.
REFUSALS = (review.Refusal, AlreadyCatalogued, Category.DoesNotExist)


class RestoreForm(forms.Form):
    """Why, of the revision that was on the screen when the paper stood at `seen`."""

    words = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Stands in the public log and in the paper’s history, exactly as you write it."),
    )
    seen = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    token = forms.UUIDField(widget=forms.HiddenInput)


class UndoForm(forms.Form):
    decision = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(required=False, max_length=1000)


@admin.register(Paper)
class PaperAdmin(DeskAdmin):
    list_display = ["title", "year", "kind", "added_at", "revision"]
    list_filter = ["kind"]
    search_fields = ["title", "slug", "public_id"]
    search_help_text = gettext_lazy("Title, address or public id")
    ordering = ["-added_at", "-id"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("record_json", "search_text", "abstract", "note")

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self.admin_site.admin_view(self.changelist_view), name="catalog_paper_changelist"),
            path("duplicates/", self._room(self.duplicates, *READ, *ACT), name="catalog_paper_duplicates"),
            path("undo/", self._room(self.undo, *ACT), name="catalog_paper_undo"),
            path("<int:number>/change/", self._room(self.page, *READ), name="catalog_paper_change"),
            path("<int:number>/merge/", self._room(self.merge, *READ, *ACT), name="catalog_paper_merge"),
            path("<int:number>/restore/<int:revision>/", self._room(self.restore, *READ, *ACT), name="catalog_paper_restore"),
            path("<int:number>/notices/", self._room(self.propose_notice, *ACT), name="catalog_paper_notices"),
            path("notices/<int:number>/confirm/", self._room(self.confirm_notice, *ACT), name="catalog_paper_notice_confirm"),
            path("notices/<int:number>/lift/", self._room(self.lift_notice, *ACT), name="catalog_paper_notice_lift"),
        ]

    def _room(self, view: Callable[..., HttpResponse], *methods: str) -> Any:
        """A page for full maintainers. What it lets a refusal out of is answered with a sentence, and nothing was changed."""

        @require_http_methods(methods)
        def room(request: HttpRequest, **named: int) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            try:
                return view(request, **named)
            except review.NotAllowed as refused:
                raise PermissionDenied from refused
            except REFUSALS as refused:
                return self._refused(request, refused)

        return self.admin_site.admin_view(room)

    def _refused(self, request: HttpRequest, refused: Exception) -> HttpResponse:
        tombstone = refused.tombstone if isinstance(refused, review.PaperGone) else None
        if tombstone and request.method != "POST":
            return HttpResponseRedirect(address_of(tombstone))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Nothing was changed"),
            "text": in_words(refused),
            "tombstone": tombstone,
            "paper": refused.paper if isinstance(refused, AlreadyCatalogued) else None,
        }
        return render(request, "admin/catalog/paper/refused.html", context, status=HTTPStatus.CONFLICT)

    # -- One paper -------------------------------------------------------------------------------
    def page(self, request: HttpRequest, number: int, *, notice_form: disputes.NoticeForm | None = None) -> HttpResponse:
        paper = find_paper(number)
        revisions = history.revisions(paper.public_id).order_by("-number")
        try:
            page = Paginator(revisions, REVISIONS_A_PAGE).page(request.GET.get("page", 1))
        except InvalidPage as past_the_last:
            raise Http404 from past_the_last
        shown = list(page.object_list)
        before = revisions.filter(number__lt=shown[-1].number).first() if page.has_next() else None
        newest = shown[0].decision if shown and page.number == 1 else None
        context = {
            **self.admin_site.each_context(request),
            "title": paper.title,
            "paper": paper,
            "record": paper.record,
            "page": page,
            "steps": history.steps(shown, before),
            "merged": _just_merged(request, paper),
            "undoable": newest if newest and _may_be_undone(newest, request) else None,
            "notices": disputes.standing(paper),
            "notice_form": notice_form or disputes.NoticeForm(),
            "lift_form": disputes.LiftForm(auto_id=False),
        }
        return render(request, "admin/catalog/paper/change_form.html", context)

    def to_page(self, paper: Paper) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:catalog_paper_change", args=[paper.pk]))

    def duplicates(self, request: HttpRequest) -> HttpResponse:
        return duplicates.duplicates_page(request, self.admin_site)

    def merge(self, request: HttpRequest, number: int) -> HttpResponse:
        return merging.merge_page(request, self.admin_site, find_paper(number))

    # -- Back to what was --------------------------------------------------------------------------
    def undo(self, request: HttpRequest) -> HttpResponse:
        form = UndoForm(request.POST)
        if not form.is_valid():
            raise Http404
        decision = get_object_or_404(Decision, pk=form.cleaned_data["decision"])
        review.undo(decision, by=person(request), reason=form.cleaned_data["reason"])
        paper = Paper.objects.filter(public_id=decision.paper_public_id).first()
        messages.success(request, f"{capfirst(log.TAKEN_BACK[Decision.Verdict(decision.verdict)])}.")
        if paper:
            return self.to_page(paper)
        if decision.submission_id:
            return HttpResponseRedirect(reverse("admin:catalog_submission_change", args=[decision.submission_id]))
        return HttpResponseRedirect(reverse("admin:catalog_paper_changelist"))

    def restore(self, request: HttpRequest, number: int, revision: int) -> HttpResponse:
        paper = find_paper(number)
        restored = get_object_or_404(Revision, paper_public_id=paper.public_id, number=revision)
        if request.method != "POST":
            return self._restore_page(request, paper, restored, RestoreForm(initial={"seen": paper.revision, "token": uuid4()}))
        form = RestoreForm(request.POST)
        if not form.is_valid():
            return self._restore_page(request, paper, restored, form)
        try:
            submission = _restore(paper, restored, request, **form.cleaned_data)
        except review.PaperGone:
            raise
        except REFUSALS as refused:
            form.data = {**request.POST.dict(), "seen": str(find_paper(number).revision)}
            return self._restore_page(request, find_paper(number), restored, form, trouble=in_words(refused))
        if submission.is_pending:
            waits = _("No. %(number)d waits: on this site nobody decides their own, so another maintainer has to.")
            messages.info(request, waits % {"number": submission.pk})
        else:
            messages.success(request, _("Revision %(number)d is restored.") % {"number": revision})
        return self.to_page(paper)

    def _restore_page(
        self, request: HttpRequest, paper: Paper, restored: Revision, form: RestoreForm, *, trouble: str = ""
    ) -> HttpResponse:
        record = _as_it_would_be(paper.record, restored)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Restore revision %(number)d") % {"number": restored.number},
            "paper": paper,
            "differences": comparison.differences(record, paper.record),
            "form": form,
            "trouble": trouble,
        }
        status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
        return render(request, "admin/catalog/paper/restore.html", context, status=status)

    # -- Notices -------------------------------------------------------------------------------------
    def propose_notice(self, request: HttpRequest, number: int) -> HttpResponse:
        paper, form = find_paper(number), disputes.NoticeForm(request.POST)
        if not form.is_valid():
            return self.page(request, number, notice_form=form)
        review.propose_notice(paper, **form.cleaned_data, by=person(request))
        messages.success(request, _("Proposed. A second maintainer has to confirm the notice before anyone sees it."))
        return self.to_page(paper)

    def confirm_notice(self, request: HttpRequest, number: int) -> HttpResponse:
        notice = disputes.find(number)
        if notice.confirmed_at or notice.lifted_at:
            raise disputes.Settled
        review.confirm_notice(notice, by=person(request))
        messages.success(request, _("Confirmed. The notice stands on the paper’s page now."))
        return self._back_from(notice.paper_public_id)

    def lift_notice(self, request: HttpRequest, number: int) -> HttpResponse:
        notice = disputes.find(number)
        if notice.lifted_at:
            raise disputes.Settled
        form = disputes.LiftForm(request.POST)
        if not form.is_valid():
            raise review.ReasonMissing
        review.lift_notice(notice, by=person(request), reason=form.cleaned_data["reason"])
        messages.success(request, _("Lifted. The notice is gone from the paper’s page."))
        return self._back_from(notice.paper_public_id)

    def _back_from(self, public_id: str) -> HttpResponse:
        paper = Paper.objects.filter(public_id=public_id).first()
        return self.to_page(paper) if paper else HttpResponseRedirect(reverse("admin:catalog_paper_changelist"))


def in_words(refused: Exception) -> str:
    """Why an act on a paper itself was refused."""
    if isinstance(refused, disputes.Settled):
        return _("Somebody was faster: the notice is confirmed or lifted already.")
    if isinstance(refused, AlreadyCatalogued):
        about = {"scheme": LABELS.get(refused.scheme, refused.scheme), "title": refused.paper.title}
        return _("“%(title)s” has this %(scheme)s identifier by now. Correct it there first, or leave it out here.") % about
    if isinstance(refused, review.PaperGone):
        return _("The paper was taken off the shelf meanwhile. Bring it back first.")
    return refusal_in_words(refused)


def _just_merged(request: HttpRequest, paper: Paper) -> Decision | None:
    """The merge that led to this page, while it stands: said once more, with the way back."""
    number = request.GET.get("merged", "")
    if not (number.isascii() and number.isdigit()):
        return None
    return Decision.objects.filter(pk=number, verdict=review.MERGE, revisions__paper_public_id=paper.public_id, undone_by=None).first()


def _may_be_undone(decision: Decision, request: HttpRequest) -> bool:
    """From the paper's own page a merge or a correction. Undoing an approval takes a paper away: that is for its submission's."""
    is_correction = decision.submission is not None and decision.submission.is_correction
    is_act = decision.verdict == review.MERGE or (is_correction and decision.verdict in {review.APPROVE, review.TAKE})
    return is_act and not decision.is_undone and review.may_undo(decision, by=person(request))


# -- Restoring -----------------------------------------------------------------------------------
@transaction.atomic
def _restore(paper: Paper, restored: Revision, request: HttpRequest, *, words: str, seen: int, token: Any) -> Submission:
    """A correction back to the revision, decided at once where the site lets maintainers decide their own; else it waits."""
    by = person(request)
    publishing.take_turn()
    current = find_paper(paper.pk)
    if current.revision != seen:
        raise review.PaperChanged(current)
    why = _("Restores revision %(number)d: %(words)s") % {"number": restored.number, "words": words}
    submission = review.correct(current, _as_it_would_be(current.record, restored), by=by, why=why, token=token)
    if submission.is_pending and review.may_decide(submission, by=by):
        review.decide(submission, review.APPROVE, by=by, seen_version=submission.version, seen_revision=seen)
        submission.refresh_from_db()
    return submission


def _as_it_would_be(record: Record, restored: Revision) -> Record:
    """The record with the facts of the revision; its categories where they stand now."""
    then = records.replace(restored.record, categories=tuple(map(_as_called_now, restored.record.categories)))
    return corrections.take(record, then, corrections.changes(then, record))


def _as_called_now(place: records.Category) -> records.Category:
    try:
        category = taxonomy.category_at(place.path)
    except Category.DoesNotExist:
        return place
    return records.replace(place, path=category.path, name=category.name)
