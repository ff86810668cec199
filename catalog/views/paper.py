"""The page of one paper, and what answers at the address of one that is gone."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db.models import Exists, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import citing, context, history, identifiers, metadata, reading, search, shelf
from catalog.filters import MAX_QUERY
from catalog.formats import FORMATS, Format, bibtex, csl, ris
from catalog.models import Author, Decision, Link, Paper, Tombstone
from catalog.records import Record, replace, slug_of
from catalog.serving import for_everybody
from catalog.views.among import among
from catalog.views.entries import one_page
from catalog.views.errors import gone
from catalog.views.marks import marked
from catalog.views.metadata import signposts

AUTHORS_SHOWN = 12
REVISIONS_A_PAGE = 20
# Of a longer row of authors a page shows the beginning and `and others`; a download names all.
CITED_AUTHORS = 20
# How the places are called where papers are most often read.
PLACES = {
    "aclanthology.org": "ACL Anthology",
    "arxiv.org": "arXiv",
    "dl.acm.org": "ACM Digital Library",
    "github.com": "GitHub",
    "huggingface.co": "Hugging Face",
    "ieeexplore.ieee.org": "IEEE Xplore",
    "jmlr.org": "JMLR",
    "link.springer.com": "Springer",
    "openaccess.thecvf.com": "CVF",
    "openreview.net": "OpenReview",
    "papers.nips.cc": "NeurIPS Proceedings",
    "proceedings.mlr.press": "PMLR",
    "proceedings.mlsys.org": "MLSys Proceedings",
    "proceedings.neurips.cc": "NeurIPS Proceedings",
    "usenix.org": "USENIX",
    "vldb.org": "VLDB",
    "youtube.com": "YouTube",
}

# Asked along with the paper: what the drawn shelf is measured by, and what need only be asked for where there is any.
_BESIDES: dict[str, Any] = {
    "newest_year": Subquery(Paper.objects.filter(year__isnull=False).order_by("-year").values("year")[:1]),
    "is_disputed": Exists(history.notices_shown(OuterRef("public_id"))),
    "has_taken_in": Exists(Tombstone.objects.filter(successor_public_id=OuterRef("public_id"))),
}


@require_safe
@for_everybody
@marked
def paper_detail(request: HttpRequest, slug: str) -> HttpResponse:
    papers = Paper.objects.filter(slug=slug).defer("search_text", "abstract").annotate(**_BESIDES)
    paper: Any = papers.first() if slug.isprintable() else None
    if paper is None:
        return _departed(request, slug)
    record = paper.record
    place, related = shelf.surroundings(paper)
    authors = [(author.name, slug_of(author.name, max_length=_AUTHOR_SLUG)) for author in record.authors]
    revisions = list(history.revisions(paper.public_id).defer("record_json").order_by("number"))
    decisions = [revision.decision for revision in revisions if revision.decision]
    response = render(
        request,
        "catalog/paper_detail.html",
        {
            "paper": paper,
            "record": record,
            "among": among(request, paper),
            "place": place,
            "authors": authors[:AUTHORS_SHOWN],
            "more_authors": authors[AUTHORS_SHOWN:],
            "links": _destinations(record),
            "asks_outside": settings.OUTBOUND,
            "identifiers": [
                (identifiers.LABELS[scheme], value, identifiers.url_of(scheme, value))
                for scheme, value in record.identifiers.items()
                if scheme in identifiers.SCHEMES
            ],
            "citations": list(_citations(record)),
            "citations_are_cut": len(authors) > CITED_AUTHORS,
            "related": related,
            "revisions": revisions,
            "folded": [each for each in decisions if each.verdict == Decision.Verdict.MERGE and not each.is_undone],
            "notices": list(history.notices_shown(paper.public_id)) if paper.is_disputed else [],
            "formats": FORMATS,
            **_of_the_reader(request, paper),
        },
    )
    response["Link"] = metadata.header(signposts(paper), record, settings.SITE_URL)
    return response


def _of_the_reader(request: HttpRequest, paper: Any) -> dict[str, Any]:
    """What they keep of it, and their lists: a question each where they keep anything; of nobody in particular nothing."""
    if not request.user.is_authenticated:
        return {}
    state, names = context.catalogue_of(request).state, [paper.public_id]
    if paper.has_taken_in:
        names = list(reading.also_named(names))
    kept = reading.kept_of(request.user, paper.public_id, names) if state.has_readings else reading.Kept(public_id=paper.public_id)
    return {"kept": kept, "lists": reading.lists_about(request.user, names if state.has_lists else [])}


@require_safe
@for_everybody
def paper_abstract(request: HttpRequest, slug: str) -> HttpResponse:
    """The abstract of a paper as a part of a page, for a list to open it under its entry, with the words of `q` marked."""
    paper = Paper.objects.filter(slug=slug, has_abstract=True).only("record_json").first() if slug.isprintable() else None
    if paper is None:
        raise Http404
    words = request.GET.get("q", "")
    if len(words) > MAX_QUERY:
        return HttpResponseBadRequest()
    shown = {"record": paper.record, "words": search.find(words).words if words else ()}
    response = render(request, "catalog/paper_detail.html#abstract", shown)
    response["X-Robots-Tag"] = "noindex"
    return response


_AUTHOR_SLUG = Author._meta.get_field("slug").max_length or 0


def _departed(request: HttpRequest, slug: str) -> HttpResponse:
    """301 to the paper that took this one in, 410 with the reason where it, or the one that took it in, was retracted."""
    tombstone = _tombstone(slug)
    return _moved("catalog:paper-detail", tombstone.successor.slug) if tombstone.successor else gone(request, tombstone)


def _moved(name: str, slug: str) -> HttpResponse:
    """For ever, as far as anyone knows: to be asked again all the same, because a merge can be undone."""
    response = redirect(name, slug, permanent=True)
    response["Cache-Control"] = "no-cache"
    return response


def _tombstone(slug: str) -> Tombstone:
    """Raises Http404 where no paper has ever been."""
    tombstone = Tombstone.objects.filter(slug=slug).first() if slug.isprintable() else None
    if tombstone is None:
        raise Http404
    return tombstone


@require_safe
@for_everybody
def paper_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The revisions of a paper, newest first. It outlives the paper: a retracted one keeps its history at this address."""
    paper = Paper.objects.only("public_id", "slug", "title", "short_name").filter(slug=slug).first() if slug.isprintable() else None
    of = paper or _tombstone(slug)
    if isinstance(of, Tombstone) and (stands := of.successor or of.last).public_id != of.public_id:
        return _moved("catalog:paper-history", stands.slug)
    revisions = history.revisions(of.public_id).order_by("-number")
    page = one_page(request, revisions, size=REVISIONS_A_PAGE)
    shown = list(page.object_list)
    context = {
        "paper": paper,
        "tombstone": None if paper else of,
        "record": Record(title=of.title, short_name=paper.short_name if paper else ""),
        "page": page,
        "steps": history.steps(shown, revisions.filter(number__lt=shown[-1].number).first() if page.has_next() else None),
    }
    return render(request, "catalog/paper_history.html", context)


