"""Two papers side by side, for the maintainer who knows that they are one: what the one that stays will say, field by field."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Literal, cast

from django import forms
from django.contrib.admin import AdminSite
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog import comparison, corrections, matching, merging, records, review
from catalog.admin.desk import person
from catalog.admin.tombstones import find_paper
from catalog.admin.words import refusal_in_words
from catalog.models import Paper
from catalog.publishing import AlreadyCatalogued
from catalog.records import Record

FOUND_SHOWN = 10
# The paper whose page this is, and the one put beside it. Which of them stays is one of the choices.
Which = Literal["this", "other"]
_SIDES = [("this", gettext_lazy("This one")), ("other", gettext_lazy("The other"))]
_BOTH = ("both", gettext_lazy("Both"))


class MergeForm(forms.Form):
    """Which paper stays, whose value each differing field keeps, and why; of the revisions that were on the screen."""

    survivor = forms.ChoiceField(label=gettext_lazy("Which one stays"), choices=_SIDES, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=gettext_lazy("Reason, shown in the public log"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    seen_this = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    seen_other = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)

    def __init__(self, this: Paper, other: Paper, data: Mapping[str, Any] | None = None) -> None:
        survivor: Which = "this" if (this.added_at, this.pk) <= (other.added_at, other.pk) else "other"
        initial = {
            "survivor": survivor,
            "reason": _("The same work, catalogued twice."),
            "seen_this": this.revision,
            "seen_other": other.revision,
        }
        super().__init__(data, initial=initial)
        self.this, self.other = this.record, other.record
        added = [(which, _added(label, paper)) for (which, label), paper in zip(_SIDES, (this, other), strict=True)]
        cast(forms.ChoiceField, self.fields["survivor"]).choices = added
        first, second = _in_order(survivor, self.this, self.other)
        for name, side in merging.usual(first, second).items():
            self.fields[_keep(name)] = forms.ChoiceField(
                label=comparison.label_of(name),
                choices=[*_SIDES, _BOTH] if name in merging.LISTS else _SIDES,
                widget=forms.RadioSelect,
                initial=_which(side, survivor),
                required=False,
            )

    @property
    def staying(self) -> Which:
        return cast(Which, self._chosen("survivor"))

    def record(self) -> Record:
        """What the one that stays will say."""
        differing = corrections.changes(self.this, self.other)
        sides = {name: _side(self._chosen(_keep(name)), self.staying) for name in differing}
        return merging.merged(*_in_order(self.staying, self.this, self.other), sides)

    def _chosen(self, name: str) -> str:
        """What was pressed; what is usual where nothing was, or nothing that can be."""
        pressed, field = self[name].value(), cast(forms.ChoiceField, self.fields[name])
        return str(pressed if field.valid_value(pressed) else field.initial or self.initial[name])

    def clean(self) -> dict[str, Any]:
        if not merging.has_room(self.record()):
            most = {"links": records.MAX_LINKS, "authors": records.MAX_AUTHORS}
            self.add_error(None, _("A paper has at most %(links)d links and %(authors)d authors. Keep those of one side.") % most)
        return super().clean() or {}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One field of both papers; `choice` is the control where they differ."""

    row: comparison.Row
    choice: forms.BoundField | None


def merge_page(request: HttpRequest, site: AdminSite, paper: Paper) -> HttpResponse:
    """Choose the other, look at both, and fold one into the other. Nothing is done before the button that says so."""
    if "with" not in (request.POST or request.GET):
        return _choose(request, site, paper)
    number = (request.POST or request.GET)["with"]
    if not (number.isascii() and number.isdigit()):
        raise Http404
    other = find_paper(int(number))
    if other == paper:
        return _choose(request, site, paper, trouble=refusal_in_words(review.SamePaper()))
    if request.method != "POST":
        return _page(request, site, paper, other, MergeForm(paper, other))
    form = MergeForm(paper, other, request.POST)
    form.fields["reason"].required = "preview" not in request.POST
    if "preview" in request.POST or not form.is_valid():
        return _page(request, site, paper, other, form)
    return _merge(request, site, paper, other, form)


