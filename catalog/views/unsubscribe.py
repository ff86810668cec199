"""No more letters of a kind: one click in a mail program, or in the letter, without signing in."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from catalog import letters


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@csrf_exempt
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """To open it changes nothing: mail is scanned by programs. What was signed into the address is all that a POST needs."""
    try:
        reader, kind = letters.read(token)
    except letters.BadToken:
        return render(request, "catalog/unsubscribe.html", status=HTTPStatus.NOT_FOUND)
    is_done = request.method == "POST"
    if is_done:
        letters.end(reader, kind)
    return render(request, "catalog/unsubscribe.html", {"reader": reader, "kind": kind, "is_done": is_done})
