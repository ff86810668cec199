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
from catalog.api import pages, proposals, serializers, standing
from catalog.api.examples import EXAMPLES
from catalog.filters import HAS, SORTS
from catalog.formats import FORMATS, csl, json_
from catalog.models import Submission
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


_SERVED = (
    *(Record, serializers.CategoryNode, serializers.VenueSeries, serializers.OrganizationName, serializers.AuthorName),
    *(serializers.Pasted, serializers.Candidates, serializers.Suggestions, standing.SubmissionSummary, standing.SubmissionState),
    standing.CommentSaid,
)
_SENT = (
    proposals.Proposal,
    proposals.Restatement,
    proposals.Edit,
    proposals.Remark,
    proposals.Verdict,
    proposals.Paste,
    proposals.Described,
)
_LISTED = ("Record", "CategoryNode", "VenueSeries", "OrganizationName", "AuthorName", "SubmissionSummary")


def add_components(result: dict[str, Any], **_more: Any) -> dict[str, Any]:
    """drf-spectacular's POSTPROCESSING_HOOKS: the structures that the operations refer to, examples, and what is said of all."""
    _tops, served = msgspec.json.schema_components(_SERVED, ref_template="#/components/schemas/{name}")
    _tops, sent = msgspec.json.schema_components(_SENT, ref_template="#/components/schemas/{name}")
    served["SubmissionState"]["properties"]["record"] = _ref("Record")
    lists = {f"{name}List": _list_of(name) for name in _LISTED}
    own = {"Export": _EXPORT, "Problem": _PROBLEM, "ChangeList": _CHANGES}
    schemas = {**_whole(served), **sent, **lists, **own}
    result["components"] = {"schemas": dict(sorted(schemas.items())), "securitySchemes": {"token": _TOKEN}}
    result["info"]["description"] = ABOUT
    for operations in result["paths"].values():
        for operation in operations.values():
            _give_examples(operation)
            _name_headers(operation["responses"])
    return result