@dataclass(frozen=True, kw_only=True)
class Citation:
    """`name` is the end of the file that `address` gives."""

    name: str
    label: str
    text: str
    address: str


def _citations(record: Record) -> Iterator[Citation]:
    cut = replace(record, authors=record.authors[:CITED_AUTHORS])
    written: list[tuple[Format, str]] = [
        (bibtex, bibtex.entry(record, record.citation_key, max_authors=CITED_AUTHORS)),
        (ris, ris.entry(cut, record.citation_key).replace("\r\n", "\n")),
        (csl, csl.entry(cut)),
    ]
    for format_, text in written:
        address = reverse("catalog:paper-record", args=[record.slug, format_.EXTENSION])
        yield Citation(name=format_.EXTENSION, label=format_.LABEL, text=text, address=address)
    text = citing.plain_text(record)
    yield Citation(name="txt", label=_("Text"), text=text, address=f"data:text/plain;charset=utf-8,{quote(text)}")


@dataclass(frozen=True, kw_only=True)
class Destination:
    label: str
    url: str


def _destinations(record: Record) -> list[Destination]:
    """Where the links of a paper lead, in words. The first says what one does there."""
    found: list[Destination] = []
    for link in record.links:
        if not link.url.startswith(("https://", "http://")):
            continue
        host = (urlsplit(link.url).hostname or "").removeprefix("www.")
        place = PLACES.get(host, host)
        if link.kind != "paper":
            label = link.label or str(Link.Kind(link.kind).label)
        elif link.label:
            label = link.label
        elif not found:
            label = _read_on(host, place)
        elif record.venue and record.venue.name:
            label = _("%(venue)s page") % {"venue": record.venue.name}
        else:
            label = place
        found.append(Destination(label=label, url=link.url))
    return found


def _read_on(host: str, place: str) -> str:
    return _("Read by its DOI") if host == "doi.org" else _("Read on %(place)s") % {"place": place}
