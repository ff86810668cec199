"""Answers for programs: exact bytes under a strong ETag, files in a stream, problems that name what is wrong.

What the API and the downloads have in common. Nothing here asks who is there: what is open gives everybody the same bytes,
without a cookie, to pages of any origin. What belongs to somebody is `closed` by whoever knows that.
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote

import msgspec
from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import content_disposition_header, http_date
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from catalog.export import Export, NoSuchPage
from catalog.filters import PaperFilter
from catalog.formats import FORMATS, Format, bibtex, by_extension, json_
from catalog.models import Paper, Tombstone
from catalog.throttling import TooOften

log = logging.getLogger(__name__)

_PAGE = re.compile(r"[1-9]\d{0,8}", re.ASCII)
METHODS = ("GET", "HEAD", "OPTIONS")
PROBLEM = "application/problem+json"


class Problem(Exception):
    """An answer that is not what was asked for, as RFC 9457 writes it. `errors` names parameters and what is wrong with them;
    `more` are members of its own, such as what is in the way.
    """

    located_by = "parameter"

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Iterable[tuple[str, str]] = (),
        headers: dict[str, str] | None = None,
        more: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = HTTPStatus(status)
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.more = more or {}


class BadParameters(Problem):
    """What was asked cannot be understood: pairs of a parameter and what is wrong with it."""

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        pairs = list(errors)
        super().__init__(400, " ".join(f"{name}: {text}" for name, text in pairs), errors=pairs)


class BadBody(Problem):
    """What was sent cannot be taken: pairs of a JSON pointer into it, as a fragment (RFC 6901, section 6), and what is wrong there."""

    located_by = "pointer"

    def __init__(self, errors: Iterable[tuple[str, str]]) -> None:
        pairs = list(errors)
        super().__init__(400, " ".join(f"{pointer}: {text}" for pointer, text in pairs), errors=pairs)


class Moved(Exception):
    """The paper is another's now; `successor` is where to go."""

    def __init__(self, successor: Paper) -> None:
        super().__init__(successor.slug)
        self.successor = successor


def selection(request: HttpRequest, *, also: Iterable[str] = ()) -> PaperFilter:
    """The selection that the address names. Raises BadParameters for one that is unknown or has a bad value.

    `also` are the names of parameters that are the caller's own.
    """
    papers = PaperFilter(request.GET)
    unknown = _unknown(request, known=[*PaperFilter.base_filters, *also])
    bad = [] if papers.is_valid() else [(name, str(text)) for name, texts in papers.errors.items() for text in texts]
    if unknown or bad:
        raise BadParameters([*unknown, *bad])
    return papers


def export(request: HttpRequest, format_: Format, *, also: Iterable[str] = ()) -> Export:
    """The file of the selection that the address names. Raises BadParameters, and Problem for a page past the last."""
    papers = selection(request, also=[*also, *own_parameters(format_)])
    with existing_page(request, format_) as page:
        return Export.of(papers, as_wanted(request, format_), page=page)


@contextmanager
def existing_page(request: HttpRequest, format_: Format) -> Iterator[int]:
    """The page that is asked for, of a format that comes in pages. Raises BadParameters, and Problem where there is no such page."""
    page = request.GET.get("page", "1") if "page" in own_parameters(format_) else "1"
    if not _PAGE.fullmatch(page):
        raise BadParameters([("page", _("A page is a number from 1 on."))])
    try:
        yield int(page)
    except NoSuchPage:
        raise Problem(404, _("There is no page %s: it would be empty.") % page) from None


def format_named(extension: str) -> Format:
    """The format of a file whose name ends so. Raises Problem."""
    format_ = by_extension(extension)
    if format_ is None or extension != format_.EXTENSION:
        known = ", ".join(f".{known.EXTENSION}" for known in FORMATS)
        raise Problem(404, _("There is no such file. Its name may end in: %s.") % known)
    return format_


def own_parameters(format_: Format) -> list[str]:
    """`page` of a format that comes in pages, `ascii` of BibTeX."""
    return [*(["page"] if hasattr(format_, "PAGE_SIZE") else []), *(["ascii"] if format_ is bibtex else [])]


