"""What anyone can read: the home page, lists of papers, the tree, venues and organizations. Asks, and changes nothing."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from sys import getsizeof
from typing import Any, NamedTuple

from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Page
from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from accounts.models import MAINTAINERS, User
from catalog import context, following, review, search, shelf, taxonomy
from catalog.checks import CHECKS
from catalog.filters import PaperFilter
from catalog.following import Thing
from catalog.formats import FORMATS
from catalog.keeping import keep
from catalog.models import CategoryAlias, Organization, Paper, Revision, Submission, Venue
from catalog.selection import rows_of
from catalog.serving import for_everybody
from catalog.views.among import carry, carrying
from catalog.views.entries import PAPERS_A_PAGE, ROW, Entry, by_year, entries, one_page, page_of_papers
from catalog.views.marks import marked

NEWEST = 5
LONG_PAGE = 100
SHELVES_A_PAGE = 200
BEGINNING = 8
# What a format is good for.
USES = {
    "json": gettext_lazy("Everything, in one envelope with a schema"),
    "jsonl": gettext_lazy("One record a line, for streaming"),
    "csv": gettext_lazy("For a spreadsheet"),
    "bib": gettext_lazy("For LaTeX and reference managers"),
    "csl": gettext_lazy("For citation processors"),
    "ris": gettext_lazy("For EndNote and Zotero"),
    "md": gettext_lazy("The list, as an awesome list"),
    "atom": gettext_lazy("The newest hundred, to follow"),
}


@require_safe
@for_everybody
@marked
def home(request: HttpRequest) -> HttpResponse:
    response = render(
        request,
        "catalog/home.html",
        {
            **_contents(),
            **_newest(),
            "checks": sum(Submission.Kind.ADDITION in check.KINDS for check in CHECKS),
            "formats": [(format_, USES.get(format_.NAME, "")) for format_ in FORMATS],
            **_people_and_queue(),
        },
    )
    return carrying(response, sort="-added")


def _contents() -> dict[str, Any]:
    contents = shelf.contents()
    return {"contents": contents, "is_cut": any(each.is_cut for each in contents)}


def _newest() -> dict[str, Any]:
    """The papers that came last, and how many came in the last seven days, in one question."""
    lately = Paper.objects.filter(added_at__gt=timezone.now() - timedelta(days=7)).order_by().values(every=Value(1))
    this_week = Subquery(lately.annotate(count=Count("pk")).values("count"))
    first = Revision.objects.filter(paper_public_id=OuterRef("public_id"), number=1)
    proposed_by = Subquery(first.values("decision__submission__contributor")[:1])
    papers = Paper.objects.order_by("-added_at", "-id").annotate(proposed_by=proposed_by, this_week=this_week)
    rows = list(papers.values_list(*ROW, "added_at", "proposed_by", "this_week")[:NEWEST])
    people = User.objects.in_bulk({number for _json, _at, number, _count in rows if number})
    newest = [{"entry": Entry(record_json=json), "added_at": at, "proposed_by": people.get(number)} for json, at, number, _count in rows]
    return {"newest": newest, "this_week": rows[0][-1] or 0 if rows else 0}


def _people_and_queue() -> dict[str, Any]:
    """Who keeps the catalogue, how many proposals wait, and how long one usually does."""
    maintains = Q(is_superuser=True) | Q(groups__in=Group.objects.filter(name=MAINTAINERS))
    return {
        **Submission.objects.aggregate(
            waiting=Count("pk", filter=Q(status=Submission.Status.PENDING)), contributors=Count("contributor", distinct=True)
        ),
        "maintainers": User.objects.filter(maintains, is_active=True).distinct().count(),
        "usual_wait": review.usual_wait(),
    }


class PageRequest(HttpRequest):
    htmx: HtmxDetails


@require_safe
@for_everybody
@marked
def paper_list(request: PageRequest) -> HttpResponse:
    """The selection, as a page or, for htmx, as the parts of it that change. One that cannot be understood is shown with what is wrong."""
    is_part = bool(request.htmx) and not request.htmx.history_restore_request
    part = ("papers", request.META["QUERY_STRING"], is_part)
    drawn = keep(context.catalogue_of(request).stamp, part, partial(_drawn, request, is_part=is_part), size=_Drawn.size)
    followed = _followed(request, drawn.thing)
    if is_part:
        follow = render_to_string("catalog/paper_list.html#follow", {"is_part": is_part, **followed}, request)
        response = HttpResponse(drawn.parts["results"] + follow, status=drawn.status)
        # What was not understood needs the whole page to say so.
        response["HX-Push-Url" if drawn.status == HTTPStatus.OK else "HX-Redirect"] = drawn.address
    else:
        response = render(request, "catalog/paper_list.html", {**drawn.parts, **followed}, status=drawn.status)
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


class _Drawn(NamedTuple):
    """What everybody sees of a selection: the partials of the page, or of what htmx puts in their place."""

    status: HTTPStatus
    address: str
    parts: dict[str, str]
    # None where the selection was not understood.
    thing: Thing | None

    def size(self) -> int:
        return sum(map(getsizeof, self.parts.values()))


def _drawn(request: HttpRequest, *, is_part: bool) -> _Drawn:
    """Raises Http404."""
    papers = PaperFilter(request.GET)
    is_understood = papers.is_valid()
    is_compact = request.GET.get("density") == "compact"
    linked = QueryDict(papers.query, mutable=True)
    if is_compact:
        linked["density"] = "compact"
    shown: dict[str, Any] = {"selection": papers, "formats": FORMATS, "is_compact": is_compact, "linked": linked, "is_part": is_part}
    if is_understood:
        page = page_of_papers(request, papers.selection, size=PAPERS_A_PAGE, query=papers.query)
        shown |= {"page": page, "groups": _groups(papers, page), "since": _told_apart(papers, page)}
        if not page.paginator.count:
            shown |= _instead(papers)
    names = ["results"] if is_part else ["heading", "links", "chosen", "main"]
    return _Drawn(
        status=HTTPStatus.OK if is_understood else HTTPStatus.BAD_REQUEST,
        address=f"{request.path}?{papers.query}" if papers.query else request.path,
        parts={name: carry(render_to_string(f"catalog/paper_list.html#{name}", shown, request), papers.canonical_query) for name in names},
        thing=following.selected(papers) if is_understood else None,
    )


def _followed(request: HttpRequest, thing: Thing | None) -> dict[str, Any]:
    """What the button needs to follow it; a question only for who is signed in."""
    return {"thing": thing, "follow": following.follow_of(request.user, thing) if thing and request.user.is_authenticated else None}


def _instead(papers: PaperFilter) -> dict[str, Any]:
    """What to ask for where nothing is left: other words, if these find nothing anywhere."""
    found = papers.selection.found
    other = search.did_you_mean(papers.chosen["q"]) if found is not None and not found.papers else None
    return {"meant": other, "meant_query": papers.query_for(other)} if other else {}


def _groups(papers: PaperFilter, page: Page[int]) -> list[dict[str, Any]]:
    """Years stand over the papers where the order makes that true."""
    rows = entries(papers.selection.rows(page, ROW))
    if papers.order not in ("-year", "year"):
        return [{"entries": rows}]
    return by_year(((row.record.year, row) for row in rows), papers.selection.sizes)


def _told_apart(papers: PaperFilter, page: Page[int]) -> str:
    """Of which papers a reader is told how many are new: of all, of some, or nothing where the order is another one."""
    if papers.order != "-added":
        return ""
    return "some" if papers.query or page.number > 1 else "all"


@require_safe
@for_everybody
def category_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/category_list.html", _contents())


@require_safe
@for_everybody
@marked
def category_detail(request: HttpRequest, path: str) -> HttpResponse:
    """One category in curator's order. A parent shows the beginning of each of its parts before its own papers."""
    tree = {each.of.path: each for each in shelf.contents()}
    here = tree.get(path)
    if here is None:
        alias = CategoryAlias.objects.select_related("category").filter(path=path).first() if path.isprintable() else None
        if alias is None:
            raise Http404
        return redirect(alias.category, permanent=True)
    category = here.of
    parts = [each for each in tree.values() if each.of.parent_id == category.pk]
    beginnings = shelf.beginnings(parts, length=BEGINNING) if parts else {}
    papers = shelf.papers_of_category(here)
    page = page_of_papers(request, papers, size=LONG_PAGE)
    rows = papers.rows(page, shelf.PLACED)
    response = render(
        request,
        "catalog/category_detail.html",
        {
            "category": category,
            **_followed(request, following.named(category)),
            "shelf": here,
            "lineage": [tree[above].of for above in _above(path)],
            "keepers": category.keepers,
            "beside": [each for each in tree.values() if each.of.parent_id == category.parent_id],
            "parts": [
                {"shelf": part, "entries": entries(beginnings.get(part.of.pk, ()), first_number=1), "length": BEGINNING} for part in parts
            ],
            "page": page,
            "entries": entries(rows, first_number=page.start_index()),
            "formats": FORMATS,
        },
    )
    return carrying(response, category=category.path, sort="curated")


