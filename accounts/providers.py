"""Signing in by what another site says: who is known here by it, and who is not.

A person is known by the key that the other site has for them, never by an address: what an address opens is shown by a
code sent to it, or by a session of the account.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress
from allauth.account.utils import user_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.base import AuthProcess, ProviderException
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

log = logging.getLogger(__name__)


class ProviderAdapter(DefaultSocialAccountAdapter):
    error_messages = DefaultSocialAccountAdapter.error_messages | {
        "connected_other": _("It is connected to another account here."),
        "no_verified_email": _("Without it you could not get in: show first that an address is yours."),
    }

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Whose verified address has an account here is told to sign in there first. It is said to nobody else.

        Of what the other site says of somebody new, one address is kept, and that only where it vouches for it.
        """
        if sociallogin.is_existing or sociallogin.state.get("process") == AuthProcess.CONNECT:
            return
        theirs = [address for address in sociallogin.email_addresses if address.verified]
        if known := EmailAddress.objects.filter(email__in=[address.email for address in theirs], verified=True).first():
            context = {"email": known.email, "provider": sociallogin.provider}
            page = render(request, "socialaccount/connect_first.html", context, status=HTTPStatus.CONFLICT)
            raise ImmediateHttpResponse(page)
        sociallogin.email_addresses = theirs[:1]
        user_email(sociallogin.user, theirs[0].email if theirs else "")


def forget_who_came_first(request: HttpRequest, email_address: EmailAddress, **more: Any) -> None:
    """When an address is shown to be somebody's: what another browser had tied to the account before is undone.

    Else one could make an account with another's address, and be in it once the other has finished it.
    """
    user = email_address.user
    if user.last_login is None:
        came_by = [record["uid"] for record in get_authentication_records(request, user) if record["method"] == "socialaccount"]
        SocialAccount.objects.filter(user=user).exclude(uid__in=came_by).delete()


class _Readable:
    def complete_login(self, *args: Any, **kwargs: Any) -> SocialLogin:
        """What a site says that is out of order may have any shape, and none of the one it should have."""
        try:
            login: SocialLogin = super().complete_login(*args, **kwargs)  # type: ignore[misc]
        except (AttributeError, LookupError, TypeError, ValueError) as unreadable:
            log.error("What another site said of somebody could not be read.", exc_info=unreadable)
            raise ProviderException from unreadable
        return login


def callback(name: str) -> Callable[[HttpRequest], HttpResponse]:
    """Where somebody comes back to from another site; allauth's own would break where the answer does."""
    theirs = registry.get_class(name).oauth2_adapter_class
    view: Callable[[HttpRequest], HttpResponse] = OAuth2CallbackView.adapter_view(type(theirs.__name__, (_Readable, theirs), {}))
    return view


def not_offered(request: HttpRequest) -> HttpResponse:
    """allauth's way in by a token that Google's script gives to a page. None of ours has it, and it asks Google whenever anybody likes."""
    raise Http404
