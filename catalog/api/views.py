"""The REST API, version 1: everything public, to be read by anyone.

A paper is the text that publishing laid down; nothing here decodes it.
"""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from catalog import answers, models
from catalog.api import pages, reference, schema, serializers
from catalog.api.resource import Resource, envelope, listed, moved, plain
from catalog.formats import FORMATS, by_extension, json_
from catalog.selection import CARRIED
from catalog.serving import for_everybody
from catalog.throttling import throttle

# What the index names, in the order in which one asks.
INDEXED = (
    *("papers", "categories", "venues", "organizations", "authors", "changes", "export"),
    *("lookup", "duplicates", "suggestions", "submissions", "queue", "schema", "docs"),
)


class Index(Resource):
    @extend_schema(**schema.INDEX)
    def get(self, request: Request) -> HttpResponseBase:
        return plain(request, {name: request.build_absolute_uri(reverse(f"api:{name}")) for name in INDEXED})


class Papers(Resource):
    parameters = None

    @extend_schema(**schema.PAPERS)
    def get(self, request: Request) -> HttpResponseBase:
        papers = answers.selection(request, also=pages.PARAMETERS)
        page = pages.page_of(papers.selection, request, query=papers.query)
        served = [json for (json,) in papers.selection.rows(page.rows, CARRIED)]
        body, links = envelope(page, served, describedby=json_.SCHEMA_PATH)
        return answers.exact(request, body, links=links)


class Paper(Resource):
    @extend_schema(**schema.PAPER)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        try:
            paper = answers.paper_of(slug)
        except answers.Moved as elsewhere:
            return moved("api:paper", elsewhere.successor.slug)
        described = answers.link(json_.SCHEMA_PATH, "describedby", type="application/schema+json")
        return answers.exact(request, paper.record_json.encode(), links=[described])


class Categories(Resource):
    parameters = pages.PARAMETERS

    @extend_schema(**schema.CATEGORIES)
    def get(self, request: Request) -> HttpResponseBase:
        return _list(request, serializers.categories(), serializers.category_nodes)


class Category(Resource):
    @extend_schema(**schema.CATEGORY)
    def get(self, request: Request, path: str) -> HttpResponseBase:
        if found := _first(serializers.categories(), path=path):
            return plain(request, serializers.category_nodes([found])[0])
        if alias := _first(models.CategoryAlias.objects.select_related("category"), path=path):
            return moved("api:category", alias.category.path)
        raise answers.Problem(404, _("There is no category at this address."))


class Venues(Resource):
    parameters = pages.PARAMETERS

    @extend_schema(**schema.VENUES)
    def get(self, request: Request) -> HttpResponseBase:
        return _list(request, serializers.venues(), serializers.venue_series)


class Venue(Resource):
    @extend_schema(**schema.VENUE)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        if found := _first(serializers.venues(), slug=slug):
            return plain(request, serializers.venue_series([found])[0])
        if alias := _first(models.VenueAlias.objects.select_related("venue"), slug=slug):
            return moved("api:venue", alias.venue.slug)
        raise answers.Problem(404, _("There is no venue at this address."))


class Organizations(Resource):
    parameters = pages.PARAMETERS

    @extend_schema(**schema.ORGANIZATIONS)
    def get(self, request: Request) -> HttpResponseBase:
        return _list(request, serializers.organizations(), serializers.organization_names)


class Organization(Resource):
    @extend_schema(**schema.ORGANIZATION)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        if found := _first(serializers.organizations(), slug=slug):
            return plain(request, serializers.organization_names([found])[0])
        if alias := _first(models.OrganizationAlias.objects.select_related("organization"), slug=slug):
            return moved("api:organization", alias.organization.slug)
        raise answers.Problem(404, _("There is no organization at this address."))


class Authors(Resource):
    parameters = pages.PARAMETERS

    @extend_schema(**schema.AUTHORS)
    def get(self, request: Request) -> HttpResponseBase:
        return _list(request, serializers.authors(), serializers.author_names)


class Author(Resource):
    @extend_schema(**schema.AUTHOR)
    def get(self, request: Request, slug: str) -> HttpResponseBase:
        if found := _first(serializers.authors(), slug=slug):
            return plain(request, serializers.author_names([found])[0])
        raise answers.Problem(404, _("There is no author at this address."))


class ExportFile(Resource):
    """The bytes of `/papers.<format>`. The format is the one of `?format=`, else the first that the client accepts."""

    is_kept = False
    parameters = None
    media_types = (*(format_.MEDIA_TYPE for format_ in FORMATS), "application/problem+json", "text/html")

    @extend_schema(**schema.EXPORT)
    def get(self, request: Request) -> HttpResponseBase:
        accepted = request.get_preferred_type(self.media_types)
        by_default = next((format_ for format_ in FORMATS if accepted == format_.MEDIA_TYPE), json_)
        format_ = by_extension(name) if (name := request.GET.get("format")) else by_default
        if format_ is None:
            expected = ", ".join(known.NAME for known in FORMATS)
            raise answers.BadParameters([("format", _("Expected one of: %s.") % expected)])
        throttle(request, "export")
        return answers.file(request._request, answers.export(request._request, format_, also=["format"]))


class RecordSchema(Resource):
    is_kept = False

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponseBase:
        return answers.exact(request, schema.record_schema(), media_type="application/schema+json")


@answers.for_programs
@for_everybody
def openapi(request: HttpRequest) -> HttpResponseBase:
    return answers.exact(request, schema.openapi(), media_type="application/vnd.oai.openapi+json")


@require_safe
@for_everybody
def docs(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"reference": reference.reference(), "lead": schema.LEAD, "points": schema.POINTS.items()})


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponseBase:
    """What only lacks its slash is sent on, with its method and what was sent (RFC 9110, section 15.4.9)."""
    if not request.path.endswith("/") and resolve(f"{request.path}/").func is not nothing:
        address = request.get_full_path(force_append_slash=True)
        return answers.open_to_all(HttpResponsePermanentRedirect(address, preserve_request=True))
    return answers.problem(request, answers.Problem(404, _("There is nothing at this address.")))


def _list[M: Any](request: HttpRequest, rows: QuerySet[M], shapes: Callable[[Sequence[M]], Sequence[msgspec.Struct]]) -> HttpResponseBase:
    body, links = listed(request, rows, shapes)
    return answers.exact(request, body, links=links)


def _first(rows: QuerySet[Any], **key: str) -> Any:
    """The row with this key. Nothing has a name that cannot be printed, and PostgreSQL will not even be asked for one."""
    return rows.filter(**key).first() if all(text.isprintable() for text in key.values()) else None
