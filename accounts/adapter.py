"""What allauth asks us: which usernames are free to take, how often one may guess, and which words its sentences use."""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.internal.userkit import filter_users_by_email, get_user_by_username
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import browsers, names
from accounts.fresh import just_signed_in, sign_in_again
from accounts.limits import APP
from accounts.models import User

log = logging.getLogger(__name__)


_KNOWN = "browser "


def _release_unfinished(username: str) -> None:
    """Give back a name whose account nobody finished in time, as when the address was mistyped and no code arrived."""
    abandoned = User.objects.filter(
        username__iexact=username,
        last_login=None,
        is_staff=False,
        password__startswith="!",
        date_joined__lt=timezone.now() - timedelta(seconds=settings.ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT),
        emailaddress__verified=False,
    )
    abandoned.exclude(emailaddress__verified=True).delete()


def _account_meant(request: HttpRequest, credentials: dict[str, Any]) -> str:
    """A key for whoever would be signed in by these; who is nobody has one too, and the same is asked to find it.

    A browser that the account knows has one of its own.
    """
    email, username = credentials.get("email"), credentials.get("username")
    users = filter_users_by_email(email, prefer_verified=True, for_login=True) if email else []
    user = next(iter(users), None) or (get_user_by_username(username) if username else None)
    if user is None:
        return f"nobody {email or username}".lower()
    known = browsers.known_as(request, user.pk)
    return f"{_KNOWN}{known}" if known else f"account {user.pk}"


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is closed."),
        "email_password_mismatch": _("That address and that password do not belong together."),
        "username_password_mismatch": _("That username and that password do not belong together."),
        "incorrect_code": _("That code does not match. Take the one from the newest mail."),
        "incorrect_password": _("That is not your password."),
        "enter_current_password": _("That is not your current password."),
        "too_many_login_attempts": _("Too many tries. Wait five minutes, then try again."),
        "username_malformed": _("Use 2 to 30 letters (a to z) or digits; dots, dashes and underscores only between them."),
        "username_taken": _("That username is taken."),
        "username_blacklisted": _("That username would speak for the site. Choose another."),
        "rate_limited": _("Wait ten seconds before you ask for another code."),
    }

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """One account is guessed at five times in five minutes, whichever of its names is used.

        Past that no password is looked at, and the answer is that of a wrong one: another would tell which address goes with
        which name.
        """
        if "email" in credentials and credentials.get("username") == credentials["email"]:
            # No username is an address. Tried as both, one that is known would take twice the time.
            del credentials["username"]
        guess = ratelimit.consume(request, app=APP, action="login_failed_account", key=_account_meant(request, credentials))
        if not guess:
            self.pre_authenticate(request, **credentials)
            make_password(credentials["password"])
            return None
        user = super().authenticate(request, **credentials)
        if user:
            guess.rollback()
        return user

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """allauth counts by what was typed, too."""
        meant = _account_meant(request, credentials)
        typed: str = super()._get_login_attempts_cache_key(request, **credentials)
        return meant if meant.startswith(_KNOWN) else typed

    def is_reauthentication_required(self, *, app: str, **more: Any) -> bool:
        """Whoever has just signed in, by whatever way, is not asked again; who has nothing to be asked for signs in anew, by a code.

        allauth would let these do anything.
        """
        if just_signed_in(self.request):
            return False
        if not get_reauthentication_flows(self.request.user):
            raise ImmediateHttpResponse(sign_in_again(self.request))
        return super().is_reauthentication_required(app=app, **more)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        words = {
            "reauthenticate": _("Use your password"),
            "mfa_reauthenticate": _("Use a code from your app, or a recovery code"),
            "mfa_reauthenticate:webauthn": _("Use a passkey"),
        }
        return [method | {"description": words[method["id"]]} for method in super().get_reauthentication_methods(user)]

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if not names.USERNAME.fullmatch(username):
            raise self.validation_error("username_malformed")
        if names.is_reserved(username):
            raise self.validation_error("username_blacklisted")
        if not shallow:
            _release_unfinished(username)
        return super().clean_username(username, shallow)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """The first address stays: decisions are sent to it, and it is how one gets back in."""
        return not email_address.primary

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:account-detail")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Subjects are rendered without a request, so what letters say of the site is given to them here.

        Where the mail server does not take the letter, the person is told that no code is on its way.
        """
        try:
            super().send_mail(template_prefix, email, {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL, **context})
        except OSError as error:
            log.error("A letter was not sent: %s", type(error).__name__)
            answer = HttpResponse(render_to_string("503_mail.html"), status=HTTPStatus.SERVICE_UNAVAILABLE, headers={"Retry-After": "120"})
            raise ImmediateHttpResponse(answer) from error
