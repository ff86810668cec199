"""Answers for when a page cannot be shown: what happened, why, and the next useful step."""

from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.unsent import shown_again
from catalog.models import Tombstone


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.BAD_REQUEST, stands_alone=True)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR, stands_alone=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that came without a token this browser was given. Says how to send it again without typing it again.

    A view that can show what was typed has its own answer, as its attribute `not_sent`.
    """
    match = request.resolver_match
    if own := match and getattr(match.func, "not_sent", None):
        return own(request, **match.kwargs)
    if again := shown_again(request):
        return again
    return _answer(request, HTTPStatus.FORBIDDEN, "403_csrf.html")


def not_allowed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """An address that was sent something and can only be read, or the other way round; what it does take stays in the header."""
    answer = _answer(request, HTTPStatus.METHOD_NOT_ALLOWED, stands_alone=True)
    answer["Allow"] = response["Allow"]
    return answer


def not_read(request: HttpRequest) -> HttpResponse:
    """A body in another alphabet than UTF-8."""
    return _answer(request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, stands_alone=True)


def gone(request: HttpRequest, tombstone: Tombstone) -> HttpResponse:
    """Says of a paper that was merged into one that was retracted why that one was."""
    last = tombstone.last
    return _answer(request, HTTPStatus.GONE, tombstone=last, merged=tombstone.title if last != tombstone else "")


def too_many_requests(request: HttpRequest, exception: Exception | None = None, *, until: datetime | None = None) -> HttpResponse:
    """`until` is when the next attempt will be let through; where nobody knows, a minute is named."""
    response = _answer(request, HTTPStatus.TOO_MANY_REQUESTS, until=until)
    seconds = (until - timezone.now()).total_seconds() if until else 60
    response["Retry-After"] = str(max(1, round(seconds)))
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer."""
    response = _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, stands_alone=True)
    response["Retry-After"] = "30"
    return response


def _answer(
    request: HttpRequest, status: HTTPStatus, template: str | None = None, *, stands_alone: bool = False, **context: Any
) -> HttpResponse:
    """`stands_alone` renders without request and context processors: it asks nothing that may be the fault itself."""
    template = template or f"{status:d}.html"
    return HttpResponse(render_to_string(template, context, None if stands_alone else request), status=status)
