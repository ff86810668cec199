"""Signing in by what another site says: who is known here by it, and who is not.

A person is known by the key that the other site has for them, never by an address: what an address opens is shown by a
code sent to it, or by a session of the account.
"""

from http import HTTPStatus

from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _


class ProviderAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": _("It is connected to another account here."),
        "no_verified_email": _("Without it you could not get in: show first that an address is yours."),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whose verified address has an account here is told to sign in there first. It is said to nobody else."""
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        theirs = [address.email for address in sociallogin.email_addresses if address.verified]
        if known := EmailAddress.objects.filter(email__in=theirs, verified=True).first():
            context = {"email": known.email, "provider": sociallogin.provider}
            page = render(request, "socialaccount/connect_first.html", context, status=HTTPStatus.CONFLICT)
            raise ImmediateHttpResponse(page)
