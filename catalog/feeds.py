"""The public log for feed readers, as Atom 1.0 (RFC 4287)."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import get_tag_uri
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from catalog import answers, credit, log
from catalog.formats import atom
from catalog.log import Change
from catalog.serving import for_everybody
from catalog.xmltext import element

DECISIONS = 100


@answers.for_programs
@for_everybody
def change_feed(request: HttpRequest) -> HttpResponseBase:
    """The newest DECISIONS decisions. The same state gives the same bytes, and so the same ETag."""
    page = settings.SITE_URL + reverse("catalog:change-list")
    changes = log.changes(log.decisions()[:DECISIONS])
    head = atom.head(
        atom.text("id", page),
        atom.text("title", _("%(site)s: changes") % {"site": settings.SITE_NAME}),
        atom.text("subtitle", _("What was decided about proposals, by whom and why, newest first.")),
        element("author", atom.text("name", settings.SITE_NAME)),
        atom.link("alternate", page, type="text/html"),
        atom.link("self", settings.SITE_URL + request.path, type=atom.MEDIA_TYPE),
        updated=[change.undone_at or change.at for change in changes],
        language=get_language() or "",
    )
    body = "".join([head, *(_entry(change, f"{page}#decision-{change.number}") for change in changes), atom.END])
    return answers.exact(request, body.encode(), media_type=f"{atom.MEDIA_TYPE}; charset=utf-8")


def _entry(change: Change, place: str) -> str:
    return atom.entry(
        atom.text("id", get_tag_uri(place, change.at)),
        atom.text("title", _title(change)),
        atom.text("updated", atom.time_of(change.undone_at or change.at)),
        atom.text("published", atom.time_of(change.at)),
        element("author", atom.text("name", credit.name_of(change.by))),
        atom.link("alternate", settings.SITE_URL + change.paper.path if change.paper and change.is_here else place, type="text/html"),
        atom.text("summary", _summary(change), type="text"),
    )


def _title(change: Change) -> str:
    words = {"verdict": change.verdict_name, "what": _what(change), "taken_back": change.taken_back}
    return (_("%(verdict)s: %(what)s: %(taken_back)s") if change.taken_back else _("%(verdict)s: %(what)s")) % words


def _what(change: Change) -> str:
    if change.paper and change.survivor:
        return _("%(paper)s into %(survivor)s") % {"paper": change.paper.title, "survivor": change.survivor.title}
    if change.paper:
        return change.paper.title
    return change.subject or (_number(change) if change.submission else _("papers that are not public"))


def _number(change: Change) -> str:
    return _("%(kind)s no. %(number)d") % {"kind": change.kind_name, "number": change.submission}


def _summary(change: Change) -> str:
    if change.subject:
        return change.reason
    said = []
    if change.submission:
        proposed = {"submission": _number(change), "name": credit.name_of(change.contributor)}
        said.append(_("%(submission)s, proposed by %(name)s.") % proposed)
    if change.is_own:
        said.append(_("The maintainer’s own submission."))
    if change.taken:
        said.append(_("Taken: %(fields)s.") % {"fields": change.taken})
    if change.undone_at:
        said.append(_("Undone on %(day)s.") % {"day": date_format(change.undone_at, "j F Y")})
    said += [f"{name}." for name in (change.reason_name,) if name]
    said += [f"“{words}”" for words in (change.reason, change.why) if words]
    return " ".join(said)
