"""What allauth asks us: which usernames are free to take, and which words its sentences use."""

import logging
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import names
from accounts.models import User

log = logging.getLogger(__name__)


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
