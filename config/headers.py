"""What requests must not say, and what every answer says: the headers Django itself leaves out.

Middleware only. A view that sets one of these headers itself keeps its own.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from catalog import answers
from catalog.views import errors

type View = Callable[[HttpRequest], HttpResponseBase]

UNUSED_FEATURES = ["browsing-topics", "camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)
# The picture that other sites show where somebody posts an address of ours.
PREVIEW = f"{settings.STATIC_URL}img/preview."


def security_headers(view: View) -> View:
    """Isolation for every answer, and no shared cache for one that belongs to somebody."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        shown_elsewhere = request.path.startswith(PREVIEW)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if shown_elsewhere else "same-origin")
        if response.cookies or _is_personal(request):
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return answer


def _is_personal(request: HttpRequest) -> bool:
    """Whether a view asked who this is, and it was somebody. Asks nothing of the database that was not asked before."""
    session = getattr(request, "session", None)
    return session is not None and session.accessed and request.user.is_authenticated


def refuse_other_charsets(view: View) -> View:
    """Answer 415 to a body that is not UTF-8.

    Django decodes the form, and then even its own error pages, as the request says: `charset=utf-16` ends in a 500.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in {"utf-8", "utf8"}:
            if request.path.startswith("/api/"):
                return answers.problem(request, answers.Problem(415, _("Send this as UTF-8.")))
            return errors.not_read(request)
        return view(request)

    return answer


def explain_methods(view: View) -> View:
    """Say in a page what Django's own refusal of a method leaves unsaid."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = view(request)
        return errors.not_allowed(request, response) if isinstance(response, HttpResponseNotAllowed) and not response.content else response

    return answer
