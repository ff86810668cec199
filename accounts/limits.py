"""How often one may guess, where allauth counts in a way that many guesses at once would escape."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256

from allauth.core.internal.ratelimit import cache_lock
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.http import HttpRequest, HttpResponse

# By which allauth knows the limits of ACCOUNT_RATE_LIMITS.
APP = "allauth.account"

type View = Callable[[HttpRequest], HttpResponse]


def one_at_a_time(view: View) -> View:
    """For a page that takes a code: the tries are counted in the session, which each request reads before it writes.

    So the next one begins when this one's count is written.
    """

    @wraps(view)
    def answer(request: HttpRequest) -> HttpResponse:
        session = sha256(request.COOKIES.get(settings.SESSION_COOKIE_NAME, "").encode()).hexdigest()
        if request.method != "POST":
            return view(request)
        with cache_lock(f"code:{session}") as is_alone:
            if not is_alone:
                return respond_429(request)
            before = request.session.session_key
            response = view(request)
            if request.session.modified:
                request.session.save()
                # Saved a second time, after the next one has begun, it would take back what that one counts.
                request.session.modified = request.session.session_key != before
        return response

    return answer
