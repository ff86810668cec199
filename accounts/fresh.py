"""Acts that only the person themself may do, not whoever finds their browser open: who signed in long ago does so again."""

import time
from collections.abc import Callable
from functools import wraps

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

type View = Callable[..., HttpResponseBase]


def just_signed_in(request: HttpRequest) -> bool:
    """By whatever way."""
    records = get_authentication_records(request, request.user)
    return any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)


def fresh_only(view: View) -> View:
    """Let in who has just signed in. Others show that it is them; whoever has neither password nor key signs in anew, by a code."""

    @wraps(view)
    def answer(request: HttpRequest, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if just_signed_in(request):
            return view(request, **kwargs)
        if get_reauthentication_flows(request.user):
            raise ReauthenticationRequired
        return sign_in_again(request)

    return answer


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """Signing out is for the person to do: a page that somebody else sends them to does not."""
    back = redirect_to_login(request.get_full_path()).url
    return render(request, "accounts/sign_in_again.html", {"back": back}, status=403)
