"""What the API promises, in the two languages that programs read: JSON Schema and OpenAPI 3.1.

Both are made of the structures that are served, so they cannot fall behind.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from catalog.answers import PROBLEM
from catalog.api import pages, serializers
from catalog.filters import HAS, SORTS
from catalog.formats import FORMATS, json_
from catalog.records import FIRST_YEAR, KINDS, LAST_YEAR, Record


@cache
def record_schema() -> bytes:
    """JSON Schema (2020-12) of a record as it is served. Fields may be added in version 1; none changes or goes."""
    (top,), parts = msgspec.json.schema_components([Record], ref_template="#/$defs/{name}")
    return msgspec.json.encode(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": settings.SITE_URL + json_.SCHEMA_PATH,
            "title": "Record",
            **top,
            "$defs": _whole(parts),
        }
    )


@cache
def openapi() -> bytes:
    """The OpenAPI document."""
    return msgspec.json.encode(SchemaGenerator().get_schema(request=None, public=True))


def add_components(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's POSTPROCESSING_HOOKS: the structures that the operations refer to."""
    shapes = [Record, serializers.CategoryNode, serializers.VenueSeries, serializers.OrganizationName, serializers.AuthorName]
    _tops, parts = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    lists = {f"{name}List": _list_of(name) for name in ("Record", "CategoryNode", "VenueSeries", "OrganizationName", "AuthorName")}
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas.update({**_whole(parts), **lists, "Export": _EXPORT, "Problem": _PROBLEM})
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    return result


def _whole(parts: dict[str, Any]) -> dict[str, Any]:
    """What is served has every field; defaults are for those who write records."""
    for part in parts.values():
        part["required"] = list(part["properties"])
        for field in part["properties"].values():
            field.pop("default", None)
    return parts


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(description: str, properties: dict[str, Any], *, optional: tuple[str, ...] = ()) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": description, "properties": properties, "required": required}


def _list_of(name: str) -> dict[str, Any]:
    address = {"type": ["string", "null"], "format": "uri"}
    return _object("One page.", {"next": address, "previous": address, "results": {"type": "array", "items": _ref(name)}})


_TEXT = {"type": "string"}
_EXPORT = _object(
    "A selection of the catalogue at one moment.",
    {
        "schema": {"type": "string", "format": "uri", "description": "JSON Schema of a record."},
        "site": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "license": {"type": "string", "description": "SPDX identifier of the licence of the data."},
        "version": {"type": "integer", "description": "Grows with every change of the catalogue."},
        "updated_at": {"type": ["string", "null"], "format": "date-time"},
        "count": {"type": "integer"},
        "papers": {"type": "array", "items": _ref("Record")},
    },
)
_PROBLEM = _object(
    "What went wrong (RFC 9457).",
    {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {"type": "array", "items": _object("A parameter and what is wrong with it.", {"parameter": _TEXT, "detail": _TEXT})},
    },
    optional=("errors",),
)

_YEAR = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}


def _parameter(name: str, description: str, schema: dict[str, Any] = _TEXT, **more: Any) -> OpenApiParameter:
    return OpenApiParameter(name, schema, description=description, **more)


def _many(name: str, description: str, items: dict[str, Any] = _TEXT) -> OpenApiParameter:
    return _parameter(name, f"{description} May be repeated: any of these.", {"type": "array", "items": items})


