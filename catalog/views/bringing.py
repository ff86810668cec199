"""Papers are brought to a reading list, or to what is to be read: what a text or a file names is shown, and then put there."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog import reading
from catalog.models import ReadingList
from catalog.reading import Brought
from catalog.reading.forms import BringForm
from catalog.views.signed_in import Contributor, contributors_only, shown_the_way, unsent


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Where papers are brought: to a list or, where there is none, to what is to be read."""

    list: ReadingList | None = None

    @property
    def value(self) -> str:
        return self.list.public_id if self.list else ""

    @property
    def address(self) -> str:
        return self.list.get_absolute_url() if self.list else reverse("catalog:reading-mine")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@contributors_only
def reading_bring(request: Contributor) -> HttpResponse:
    if request.method == "POST":
        return _put(request) if request.POST.get("act") == "put" else _look(request)
    if kept := unsent(request):
        return _again(request, kept, notice="signed_in")
    return _page(request, BringForm(), goal=_goal(request, request.GET))


def _goal(request: Contributor, fields: QueryDict) -> Goal:
    """The list that was chosen, if it is theirs."""
    chosen = fields.get("into", "").replace("\0", "")
    return Goal(list=ReadingList.objects.filter(owner=request.user, public_id=chosen).first() if chosen else None)


def _look(request: Contributor) -> HttpResponse:
    form, goal = BringForm(request.POST, request.FILES), _goal(request, request.POST)
    brought = None
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            brought = reading.bring(file, name=file.name) if file else reading.bring_text(form.cleaned_data["text"])
        except reading.Unreadable as refused:
            said = {"line": refused.line, "why": refused.reason}
            form.add_error("file" if file else "text", _("Line %(line)d: %(why)s") % said)
    return _page(request, form, goal=goal, brought=brought, status=HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK)


def _put(request: Contributor) -> HttpResponse:
    """What was shown, as far as it still is in the catalogue."""
    goal, papers = _goal(request, request.POST), _papers(request.POST)
    found = [each.public_id for each in papers.found]
    try:
        added = reading.add(goal.list, found) if goal.list else reading.put_to_read(found, by=request.user)
    except reading.Full as full:
        return _page(request, BringForm(), goal=goal, brought=papers, notice="full", limit=full.limit, status=HTTPStatus.CONFLICT)
    except reading.NoSuchPaper:
        # One of them went at this very moment.
        return _page(request, BringForm(), goal=goal, brought=_papers(request.POST), status=HTTPStatus.CONFLICT)
    said = ngettext("%(count)d paper was added.", "%(count)d papers were added.", added) % {"count": added}
    if there := len(found) - added:
        said += " " + ngettext("%(count)d was there already.", "%(count)d were there already.", there) % {"count": there}
    messages.success(request, said)
    return redirect(goal.address)


def _papers(fields: QueryDict) -> Brought:
    return reading.brought_before(fields.get("papers", "").split())


def _again(request: Contributor, fields: QueryDict, *, notice: str, status: int = HTTPStatus.OK) -> HttpResponse:
    """What was typed, or what was shown, and a form that can be sent."""
    brought = _papers(fields) if fields.get("papers") else None
    form = BringForm(initial={"text": fields.get("text", "")})
    return _page(request, form, goal=_goal(request, fields), brought=brought, notice=notice, status=status)


def _page(
    request: Contributor, form: BringForm, *, goal: Goal, brought: Brought | None = None, status: int = HTTPStatus.OK, **more: Any
) -> HttpResponse:
    here = _already_there(request, goal, brought) if brought else set()
    context = {
        "form": form,
        "goal": goal,
        "lists": list(reading.lists_of(request.user)),
        "brought": brought,
        "here": here,
        "new": [each for each in brought.found if each.public_id not in here] if brought else [],
        "most": reading.MOST_ENTRIES,
        **more,
    }
    return render(request, "catalog/reading_bring.html", context, status=status)


def _already_there(request: Contributor, goal: Goal, brought: Brought) -> set[str]:
    if goal.list:
        return {place.public_id for place in reading.places_of(goal.list)[0]}
    return set(reading.states_of(request.user, brought.public_ids))


def _not_sent(request: Contributor) -> HttpResponse:
    """The page with what was typed or shown and a token that is good; who is not signed in finds it behind the sign-in."""
    return shown_the_way(request) or _again(request, request.POST, notice="not_sent", status=HTTPStatus.FORBIDDEN)


reading_bring.not_sent = _not_sent  # type: ignore[attr-defined]