def _above(path: str) -> list[str]:
    slugs = path.split("/")
    return ["/".join(slugs[:depth]) for depth in range(1, len(slugs))]


@require_safe
@for_everybody
def venue_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/venue_list.html", {"shelves": shelf.venues()})


@require_safe
@for_everybody
@marked
def venue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    venue = _at(taxonomy.venue_at, slug)
    if venue.slug != slug:
        return redirect(venue, permanent=True)
    papers = shelf.papers_of_venue(venue)
    page = page_of_papers(request, papers, size=PAPERS_A_PAGE)
    rows = entries(rows_of(page, ROW))
    response = render(
        request,
        "catalog/venue_detail.html",
        {
            "venue": venue,
            **_followed(request, following.named(venue)),
            "editions": papers.sizes,
            "page": page,
            "groups": by_year(((row.record.venue.year if row.record.venue else None, row) for row in rows), papers.sizes),
            "formats": FORMATS,
        },
    )
    return carrying(response, venue=venue.slug, sort="-year")


@require_safe
@for_everybody
@marked
def edition_detail(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    venue = _at(taxonomy.venue_at, slug)
    if venue.slug != slug:
        return redirect("catalog:edition-detail", venue.slug, year, permanent=True)
    edition = get_object_or_404(venue.editions.select_related("venue"), year=year)
    page = page_of_papers(request, shelf.papers_of_edition(edition), size=PAPERS_A_PAGE)
    rows = entries(rows_of(page, ROW))
    context = {"edition": edition, "editions": shelf.papers_of_venue(edition.venue).sizes, "page": page, "entries": rows}
    context = {**context, **_followed(request, following.named(edition.venue))}
    return carrying(render(request, "catalog/edition_detail.html", context), venue=venue.slug, year=year, sort="-year")


@require_safe
@for_everybody
def organization_list(request: HttpRequest) -> HttpResponse:
    page = one_page(request, shelf.organizations(), size=SHELVES_A_PAGE)
    context = {"page": page, "shelves": shelf.organization_shelves(page.object_list)}
    return render(request, "catalog/organization_list.html", context)


@require_safe
@for_everybody
@marked
def organization_detail(request: HttpRequest, slug: str) -> HttpResponse:
    organization = _at(taxonomy.organization_at, slug)
    if organization.slug != slug:
        return redirect(organization, permanent=True)
    papers = shelf.papers_of_organization(organization)
    page = page_of_papers(request, papers, size=PAPERS_A_PAGE)
    groups = by_year(((row.record.year, row) for row in entries(rows_of(page, ROW))), papers.sizes)
    context = {"organization": organization, "years": papers.sizes, "page": page, "groups": groups, "formats": FORMATS}
    context |= _followed(request, following.named(organization))
    return carrying(render(request, "catalog/organization_detail.html", context), organization=organization.slug, sort="-year")


@require_safe
@for_everybody
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/about.html")


def _at[Named: (Venue, Organization)](named_at: Callable[[str], Named], slug: str) -> Named:
    """What has this address, or took in what had it; or 404. A character that no address holds, such as NUL, never reaches the database."""
    try:
        if slug.isprintable():
            return named_at(slug)
    except ObjectDoesNotExist:
        pass
    raise Http404
