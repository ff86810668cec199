"""Pairs of papers that may be one work: look at them side by side, then merge them or say that they are two."""

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.core.paginator import InvalidPage, Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import comparison, duplicates, review
from catalog.admin.desk import person
from catalog.models import Distinction, Paper

PAIRS = 25


class TwoPapersForm(forms.Form):
    """That a pair is no pair, by the public ids of both."""

    first = forms.CharField(max_length=16, widget=forms.HiddenInput)
    second = forms.CharField(max_length=16, widget=forms.HiddenInput)
    because = forms.CharField(
        label=gettext_lazy("Because"), required=False, max_length=Distinction._meta.get_field("because").max_length, strip=True
    )


def duplicates_page(request: HttpRequest, admin_site: AdminSite) -> HttpResponse:
    """For full maintainers: what happens to papers themselves is theirs."""
    if not person(request).is_maintainer:
        raise PermissionDenied
    if request.method == "POST":
        return _tell_apart(request, admin_site)
    return _page(request, admin_site)


def _tell_apart(request: HttpRequest, admin_site: AdminSite) -> HttpResponse:
    form = TwoPapersForm(request.POST)
    if "because" in form.errors:
        return _page(request, admin_site, form=form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    told = form.cleaned_data
    papers = Paper.objects.in_bulk([told.get("first"), told.get("second")], field_name="public_id")
    if len(papers) < 2:
        trouble = _("One of the two papers is no longer there. Nothing was changed.")
        return _page(request, admin_site, trouble=trouble, status=HTTPStatus.CONFLICT)
    first, second = papers[told["first"]], papers[told["second"]]
    try:
        review.tell_apart(first, second, by=person(request), because=told["because"])
    except review.NotAllowed as refused:
        raise PermissionDenied from refused
    about = {"first": first.title, "second": second.title}
    messages.success(request, _("“%(first)s” and “%(second)s” are two papers. The pair is not shown again.") % about)
    return HttpResponseRedirect(request.path)


def _page(
    request: HttpRequest, admin_site: AdminSite, *, form: TwoPapersForm | None = None, trouble: str = "", status: int = HTTPStatus.OK
) -> HttpResponse:
    """`form` is one that was refused: what it says is kept beside its pair."""
    try:
        page = Paginator(duplicates.find(), PAIRS).page(request.GET.get("page", 1))
    except InvalidPage as past_the_last:
        raise Http404 from past_the_last
    context = {
        **admin_site.each_context(request),
        "title": _("Papers that may be one"),
        "trouble": trouble,
        "page": page,
        "rows": [_row(pair, form) for pair in page.object_list],
    }
    return render(request, "admin/catalog/paper/duplicates.html", context, status=status)


def _row(pair: duplicates.Pair, refused: TwoPapersForm | None) -> dict[str, Any]:
    ids = {"first": pair.first.public_id, "second": pair.second.public_id}
    is_refused = refused is not None and all(refused.data.get(name) == public_id for name, public_id in ids.items())
    return {
        "pair": pair,
        "likelihood": _in_words(pair.score),
        "comparison": comparison.compare(pair.second.record, pair.first.record),
        "form": refused if is_refused else TwoPapersForm(initial=ids, auto_id=f"id_{pair.first.pk}_{pair.second.pk}_%s"),
    }


def _in_words(score: float) -> str:
    if score >= 0.95:
        return _("Most likely one work")
    if score >= 0.75:
        return _("Likely one work")
    return _("Perhaps one work") if score >= 0.5 else _("Hardly one work")
