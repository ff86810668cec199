"""Serve what does not change: a page that is the same for everybody is made once for each state of the catalogue.

A view says that it is one of these, by `for_everybody`; no other is ever kept. The middleware stands before all others and
answers visitors, who are known by nothing: with 304 where they have the page, else with the bytes that were sent before,
compressed and with all their headers. What belongs to somebody passes through here, and leaves compressed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import Error
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, split_directive_names
from django_htmx.middleware import HtmxDetails

from catalog import encodings, keeping

type View = Callable[[HttpRequest], HttpResponseBase]

# The headers by which `Visit.key` tells answers apart. An answer that varies by any other is not kept.
TOLD_APART = {"accept", "accept-encoding", "cookie", "hx-history-restore-request", "hx-request"}
# Random bytes that hide how well a page was compressed, and so what is in it (BREACH).
NOISE = 100
_HTMX = ("HTTP_HX_REQUEST", "HTTP_HX_HISTORY_RESTORE_REQUEST")
_OF_THE_BODY = {"Content-Encoding", "Content-Language", "Content-Length", "Content-Type"}
_SUFFIXES = {encodings.BROTLI: "-br", encodings.GZIP: "-gz"}


class Visit:
    """A request by nobody in particular: no session, no messages, no credentials, nothing but an address and headers."""

    def __init__(self, request: HttpRequest) -> None:
        """Raises DisallowedHost."""
        headers = request.META
        self.is_head = request.method == "HEAD"
        self.known = headers.get("HTTP_IF_NONE_MATCH", "")
        self.coding = encodings.wanted(headers.get("HTTP_ACCEPT_ENCODING", ""))
        # What a view makes of these headers, not what they say: nobody's spelling changes what others get.
        htmx = HtmxDetails(request) if any(name in headers for name in _HTMX) else None
        self.key = (
            request.scheme,
            request.get_host(),
            request.path,
            headers.get("QUERY_STRING", ""),
            self.coding,
            bool(htmx),
            htmx is not None and htmx.history_restore_request,
            headers.get("HTTP_ACCEPT", "") if request.path.startswith("/api/") else "",
        )
        self.is_for_everybody = False
        # The catalogue's, before anything else was read of it; None also where it was not asked for.
        self.stamp: str | None = None
        self._was_asked = False
        self._outage: Error | None = None

    def ask(self) -> None:
        """Ask for the stamp, once for each request. That there is no database to ask is raised each time, without waiting again."""
        if not self._was_asked:
            self._was_asked = True
            try:
                self.stamp = keeping.current_stamp()
            except Error as error:
                self._outage = error
        if self._outage:
            raise self._outage


def for_everybody[**P, R](view: Callable[P, R]) -> Callable[P, R]:
    """Promise that a view's answer depends on the address, the catalogue, and the headers it says it varies by, alone.

    What it tells somebody signed in is not touched by this. The innermost decorator: the database may be away.
    """

    @wraps(view)
    def answer(*args: P.args, **kwargs: P.kwargs) -> R:
        request: Any = args[0]
        promise(request)
        return view(*args, **kwargs)

    return answer


def promise(request: HttpRequest) -> None:
    """What `for_everybody` does before a view begins, for views that are no functions."""
    visit: Visit | None = getattr(request, "visit", None)
    if visit is not None:
        visit.ask()
        visit.is_for_everybody = True
        # It is about the answer as it leaves; a view only knows it as it is made.
        request.META.pop("HTTP_IF_NONE_MATCH", None)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is sent to everybody who prefers the same coding."""

    headers: dict[str, str]
    body: bytes

    @classmethod
    def of(cls, response: HttpResponse, *, coding: str) -> Self:
        """The answer of a view, finished. One that has an ETag keeps it, for its bytes as they are."""
        body = response.content
        etag = response.get("ETag") or f'"{sha256(body).hexdigest()[:32]}"'
        patch_vary_headers(response, ["Accept-Encoding"])
        response.headers.setdefault("Cache-Control", "public, no-cache")
        if coding != encodings.IDENTITY and encodings.is_worth_it(body, response["Content-Type"]):
            body = encodings.encode(body, coding)
            etag = f'{etag[:-1]}{_SUFFIXES[coding]}"'
            response["Content-Encoding"] = coding
        response["ETag"] = etag
        response["Content-Length"] = str(len(body))
        return cls(headers=dict(response.items()), body=body)

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) + 100 for name, value in self.headers.items())

    def to(self, visit: Visit) -> HttpResponse:
        """The whole answer, its headers alone for HEAD, or 304 to who has it (RFC 9110, sections 13.1.2 and 15.4.5)."""
        if visit.known and _is_among(self.headers["ETag"], visit.known):
            return HttpResponseNotModified(headers={name: value for name, value in self.headers.items() if name not in _OF_THE_BODY})
        return HttpResponse(b"" if visit.is_head else self.body, headers=self.headers)


