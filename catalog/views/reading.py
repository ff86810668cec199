"""What somebody reads: their papers by how far they are, and one of them with its note and the lists it is on."""

from http import HTTPStatus
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog import reading
from catalog.models import Paper, Reading, ReadingList
from catalog.reading import Kept
from catalog.reading.forms import NoteForm
from catalog.records import fold
from catalog.views.entries import one_page
from catalog.views.signed_in import Contributor, contributors_only, shown_the_way, unsent

PAPERS_A_PAGE = 50
LONGEST_SEARCH = 300


# -- All ---------------------------------------------------------------------------------------
@require_safe
@never_cache
@contributors_only
def reading_mine(request: Contributor) -> HttpResponse:
    everything, today = reading.kept_by(request.user)
    counts = reading.counts(everything)
    state = _state(request.GET.get("state", "")) or Reading.State.TO_READ
    words = request.GET.get("q", "").strip()[:LONGEST_SEARCH].replace("\0", "")
    chosen = [kept for kept in everything if kept.state == state]
    if words:
        chosen = _found(request, chosen, words)
    if is_oldest_first := request.GET.get("sort") == "changed":
        chosen.reverse()
    page = one_page(request, chosen, size=PAPERS_A_PAGE)
    shown = list(page)
    reading.with_notes(request.user, shown)
    standing = today.shown([kept.public_id for kept in shown])
    context = {
        "tabs": [(each, each.label, counts[each]) for each in Reading.State],
        "state": state,
        "words": words,
        "is_oldest_first": is_oldest_first,
        "is_empty": not everything,
        "page": page,
        "count": sum(kept.public_id not in today.titles for kept in everything if kept.state == state),
        "rows": [{"standing": standing[kept.public_id], "kept": kept} for kept in shown],
    }
    return render(request, "catalog/reading_mine.html", context)


def _state(text: str) -> str:
    """Empty where there is no such state."""
    return text if text in Reading.State.values else ""


def _found(request: Contributor, some: list[Kept], words: str) -> list[Kept]:
    """Those of which the paper has all of these words, or parts of words, or the note has them as they stand."""
    papers = Paper.objects.filter(public_id__in=[kept.public_id for kept in some])
    for word in fold(words).split():
        papers = papers.filter(search_text__contains=word)
    found = set(papers.values_list("public_id", flat=True))
    noted = set(Reading.objects.filter(user=request.user, note__icontains=words).values_list("paper_public_id", flat=True))
    return [kept for kept in some if kept.public_id in found or noted.intersection(kept.names)]


# -- One ---------------------------------------------------------------------------------------
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_paper(request: Contributor, public_id: str) -> HttpResponse:
    """What a person keeps of a paper. Also the answer to the small form that stands on other pages, and goes back there."""
    if request.method == "POST":
        return _act(request, public_id)
    fields = unsent(request)
    return _page(request, public_id, note=fields.get("note") if fields else None, notice="signed_in" if fields else "")


def _act(request: Contributor, public_id: str) -> HttpResponse:
    person, act, state = request.user, request.POST.get("act", ""), _state(request.POST.get("state", ""))
    if act == "forget":
        return _forget(request, public_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, public_id, error=" ".join(map(str, form.errors["note"])), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    note, made_from = (form.cleaned_data["note"] if "note" in request.POST else None), request.POST.get("made_from", "")
    is_typed = note is not None and reading.mark_of(note) != (made_from or reading.mark_of(""))
    try:
        if state or is_typed:
            reading.put(public_id, by=person, state=state, note=note, made_from=made_from)
        if act == "add":
            _put_on_list(request, public_id)
    except reading.NoteChanged as changed:
        return _page(request, public_id, notice="changed", other=changed.note, status=HTTPStatus.CONFLICT)
    except reading.Full as full:
        return _page(request, public_id, notice="full", limit=full.limit, status=HTTPStatus.CONFLICT)
    except reading.NoSuchPaper:
        raise Http404 from None
    return _done(request, public_id)


def _put_on_list(request: Contributor, public_id: str) -> None:
    chosen = request.POST.get("list", "").replace("\0", "")
    if list_ := ReadingList.objects.filter(owner=request.user, public_id=chosen).first():
        reading.add(list_, [public_id])


def _forget(request: Contributor, public_id: str) -> HttpResponse:
    """A note goes with it only where that was said, or where the form stays in the page with the text in it."""
    _paper, kept = _standing(request, public_id)
    if kept.note and not request.htmx and not request.POST.get("sure"):
        return _page(request, public_id, notice="forget")
    reading.forget(public_id, by=request.user)
    return _done(request, public_id)


def _done(request: Contributor, public_id: str) -> HttpResponse:
    if request.htmx:
        return _mark(request, public_id) if request.POST.get("mark") else _part(request, public_id)
    back = request.POST.get("back", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(f"{back}#reading-{public_id}") if is_ours else redirect("catalog:reading-paper", public_id)


def _mark(request: Contributor, public_id: str) -> HttpResponse:
    """What a list says of it from now on."""
    standing, kept = _standing(request, public_id)
    return HttpResponse(format_html('<span class="state" tabindex="-1" data-said="{0}: {1}">{0}</span>', kept.label, standing.name))


def _part(request: Contributor, public_id: str) -> HttpResponse:
    """The form alone, as it is to stand in the page that sent it; what was typed and is not kept any more stays in it."""
    standing, kept = _standing(request, public_id)
    context = {
        "kept": kept,
        "name": standing.name,
        "back": request.POST.get("back", ""),
        "note": kept.note if kept.state else request.POST.get("note", ""),
        "lists": _lists(request, kept) if request.POST.get("lists") else None,
        "is_answer": True,
    }
    response = render(request, "components/reading_form.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _page(
    request: Contributor,
    public_id: str,
    *,
    note: str | None = None,
    notice: str = "",
    error: str = "",
    status: int = HTTPStatus.OK,
    **more: Any,
) -> HttpResponse:
    """Everything about one paper; where something stands in the way, with what was typed."""
    standing, kept = _standing(request, public_id)
    if note is None:
        note = request.POST.get("note") if request.method == "POST" and notice != "forget" else kept.note
    context = {
        "standing": standing,
        "kept": kept,
        "note": note or "",
        "lists": _lists(request, kept),
        "back": request.POST.get("back", ""),
        "notice": notice,
        "error": error,
        **more,
    }
    return render(request, "catalog/reading_paper.html", context, status=status)


def _standing(request: Contributor, public_id: str) -> tuple[reading.Standing, Kept]:
    """The paper that has this id today, and what this person keeps of it. Raises Http404 for what never was."""
    today = reading.Today([public_id])
    now = today.of(public_id)
    standing, kept = today.shown([now])[now], reading.kept_of(request.user, now, reading.also_named([now]))
    if not standing.name:
        raise Http404
    return standing, kept


def _lists(request: Contributor, kept: Kept) -> dict[str, list[ReadingList]]:
    return reading.lists_about(request.user, reading.also_named([kept.public_id]))


def _not_sent(request: Contributor, public_id: str) -> HttpResponse:
    """The page with what was typed and a token that is good; who is not signed in finds it behind the sign-in."""
    return shown_the_way(request) or _page(request, public_id, notice="not_sent", status=HTTPStatus.FORBIDDEN)


reading_paper.not_sent = _not_sent  # type: ignore[attr-defined]
