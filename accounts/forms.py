"""allauth's forms in our words: labels above, examples nowhere but where they show a shape. And two of our own."""

import struct
from hashlib import sha256
from typing import Any

from allauth.account import app_settings as account_settings
from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.adapter import get_adapter as get_factor_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from allauth.socialaccount import forms as social
from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse, RegistrationResponse

from accounts import browsers, limits
from accounts.models import Token, User
from accounts.notify import has_verified_address
from accounts.unsent import typed

# A passkey with the certificates of its maker is about half of this.
LONGEST_CREDENTIAL = 20_000
NO_PASSKEY = _("That passkey does not fit. Try again, or choose another way.")


class _Plain(forms.Form):
    """Takes the placeholders away: each repeats its label, and vanishes when it is needed. Begins with what was typed before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = _("Fill this in.")
        if context.request:
            self.initial.update(typed(context.request))
        if "email" in self.fields:
            self.fields["email"].label = _("Email address")
        if "password1" in self.fields:
            self.fields["password1"].label = _("New password")
            self.fields["password1"].help_text = _("Not your name, not only digits, and none that everybody uses.")
            self.fields["password2"].label = _("The same again")


class _Letter(_Plain):
    """Asks for a letter with a code. Few go to one address, whatever they are for."""

    def clean_email(self) -> str:
        email: str = super().clean_email()  # type: ignore[misc]
        if not ratelimit.consume(context.request, app=limits.APP, action="code_letter", key=browsers.whose(context.request, email)):
            raise get_adapter().validation_error("too_many_login_attempts")
        return email


class _Code(_Plain):
    """Asks for the code of a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape = {"placeholder": "ABCD-EFGH", "maxlength": "16", "spellcheck": "false", "autocapitalize": "characters", "autofocus": True}
        self.fields["code"].widget.attrs |= shape

    def clean_code(self) -> str:
        """A first try is looked at, whatever others have tried. Whether there is a second is up to how many were had at this address."""
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            tries = browsers.whose(context.request, self.asked["email"])
            if not ratelimit.consume(context.request, app=limits.APP, action="code_again", key=tries):
                self.asked["failed_attempts"] = account_settings.LOGIN_BY_CODE_MAX_ATTEMPTS
            raise
        return code

    @property
    def asked(self) -> dict[str, Any]:
        """What allauth knows of the letter."""
        raise NotImplementedError


class LoginForm(_Plain, account.LoginForm):
    """Username or address, and a password: an account may have one though nobody is asked for it at sign-up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("Username or email address")
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""

    def _setup_password_field(self) -> None:
        """allauth would leave the password out, because sign-up has none."""


class SignupForm(_Plain, account.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = _("Never shown. We write to it about what you submit, and to let you in.")
        self.fields["username"].help_text = _(
            "Public: it stands beside what you propose. 2 to 30 letters, digits, dots, dashes or underscores."
        )
        self.fields["username"].widget.attrs |= {"maxlength": "30", "spellcheck": "false", "autocapitalize": "none"}


class AddEmailForm(_Plain, account.AddEmailForm):
    pass


class ChangeEmailForm(_Plain, account.ChangeEmailForm):
    pass


class ChangePasswordForm(_Plain, account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")


class SetPasswordForm(_Plain, account.SetPasswordForm):
    pass


class ResetPasswordForm(_Letter, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_Plain, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(_Plain, account.ReauthenticateForm):
    pass


class RequestLoginCodeForm(_Letter, account.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(_Code, account.ConfirmLoginCodeForm):
    @property
    def asked(self) -> dict[str, Any]:
        return context.request._login_stage.state


class ConfirmEmailCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):
    @property
    def asked(self) -> dict[str, Any]:
        return context.request.session[EMAIL_VERIFICATION_CODE_SESSION_KEY]


class ConfirmPasswordResetCodeForm(_Code, account.ConfirmPasswordResetCodeForm):
    @property
    def asked(self) -> dict[str, Any]:
        return context.request.session[PASSWORD_RESET_VERIFICATION_SESSION_KEY]


# -- Second factors ----------------------------------------------------------------------------
class _Factor(_Plain):
    """Asks for six digits of an app, or eight of a recovery code."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Six digits, or a recovery code")
        self.fields["code"].widget.attrs |= {"inputmode": "numeric", "maxlength": "16", "spellcheck": "false", "autofocus": True}

    def clean_code(self) -> str:
        """Lets in once (RFC 6238, section 5.2): allauth remembers digits for the half minute they are of, and they are good for longer."""
        digits = sha256(normalize_user_code(self.cleaned_data["code"]).encode()).hexdigest()
        used, good_for = f"digits:{self.user.pk}:{digits}", mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
        if not cache.add(used, True, timeout=good_for):
            check_rate_limit(self.user)
            raise get_factor_adapter().validation_error("incorrect_code")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            cache.delete(used)
            raise
        return code


