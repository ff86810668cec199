"""What every address of the API has in common: who may ask, for what, how often, and how it is answered."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar, cast

import msgspec
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAcceptable, NotAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import Token
from catalog import answers
from catalog.api import pages
from catalog.api.authentication import TokenAuthentication
from catalog.serving import promise
from catalog.throttling import Allowance, throttle

READ, SUBMIT, REVIEW = Token.Scope.READ.value, Token.Scope.SUBMIT.value, Token.Scope.REVIEW.value


class Resource(APIView):
    """One address that anyone can read. Refuses parameters it does not know, and says everything else as `answers` does."""

    authentication_classes = [TokenAuthentication]
    http_method_names = ["get", "head", "options", "post", "put", "patch"]
    # Whether others who ask the same get what was made; not where it is a stream, nor where the catalogue has no part in it.
    is_kept: ClassVar[bool] = True
    # The names it knows; None where the view itself checks them, with their values.
    parameters: ClassVar[tuple[str, ...] | None] = ()
    # A browser that was sent here by hand asks for HTML first, and can show JSON.
    media_types: ClassVar[tuple[str, ...]] = ("application/json", "application/problem+json", "text/html")
    # Of a resource that belongs to somebody: the scopes of a token of which one is needed, for each method.
    scopes: ClassVar[dict[str, tuple[str, ...]]] = {}
    allowance: Allowance | None = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        if not force and request.get_preferred_type(self.media_types) is None:
            raise NotAcceptable
        return JSONRenderer(), "application/json"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method == "OPTIONS":
            return
        super().initial(request, *args, **kwargs)
        if self.is_kept and not self.scopes:
            promise(request._request)
        if self.parameters is not None:
            answers.refuse_unknown_parameters(request, known=self.parameters)

    def check_permissions(self, request: Request) -> None:
        needed = self.scopes.get("GET" if request.method == "HEAD" else request.method or "", ())
        if needed and request.auth is None:
            raise NotAuthenticated(_("This belongs to somebody: send a token of yours that may do it."))
        if needed and set(needed).isdisjoint(scopes_of(request)):
            raise answers.Problem(403, _("This token may not do that. It needs the scope: %s.") % _(" or ").join(needed))

    def check_throttles(self, request: Request) -> None:
        """What somebody signs in for is counted; a reading visitor is counted only where it is dear, by the view itself."""
        if request.auth is not None:
            self.allowance = throttle(request, "token", who=f"token {request.auth.pk}")
            if self.scopes and request.method not in {"GET", "HEAD"}:
                self.allowance = throttle(request, "write", who=f"user {request.user.pk}")

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if self.scopes or response.status_code == 401:
            answers.closed(response)
        for name, value in self.allowance.headers.items() if self.allowance else ():
            response.headers.setdefault(name, value)
        return response

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return answers.options(self.allowed_methods, is_open=not self.scopes)


def scopes_of(request: Request) -> list[str]:
    """What the token may do that came with it."""
    return cast(Token, request.auth).scopes if request.auth else []


# -- Answers -----------------------------------------------------------------------------------
def plain(request: HttpRequest, shape: Any) -> HttpResponseBase:
    """A public thing as JSON."""
    return answers.exact(request, msgspec.json.encode(shape))


def own(request: Request, body: bytes, *, etag: str, status: int = 200, links: Iterable[str] = ()) -> HttpResponseBase:
    """Something of somebody's as JSON, or 304 to a program that has it."""
    response = HttpResponse(body, status=status, content_type="application/json", headers={"ETag": etag})
    if links := list(links):
        response["Link"] = ", ".join(links)
    if request.method not in {"GET", "HEAD"}:
        return response
    answer: HttpResponseBase = get_conditional_response(request._request, etag=etag, response=response)  # type: ignore[assignment]
    return answer


def moved(name: str, key: str) -> HttpResponse:
    return answers.open_to_all(HttpResponsePermanentRedirect(reverse(name, args=[key])))


# -- Lists -------------------------------------------------------------------------------------
def listed[M](
    request: HttpRequest, rows: QuerySet[Any], shapes: Callable[[Sequence[M]], Sequence[msgspec.Struct]], *, query: str = ""
) -> tuple[bytes, list[str]]:
    """A page of rows: the bytes of its envelope, and its Link header. `query` is the selection that it is a page of."""
    page: pages.Page[M] = pages.page_of(pages.Rows(rows), request, query=query)
    return envelope(page, [msgspec.json.encode(shape).decode() for shape in shapes(page.rows)])


def envelope(page: pages.Page[Any], results: Sequence[str], *, describedby: str = "") -> tuple[bytes, list[str]]:
    """The envelope of every list, and the same neighbours for the header."""
    count = f'"count":{page.count},' if page.count is not None else ""
    body = f'{{{count}"next":{_json(page.next)},"previous":{_json(page.previous)},"results":[' + ",\n".join(results) + "]}\n"
    neighbours = (("next", page.next), ("prev", page.previous), ("first", page.first))
    links = [answers.link(address, rel) for rel, address in neighbours if address]
    if describedby:
        links.append(answers.link(describedby, "describedby", type="application/schema+json"))
    return body.encode(), links


def _json(value: str | None) -> str:
    return msgspec.json.encode(value).decode()
