"""allauth's pages that take a passkey. Where one does not fit they say so, and still lead on to where the person was going."""

from typing import Any

from allauth.account import views as account
from allauth.mfa.webauthn.views import LoginWebAuthnView, ReauthenticateWebAuthnView
from django.http import HttpResponse


class PasskeyLogin(LoginWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """The sign-in again; allauth would forget what it leads to."""
        self.request.method = "GET"
        page: Any = account.login(self.request)
        page.context_data["passkey"] = form
        return page


class PasskeyAgain(ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        """This page again; allauth would lead away to the home page."""
        return self.render_to_response({**self.get_context_data(), "form": form})
