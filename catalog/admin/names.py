"""Venues and organizations on the desk: what they are called, how they are spelled, and which of them are one.

Each act is one call of `arranging`, which lays down anew what readers see, and one line in the public log.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from catalog import arranging, review
from catalog.admin import mapping
from catalog.admin.categories import PAGE_AND_ACT, NamedAdmin, NamedForm, arranged, papers_in_words, tidy_line
from catalog.admin.desk import person
from catalog.models import Organization, OrganizationAlias, Venue, VenueAlias
from catalog.records import spelling_key


class SpelledForm(NamedForm):
    """A name, and the other ways people write it."""

    aliases = forms.CharField(
        label=gettext_lazy("Also written"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy(
            "One spelling a line. Case, blanks and hyphens do not count. A name it had before stays a spelling, "
            "and so does the name of one that was merged into it."
        ),
    )
    alias_model: type[VenueAlias] | type[OrganizationAlias]
    owner: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            names = {spelling_key(name) for name in self._names(self.initial)}
            texts = [alias.text for alias in self.instance.aliases.order_by("key") if spelling_key(alias.text) not in names]
            self.initial["aliases"] = "\n".join(dict.fromkeys(texts))

    def clean_aliases(self) -> list[str]:
        return [line for line in map(tidy_line, self.cleaned_data["aliases"].splitlines()) if spelling_key(line)]

    def clean(self) -> dict[str, Any]:
        """A spelling belongs to one: says whose it is already."""
        data = super().clean() or {}
        taken = self.alias_model.objects.exclude(**{self.owner: self.instance.pk}).select_related(self.owner)
        for field, texts in (("name", self._names(data)), ("aliases", data.get("aliases", []))):
            for alias in taken.filter(key__in=[spelling_key(text) for text in texts]):
                about = {"text": alias.text, "owner": getattr(alias, self.owner).name}
                self.add_error(field, _("“%(text)s” is a spelling of %(owner)s.") % about)
        return data

    @staticmethod
    def _names(data: Mapping[str, Any]) -> Iterable[str]:
        return [data[key] for key in ("name", "full_name") if data.get(key)]


class VenueForm(SpelledForm):
    alias_model, owner = VenueAlias, "venue"

    class Meta:
        model = Venue
        fields = ["name", "full_name"]

    def clean_full_name(self) -> str:
        return tidy_line(self.cleaned_data["full_name"])


class OrganizationForm(SpelledForm):
    alias_model, owner = OrganizationAlias, "organization"

    class Meta:
        model = Organization
        fields = ["name"]


class MergeForm(forms.Form):
    into = forms.CharField(
        label=gettext_lazy("Merge into"),
        max_length=200,
        help_text=gettext_lazy(
            "Its name, or any of its spellings. The next page says what moves; nothing is done before you say so there."
        ),
    )

    def __init__(self, data: QueryDict | None = None, *, named: Venue | Organization) -> None:
        super().__init__(data, auto_id="merge_%s")
        self.named = named

    def clean_into(self) -> Venue | Organization:
        text = tidy_line(self.cleaned_data["into"])
        into = mapping.known(type(self.named), text)
        if into is None:
            raise ValidationError(_("Nothing here is known as “%(text)s”. Write the name of one that is.") % {"text": text})
        if into == self.named:
            raise ValidationError(_("“%(text)s” is a spelling of this one. It cannot be merged into itself.") % {"text": text})
        return into


class SpelledAdmin(NamedAdmin):
    """New ones come with the papers that name them; here they are set right."""

    list_display = ["name", "slug", "papers_counted"]
    search_fields = ["name", "aliases__text"]
    search_help_text = gettext_lazy("Name or spelling")
    ordering = ["name"]
    papers: str

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).annotate(counted=Count(self.papers, distinct=True))

    def get_urls(self) -> list[URLPattern]:
        merge = self.admin_site.admin_view(require_http_methods(PAGE_AND_ACT)(self.merge))
        return [path("<int:number>/merge/", merge, name=f"catalog_{self.opts.model_name}_merge"), *super().get_urls()]

    @admin.display(description=gettext_lazy("Papers"), ordering="counted")
    def papers_counted(self, named: Model) -> int:
        return named.counted  # type: ignore[attr-defined]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **more: Any) -> HttpResponse:
        named = more.get("obj")
        if named:
            context |= {"MergeForm": MergeForm(named=named), "known": mapping.names_known(type(named), without=named)}
        return super().render_change_form(request, context, *args, **more)

    def merge(self, request: HttpRequest, number: int) -> HttpResponse:
        """What would move, and on POST the move."""
        named = self.one(request, number)
        form = MergeForm(request.POST if request.method == "POST" else request.GET, named=named)
        if not form.is_valid():
            for error in form.errors.get("into", []):
                messages.error(request, str(error))
            return self.to_page(named)
        into = form.cleaned_data["into"]
        if request.method == "POST":
            return self._merge(request, named, into)
        title = _("Merge “%(name)s” into “%(into)s”") % {"name": named, "into": into}
        return self.page(
            request, "admin/catalog/mapping/merge.html", title, named, into=into, value=into.name, facts=self._what_a_merge_does(named)
        )

    def _merge(self, request: HttpRequest, named: Any, into: Any) -> HttpResponse:
        name = named.name
        with arranged(request):
            papers = papers_in_words(mapping.merge(named, into))
            self.tell(request, into, _("Merged into “%(into)s”: %(papers)s.") % {"into": into, "papers": papers}, about=name)
            messages.success(request, _("“%(name)s” is merged into this one: %(papers)s.") % {"name": name, "papers": papers})
            return self.to_page(into)
        return self.to_page(named) if self.model.objects.filter(pk=named.pk).exists() else self.to_list()

    def _what_a_merge_does(self, named: Any) -> list[str]:
        count = self.model.objects.filter(pk=named.pk).aggregate(count=Count(self.papers, distinct=True))["count"]
        return [
            ngettext("%(count)d paper shows the other name from then on.", "%(count)d papers show the other name from then on.", count)
            % {"count": count},
            _("Its spellings become spellings of the other."),
            _("Its address leads there for ever."),
        ]

    def tell_names(self, request: HttpRequest, before: Any, named: Any, spellings: set[str]) -> None:
        """One line for a new name, one where nothing but spellings changed."""
        if before.name != named.name:
            what = _("Renamed from “%(before)s” to “%(name)s”.") % {"before": before.name, "name": named.name}
        elif getattr(before, "full_name", "") != getattr(named, "full_name", ""):
            what = _("Its full name is “%(name)s” now.") % {"name": named.full_name} if named.full_name else _("It has no full name now.")
        elif spellings != _spellings(named):
            what = _("Its spellings changed.")
        else:
            return
        review.log_arrangement(named.name, what, by=person(request))


def _spellings(named: Any) -> set[str]:
    return set(named.aliases.values_list("key", flat=True))


@admin.register(Venue)
class VenueAdmin(SpelledAdmin):
    form = VenueForm
    fields = ["name", "full_name", "aliases"]
    papers = "editions__papers"

    def get_urls(self) -> list[URLPattern]:
        queue = self.admin_site.admin_view(require_http_methods(PAGE_AND_ACT)(self.mapping))
        return [path("mapping/", queue, name="catalog_mapping"), *super().get_urls()]

    def mapping(self, request: HttpRequest) -> HttpResponse:
        return mapping.queue(self, request)

    def save_model(self, request: HttpRequest, obj: Venue, form: VenueForm, change: bool) -> None:
        told, before, spellings = form.cleaned_data, Venue.objects.get(pk=obj.pk), _spellings(obj)
        arranging.rename_venue(obj, name=told["name"], full_name=told["full_name"], aliases=told["aliases"])
        self.tell_names(request, before, obj, spellings)


@admin.register(Organization)
class OrganizationAdmin(SpelledAdmin):
    form = OrganizationForm
    fields = ["name", "aliases"]
    papers = "papers"

    def save_model(self, request: HttpRequest, obj: Organization, form: OrganizationForm, change: bool) -> None:
        before, spellings = Organization.objects.get(pk=obj.pk), _spellings(obj)
        arranging.rename_organization(obj, name=form.cleaned_data["name"], aliases=form.cleaned_data["aliases"])
        self.tell_names(request, before, obj, spellings)
