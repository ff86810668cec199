"""A list comes to the desk: it is uploaded or pasted, each of its entries is shown with what it would do, and what was chosen is done.

Nothing is proposed or published before the last page has said what will be. The reading, planning and doing is `ingest`'s.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog import comparison, formats, review
from catalog.admin.desk import DeskAdmin, person
from catalog.ingest import Step, Unreadable, desk
from catalog.models import Category, CategoryAlias, Import, ImportRow, Paper
from catalog.records import Record

ROWS = 100
READ, ACT = ("GET", "HEAD"), ("POST",)
# What a browser adds to a file that is just not too large.
MOST_SENT = 2 * desk.MOST_BYTES
MOST_PASTED = 900_000
_CHOICE = re.compile(r"choice-([0-9]{1,18})")


class ImportForm(forms.Form):
    """A file or a text; what it is, and where its papers go."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        help_text=gettext_lazy("At most 5 MB and 20,000 entries, in UTF-8."),
        error_messages={"empty": gettext_lazy("There is nothing in this file.")},
    )
    text = forms.CharField(
        label=gettext_lazy("Or paste it here"),
        required=False,
        strip=False,
        max_length=MOST_PASTED,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "maxlength": None}),
    )
    format = forms.ChoiceField(
        label=gettext_lazy("What it is"), required=False, help_text=gettext_lazy("Of a file, the end of its name says it.")
    )
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        help_text=gettext_lazy("Where all of it goes. If none is chosen, the headings and columns of the list say it for each."),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        labels = [(format_.NAME, format_.LABEL) for format_ in formats.READABLE]
        self.fields["format"].choices = [("", _("As its name says")), *labels]  # type: ignore[attr-defined]
        paths = Category.objects.order_by("path").values_list("path", "name")
        indented = [(path_, "\u2003" * path_.count("/") + name) for path_, name in paths]
        self.fields["category"].choices = [("", _("As the list says")), *indented]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > desk.MOST_BYTES:
            raise forms.ValidationError(
                _("The file is too large: at most %(limit)d MB are read.") % {"limit": desk.MOST_BYTES // 1_000_000}
            )
        return file

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        file, text = said.get("file"), said.get("text", "")
        if file and text.strip():
            self.add_error("text", _("There is a file and a text. Bring one, and then the other."))
        elif not file and not text.strip() and not self.errors:
            self.add_error("file", _("Choose a file, or paste the list below."))
        elif not file and text.strip() and not said.get("format"):
            self.add_error("format", _("Say what the pasted text is."))
        return said

    def bring(self, request: HttpRequest) -> Import | None:
        """Read it, or say beside the field why that cannot be."""
        file, text = self.cleaned_data["file"], self.cleaned_data["text"]
        name = file.name if file else _("Pasted text")
        source = file or BytesIO(text.encode())
        about = {"format_name": self.cleaned_data["format"], "category": self.cleaned_data["category"]}
        try:
            return desk.bring(source, name=name, **about, by=person(request))
        except Unreadable as refused:
            about = {"line": str(refused.line), "why": refused.reason}
            self.add_error("file" if file else "text", _("Line %(line)s: %(why)s") % about)
        except desk.UnknownFormat:
            self.add_error("format", _("The name of the file does not say what it is: choose it here."))
        except Category.DoesNotExist:
            self.add_error("category", _("This category has gone meanwhile."))
        return None


# -- What is shown -----------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Place:
    name: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """One entry: what was read, what it would do, and what may be chosen. `paper` is the one it is about, or has become."""

    row: ImportRow
    step: Step | None
    paper: Paper | None
    places: list[Place]
    changes: list[comparison.Row]
    choices: list[tuple[str, str]]

    @property
    def record(self) -> Record | None:
        """As it is read: of one that differs the changes say more."""
        return self.step.listed if self.step and self.step.act == "add" else self.step.record if self.step else None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """All rows that would do the same, or that became the same: how many, and of how many each choice is made."""

    value: str
    label: str
    count: int
    chosen: list[tuple[str, int]]
    choices: list[tuple[str, str]]


def rows(page: Iterable[ImportRow], *, publishes: bool) -> list[Row]:
    """With what they are about, in as many questions for a hundred as for one."""
    page = list(page)
    steps = {row.pk: desk.step_of(row) for row in page}
    papers = {paper.public_id: paper for paper in Paper.objects.filter(public_id__in={row.paper_public_id for row in page} - {""})}
    names = dict(CategoryAlias.objects.values_list("path", "category__name")) | dict(Category.objects.values_list("path", "name"))
    return [
        Row(
            row=row,
            step=(step := steps[row.pk]),
            paper=(paper := papers.get(row.paper_public_id)),
            places=_places(step.record, names) if step else [],
            changes=_changes(step, paper.record) if step and paper else [],
            choices=_choices(publishes=publishes and row.may_be_published) if row.is_open else [],
        )
        for row in page
    ]


def _places(record: Record, names: dict[str, str]) -> list[Place]:
    return [Place(name=names.get(place.path) or place.name or place.path, is_new=place.path not in names) for place in record.categories]


def _changes(step: Step, current: Record) -> list[comparison.Row]:
    return [row for row in comparison.differences(step.record, current) if row.name in step.fields] if step.act == "change" else []


def _choices(*, publishes: bool) -> list[tuple[str, str]]:
    choices = ImportRow.Choice
    return [(each.value, str(each.label)) for each in choices if publishes or each != choices.PUBLISH]


def kinds(brought: Import, *, publishes: bool) -> list[Kind]:
    counts: dict[str, dict[str, int]] = {}
    for act, choice, count in brought.rows.order_by().values_list("act", "choice").annotate(count=Count("pk")):
        counts.setdefault(act, {})[choice] = count
    acts, choices = ImportRow.Act, ImportRow.Choice
    return [
        Kind(
            value=act.value,
            label=str(act.label),
            count=sum(of.values()),
            chosen=[(str(choice.label), of[choice]) for choice in choices if of.get(choice)] if act in ImportRow.OPEN else [],
            choices=_choices(publishes=publishes) if act in ImportRow.OPEN else [],
        )
        for act in acts
        if (of := counts.get(act))
    ]


def outcomes(brought: Import) -> list[Kind]:
    counts = dict(brought.rows.order_by().values_list("became").annotate(count=Count("pk")))
    there = [(each.value, str(each.label)) for each in ImportRow.Became] + [
        ("", _("Not understood") if brought.applied_at else _("Yet to do"))
    ]
    return [Kind(value=value, label=label, count=counts[value], chosen=[], choices=[]) for value, label in there if counts.get(value)]


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What will be done: how many rows by choice, what leaves the catalogue, and which categories come into being."""

    publish: int
    propose: int
    skip: int
    removals: list[str]
    new_categories: list[str]


def summary(brought: Import) -> Summary:
    counts = dict.fromkeys(ImportRow.Choice.values, 0)
    there = brought.rows.filter(act__in=ImportRow.OPEN)
    counts.update(there.order_by().values_list("choice").annotate(count=Count("pk")))
    leaving = there.filter(act=ImportRow.Act.REMOVE, choice=ImportRow.Choice.PUBLISH)
    known = set(CategoryAlias.objects.values_list("path", flat=True)) | set(Category.objects.values_list("path", flat=True))
    done = there.exclude(choice=ImportRow.Choice.SKIP).exclude(act=ImportRow.Act.REMOVE)
    wanted = {place.path for row in done.iterator() if (step := desk.step_of(row)) for place in step.record.categories}
    return Summary(**counts, removals=list(leaving.values_list("title", flat=True)), new_categories=sorted(wanted - known))


# -- The rooms ---------------------------------------------------------------------------------
@admin.register(Import)
class ImportAdmin(DeskAdmin):
    list_display = ["file", "of_list", "by", "uploaded_at", "state"]
    list_select_related = ["by", "applied_by"]
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Import]:
        return super().get_queryset(request).defer("text")

    def get_urls(self) -> list[URLPattern]:
        return [
            path("", self._room(self.changelist_view, *READ), name="catalog_import_changelist"),
            path("add/", _of_bearable_size(self._room(self.add, *READ, *ACT)), name="catalog_import_add"),
            path("<int:number>/change/", self._room(self.page, *READ), name="catalog_import_change"),
            path("<int:number>/choose/", self._room(self.choose, *ACT), name="catalog_import_choose"),
            path("<int:number>/apply/", self._room(self.apply, *READ, *ACT), name="catalog_import_apply"),
            path("<int:number>/throw-away/", self._room(self.throw_away, *ACT), name="catalog_import_throw_away"),
        ]

    def _room(self, view: Callable[..., HttpResponse], *methods: str) -> Any:
        @require_http_methods(methods)
        def room(request: HttpRequest, **named: int) -> HttpResponse:
            if not self.has_view_permission(request):
                raise PermissionDenied
            try:
                return view(request, **named)
            except Import.DoesNotExist:
                # Thrown away by somebody else, this very moment.
                raise Http404 from None

        return self.admin_site.admin_view(room)

    @admin.display(description=gettext_lazy("file"))
    def file(self, brought: Import) -> str:
        return format_html("<bdi>{}</bdi>", brought.name)

    @admin.display(description=gettext_lazy("list"))
    def of_list(self, brought: Import) -> str:
        return format_html("<bdi>{}</bdi>", brought.list_name)

    @admin.display(description=gettext_lazy("state"))
    def state(self, brought: Import) -> str:
        if brought.applied_at:
            return _("Applied by %(name)s") % {"name": brought.applied_by} if brought.applied_by else _("Applied")
        return _("Begun, not finished") if brought.begun_at else _("Waits for a choice")

    # -- Bring -----------------------------------------------------------------------------------
    def add(self, request: HttpRequest) -> HttpResponse:
        form = ImportForm(request.POST, request.FILES) if request.method == "POST" else ImportForm()
        if form.is_bound and form.is_valid() and (brought := form.bring(request)):
            return HttpResponseRedirect(brought.get_absolute_url())
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound else HTTPStatus.OK
        context = {**self.admin_site.each_context(request), "title": _("Import a list"), "form": form}
        return render(request, "admin/catalog/import/add_form.html", context, status=status)

    # -- Look, and choose ------------------------------------------------------------------------
    def page(self, request: HttpRequest, number: int) -> HttpResponse:
        brought = self._find(request, number)
        there = brought.rows.select_related("submission")
        if brought.begun_at:
            return self._result(request, brought, there)
        act = request.GET.get("act", "")
        shown = there.filter(act=act) if act in ImportRow.Act else there
        publishes = desk.may_publish(person(request))
        context: dict[str, Any] = {"act": act if act in ImportRow.Act else "", "kinds": kinds(brought, publishes=publishes)}
        return self._show(request, "preview", brought, shown, publishes=publishes, **context)

    def _result(self, request: HttpRequest, brought: Import, there: QuerySet[ImportRow]) -> HttpResponse:
        of = outcomes(brought)
        left = there.filter(became="").exclude(act=ImportRow.Act.NOT_UNDERSTOOD).count()
        became = request.GET.get("became", "")
        shown = there.filter(became=became) if became in ImportRow.Became else there
        context: dict[str, Any] = {"kinds": of, "became": became, "left": left, "done": sum(kind.count for kind in of) - left}
        return self._show(request, "result", brought, shown, publishes=False, **context)

    def _show(
        self, request: HttpRequest, template: str, brought: Import, shown: QuerySet[ImportRow], *, publishes: bool, **more: Any
    ) -> HttpResponse:
        try:
            page: Page[ImportRow] = Paginator(shown, ROWS).page(request.GET.get("page", 1))
        except InvalidPage as past_the_last:
            raise Http404 from past_the_last
        context = more | {
            **self.admin_site.each_context(request),
            "title": brought.list_name,
            "brought": brought,
            "publishes": publishes,
            "not_understood": brought.rows.filter(act=ImportRow.Act.NOT_UNDERSTOOD).count(),
            "page": page,
            "rows": rows(page.object_list, publishes=publishes),
        }
        return render(request, f"admin/catalog/import/{template}.html", context)

    def choose(self, request: HttpRequest, number: int) -> HttpResponse:
        """Keep what is chosen on this page, and what is chosen for all rows of a kind; then go where the button says."""
        brought = self._find(request, number)
        chosen = {int(match[1]): request.POST[name] for name in request.POST if (match := _CHOICE.fullmatch(name))}
        act, _colon, for_all = request.POST.get("all", "").partition(":")
        try:
            desk.choose(brought, {pk: choice for pk, choice in chosen.items() if choice in ImportRow.Choice}, by=person(request))
            if act in ImportRow.OPEN and for_all in ImportRow.Choice:
                desk.choose_for_all(brought, act, for_all, by=person(request))
        except (desk.Begun, review.NotAllowed) as refused:
            messages.error(request, _why_not(refused))
            return HttpResponseRedirect(brought.get_absolute_url())
        if "apply" in request.POST:
            return HttpResponseRedirect(reverse("admin:catalog_import_apply", args=[number]))
        asked = QueryDict(request.POST.get("to", ""))
        kept = {name: asked[name] for name in ("act", "page") if asked.get(name)}
        return HttpResponseRedirect(reverse("admin:catalog_import_change", args=[number], query=kept or None))

    # -- Do it -----------------------------------------------------------------------------------
    def apply(self, request: HttpRequest, number: int) -> HttpResponse:
        brought = self._find(request, number)
        if request.method != "POST":
            if brought.begun_at:
                return HttpResponseRedirect(brought.get_absolute_url())
            context = {**self.admin_site.each_context(request), "title": _("What will be done"), "brought": brought}
            return render(request, "admin/catalog/import/apply.html", context | {"summary": summary(brought)})
        try:
            desk.carry_out(brought, by=person(request))
        except (review.NotAllowed, Category.DoesNotExist) as refused:
            messages.error(request, _why_not(refused))
        return HttpResponseRedirect(brought.get_absolute_url())

    def throw_away(self, request: HttpRequest, number: int) -> HttpResponse:
        brought = self._find(request, number)
        try:
            desk.throw_away(brought)
        except desk.Begun as refused:
            messages.error(request, _why_not(refused))
            return HttpResponseRedirect(brought.get_absolute_url())
        messages.success(request, _("“%(name)s” is thrown away. Nothing of it was proposed or published.") % {"name": brought.name})
        return HttpResponseRedirect(reverse("admin:catalog_import_changelist"))

    def _find(self, request: HttpRequest, number: int) -> Import:
        return get_object_or_404(self.get_queryset(request).select_related("by", "applied_by"), pk=number)


def _why_not(refused: Exception) -> str:
    if isinstance(refused, desk.Begun):
        return _("Nothing was changed: it is being applied already.")
    if isinstance(refused, review.NotAllowed):
        return _("Nothing was done: on this site nobody publishes what they bring themselves. Propose it instead.")
    return _("Nothing was done: the category that it goes to is there no more. Bring it again, with another one.")


def _of_bearable_size(view: Callable[..., HttpResponse]) -> Any:
    """Refuse what is too large by its own word, before the check for forged forms, which stands behind this, reads it."""

    @csrf_exempt
    def room(request: HttpRequest, **named: int) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        try:
            if length.isdecimal() and int(length) <= MOST_SENT:
                return view(request, **named)
        except RequestDataTooBig:
            # A text is held in memory, where a file is not.
            return _too_large(request, _("The pasted text is too large. Save it as a file, and upload that."))
        limit = desk.MOST_BYTES // 1_000_000
        return _too_large(request, _("The file is too large: at most %(limit)d MB are read. Bring the list in parts.") % {"limit": limit})

    return room


def _too_large(request: HttpRequest, text: str) -> HttpResponse:
    if not person(request).is_maintainer:
        raise PermissionDenied
    context = {**admin.site.each_context(request), "title": _("Nothing was read"), "text": text}
    return render(request, "admin/catalog/import/too_large.html", context, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