def as_wanted(request: HttpRequest, format_: Format) -> Format:
    """BibTeX, as `ascii=1` asks for it. Raises BadParameters."""
    if format_ is not bibtex or not (wanted := request.GET.get("ascii")):
        return format_
    if wanted != "1":
        raise BadParameters([("ascii", _("Expected 1, or no such parameter."))])
    return bibtex.ASCII


def refuse_unknown_parameters(request: HttpRequest, *, known: Iterable[str]) -> None:
    if unknown := _unknown(request, known=known):
        raise BadParameters(unknown)


def _unknown(request: HttpRequest, *, known: Iterable[str]) -> list[tuple[str, str]]:
    names = list(known)
    taken = ", ".join(names) or _("none")
    return [(name, _("There is no such parameter. Known here: %s.") % taken) for name in request.GET if name not in names]


def paper_of(key: str) -> Paper:
    """The paper with this slug or public id, with its stored record only. Raises Moved, or Problem where it is gone or never was.

    Slugs come first; they are in small letters where ids have capitals.
    """
    if key.isprintable():
        for column in ("slug", "public_id"):
            if paper := Paper.objects.only("slug", "record_json").filter(**{column: key}).first():
                return paper
            if tombstone := Tombstone.objects.filter(**{column: key}).first():
                if tombstone.successor:
                    raise Moved(tombstone.successor)
                raise Problem(410, tombstone.last.reason)
    raise Problem(404, _("There is no paper at this address."))


def exact(request: HttpRequest, body: bytes, *, media_type: str = "application/json", links: Iterable[str] = ()) -> HttpResponseBase:
    """These bytes, or 304 to a client that has them."""
    response = HttpResponse(body, content_type=media_type)
    return _unless_known(request, response, etag=_etag(body), links=links)


def file(request: HttpRequest, export: Export, *, name: str = "") -> HttpResponseBase:
    """The export as a file in a stream, or 304 to a client that has it. Closes the export, now or with the response."""
    try:
        format_, about = export.format, export.about
        is_json = format_ is json_
        response = StreamingHttpResponse([], content_type=format_.MEDIA_TYPE if is_json else f"{format_.MEDIA_TYPE}; charset=utf-8")
        dated = f"{about.title} {about.updated_at:%Y-%m-%d}" if about.updated_at else about.title
        disposition = content_disposition_header(as_attachment=True, filename=f"{name or dated}.{format_.EXTENSION}")
        response["Content-Disposition"] = disposition or "attachment"
        # A stream that breaks off may look whole to who reads it; in most formats only the count tells.
        response["X-Count"] = str(about.count)
        if about.updated_at:
            response["Last-Modified"] = http_date(about.updated_at.timestamp())
        # What was asked belongs to it: the envelopes of two selections may be the same.
        etag = _etag(f"{export.digest} {name} {request.META['QUERY_STRING']}".encode())
        answer = _unless_known(request, response, etag=etag, links=[_DESCRIBED] if is_json else ())
        if answer is response and request.method == "GET":
            if about.count > SHORT:
                export.keeps(place_of_a_download())
            response.streaming_content = export
        else:
            export.close()
    except BaseException:
        export.close()
        raise
    return answer


# A download takes a thread of the server for as long as its reader takes: some are left for those who only look.
DOWNLOADS = 6
SHORT = 1_000
_places = BoundedSemaphore(DOWNLOADS)


def place_of_a_download() -> ExitStack:
    """One of the places for files that take long, until it is closed. Raises Problem where none is free."""
    if not _places.acquire(blocking=False):
        raise Problem(503, _("Too many downloads run at once. Come back in a moment."), headers={"Retry-After": "10"})
    place = ExitStack()
    place.callback(_places.release)
    return place


