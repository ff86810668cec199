"""Who contributes, and what: pages of people who chose to have one. Of all others nobody learns even that they are here."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from catalog import contributions, log, reading, shelf
from catalog.context import catalogue_of
from catalog.serving import for_everybody
from catalog.views.entries import one_page

PEOPLE_A_PAGE = 50
CONTRIBUTIONS_A_PAGE = 50
# Of each kind a person's page shows the newest.
ADDITIONS_SHOWN = 5
CHANGES_SHOWN = 3
LISTS_SHOWN = 10


@require_safe
@for_everybody
def person_list(request: HttpRequest) -> HttpResponse:
    ranking = contributions.ranking(catalogue_of(request).stamp)
    page = one_page(request, ranking.people, size=PEOPLE_A_PAGE)
    people = User.objects.in_bulk([number for number, _figures in page.object_list])
    rows = [(people[number], figures) for number, figures in page.object_list if number in people]
    return render(request, "catalog/person_list.html", {"page": page, "rows": rows, "ranking": ranking})


@require_safe
@for_everybody
def person_detail(request: HttpRequest, username: str) -> HttpResponse:
    """The person themself sees it before anybody else does."""
    person = _person(request, username)
    if person.username != username:
        return redirect("catalog:person-detail", person.username)
    brought_in = contributions.additions(contributions.proposed_by(person)[: shelf.STROKES])
    corrected = list(contributions.approvals(contributions.corrected_by(person)[:CHANGES_SHOWN]))
    reviewed = list(contributions.reviews(contributions.reviewed_by(person)[:CHANGES_SHOWN]))
    changes = {change.number: change for change in log.changes([*corrected, *reviewed])}
    context = {
        "person": person,
        "figures": contributions.figures_of(person),
        "additions": brought_in[:ADDITIONS_SHOWN],
        "years": [addition.record.year for addition in brought_in if addition.is_here],
        "corrected": [changes[decision.pk] for decision in corrected],
        "reviewed": [changes[decision.pk] for decision in reviewed],
        "lists": list(reading.public_lists_of(person)[:LISTS_SHOWN]),
    }
    return _answer(request, "catalog/person_detail.html", context)


class Part(NamedTuple):
    """One kind of contributions: `rows` of a person, and what a page of them shows."""

    name: str
    title: Promise | str
    rows: Callable[[User], QuerySet[Any]]
    shown: Callable[[Any], dict[str, Any]]


PARTS = (
    Part("proposed", _("Brought in"), contributions.proposed_by, lambda rows: {"additions": contributions.additions(rows)}),
    Part("corrected", _("Corrected"), contributions.corrected_by, lambda rows: {"decided": log.changes(contributions.approvals(rows))}),
    Part("reviewed", _("Reviewed"), contributions.reviewed_by, lambda rows: {"decided": log.changes(contributions.reviews(rows))}),
)


@require_safe
@for_everybody
def person_contributions(request: HttpRequest, username: str, part: str) -> HttpResponse:
    """All of one kind, newest first."""
    chosen = next((each for each in PARTS if each.name == part), None)
    if chosen is None:
        raise Http404
    person = _person(request, username)
    page = one_page(request, chosen.rows(person), size=CONTRIBUTIONS_A_PAGE)
    context = {"person": person, "part": chosen, "page": page, **chosen.shown(page.object_list)}
    return _answer(request, "catalog/person_contributions.html", context)


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    if not context["person"].has_page:
        add_never_cache_headers(response)
    return response


def _person(request: HttpRequest, username: str) -> User:
    """Who has a page, or is asking themself, in whatever case the name is written. Raises Http404, the same for all others."""
    is_name = username.isascii() and username.isprintable()
    person = User.objects.alias(key=Lower("username")).filter(key=username.lower()).first() if is_name else None
    if person is None or not (person.has_page or person == request.user):
        raise Http404
    return person
