"""What leads others here: the sitemap for search engines, and a description of the search for browsers."""

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from catalog import answers, search, sitemaps
from catalog.filters import MAX_QUERY
from catalog.formats import FORMATS
from catalog.serving import for_everybody
from catalog.views.suggest import KINDS, SHOWN
from catalog.xmltext import DECLARATION, element, text_element

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
# As long as the specification lets a short name be.
_SHORT = 16


@answers.for_programs
@for_everybody
def sitemap(request: HttpRequest) -> HttpResponseBase:
    """The parts of the sitemap."""
    addresses = (reverse("catalog:sitemap-part", args=part) for part in sitemaps.parts())
    entries = (element("sitemap", text_element("loc", settings.SITE_URL + address)) for address in addresses)
    return _xml(request, element("sitemapindex", *entries, xmlns=_SITEMAP))


@answers.for_programs
@for_everybody
def sitemap_part(request: HttpRequest, section: str, number: int) -> HttpResponseBase:
    places = sitemaps.part(section, number) if section in sitemaps.SECTIONS and number else []
    if not places:
        raise Http404
    entries = (
        element(
            "url",
            text_element("loc", settings.SITE_URL + address),
            text_element("lastmod", f"{changed_at:%Y-%m-%dT%H:%M:%SZ}") if changed_at else "",
        )
        for address, changed_at in places
    )
    return _xml(request, element("urlset", *entries, xmlns=_SITEMAP))


@answers.for_programs
@for_everybody
def opensearch(request: HttpRequest) -> HttpResponseBase:
    """OpenSearch 1.1: a browser that reads it can search here from its address bar."""
    site, name = settings.SITE_URL, settings.SITE_NAME
    papers, suggestions = reverse("catalog:paper-list"), reverse("catalog:opensearch-suggestions")
    ways = [("text/html", papers), ("application/x-suggestions+json", suggestions)]
    ways += [(format_.MEDIA_TYPE, f"/papers.{format_.EXTENSION}") for format_ in FORMATS if format_.EXTENSION == "atom"]
    description = element(
        "OpenSearchDescription",
        text_element("ShortName", name if len(name) <= _SHORT else "Openshelf"),
        text_element("Description", _("Search the papers of %s.") % name),
        *(element("Url", type=type_, template=f"{site}{address}?q={{searchTerms}}") for type_, address in ways),
        text_element("LongName", name[:48]),
        text_element("InputEncoding", "UTF-8"),
        text_element("OutputEncoding", "UTF-8"),
        xmlns=_OPENSEARCH,
    )
    return _xml(request, description, media_type="application/opensearchdescription+xml")


@answers.for_programs
@for_everybody
def opensearch_suggestions(request: HttpRequest) -> HttpResponseBase:
    """The words, what may be meant by them, what kind of thing each is, and where it stands (OpenSearch Suggestions 1.1)."""
    answers.refuse_unknown_parameters(request, known=("q",))
    words = request.GET.get("q", "")
    if len(words) > MAX_QUERY:
        raise answers.BadParameters([("q", _("At most %d characters are taken.") % MAX_QUERY)])
    found = search.suggestions(words, limit=SHOWN)
    kinds, addresses = [str(KINDS[each.kind]) for each in found], [settings.SITE_URL + each.path for each in found]
    body = msgspec.json.encode([words, [each.label for each in found], kinds, addresses])
    return answers.exact(request, body, media_type="application/x-suggestions+json")


def _xml(request: HttpRequest, root: str, *, media_type: str = "application/xml") -> HttpResponseBase:
    return answers.exact(request, f"{DECLARATION}{root}\n".encode(), media_type=media_type)
