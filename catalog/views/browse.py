"""What anyone can read: the home page, lists of papers, the tree, venues and organizations. Asks, and changes nothing."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Page
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from accounts.models import MAINTAINERS, User
from catalog import review, shelf, taxonomy
from catalog.filters import PaperFilter
from catalog.formats import FORMATS
from catalog.models import CategoryAlias, Organization, Paper, Revision, Submission, Venue
from catalog.views.entries import ROW, by_year, entries, entry, one_page

NEWEST = 5
PAPERS_A_PAGE = 50
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
def home(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "catalog/home.html",
        {
            **_contents(),
            "newest": _newest(),
            "formats": [(format_, USES.get(format_.NAME, "")) for format_ in FORMATS],
            **_people_and_queue(),
        },
    )


def _contents() -> dict[str, Any]:
    contents = shelf.contents()
    return {"contents": contents, "is_cut": any(each.is_cut for each in contents)}


def _newest() -> list[dict[str, Any]]:
    first = Revision.objects.filter(paper_public_id=OuterRef("public_id"), number=1)
    proposed_by = Subquery(first.values("decision__submission__contributor__username")[:1])
    rows = Paper.objects.order_by("-added_at", "-id").annotate(proposed_by=proposed_by).values_list(*ROW, "added_at", "proposed_by")
    return [{"entry": entry(json, key), "added_at": added_at, "proposed_by": username} for json, key, added_at, username in rows[:NEWEST]]


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
def paper_list(request: PageRequest) -> HttpResponse:
    """The selection, as a page or, for htmx, as the parts of it that change. One that cannot be understood is shown with what is wrong."""
    selection = PaperFilter(request.GET)
    is_understood = selection.is_valid()
    is_compact = request.GET.get("density") == "compact"
    linked = QueryDict(selection.query, mutable=True)
    if is_compact:
        linked["density"] = "compact"
    context: dict[str, Any] = {"selection": selection, "formats": FORMATS, "is_compact": is_compact, "linked": linked}
    if is_understood:
        page = one_page(request, selection.selection.values_list(*ROW), size=PAPERS_A_PAGE)
        context |= {"page": page, "groups": _groups(selection, page)}
    part = "#results" if request.htmx and not request.htmx.history_restore_request else ""
    context["is_part"] = bool(part)
    response = render(request, f"catalog/paper_list.html{part}", context, status=200 if is_understood else 400)
    if part:
        address = f"{request.path}?{selection.query}" if selection.query else request.path
        # What was not understood needs the whole page to say so.
        response["HX-Push-Url" if is_understood else "HX-Redirect"] = address
    patch_vary_headers(response, ["HX-Request", "HX-History-Restore-Request"])
    return response


def _groups(selection: PaperFilter, page: Page[Any]) -> list[dict[str, Any]]:
    """Years stand over the papers where the order makes that true."""
    rows = entries(page.object_list)
    if selection.order not in ("-year", "year"):
        return [{"entries": rows}]
    years = next(facet for facet in selection.facets if facet.name == "year").choices
    chosen = {str(year) for year in selection.chosen["year"]}
    counts: dict[int | None, int] = {int(year.value): year.count for year in years if not chosen or year.value in chosen}
    counts[None] = page.paginator.count - sum(counts.values())
    return by_year(((row.record.year, row) for row in rows), counts)


@require_safe
def category_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/category_list.html", _contents())


@require_safe
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
    beginnings = shelf.beginnings([part.of for part in parts], length=BEGINNING) if parts else {}
    placements = category.placements.order_by("position").values_list("paper__record_json", "paper__citation_key", "note")
    page = one_page(request, placements, size=LONG_PAGE)
    return render(
        request,
        "catalog/category_detail.html",
        {
            "category": category,
            "shelf": here,
            "lineage": [tree[above].of for above in _above(path)],
            "keepers": category.keepers,
            "beside": [each for each in tree.values() if each.of.parent_id == category.parent_id],
            "parts": [
                {"shelf": part, "entries": entries(beginnings.get(part.of.pk, ()), first_number=1), "length": BEGINNING} for part in parts
            ],
            "page": page,
            "entries": entries(page.object_list, first_number=page.start_index()),
            "formats": FORMATS,
        },
    )


def _above(path: str) -> list[str]:
    slugs = path.split("/")
    return ["/".join(slugs[:depth]) for depth in range(1, len(slugs))]


@require_safe
def venue_list(request: HttpRequest) -> HttpResponse:
    return render(request, "catalog/venue_list.html", {"shelves": shelf.venues()})


@require_safe
def venue_detail(request: HttpRequest, slug: str) -> HttpResponse:
    venue = _at(taxonomy.venue_at, slug)
    if venue.slug != slug:
        return redirect(venue, permanent=True)
    editions = _editions(venue)
    papers = Paper.objects.filter(edition__venue=venue).order_by(F("edition__year").desc(nulls_last=True), "-id")
    page = one_page(request, papers.values_list(*ROW, "edition__year"), size=PAPERS_A_PAGE)
    counts = {edition.year: edition.paper_count for edition in editions}
    return render(
        request,
        "catalog/venue_detail.html",
        {
            "venue": venue,
            "editions": editions,
            "page": page,
            "groups": by_year(((year, entry(json, key)) for json, key, year in page.object_list), counts),
            "formats": FORMATS,
        },
    )


@require_safe
def edition_detail(request: HttpRequest, slug: str, year: int) -> HttpResponse:
    venue = _at(taxonomy.venue_at, slug)
    if venue.slug != slug:
        return redirect("catalog:edition-detail", venue.slug, year, permanent=True)
    edition = get_object_or_404(venue.editions.select_related("venue"), year=year)
    page = one_page(request, edition.papers.order_by("-id").values_list(*ROW), size=PAPERS_A_PAGE)
    context = {"edition": edition, "editions": _editions(edition.venue), "page": page, "entries": entries(page.object_list)}
    return render(request, "catalog/edition_detail.html", context)


def _editions(venue: Venue) -> list[Any]:
    found = venue.editions.annotate(paper_count=Count("papers")).filter(paper_count__gt=0)
    return list(found.order_by(F("year").desc(nulls_last=True)))


@require_safe
def organization_list(request: HttpRequest) -> HttpResponse:
    page = one_page(request, shelf.organizations(), size=SHELVES_A_PAGE)
    context = {"page": page, "shelves": shelf.organization_shelves(page.object_list)}
    return render(request, "catalog/organization_list.html", context)


@require_safe
def organization_detail(request: HttpRequest, slug: str) -> HttpResponse:
    organization = _at(taxonomy.organization_at, slug)
    if organization.slug != slug:
        return redirect(organization, permanent=True)
    years = organization.papers.order_by(F("year").desc(nulls_last=True)).values_list("year").annotate(count=Count("pk"))
    papers = organization.papers.order_by(F("year").desc(nulls_last=True), "-id")
    page = one_page(request, papers.values_list(*ROW), size=PAPERS_A_PAGE)
    groups = by_year(((row.record.year, row) for row in entries(page.object_list)), dict(years))
    context = {"organization": organization, "years": list(years), "page": page, "groups": groups, "formats": FORMATS}
    return render(request, "catalog/organization_detail.html", context)


@require_safe
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
