"""Reading lists: those that are public, one's own, and one of either with its papers in their order."""

from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog import reading
from catalog.formats import FORMATS
from catalog.models import Reading, ReadingList
from catalog.reading.forms import ListForm
from catalog.views.entries import one_page
from catalog.views.signed_in import Contributor, contributors_only, shown_the_way, unsent

LISTS_A_PAGE = 50
PAPERS_A_PAGE = 100


def list_for(request: HttpRequest, public_id: str) -> ReadingList:
    """The list, as far as whoever asks may see it. Raises Http404."""
    lists = ReadingList.objects.select_related("owner")
    found = lists.filter(public_id=public_id).first()
    if found is None or not (found.is_open or found.owner_id == request.user.pk):
        raise Http404
    return found


def _own_list(request: Contributor, public_id: str) -> ReadingList:
    return get_object_or_404(ReadingList.objects.select_related("owner"), public_id=public_id, owner=request.user)


# -- Many --------------------------------------------------------------------------------------
@require_safe
@never_cache
def reading_list_index(request: HttpRequest) -> HttpResponse:
    """The lists of everybody that are public, what was changed last first."""
    lists = reading.with_counts(ReadingList.objects.public().select_related("owner"))
    return render(request, "catalog/reading_list_index.html", {"page": one_page(request, lists, size=LISTS_A_PAGE)})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_lists_mine(request: Contributor) -> HttpResponse:
    """Somebody's own lists, and a new one; a `paper` that comes along is the first on it."""
    if request.method == "POST":
        return _create(request)
    if kept := unsent(request):
        return _mine(request, _typed(kept), notice="signed_in", paper=kept.get("paper", ""))
    return _mine(request, ListForm(), paper=request.GET.get("paper", ""))


def _create(request: Contributor) -> HttpResponse:
    form, paper = ListForm(request.POST), request.POST.get("paper", "").replace("\0", "")
    if not form.is_valid():
        return _mine(request, form, paper=paper, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        made = reading.create(by=request.user, papers=[paper] if paper else [], **form.cleaned_data)
    except reading.Full as full:
        return _mine(request, _typed(request.POST), notice="full", limit=full.limit, paper=paper, status=HTTPStatus.CONFLICT)
    except reading.NoSuchPaper:
        raise Http404 from None
    return redirect(made)


def _mine(request: Contributor, form: ListForm, *, status: int = HTTPStatus.OK, **more: Any) -> HttpResponse:
    lists = list(reading.with_counts(ReadingList.objects.filter(owner=request.user)))
    return render(request, "catalog/reading_lists_mine.html", {"lists": lists, "form": form, **more}, status=status)


def _typed(fields: QueryDict) -> ListForm:
    """What nobody has judged yet."""
    return ListForm(initial={name: fields.get(name, "") for name in ListForm.base_fields})


# -- One ---------------------------------------------------------------------------------------
@require_safe
@never_cache
def reading_list_detail(request: HttpRequest, public_id: str) -> HttpResponse:
    """A list in its order. Its owner may look at the papers of one state alone, and arranges them where all are seen."""
    list_ = list_for(request, public_id)
    is_mine = list_.owner_id == request.user.pk
    places, today = reading.places_of(list_)
    everything = {one.public_id: one for one in reading.kept_by(list_.owner)[0]} if is_mine else {}
    states = {place.public_id: everything[place.public_id].state for place in places if place.public_id in everything}
    asked = request.GET.get("state", "")
    state = asked if is_mine and asked in Reading.State else ""
    page = one_page(request, [place for place in places if not state or states.get(place.public_id) == state], size=PAPERS_A_PAGE)
    shown = list(page)
    ids = [place.public_id for place in shown]
    standing = today.shown(ids)
    kept = {public_id: everything.get(public_id) or reading.Kept(public_id=public_id) for public_id in ids} if is_mine else {}
    if is_mine:
        reading.with_notes(list_.owner, kept.values())
    rows = [
        {"place": place, "standing": standing[place.public_id], "kept": kept.get(place.public_id), "is_last": place.number == len(places)}
        for place in shown
    ]
    context = {
        "list": list_,
        "is_mine": is_mine,
        "total": len(places),
        "state": state,
        "tabs": [(each, each.label, sum(of == each for of in states.values())) for each in Reading.State] if states else [],
        "page": page,
        "rows": rows,
        "years": [row["standing"].record.year for row in rows if row["standing"].record],
        "count": sum(place.public_id not in today.titles for place in places),
        "formats": FORMATS,
        "base": reverse("catalog:reading-list-detail", args=[list_.public_id]).removesuffix("/"),
    }
    return render(request, "catalog/reading_list_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_list_place(request: Contributor, public_id: str) -> HttpResponse:
    """Give a paper another number, or take it off; then the list again, where that paper stands or stood."""
    list_ = _own_list(request, public_id)
    if request.method != "POST":
        return redirect(list_)
    paper = request.POST.get("paper", "").replace("\0", "")
    number = _number(request.POST.get("to") or request.POST.get("number", ""))
    if request.POST.get("act") == "remove":
        reading.remove(list_, paper)
    elif number:
        number = reading.move(list_, paper, number) or number
    page = (number - 1) // PAPERS_A_PAGE + 1 if number else 1
    return redirect(f"{list_.get_absolute_url()}{f'?page={page}' if page > 1 else ''}#row-{paper}")


def _number(text: str) -> int:
    """0 where it is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_list_edit(request: Contributor, public_id: str) -> HttpResponse:
    list_ = _own_list(request, public_id)
    if request.method != "POST":
        kept = unsent(request)
        return _edit(request, list_, _typed(kept) if kept else _as_it_is(list_), notice="signed_in" if kept else "")
    form = ListForm(request.POST)
    if not form.is_valid():
        return _edit(request, list_, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    reading.describe(list_, **form.cleaned_data)
    return redirect(list_)


def _as_it_is(list_: ReadingList) -> ListForm:
    return ListForm(initial={name: getattr(list_, name) for name in ListForm.base_fields})


def _edit(request: Contributor, list_: ReadingList, form: ListForm, *, notice: str = "", status: int = HTTPStatus.OK) -> HttpResponse:
    context = {"list": list_, "form": form, "notice": notice}
    return render(request, "catalog/reading_list_edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_list_delete(request: Contributor, public_id: str) -> HttpResponse:
    list_ = _own_list(request, public_id)
    if request.method != "POST":
        return render(request, "catalog/reading_list_delete.html", {"list": list_, "count": list_.places.count()})
    reading.delete(list_)
    messages.success(request, _("The list is deleted. What you keep of its papers stays."))
    return redirect("catalog:reading-lists-mine")


# -- Forms without their token -------------------------------------------------------------------
def _new_not_sent(request: Contributor) -> HttpResponse:
    typed, paper = _typed(request.POST), request.POST.get("paper", "")
    return shown_the_way(request) or _mine(request, typed, notice="not_sent", paper=paper, status=HTTPStatus.FORBIDDEN)


def _edit_not_sent(request: Contributor, public_id: str) -> HttpResponse:
    if elsewhere := shown_the_way(request):
        return elsewhere
    return _edit(request, _own_list(request, public_id), _typed(request.POST), notice="not_sent", status=HTTPStatus.FORBIDDEN)


reading_lists_mine.not_sent = _new_not_sent  # type: ignore[attr-defined]
reading_list_edit.not_sent = _edit_not_sent  # type: ignore[attr-defined]
