"""What a list says to one reader about its papers, put into a page that was drawn for everybody.

An entry has a slot, a comment that names its paper and when it was added, and a list in the order of arrival has one more over
it. Entries are kept with their slots; a page leaves with what belongs there, and for a visitor with nothing. A slot is known by
the tag before it: no text that anybody wrote holds one, because none holds a tag.

To add a mark, write a function that takes the request of somebody signed in and the papers of the page, each public id with
the time it was added, and gives its HTML for each paper that has one; then name it in MARKS. It asks the database once for a
whole page. The marks of an entry stand in the order of MARKS, before its title.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from catalog import context, reading, visits
from catalog.templatetags.openshelf import icon

type Papers = Mapping[str, datetime]
type Mark = Callable[[HttpRequest, Papers], Mapping[str, SafeString]]

_ENTRY = re.compile(r'<li class="entry"><!--(\w+) added ([\d-]+T[\d:.+]+)-->')
# With the heading that stands over a list whose reader was never here before.
_SINCE = re.compile(r'<!--since (all|some)-->(<h2 class="vh">[^<]*</h2>)')


def marked[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Fill the slots of the page that a view answers with; it is one of the reader's visit, whether it has any or not.

    Stands inside `for_everybody`, of which it keeps the promise.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        request: Any = args[0]
        response = view(*args, **kwargs)
        if response.status_code != HTTPStatus.OK:
            return response
        page = response.content.decode()
        if request.user.is_authenticated:
            page = _told(page, request)
        response.content = _SINCE.sub(r"\2", _ENTRY.sub(_entry([]), page))
        return response

    return answer


def _told(page: str, request: HttpRequest) -> str:
    """The page with the marks of its papers, and with a rule between new papers and older ones where they come by time."""
    since = _since(request)
    papers = {public_id: datetime.fromisoformat(added_at) for public_id, added_at in _ENTRY.findall(page)}
    marks = [mark(request, papers) for mark in MARKS] if papers else []
    if since and (slot := _SINCE.search(page)):
        new = sum(added_at > since for added_at in papers.values())
        count = visits.count_of_new(since=since) if slot[1] == "all" else None
        head = _head("since", new=new, count=count, most=visits.COUNTED, since=since, now=timezone.now())
        page = page.replace(slot[0], head or slot[2])
        if 0 < new < len(papers):
            older = list(_ENTRY.finditer(page))[new].start()
            page = f'{page[:older]}</ol>{_head("before")}<ol class="plain">{page[older:]}'
    page = page.replace("</main>", f"{render_to_string('components/to_read.html', {'back': request.get_full_path()}, request)}</main>")
    return _ENTRY.sub(lambda slot: _entry([found[slot[1]] for found in marks if slot[1] in found]), page)


def _head(name: str, **shown: Any) -> str:
    return render_to_string(f"components/since.html#{name}", shown).strip()


def _entry(marks: Collection[str]) -> str:
    """The beginning of an entry, with what is said of it."""
    return f'<li class="entry"><p class="marks">{"".join(marks)}</p>' if marks else '<li class="entry">'


def _since(request: HttpRequest) -> datetime | None:
    """When the reader's visit before this one ended, if there was one."""
    visit = context.catalogue_of(request).visit
    return visit.before if visit else None


def _new(request: HttpRequest, papers: Papers) -> dict[str, SafeString]:
    since = _since(request)
    word = format_html('<span class="state pass">{}</span>', _("New"))
    return {public_id: word for public_id, added_at in papers.items() if since and added_at > since}


def _kept(request: HttpRequest, papers: Papers) -> dict[str, SafeString]:
    """How far the reader is with a paper; of one that they do not keep, the button that does, of the form at the foot of the page."""
    keeps_any = getattr(context.catalogue_of(request).state, "has_readings", False)
    states = reading.how_far(request.user, papers) if keeps_any and request.user.is_authenticated else {}
    return {public_id: _far(states[public_id]) if public_id in states else _to_read(public_id) for public_id in papers}


def _far(state: str) -> SafeString:
    return format_html('<span class="state">{}</span>', state)


def _to_read(public_id: str) -> SafeString:
    return format_html(_TO_READ, address=reverse("catalog:reading-paper", args=[public_id]), icon=icon("plus"), word=_("To read"))


_TO_READ = (
    '<button class="textbtn" form="to-read" name="state" value="to_read" formaction="{address}" data-reading '
    'hx-post="{address}" hx-include="#to-read" hx-swap="outerHTML settle:0ms">{icon}{word}</button>'
)

MARKS: tuple[Mark, ...] = (_new, _kept)