def problem(request: HttpRequest, what: Problem) -> HttpResponse:
    """RFC 9457."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": what.status.phrase,
        "status": what.status.value,
        "detail": what.detail,
        "instance": request.get_full_path(),
    }
    if what.errors:
        body["errors"] = [{what.located_by: name, "detail": text} for name, text in what.errors]
    content = msgspec.json.encode({**body, **what.more})
    response = HttpResponse(content, status=what.status, content_type=PROBLEM, headers=what.headers)
    response["ETag"] = _etag(content)
    return open_to_all(response)


def problem_of(error: Exception) -> Problem:
    """What went wrong, as far as the world may know it. The rest is in the log."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Http404):
        return Problem(404, _("There is nothing at this address."))
    if isinstance(error, TooOften):
        headers = {"Retry-After": str(error.allowance.wait), **error.allowance.headers}
        return Problem(429, _("That was too often. Wait %(wait)d seconds.") % {"wait": error.allowance.wait}, headers=headers)
    if isinstance(error, RequestDataTooBig):
        return Problem(413, _("That is more than %(limit)d bytes.") % {"limit": settings.DATA_UPLOAD_MAX_MEMORY_SIZE})
    if isinstance(error, SuspiciousOperation):
        return Problem(400, _("This request cannot be read."))
    log.error("No answer.", exc_info=error)
    if isinstance(error, OperationalError | InterfaceError):
        return Problem(503, _("The catalogue cannot be read at the moment."), headers={"Retry-After": "30"})
    return Problem(500, _("The server failed. What happened is in its log."))


def for_programs[**P](view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Make a view one of these: reading methods only, problems instead of pages, open to every origin."""

    @csrf_exempt
    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request: Any = args[0]
        if request.method == "OPTIONS":
            return options()
        try:
            if request.method not in METHODS:
                raise Problem(405, _("This can only be read."), headers={"Allow": ", ".join(METHODS)})
            return view(*args, **kwargs)
        except Exception as error:
            return problem(request, problem_of(error))

    return answer


def options(methods: Iterable[str] = METHODS, *, is_open: bool = True) -> HttpResponse:
    """What may be done here, for people with curl and for browsers that ask before they fetch.

    What is not open says nothing to browsers: no page of another origin acts for anybody, even with a token.
    """
    allowed = ", ".join(methods)
    response = HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Allow": allowed})
    del response["Content-Type"]
    if not is_open:
        return closed(response)
    response["Access-Control-Allow-Methods"] = allowed
    response["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
    response["Access-Control-Max-Age"] = "86400"
    return open_to_all(response)


def open_to_all[R: HttpResponseBase](response: R) -> R:
    """To be kept by any cache that asks again each time, and read by a page of any origin."""
    response["Cache-Control"] = "public, no-cache"
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Expose-Headers"] = "ETag, Link, Retry-After, X-Count"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    patch_vary_headers(response, ["Accept", "Accept-Encoding"])
    return response


def closed[R: HttpResponseBase](response: R) -> R:
    """For whoever asked, to be kept by nobody, and read by no page of another origin."""
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    for name in ("Access-Control-Allow-Origin", "Access-Control-Expose-Headers"):
        del response[name]
    return response


def link(address: str, rel: str, **more: str) -> str:
    """One link of a Link header (RFC 8288)."""
    return "; ".join([f"<{address}>", f'rel="{rel}"', *(f'{name}="{value}"' for name, value in more.items())])


_DESCRIBED = link(json_.SCHEMA_PATH, "describedby", type="application/schema+json")


def _unless_known(request: HttpRequest, response: HttpResponseBase, *, etag: str, links: Iterable[str]) -> HttpResponseBase:
    """The response, or 304. The time alone is never asked: two changes of one second have the same."""
    response["ETag"] = etag
    license_ = link(f"https://spdx.org/licenses/{quote(settings.DATA_LICENSE)}.html", "license")
    open_to_all(response)
    # Django says less than it takes: a stream is as good as any response.
    answer: HttpResponseBase = get_conditional_response(request, etag=etag, response=response)  # type: ignore[arg-type, assignment]
    if answer.status_code == HTTPStatus.PRECONDITION_FAILED:
        raise Problem(412, _("This has changed since."))
    if answer is not response:
        open_to_all(answer)
    answer["Link"] = ", ".join([*links, license_])
    return answer


def _etag(body: bytes) -> str:
    return f'"{sha256(body).hexdigest()[:32]}"'
