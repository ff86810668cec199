"""The review queue, and where its pages are. What stands in the queue is in `queue`, the page of one submission in `item`."""

from typing import Any

from django.contrib import admin
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from catalog import review
from catalog.admin import bulk, item, queue
from catalog.admin.desk import DeskAdmin, person
from catalog.models import Submission

ROWS = 100


@admin.register(Submission)
class SubmissionAdmin(DeskAdmin):
    """The queue and what leads from it, and no way to write a submission by hand. Category maintainers find here what they
    may decide; the rest is not there for them.
    """

    def has_module_permission(self, request: HttpRequest) -> bool:
        return person(request).is_maintainer or review.is_category_maintainer(person(request))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(require_GET(self.changelist_view)), name="catalog_submission_changelist"),
            path("bulk/", view(bulk.preview), name="catalog_submission_bulk"),
            path("bulk/decide/", view(bulk.decide), name="catalog_submission_bulk_decide"),
            *self.item_urls(),
        ]

    def item_urls(self) -> list[URLPattern]:
        """The pages of one submission."""
        return item.urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        selection = queue.Selection(request.GET, person(request))
        try:
            page = Paginator(selection.submissions.select_related("contributor", "opened_by"), ROWS).page(request.GET.get("page", 1))
        except InvalidPage as past_the_last:
            raise Http404 from past_the_last
        context = {
            **self.admin_site.each_context(request),
            "title": _("Review queue"),
            "selection": selection,
            "page": page,
            "rows": queue.rows(page.object_list, person(request)),
            "figures": queue.figures(person(request)),
            "verdicts": bulk.VERDICTS,
            "just_decided": item.just_decided(request),
        }
        return render(request, "admin/catalog/submission/change_list.html", context)
