"""The papers, to look at. What they say changes through submissions only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.desk import DeskAdmin
from catalog.models import Paper, Revision


@admin.register(Paper)
class PaperAdmin(DeskAdmin):
    list_display = ["title", "year", "kind", "added_at", "revision"]
    list_filter = ["kind"]
    search_fields = ["title", "slug", "public_id"]
    search_help_text = gettext_lazy("Title, address or public id")
    ordering = ["-added_at", "-id"]
    readonly_fields = ["public_page", "public_id", "citation_key", "kind", "year", "added_at", "updated_at", "revisions"]
    fields = (*readonly_fields,)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("record_json", "search_text", "abstract", "note")

    @admin.display(description=gettext_lazy("Public page"))
    def public_page(self, paper: Paper) -> SafeString:
        return format_html('<a href="{0}">{0}</a>', paper.get_absolute_url())

    @admin.display(description=gettext_lazy("Revisions"))
    def revisions(self, paper: Paper) -> SafeString:
        """Each with who made it; the first ones of a loaded catalogue have nobody."""
        made = Revision.objects.filter(paper_public_id=paper.public_id).select_related("by").order_by("-number")
        words = ((f"{one.number}, {date_format(localtime(one.at), 'j F Y, H:i')}", one.by or _("loaded")) for one in made)
        return format_html_join("", "<p>{}, {}</p>", words)
