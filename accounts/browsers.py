"""Browsers in which somebody has signed in before. What strangers try at an account is counted apart from what is tried in these.

So nobody keeps an owner out by wrong passwords, or by asking for letters (OWASP, "Slow Down Online Guessing Attacks with Device
Cookies"). The cookie lets nobody in, and says of nobody who they are.
"""

import secrets
from typing import Any

from allauth.account.internal.userkit import filter_users_by_email
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User

COOKIE = "known_browser"
_GOOD_FOR = 365 * 24 * 60 * 60


def remember(request: HttpRequest, user: User, response: HttpResponse | None = None, **more: Any) -> None:
    """When somebody has signed in."""
    if response is not None and known_as(request, user.pk) is None:
        number = secrets.token_urlsafe(16)
        response.set_cookie(
            COOKIE,
            f"{number}.{_proof(number, user.pk)}",
            max_age=_GOOD_FOR,
            path="/accounts/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def whose(request: HttpRequest, email: str) -> str:
    """By which key tries at an address are counted: the browser's own, where it is known to the account; else the address."""
    user = next(iter(filter_users_by_email(email, prefer_verified=True, for_login=True)), None)
    known = known_as(request, user.pk) if user else None
    return f"browser {known}" if known else email.lower()


def known_as(request: HttpRequest, account: int) -> str | None:
    """What this browser is called where this account is meant; None where it never was in it."""
    number, _dot, proof = request.COOKIES.get(COOKIE, "").partition(".")
    return number if constant_time_compare(proof, _proof(number, account)) else None


def _proof(number: str, account: int) -> str:
    return salted_hmac("accounts.browsers", f"{number} {account}", algorithm="sha256").hexdigest()