SELECTION = [
    _parameter("q", "Words to search for; all of them are to be found."),
    _many("category", "Path of a category; the categories below it are included."),
    _many("venue", "Slug of a venue."),
    _many("organization", "Slug of an organization."),
    _many("author", "Slug of an author's name."),
    _many("year", "Year of the paper.", _YEAR),
    _parameter("year_min", "The first year.", _YEAR),
    _parameter("year_max", "The last year.", _YEAR),
    _many("kind", "Kind of work.", {"type": "string", "enum": list(KINDS)}),
    _many("has", "What the paper has.", {"type": "string", "enum": list(HAS)}),
    _parameter(
        "sort",
        "The order. `relevance` needs `q` and is the default with it, `curated` needs one `category`; else `-added` is the default.",
        {"type": "string", "enum": list(SORTS)},
    ),
]
_PAGE_SIZE = {"type": "integer", "minimum": 1, "maximum": pages.LARGEST_SIZE, "default": pages.USUAL_SIZE}
PAGES = [
    _parameter("cursor", "A place in the list, from `next` or `previous` of another page."),
    _parameter(
        "page_size", "Results on a page.", {"type": "integer", "minimum": 1, "maximum": pages.LARGEST_SIZE, "default": pages.USUAL_SIZE}
    ),
]
_FORMAT = _parameter(
    "format", "The format; by default the one that `Accept` names.", {"type": "string", "enum": [each.NAME for each in FORMATS]}
)


def _operation(
    id_: str,
    summary: str,
    answer: dict[str, Any],
    *,
    more: str = "",
    parameters: Iterable[OpenApiParameter] = (),
    problems: Mapping[int, str] = {},
) -> dict[str, Any]:
    """The arguments of `extend_schema`."""
    said = {400: "A parameter is unknown or has a bad value.", **problems}
    return {
        "operation_id": id_,
        "summary": summary,
        "description": more or f"{summary}.",
        "parameters": list(parameters),
        "tags": ["v1"],
        "responses": {
            (200, "application/json"): OpenApiResponse(answer, description=f"{summary}."),
            **{(status, PROBLEM): OpenApiResponse(_ref("Problem"), description=text) for status, text in said.items()},
        },
    }


def _named(name: str, description: str) -> list[OpenApiParameter]:
    return [_parameter(name, description, location=OpenApiParameter.PATH)]


_NOT_HERE = {404: "There is none at this address."}
INDEX = _operation("index", "What there is", {"type": "object", "additionalProperties": {"type": "string", "format": "uri"}})
PAPERS = _operation("papers", "A selection of papers, page by page", _ref("RecordList"), parameters=[*SELECTION, *PAGES])
PAPER = _operation(
    "paper",
    "One paper",
    _ref("Record"),
    more="The record as it is stored. A merged paper answers 301 to the one it is now.",
    parameters=_named("slug", "The paper's slug."),
    problems={**_NOT_HERE, 410: "It was retracted; the detail says why."},
)
CATEGORIES = _operation("categories", "The tree of categories, from top to bottom", _ref("CategoryNodeList"), parameters=PAGES)
CATEGORY = _operation(
    "category",
    "One category",
    _ref("CategoryNode"),
    more="A path that the category had in the past answers 301.",
    parameters=_named("path", "Slugs joined by slashes."),
    problems=_NOT_HERE,
)
VENUES = _operation("venues", "The venues, by name", _ref("VenueSeriesList"), parameters=PAGES)
VENUE = _operation("venue", "One venue", _ref("VenueSeries"), parameters=_named("slug", "The venue's slug."), problems=_NOT_HERE)
ORGANIZATIONS = _operation("organizations", "The organizations, by name", _ref("OrganizationNameList"), parameters=PAGES)
ORGANIZATION = _operation(
    "organization", "One organization", _ref("OrganizationName"), parameters=_named("slug", "The organization's slug."), problems=_NOT_HERE
)
EXPORT = _operation(
    "export",
    "A whole selection as one file",
    _ref("Export"),
    more="The bytes of /papers.json, or of another format: one state of the catalogue, in a stream. A file without its end was cut off.",
    parameters=[*SELECTION, _FORMAT],
)
AUTHORS = _operation("authors", "The authors, by name", _ref("AuthorNameList"), parameters=PAGES)
AUTHOR = _operation("author", "One author", _ref("AuthorName"), parameters=_named("slug", "The author's slug."), problems=_NOT_HERE)