def _merge(request: HttpRequest, site: AdminSite, paper: Paper, other: Paper, form: MergeForm) -> HttpResponse:
    told = form.cleaned_data
    survivor, loser = _in_order(form.staying, paper, other)
    seen_survivor, seen_loser = _in_order(form.staying, told["seen_this"], told["seen_other"])
    try:
        decision = review.merge(
            loser, survivor, form.record(), by=person(request), reason=told["reason"], seen_revisions=(seen_loser, seen_survivor)
        )
    except review.PaperChanged as changed:
        paper.refresh_from_db()
        other.refresh_from_db()
        seen = {"seen_this": str(paper.revision), "seen_other": str(other.revision)}
        anew = MergeForm(paper, other, {**request.POST.dict(), **seen})
        trouble = _("“%(title)s” was changed while you were comparing. Your choices are kept: look again, then merge.")
        return _page(request, site, paper, other, anew, trouble=trouble % {"title": changed.paper.title})
    except AlreadyCatalogued as held:
        trouble = _("“%(title)s” has one of these identifiers. Leave it out, or merge with that paper first.")
        return _page(request, site, paper, other, form, trouble=trouble % {"title": held.paper.title})
    address = reverse("admin:catalog_paper_change", args=[survivor.pk])
    return HttpResponseRedirect(f"{address}?merged={decision.pk}")


def _page(request: HttpRequest, site: AdminSite, paper: Paper, other: Paper, form: MergeForm, *, trouble: str = "") -> HttpResponse:
    rows = comparison.side_by_side(paper.record, other.record)
    lines = [Line(row=_even(row), choice=_control(form, row.name)) for row in rows if row.proposed or row.other]
    differing = sum(line.choice is not None for line in lines)
    context = {
        **site.each_context(request),
        "title": _("Merge two papers"),
        "paper": paper,
        "other": other,
        "form": form,
        "lines": lines,
        "tally": ngettext("%(count)d field differs", "%(count)d fields differ", differing) % {"count": differing},
        "result": comparison.compare(form.record()),
        "staying": _in_order(form.staying, paper, other)[0],
        "trouble": trouble,
    }
    status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
    return render(request, "admin/catalog/paper/merge.html", context, status=status)


def _choose(request: HttpRequest, site: AdminSite, paper: Paper, *, trouble: str = "") -> HttpResponse:
    text = request.GET.get("q", "").strip()[:300]
    matches = matching.find_candidates(paper.record)
    context = {
        **site.each_context(request),
        "title": _("Merge into another"),
        "paper": paper,
        "q": text,
        "found": _found(text).exclude(pk=paper.pk)[:FOUND_SHOWN] if text else [],
        "near": [match for match in matches if match.paper and match.paper.pk != paper.pk][:FOUND_SHOWN],
        "trouble": trouble,
    }
    status = HTTPStatus.CONFLICT if trouble else HTTPStatus.OK
    return render(request, "admin/catalog/paper/merge_choose.html", context, status=status)


def _found(text: str) -> QuerySet[Paper]:
    """By a part of the title, the public id, or the address, whole or its last part."""
    if not text.isprintable():
        return Paper.objects.none()
    last_part = text.rstrip("/").rpartition("/")[2] if "/" in text else text
    return Paper.objects.filter(Q(title__icontains=text) | Q(slug=last_part) | Q(public_id=last_part.upper())).order_by("title_key", "pk")


def _added(label: Any, paper: Paper) -> str:
    on = date_format(localtime(paper.added_at), "j F Y")
    return _("%(which)s, “%(title)s”, added on %(on)s") % {"which": label, "title": paper.title, "on": on}


def _in_order[T](survivor: Which, this: T, other: T) -> tuple[T, T]:
    """The one that stays, and the one that goes."""
    return (this, other) if survivor == "this" else (other, this)


def _which(side: merging.Side, survivor: Which) -> str:
    return "both" if side == "both" else survivor if side == "survivor" else "other" if survivor == "this" else "this"


def _side(which: str, survivor: Which) -> merging.Side:
    return "both" if which == "both" else "survivor" if which == survivor else "loser"


def _keep(name: str) -> str:
    return f"keep-{name}"


def _control(form: MergeForm, name: str) -> forms.BoundField | None:
    return form[_keep(name)] if _keep(name) in form.fields else None


def _even(row: comparison.Row) -> comparison.Row:
    """What differs marked alike on both sides: neither replaces the other before somebody has chosen."""
    held = [[replace(piece, mark="ins") if piece.mark == "del" else piece for piece in item] for item in row.other]
    return replace(row, other=held)
