"""allauth's forms in our words: labels above, examples nowhere but where they show a shape. And two of our own."""

from typing import Any

from allauth.account import forms as account
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Token, User


class _Plain(forms.Form):
    """Takes the placeholders away: each repeats its label, and vanishes when it is needed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if "email" in self.fields:
            self.fields["email"].label = _("Email address")
        if "password1" in self.fields:
            self.fields["password1"].label = _("New password")
            self.fields["password1"].help_text = _("Not your name, not only digits, and none that everybody uses.")
            self.fields["password2"].label = _("The same again")


class _Code(_Plain):
    """Asks for the code of a letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shape = {"placeholder": "ABCD-EFGH", "maxlength": "16", "spellcheck": "false", "autocapitalize": "characters", "autofocus": True}
        self.fields["code"].widget.attrs |= shape


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
    pass


class SetPasswordForm(_Plain, account.SetPasswordForm):
    pass


class ResetPasswordForm(_Plain, account.ResetPasswordForm):
    pass


class ResetPasswordKeyForm(_Plain, account.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(_Plain, account.ReauthenticateForm):
    pass


class RequestLoginCodeForm(_Plain, account.RequestLoginCodeForm):
    pass


class ConfirmLoginCodeForm(_Code, account.ConfirmLoginCodeForm):
    pass


class ConfirmEmailCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):
    pass


class ConfirmPasswordResetCodeForm(_Code, account.ConfirmPasswordResetCodeForm):
    pass


class ReviewDigestForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["review_digest"]
        labels = {"review_digest": _("How often")}
        widgets = {"review_digest": forms.RadioSelect}


class TokenForm(forms.Form):
    """What a token is for, what it may do and for how long. To decide is offered only to those who may."""

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
        if not user.is_reviewer:
            scopes: Any = self.fields["scopes"]
            scopes.choices = [choice for choice in Token.Scope.choices if choice[0] != Token.Scope.REVIEW]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if self.user.tokens.filter(name=name).exists():
            raise ValidationError(gettext("You have a token of this name. Choose another, or revoke that one."))
        return name
