"""The page of one paper, and what answers at the address of one that is gone."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from catalog import citing, comparison, identifiers, reasons, shelf
from catalog.formats import FORMATS, bibtex
from catalog.models import Author, Link, Paper, Revision, Tombstone
from catalog.records import Record, slug_of
from catalog.views.entries import CITED_AUTHORS, one_page
from catalog.views.errors import gone

AUTHORS_SHOWN = 12
REVISIONS_A_PAGE = 20
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
            "revisions": list(_revisions(paper.public_id).defer("record_json").order_by("number")),
            "formats": FORMATS,
        },
    )


_AUTHOR_SLUG = Author._meta.get_field("slug").max_length or 0


def _departed(request: HttpRequest, slug: str) -> HttpResponse:
    """301 to the paper that took this one in, 410 with the reason for one that was retracted."""
    tombstone = _tombstone(slug)
    return redirect(tombstone.successor, permanent=True) if tombstone.successor else gone(request, tombstone)


def _tombstone(slug: str) -> Tombstone:
    """Raises Http404 where no paper has ever been."""
    tombstone = Tombstone.objects.select_related("successor").filter(slug=slug).first() if slug.isprintable() else None
    if tombstone is None:
        raise Http404
    return tombstone


def _revisions(public_id: str) -> QuerySet[Revision]:
    """With who proposed and who decided; never what a submission or a desk holds beyond that."""
    found = Revision.objects.filter(paper_public_id=public_id).select_related("by", "decision__by", "decision__submission__contributor")
    return found.defer("decision__private_note", "decision__submission__record_json")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A revision and what it changed; `differences` is empty for the first."""

    revision: Revision
    reason_name: str
    differences: list[comparison.Row]


@require_safe
def paper_history(request: HttpRequest, slug: str) -> HttpResponse:
    """The revisions of a paper, newest first. It outlives the paper: a retracted one keeps its history at this address."""
    paper = Paper.objects.only("public_id", "slug", "title", "short_name").filter(slug=slug).first() if slug.isprintable() else None
    of = paper or _tombstone(slug)
    if isinstance(of, Tombstone) and of.successor:
        return redirect("catalog:paper-history", of.successor.slug, permanent=True)
    revisions = _revisions(of.public_id).order_by("-number")
    page = one_page(request, revisions, size=REVISIONS_A_PAGE)
    shown = list(page.object_list)
    older = [*shown[1:], revisions.filter(number__lt=shown[-1].number).first() if page.has_next() else None]
    context = {
        "paper": paper,
        "tombstone": None if paper else of,
        "record": Record(title=of.title, short_name=paper.short_name if paper else ""),
        "page": page,
        "steps": [_step(revision, before) for revision, before in zip(shown, older, strict=False)],
    }
    return render(request, "catalog/paper_history.html", context)


def _step(revision: Revision, older: Revision | None) -> Step:
    decision = revision.decision
    return Step(
        revision=revision,
        reason_name=reasons.name_of(decision.verdict, decision.reason_code) if decision else "",
        differences=comparison.differences(revision.record, older.record) if older else [],
    )


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
