"""What has become of the catalogue since a program looked last: all that changed and all that went, oldest first.

Whoever replays every page from the beginning holds what a dump of that moment holds. Publishers pass one at a time and each
takes the catalogue's next version, so what is not yet seen here always has a later place than what is.
"""

import re
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from catalog import answers
from catalog.answers import BadParameters
from catalog.api import pages, schema
from catalog.api.resource import Resource
from catalog.formats import json_
from catalog.models import CatalogueState, Paper, Tombstone
from catalog.selection import Key, beyond

_KEYS = [Key(name="version"), Key(name="public_id")]
_CURSOR = re.compile(r"([0-9]{1,18})\.([0-9A-Za-z]{0,16})")


@dataclass(frozen=True, order=True)
class Place:
    """Of a change. As text it stays good for ever, and says nothing that the changes themselves do not say."""

    version: int
    public_id: str

    def __str__(self) -> str:
        return f"{self.version}.{self.public_id}"


BEGINNING = Place(0, "")


class Changes(Resource):
    parameters = ("since", "page_size")

    @extend_schema(**schema.CHANGES)
    def get(self, request: Request) -> HttpResponseBase:
        size = pages.size_of(request._request)
        # First the state: whatever changes from here on has a later version than any that is shown.
        now = CatalogueState.now().version
        since = _since(request, now)
        found = changes(since, until=now, size=size + 1)
        page, has_more = found[:size], len(found) > size
        cursor = page[-1][0] if page else since
        address = _address(request, cursor) if has_more else None
        following = msgspec.json.encode(address).decode()
        body = f'{{"next":{following},"cursor":"{cursor}","results":[' + ",\n".join(text for _place, text in page) + "]}\n"
        links = [answers.link(address, "next")] if address else []
        links += [answers.link(_address(request), "first"), answers.link(json_.SCHEMA_PATH, "describedby", type="application/schema+json")]
        return answers.exact(request._request, body.encode(), links=links)


def changes(since: Place, *, until: int, size: int) -> list[tuple[Place, str]]:
    """The next changes after a place, up to a version: of each its place, and what is said of it as JSON. Two questions."""
    papers = _after(Paper.objects.all(), since, until).values_list("version", "public_id", "record_json")
    graves = _after(Tombstone.objects.all(), since, until).values_list("version", "public_id", "slug", "reason", "successor_public_id")
    found = [(Place(version, id_), _changed(version, id_, record)) for version, id_, record in papers[:size]]
    found += [(Place(version, id_), _deleted(version, id_, *facts)) for version, id_, *facts in graves[:size]]
    return list(islice(sorted(found, key=itemgetter(0)), size))


def _after(rows: QuerySet[Any], since: Place, until: int) -> QuerySet[Any]:
    later = beyond(_KEYS, [since.version, since.public_id], backwards=False)
    return rows.filter(later, version__lte=until).order_by("version", "public_id")


def _changed(version: int, id_: str, record_json: str) -> str:
    return f'{{"id":"{id_}","version":{version},"deleted":false,"record":{record_json}}}'


def _deleted(version: int, id_: str, slug: str, reason: str, successor: str) -> str:
    """`successor` is the paper that took it in, whatever became of that one: it has changes of its own."""
    facts = {"id": id_, "version": version, "deleted": True, "slug": slug, "reason": reason, "successor": successor or None}
    return msgspec.json.encode(facts).decode()


def _since(request: Request, now: int) -> Place:
    """Raises BadParameters, also for what lies ahead: the catalogue is an older one than the program knew."""
    text = request.GET.get("since")
    if text is None:
        return BEGINNING
    match = _CURSOR.fullmatch(text)
    if match is None or int(match[1]) > now:
        raise BadParameters([("since", _("This is no cursor of this catalogue's changes. Begin without one."))])
    return Place(int(match[1]), match[2])


def _address(request: Request, since: Place | None = None) -> str:
    """Of the page after a place; of the first one without."""
    asked = {"page_size": request.GET["page_size"]} if "page_size" in request.GET else {}
    query = urlencode({**({"since": str(since)} if since else {}), **asked})
    return request.build_absolute_uri(f"{request.path}?{query}".removesuffix("?"))
