"""Forms that were not taken: from nobody signed in, or without their token. What was typed is there again on their page.

Until somebody signs in it is kept in the session, for the page it was typed on. Answers no address of its own.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

_KEY = "unsent"
# What in the forms of accounts is no secret. Passwords, codes, and what is said by a passkey, are typed again.
_PLAIN = {"days", "email", "login", "name", "review_digest", "scopes", "username"}
# In characters, as the fields stand in an address.
_LONGEST = 200_000


def keep_unsent(request: HttpRequest) -> None:
    """Only what is no secret may be in the form: a session is a row that others with the database can read."""
    fields = request.POST.copy()
    fields.pop("csrfmiddlewaretoken", None)
    if len(text := fields.urlencode()) <= _LONGEST:
        request.session[_KEY] = {"path": request.path, "fields": text}


def unsent(request: HttpRequest) -> QueryDict | None:
    """What was typed here before signing in; once."""
    kept = request.session.get(_KEY)
    if request.method == "POST" or not kept or kept["path"] != request.path:
        return None
    del request.session[_KEY]
    return QueryDict(kept["fields"], mutable=True)


# -- The forms of accounts ---------------------------------------------------------------------
def typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed into this page before, to begin its form with; the page says so, once."""
    found: dict[str, Any] | None = getattr(request, "typed", None)
    if found is None:
        kept = unsent(request)
        found = request.typed = _plain(kept) if kept else {}  # type: ignore[attr-defined]
        if found:
            messages.info(request, _("Here is what you typed. You were signed out meanwhile, and nothing was sent."))
    return found


def accounts_keep(view: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: a form of an account that led to the sign-in is kept, unless its view has seen to that."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        sign_in = reverse("account_login")
        if request.method == "POST" and request.path.startswith("/accounts/") and response.get("Location", "").startswith(f"{sign_in}?"):
            _keep_plain(request)
        return response

    return answer


def shown_again(request: HttpRequest) -> HttpResponse | None:
    """The page of an account's form that came without its token, with what was typed; None for one with nothing to keep."""
    match, fields = request.resolver_match, _plain(request.POST)
    if match is None or not fields or not request.path.startswith("/accounts/"):
        return None
    request.method = "GET"
    request.typed = fields  # type: ignore[attr-defined]
    messages.warning(
        request, _("This was not sent: the page was open for long, or you signed in anew elsewhere. Check it and send it again.")
    )
    try:
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    except (ReauthenticationRequired, ImmediateHttpResponse):
        return None
    if response.status_code == HTTPStatus.OK:
        response.status_code = HTTPStatus.FORBIDDEN
    elif not request.user.is_authenticated:
        _keep_plain(request)
    return response


def _plain(fields: QueryDict) -> dict[str, Any]:
    return {name: fields.getlist(name) if name == "scopes" else fields[name] for name in _PLAIN & fields.keys()}


def _keep_plain(request: HttpRequest) -> None:
    kept = request.session.get(_KEY)
    if not (kept and kept["path"] == request.path) and _plain(request.POST):
        fields = request.POST.copy()
        for name in fields.keys() - _PLAIN:
            del fields[name]
        request.POST = fields  # type: ignore[assignment]
        keep_unsent(request)
