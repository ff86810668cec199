"""What somebody reads, and reading lists, as files to take away: of what is private, for its owner alone."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import answers, reading
from catalog.export import Export
from catalog.formats import Format
from catalog.models import Reading
from catalog.selection import Order
from catalog.throttling import throttle
from catalog.views.reading_lists import list_for

type View = Callable[..., HttpResponseBase]


def _closed(view: View) -> View:
    """Whatever is answered is for whoever asked."""

    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponseBase:
        return answers.closed(view(request, **named))

    return answer


@_closed
@answers.for_programs
def reading_file(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The papers that somebody is as far with as `state` says, what was changed last first; else all that they keep."""
    if not request.user.is_authenticated:
        raise answers.Problem(403, _("Sign in first: this is what you read, and nobody else sees it."))
    format_ = answers.format_named(extension)
    answers.refuse_unknown_parameters(request, known=["state", *answers.own_parameters(format_)])
    throttle(request, "export", who=f"person {request.user.pk}")
    state = request.GET.get("state", "")
    if state and state not in Reading.State.values:
        raise answers.BadParameters([("state", _("Expected one of: %s.") % ", ".join(Reading.State.values))])
    everything, _today = reading.kept_by(request.user)
    papers = reading.ranked(kept.public_id for kept in everything if state in ("", kept.state))
    what = Reading.State(state).label if state else _("My reading")
    title = _("%(site)s: %(what)s") % {"site": settings.SITE_NAME, "what": what}
    return _file(request, papers, format_, title=title, page=reverse("catalog:reading-mine"), asked=f"?state={state}" if state else "")


@answers.for_programs
def reading_list_file(request: HttpRequest, public_id: str, extension: str) -> HttpResponseBase:
    """The papers of a list in its order; a format that comes in pages, such as a feed, has what was put there last first."""
    list_ = list_for(request, public_id)
    format_ = answers.format_named(extension)
    answers.refuse_unknown_parameters(request, known=answers.own_parameters(format_))
    throttle(request, "export")
    papers = reading.papers_of(list_, newest_first=hasattr(format_, "PAGE_SIZE"))
    response = _file(request, papers, format_, title=list_.name, page=list_.get_absolute_url())
    return response if list_.is_open else answers.closed(response)


def _file(request: HttpRequest, papers: Order, format_: Format, *, title: str, page: str, asked: str = "") -> HttpResponseBase:
    """`page` is the address of the page that shows them; what was `asked` belongs to both."""
    wanted = answers.as_wanted(request, format_)
    with answers.existing_page(request, format_) as number:
        export = Export(papers, wanted, title=title, address=request.path + asked, listed_at=page + asked, page=number)
    return answers.file(request, export)
