"""One paper for programs that came from its page: its links as a set, its description as JSON-LD, and unAPI."""

from collections.abc import Callable, Iterator

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import answers, metadata
from catalog.dissemination import OAI_DC
from catalog.export import Export
from catalog.formats import FORMATS, Format
from catalog.models import Paper
from catalog.serving import for_everybody
from catalog.xmltext import DECLARATION, element

# What unAPI calls those of our formats that it has names for, as its clients know them.
_UNAPI_NAMES = {"bib": "bibtex", "ris": "ris"}


def signposts(paper: Paper) -> list[metadata.Signpost]:
    license_ = metadata.license_url(settings.DATA_LICENSE)
    return metadata.signposts(paper.record, settings.SITE_URL, license_=license_, formats=FORMATS)


@answers.for_programs
@for_everybody
def paper_linkset(request: HttpRequest, slug: str) -> HttpResponseBase:
    """FAIR Signposting, level 2 (RFC 9264)."""

    def body(paper: Paper) -> bytes:
        return msgspec.json.encode(metadata.linkset(signposts(paper), paper.record, settings.SITE_URL))

    return _about(request, "catalog:paper-linkset", slug, body, media_type="application/linkset+json")


@answers.for_programs
@for_everybody
def paper_linked_data(request: HttpRequest, slug: str) -> HttpResponseBase:
    def body(paper: Paper) -> bytes:
        return msgspec.json.encode(metadata.linked_data(paper.record, settings.SITE_URL))

    return _about(request, "catalog:paper-linked-data", slug, body, media_type="application/ld+json")


def _about(request: HttpRequest, name: str, slug: str, body: Callable[[Paper], bytes], *, media_type: str) -> HttpResponseBase:
    answers.refuse_unknown_parameters(request, known=())
    try:
        paper = answers.paper_of(slug)
    except answers.Moved as moved:
        return answers.open_to_all(HttpResponsePermanentRedirect(reverse(name, args=[moved.successor.slug])))
    page = answers.link(metadata.address(paper.record, settings.SITE_URL), "describes", type="text/html")
    return answers.exact(request, body(paper), media_type=media_type, links=[page])


@answers.for_programs
def unapi(request: HttpRequest) -> HttpResponseBase:
    """UnAPI version 1 (unapi.info): the formats, those of one paper, or the paper in one of them.

    An identifier is the slug of a paper, as the pages have it in `abbr`, or its public id.
    """
    answers.refuse_unknown_parameters(request, known=("id", "format"))
    key, name = request.GET.get("id", ""), request.GET.get("format", "")
    if not key:
        if name:
            raise answers.BadParameters([("id", _("A format is of a paper, which this names."))])
        return answers.exact(request, _formats(), media_type="application/xml")
    try:
        paper = answers.paper_of(key)
    except answers.Moved as moved:
        paper = answers.paper_of(moved.successor.slug)
    if not name:
        choices = HttpResponse(_formats(id=key), status=300, content_type="application/xml")
        return answers.open_to_all(choices)
    if name == OAI_DC.prefix:
        body = f"{DECLARATION}{OAI_DC.write(paper.record, settings.SITE_URL)}\n".encode()
        return answers.exact(request, body, media_type="application/xml")
    for format_ in _files():
        if _UNAPI_NAMES[format_.NAME] == name:
            return answers.file(request, Export.of_one(paper, format_), name=paper.slug)
    raise answers.Problem(406, _("There is no such format. Ask without one for those there are."))


def _files() -> Iterator[Format]:
    return (format_ for format_ in FORMATS if format_.NAME in _UNAPI_NAMES)


def _formats(**attributes: str) -> bytes:
    offered = [(_UNAPI_NAMES[format_.NAME], format_.MEDIA_TYPE, "") for format_ in _files()] + [
        (OAI_DC.prefix, "application/xml", OAI_DC.schema)
    ]
    formats = (element("format", name=name, type=type_, **({"docs": docs} if docs else {})) for name, type_, docs in offered)
    return f"{DECLARATION}{element('formats', *formats, **attributes)}\n".encode()
