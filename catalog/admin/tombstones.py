"""What remains of the papers that went: why, by whom, and the way back, which is to undo what took them off the shelf."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from catalog import review
from catalog.admin.desk import DeskAdmin
from catalog.models import Decision, Paper, Submission, Tombstone


def find_paper(number: int) -> Paper:
    """The paper with this number. Raises review.PaperGone where it was taken off the shelf, Http404 where none ever was."""
    paper = Paper.objects.filter(pk=number).first()
    if paper is None:
        if tombstone := Tombstone.objects.filter(paper_number=number).first():
            raise review.PaperGone(tombstone)
        raise Http404
    return paper


def address_of(tombstone: Tombstone) -> str:
    return reverse("admin:catalog_tombstone_change", args=[tombstone.pk])


def taken_off_by(tombstone: Tombstone) -> Decision | None:
    """The decision that took the paper off the shelf: a merge, an approved removal, or the undoing of its approval.

    None where it was done without one.
    """
    did = Q(verdict=review.MERGE) | Q(verdict=review.APPROVE, submission__kind=Submission.Kind.REMOVAL)
    undid = Q(verdict=review.UNDO, undoes__verdict=review.APPROVE, undoes__submission__kind=Submission.Kind.ADDITION)
    found = Decision.objects.filter(did | undid, paper_public_id=tombstone.public_id, undone_by=None)
    return found.select_related("by", "submission").order_by("at", "pk").last()


@admin.register(Tombstone)
class TombstoneAdmin(DeskAdmin):
    list_display = ["title", "kind", "reason", "by", "at"]
    list_select_related = ["by"]
    search_fields = ["title", "slug", "public_id"]
    search_help_text = gettext_lazy("Title, address or public id")
    ordering = ["-at", "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tombstone]:
        """Each with what the paper is called that took it in, which may have gone since."""
        of_it = {"public_id": OuterRef("successor_public_id")}
        here, gone = (Subquery(model.objects.filter(**of_it).values("title")[:1]) for model in (Paper, Tombstone))
        return super().get_queryset(request).annotate(into=Coalesce(here, gone, output_field=CharField()))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(require_GET(self.changelist_view)), name="catalog_tombstone_changelist"),
            path("<int:number>/change/", view(require_GET(self.page)), name="catalog_tombstone_change"),
        ]

    @admin.display(description=gettext_lazy("What became of it"))
    def kind(self, tombstone: Tombstone) -> str:
        into = tombstone.into  # type: ignore[attr-defined]
        return _("Merged into “%(title)s”") % {"title": into} if into else _("Retracted")

    def page(self, request: HttpRequest, number: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        tombstone = get_object_or_404(self.get_queryset(request).select_related("by"), pk=number)
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": tombstone.title,
            "tombstone": tombstone,
            "kind": self.kind(tombstone),
            "decision": taken_off_by(tombstone),
        }
        return render(request, "admin/catalog/tombstone/change_form.html", context)