class Serving:
    """The middleware."""

    def __init__(self, view: View) -> None:
        self.view = view

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        visit = _visit(request)
        if visit is None:
            return _for_somebody(request, self.view(request))
        request.visit = visit  # type: ignore[attr-defined]
        if not keeping.answers.knows(visit.key):
            return self._made(request, visit)
        try:
            visit.ask()
        except Error:
            # The view asks too, and what it raises is answered as everywhere.
            return self._made(request, visit)
        if found := keeping.answers.find(visit.key, visit.stamp):
            return found.to(visit)
        with keeping.answers.alone(visit.key):
            found = keeping.answers.find(visit.key, visit.stamp)
            return found.to(visit) if found else self._made(request, visit)

    def _made(self, request: HttpRequest, visit: Visit) -> HttpResponseBase:
        response = self.view(request)
        if not (visit.is_for_everybody and isinstance(response, HttpResponse) and _may_be_kept(response)):
            return _for_somebody(request, response)
        answer = Answer.of(response, coding=visit.coding)
        # What answers HEAD need not have made the body.
        if not visit.is_head:
            keeping.answers.put(visit.key, visit.stamp, answer, size=answer.size)
        return answer.to(visit)


def _visit(request: HttpRequest) -> Visit | None:
    """None for what anybody in particular asks, or asks in a way that only a view can answer."""
    headers = request.META
    if request.method not in {"GET", "HEAD"} or headers.get("CONTENT_TYPE"):
        return None
    if "HTTP_AUTHORIZATION" in headers or "HTTP_IF_MATCH" in headers:
        return None
    if "HTTP_COOKIE" in headers and not {settings.SESSION_COOKIE_NAME, "messages"}.isdisjoint(request.COOKIES):
        return None
    try:
        return Visit(request)
    except DisallowedHost:
        return None


def _may_be_kept(response: HttpResponse) -> bool:
    return (
        response.status_code == HTTPStatus.OK
        and not response.cookies
        and "Content-Encoding" not in response.headers
        and {"private", "no-store"}.isdisjoint(split_directive_names(response.get("Cache-Control", "")))
        and TOLD_APART.issuperset(split_directive_names(response.get("Vary", "")))
    )


def _is_among(etag: str, known: str) -> bool:
    """By weak comparison (section 8.8.3.2)."""
    tags = parse_etags(known)
    return tags == ["*"] or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in tags}


def _for_somebody(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """A page that was made for one request, compressed. Files and what has a validator of its own stay as they are."""
    if not isinstance(response, HttpResponse) or {"Content-Encoding", "ETag"} & response.headers.keys():
        return response
    media_type = response.get("Content-Type", "")
    if not (media_type.startswith("text/html") and encodings.is_worth_it(response.content, media_type)):
        return response
    patch_vary_headers(response, ["Accept-Encoding"])
    if encodings.wanted(request.META.get("HTTP_ACCEPT_ENCODING", ""), offered=[encodings.GZIP]) == encodings.GZIP:
        response.content = encodings.encode_once(response.content, noise=NOISE)
        response["Content-Encoding"] = encodings.GZIP
        response["Content-Length"] = str(len(response.content))
    return response