def _give_examples(operation: dict[str, Any]) -> None:
    """An example that can be sent as it is, to the default catalogue."""
    example = EXAMPLES.get(operation["operationId"], {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example:
            parameter["example"] = example[parameter["name"]]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        content["example"] = example["body"]


def _name_headers(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        names = ["ETag"] if status.startswith("2") else []
        names += {"201": ["Location"], "401": ["WWW-Authenticate"], "429": ["Retry-After", "RateLimit", "RateLimit-Policy"]}.get(status, [])
        if names:
            response["headers"] = {name: {"description": _HEADERS[name], "schema": _TEXT} for name in names}


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
    found = {"count": {"type": "integer"}, "next": _ADDRESS, "previous": _ADDRESS, "results": {"type": "array", "items": _ref(name)}}
    return _object("One page. `count` is there where it was asked for.", found, optional=("count",))


_TEXT = {"type": "string"}
_ITEMS = {"type": "array", "items": {"type": "object"}}
_ADDRESS = {"type": ["string", "null"], "format": "uri"}
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A personal token, made under “Your account”, in `Authorization: Bearer …` or `Token …`; never in an address.",
}
_HEADERS = {
    "ETag": "Differs when, and only when, the answer does. Of a submission it begins with its version.",
    "Location": "The address of what was made.",
    "WWW-Authenticate": "The schemes that are taken.",
    "Retry-After": "Seconds to wait.",
    "RateLimit": "What is left, and when it begins anew.",
    "RateLimit-Policy": "How much there is, and for how many seconds.",
}
LEAD = "Everything public, to be read by anyone, without an account; and with a token, what is yours."
POINTS = {
    "Lists": "come in pages: follow `next`, which is also in the `Link` header, until it is null. `count=1` tells how many there are.",
    "Copies": "are kept by `changes`: replay every page, keep the last `cursor`, ask again with `since=`.",
    "Errors": "are `application/problem+json` (RFC 9457); `errors` name the parameter, or point into what was sent.",
    "Writing": "needs a token with the scope that the operation names. Changes to a submission need `If-Match` with its `ETag`: "
    "428 without, 412 where somebody was faster. An `Idempotency-Key` makes it safe to send a proposal twice.",
    "Limits": "answer 429 and say in `Retry-After` how long to wait. Lists have none.",
}
ABOUT = f"{LEAD}\n\n" + "".join(f"- **{word}** {said}\n" for word, said in POINTS.items())
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
_SETTLED = _object(
    "Where a submission is and, where that is what is in the way, how it stands and who settled it when.",
    {
        "number": {"type": "integer"},
        "url": _TEXT,
        "version": {"type": "integer"},
        "status": _TEXT,
        "decided_by": {"type": ["string", "null"]},
        "decided_at": {"type": "string", "format": "date-time"},
    },
    optional=("version", "status", "decided_by", "decided_at"),
)
_PROBLEM = _object(
    "What went wrong (RFC 9457).",
    {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uri-reference"},
        "errors": {
            "type": "array",
            "items": _object(
                "A parameter, or a place in what was sent (a JSON pointer), and what is wrong there.",
                {"parameter": _TEXT, "pointer": _TEXT, "detail": _TEXT},
                optional=("parameter", "pointer"),
            ),
        },
        "papers": {"type": "array", "items": _ref("PaperName"), "description": "Papers that are in the way."},
        "submissions": {
            "type": "array",
            "items": _SETTLED,
            "description": "What you have proposed already, or the submission as it stands.",
        },
        "candidates": {"type": "array", "items": _ref("Candidate"), "description": "Papers that this may be."},
    },
    optional=("errors", "papers", "submissions", "candidates"),
)
_CHANGE = {
    "id": {"type": "string", "description": "Of the paper."},
    "version": {"type": "integer", "description": "The catalogue's, in which it became so."},
}
_CHANGES = _object(
    "One page of changes. `cursor` is to be kept for the next time, and `next` followed while it is not null.",
    {
        "next": _ADDRESS,
        "cursor": _TEXT,
        "results": {
            "type": "array",
            "items": {
                "oneOf": [
                    _object("A paper as it is now.", {**_CHANGE, "deleted": {"const": False}, "record": _ref("Record")}),
                    _object(
                        "A paper that is gone, and the id of the one that took it in, if any.",
                        {**_CHANGE, "deleted": {"const": True}, "slug": _TEXT, "reason": _TEXT, "successor": {"type": ["string", "null"]}},
                    ),
                ]
            },
        },
    },
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
    _many("added", "When the paper was added, in UTC: a year or a month.", {"type": "string", "pattern": "^[0-9]{4}(-[0-9]{2})?$"}),
    _many("kind", "Kind of work.", {"type": "string", "enum": list(KINDS)}),
    _many("has", "What the paper has.", {"type": "string", "enum": list(HAS)}),
    _parameter(
        "sort",
        "The order. `relevance` needs `q` and is the default with it, `curated` needs one `category`; else `-added` is the default.",
        {"type": "string", "enum": list(SORTS)},
    ),
]
_PAGE_SIZE = {"type": "integer", "minimum": 1, "maximum": pages.LARGEST_SIZE, "default": pages.USUAL_SIZE}
_SIZE = _parameter("page_size", "Results on a page.", _PAGE_SIZE)
PAGES = [
    _parameter("cursor", "A place in the list, from `next` or `previous` of another page."),
    _SIZE,
    _parameter("count", "1 to be told how many there are in all.", {"type": "string", "enum": ["0", "1"]}),
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
    body: str = "",
    status: int = 200,
    scopes: Iterable[str] = (),
    files: Mapping[str, dict[str, Any]] = {},
) -> dict[str, Any]:
    """The arguments of `extend_schema`. `body` names what is sent; of the `scopes` one is enough; `files` are what else may come."""
    said = {
        400: "A parameter is unknown or has a bad value.",
        401: "There is no token, or it is good no more.",
        406: "The API speaks JSON.",
        429: "Too often.",
    }
    if body:
        said |= {413: "More than a megabyte.", 415: "Not JSON."}
        said[400] = "A parameter is unknown, or what was sent has a mistake: `errors` point to it."
    if scopes:
        said[403] = "The token, or the person, may not do that."
    return {
        "operation_id": id_,
        "summary": summary,
        "description": more or f"{summary}.",
        "parameters": list(parameters),
        "tags": ["v1"],
        "auth": [{"token": [scope]} for scope in scopes],
        "request": {"application/json": _ref(body)} if body else None,
        "responses": {
            (status, "application/json"): OpenApiResponse(answer, description=f"{summary}."),
            **{(status, media_type): OpenApiResponse(shape, description=f"{summary}.") for media_type, shape in files.items()},
            **{(code, PROBLEM): OpenApiResponse(_ref("Problem"), description=text) for code, text in sorted({**said, **problems}.items())},
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
_ASCII = _parameter("ascii", "1 for BibTeX that writes accents as TeX does. No other format knows it.", {"type": "string", "const": "1"})
_PAGE = _parameter("page", "Of Atom, which comes in pages (RFC 5005). No other format knows it.", {"type": "integer", "minimum": 1})
EXPORT = _operation(
    "export",
    "A whole selection as one file",
    _ref("Export"),
    more="The bytes of /papers.json, or of another format: one state of the catalogue, in a stream. A file without its end was cut off.",
    parameters=[*SELECTION, _FORMAT, _ASCII, _PAGE],
    problems={404: "There is no such page: it would be empty."},
    files={format_.MEDIA_TYPE: _ITEMS if format_ is csl else _TEXT for format_ in FORMATS if format_ is not json_},
)
AUTHORS = _operation("authors", "The authors, by name", _ref("AuthorNameList"), parameters=PAGES)
AUTHOR = _operation("author", "One author", _ref("AuthorName"), parameters=_named("slug", "The author's slug."), problems=_NOT_HERE)
CHANGES = _operation(
    "changes",
    "What has changed, oldest first",
    _ref("ChangeList"),
    more="Every paper once, with the version in which it became what it is, and what is gone. Whoever replays all pages has the catalogue.",
    parameters=[_parameter("since", "The `cursor` of the last answer; without it, from the beginning."), _SIZE],
)
LOOKUP = _operation(
    "lookup",
    "What a paste says",
    _ref("Pasted"),
    more="Reads an arXiv or DOI address or identifier, an entry of BibTeX, or a line of a list. Nothing is fetched.",
    parameters=[_parameter("q", "What was pasted.", required=True)],
)
LOOKUP_LONG = _operation("lookup_long", "What a long paste says", _ref("Pasted"), body="Paste")
DUPLICATES = _operation(
    "duplicates",
    "Papers that may be the same, with reasons",
    _ref("Candidates"),
    more="For a record as far as it is known. What cannot be read of it is left aside.",
    body="Described",
)
SUGGESTIONS = _operation(
    "suggestions",
    "What may be meant by a beginning",
    _ref("Suggestions"),
    parameters=[
        _parameter("q", "What is typed so far."),
        _parameter("kind", "Only of this kind.", {"type": "string", "enum": list(serializers.KINDS)}),
    ],
)

_NUMBER = [_parameter("number", "The submission's number.", {"type": "integer", "minimum": 1}, location=OpenApiParameter.PATH)]
_IF_MATCH = _parameter(
    "If-Match",
    "The `ETag` of the version that was read, or `*`.",
    {**_TEXT, "minLength": 1},
    location=OpenApiParameter.HEADER,
    required=True,
)
_KEY = _parameter(
    "Idempotency-Key",
    "Any text of your own: what is sent again with it within 24 hours is answered as before, and done once.",
    {**_TEXT, "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
    location=OpenApiParameter.HEADER,
)
_IN_THE_WAY = "It is here already, or proposed already, or may be: what is in the way is named."
_GUARDED = {
    **_NOT_HERE,
    409: "Its state does not allow this, or something is in the way.",
    412: "It has another version.",
    428: "`If-Match` is missing.",
}
SUBMISSIONS = _operation(
    "submissions",
    "My submissions, newest first",
    _ref("SubmissionSummaryList"),
    parameters=[*PAGES, _parameter("status", "Only of this state.", {"type": "string", "enum": list(Submission.Status.values)})],
    scopes=["read"],
)
SUBMIT = _operation(
    "submit",
    "Propose an addition, a correction or a removal",
    _ref("SubmissionState"),
    more="Takes and refuses what the form on the site takes and refuses. 10 an hour, 20 open at once.",
    parameters=[_KEY],
    problems={409: _IN_THE_WAY, 422: "This `Idempotency-Key` came with something else before."},
    body="Proposal",
    status=201,
    scopes=["submit"],
)
SUBMISSION = _operation(
    "submission",
    "One submission, and what became of it",
    _ref("SubmissionState"),
    more="For its contributor, and for those who may review it.",
    parameters=_NUMBER,
    problems=_NOT_HERE,
    scopes=["read", "review"],
)
RESTATE = _operation(
    "restate",
    "Say a submission anew",
    _ref("SubmissionState"),
    parameters=[*_NUMBER, _IF_MATCH],
    problems=_GUARDED,
    body="Restatement",
    scopes=["submit"],
)
EDIT = _operation(
    "edit",
    "Change some of a submission",
    _ref("SubmissionState"),
    more="What is not given stays. One that was sent back for changes waits again.",
    parameters=[*_NUMBER, _IF_MATCH],
    problems=_GUARDED,
    body="Edit",
    scopes=["submit"],
)
WITHDRAW = _operation(
    "withdraw", "Take a submission back", _ref("SubmissionState"), parameters=[*_NUMBER, _IF_MATCH], problems=_GUARDED, scopes=["submit"]
)
COMMENT = _operation(
    "comment",
    "Say something about a submission",
    _ref("CommentSaid"),
    parameters=_NUMBER,
    problems=_NOT_HERE,
    body="Remark",
    status=201,
    scopes=["submit", "review"],
)
QUEUE = _operation(
    "queue", "What waits for a decision of mine, oldest first", _ref("SubmissionSummaryList"), parameters=PAGES, scopes=["review"]
)
DECIDE = _operation(
    "decide",
    "Decide a submission",
    _ref("SubmissionState"),
    more="Approve, request changes or reject; the last two need a reason. Of a correction, `fields` can be taken alone.",
    parameters=[*_NUMBER, _IF_MATCH],
    problems=_GUARDED,
    body="Verdict",
    status=201,
    scopes=["review"],
)