class FactorForm(_Factor, mfa.AuthenticateForm):
    pass


class FactorAgainForm(_Factor, mfa.ReauthenticateForm):
    pass


class ActivateAppForm(_Factor, totp.ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("The six digits that the app shows now")


class CredentialField(forms.JSONField):
    """What a browser says of a passkey: read as far as it can be before allauth has it, and never shown again.

    allauth leaves much of what can be wrong with it to chance, and stores what is empty.
    """

    widget = forms.HiddenInput

    def __init__(self, *, shape: type[RegistrationResponse] | type[AuthenticationResponse]) -> None:
        super().__init__(error_messages={"required": NO_PASSKEY})
        self.shape = shape

    def to_python(self, value: Any) -> Any:
        try:
            credential = super().to_python(value if len(value or "") <= LONGEST_CREDENTIAL else "")
            self.shape.from_dict(credential)
        except (LookupError, RecursionError, TypeError, ValidationError, ValueError, struct.error) as unreadable:
            raise ValidationError(NO_PASSKEY) from unreadable
        return credential

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class PasskeyNameField(forms.CharField):
    def __init__(self, **more: Any) -> None:
        super().__init__(
            max_length=60, label=_("Name"), help_text=_("So that you know later which one it is, such as the device it is on."), **more
        )

    def to_python(self, value: Any) -> str:
        return " ".join((super().to_python(value) or "").split())


class _Passkey(_Plain):
    """Takes what a browser says when it is asked for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(shape=AuthenticationResponse)

    def clean_credential(self) -> Authenticator:
        try:
            passkey: Authenticator = super().clean_credential()  # type: ignore[misc]
        except ValidationError as refused:
            raise ValidationError(NO_PASSKEY) if refused.code == "incorrect_code" else refused from refused
        return passkey


class _NewPasskey(_Plain):
    """Takes what a browser says when it has made one; the name is for its owner, to tell one from another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = CredentialField(shape=RegistrationResponse)
        self.fields["name"] = PasskeyNameField(required=False)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean() or {}
        except ValidationError as refused:
            raise ValidationError(NO_PASSKEY) from refused
        return cleaned


class AddPasskeyForm(_NewPasskey, webauthn.AddWebAuthnForm):
    pass


class FirstPasskeyForm(_NewPasskey, webauthn.SignupWebAuthnForm):
    pass


class PasskeyForm(_Passkey, webauthn.AuthenticateWebAuthnForm):
    pass


class PasskeyLoginForm(_Passkey, webauthn.LoginWebAuthnForm):
    pass


class PasskeyAgainForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    pass


class RenamePasskeyForm(_Plain, webauthn.EditWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = PasskeyNameField()


# -- Other sites -------------------------------------------------------------------------------
class ProviderSignupForm(SignupForm, social.SignupForm):
    """Where the other site vouches for an address, it is the one: any other could be somebody else's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].disabled = bool(self.sociallogin.email_addresses)


class DisconnectForm(social.DisconnectForm):
    """allauth would keep the last connection of who has no password; a code to a verified address lets them in.

    Of a site that is no longer configured nothing can be asked, and nothing is offered.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        account: Any = self.fields["account"]
        self.accounts = account.queryset = account.queryset.filter(provider__in=settings.SOCIALACCOUNT_PROVIDERS)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        if not has_verified_address(self.request.user):
            raise get_adapter().validation_error("no_verified_email")
        return cleaned


# -- Our own -----------------------------------------------------------------------------------
class ReviewDigestForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["review_digest"]
        labels = {"review_digest": _("How often")}
        widgets = {"review_digest": forms.RadioSelect}


class TokenForm(forms.Form):
    """What a token is for, what it may do and for how long. To decide is offered only to those who may, and owe no second factor:
    a token that was made without one would decide as soon as its owner has one.
    """

    use_required_attribute = False

    name = forms.CharField(
        max_length=60,
        label=_("What it is for"),
        help_text=_("So that you know later which one to revoke, such as the name of the program."),
        error_messages={"required": _("Give it a name, so that you know later what it is for.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=Token.Scope,
        initial=[Token.Scope.READ],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        choices=[(7, _("a week")), (30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        coerce=int,
        initial=90,
        error_messages={"required": _("Choose for how long.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.is_reviewer or user.owes_factor:
            scopes: Any = self.fields["scopes"]
            scopes.choices = [choice for choice in Token.Scope.choices if choice[0] != Token.Scope.REVIEW]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self.user.tokens.filter(name=name).exists():
            raise ValidationError(gettext("You have a token of this name. Choose another, or revoke that one."))
        return name
