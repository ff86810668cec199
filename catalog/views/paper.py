"""The page of one paper, and what answers at the address of one that is gone."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import citing, identifiers, shelf
from catalog.formats import FORMATS, bibtex
from catalog.models import Author, Link, Paper, Revision, Tombstone
from catalog.records import Record, slug_of
from catalog.views.entries import CITED_AUTHORS
from catalog.views.errors import gone

AUTHORS_SHOWN = 12
# How the places are called where papers are most often read.
PLACES = {
    "aclanthology.org": "ACL Anthology",
    "arxiv.org": "arXiv",
    "dl.acm.org": "ACM Digital Library",
    "github.com": "GitHub",
    "huggingface.co": "Hugging Face",
    "openreview.net": "OpenReview",
    "usenix.org": "USENIX",
}


@require_safe
def paper_detail(request: HttpRequest, slug: str) -> HttpResponse:
    paper = Paper.objects.filter(slug=slug).defer("search_text", "abstract").first() if slug.isprintable() else None
    if paper is None:
        return _departed(request, slug)
    record = paper.record
    place = shelf.place_of(record)
    authors = [(author.name, slug_of(author.name, max_length=_AUTHOR_SLUG)) for author in record.authors]
    return render(
        request,
        "catalog/paper_detail.html",
        {
            "paper": paper,
            "record": record,
            "place": place,
            "authors": authors[:AUTHORS_SHOWN],
            "more_authors": authors[AUTHORS_SHOWN:],
            "links": _destinations(record),
            "identifiers": [
                (identifiers.LABELS[scheme], value, identifiers.url_of(scheme, value))
                for scheme, value in record.identifiers.items()
                if scheme in identifiers.SCHEMES
            ],
            "bibtex": bibtex.entry(record, paper.citation_key, max_authors=CITED_AUTHORS),
            "bibtex_is_cut": len(authors) > CITED_AUTHORS,
            "plain_citation": citing.plain_text(record),
            "related": shelf.related_to(paper, place),
            "revisions": _revisions(paper),
            "formats": FORMATS,
        },
    )


_AUTHOR_SLUG = Author._meta.get_field("slug").max_length or 0


def _departed(request: HttpRequest, slug: str) -> HttpResponse:
    """301 to the paper that took this one in, 410 with the reason for one that was retracted."""
    tombstone = Tombstone.objects.select_related("successor").filter(slug=slug).first() if slug.isprintable() else None
    if tombstone is None:
        raise Http404
    return redirect(tombstone.successor, permanent=True) if tombstone.successor else gone(request, tombstone)


def _revisions(paper: Paper) -> list[Revision]:
    found = Revision.objects.filter(paper_public_id=paper.public_id).select_related(
        "by", "decision__by", "decision__submission__contributor"
    )
    return list(found.defer("record_json", "decision__submission__record_json").order_by("number"))


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
