"""The public log for feed readers, as Atom 1.0 (RFC 4287)."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed, get_tag_uri
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from catalog import answers, log
from catalog.log import Change
from catalog.records import without_unwanted_characters
from catalog.serving import for_everybody

DECISIONS = 100
# Django's generator refuses control characters and lets these two through, which no XML holds either.
_NOT_XML = {0xFFFE: None, 0xFFFF: None}


class _Feed(Atom1Feed):
    """Summaries are plain text, where Django's are HTML; a feed without entries has not changed since the epoch."""

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, {**item, "description": None})
        handler.addQuickElement("summary", item["description"], {"type": "text"})

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else datetime.fromtimestamp(0, UTC)


@answers.for_programs
@for_everybody
def change_feed(request: HttpRequest) -> HttpResponseBase:
    """The newest DECISIONS decisions. The same state gives the same bytes, and so the same ETag."""
    page = settings.SITE_URL + reverse("catalog:change-list")
    feed = _Feed(
        title=_("%(site)s: changes") % {"site": settings.SITE_NAME},
        subtitle=_("What was decided about proposals, by whom and why, newest first."),
        link=page,
        description=None,
        language=get_language(),
        feed_url=settings.SITE_URL + request.path,
        author_name=settings.SITE_NAME,
    )
    for change in log.changes(log.decisions()[:DECISIONS]):
        place = f"{page}#decision-{change.number}"
        feed.add_item(
            title=_text(_title(change)),
            link=settings.SITE_URL + change.paper.path if change.paper and change.is_here else place,
            description=_text(_summary(change)),
            author_name=change.by or _("a maintainer who has left"),
            unique_id=get_tag_uri(place, change.at),
            pubdate=change.at,
            updateddate=change.undone_at or change.at,
        )
    return answers.exact(request, feed.writeString("utf-8").encode(), media_type=_Feed.content_type)


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
        proposed = {"submission": _number(change), "name": change.contributor or _("someone who has left")}
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


def _text(text: str) -> str:
    return without_unwanted_characters(text).translate(_NOT_XML)
