"""What a person may say of themselves, checked at the edge: each refusal is a sentence that says what to do."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import names, orcid, profiles
from accounts.models import User

LONGEST_ADDRESS = 200


class _Line(forms.CharField):
    """One line of tidy text without hidden signs."""

    def __init__(self, **more: Any) -> None:
        messages = {"max_length": gettext_lazy("Shorten it to %(limit_value)d characters; it has %(show_value)d.")}
        super().__init__(required=False, error_messages=messages, **more)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        if found := names.hidden_in(text):
            raise ValidationError(_("Take out %(characters)s: nobody can see it here.") % {"characters": ", ".join(found[:3])})
        return names.tidy(text)


class ProfileForm(forms.Form):
    """All of it is optional, the page itself included."""

    use_required_attribute = False

    is_public = forms.BooleanField(
        required=False,
        label=gettext_lazy("Have a public page"),
        help_text=gettext_lazy("It shows what you write here, and what you proposed, corrected and reviewed. Never your address."),
    )
    display_name = _Line(
        max_length=80,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Stands on your page and beside what you contribute, in place of your username."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"}),
    )
    about = _Line(max_length=280, label=gettext_lazy("About you, in a sentence"), widget=forms.TextInput(attrs={"dir": "auto"}))
    affiliation = _Line(
        max_length=120,
        label=gettext_lazy("Affiliation"),
        widget=forms.TextInput(attrs={"autocomplete": "organization", "dir": "auto"}),
    )
    orcid = _Line(
        max_length=60,
        label=gettext_lazy("ORCID iD"),
        help_text=gettext_lazy("16 digits, such as 0000-0002-1825-0097. We check that it is whole, not that it is yours."),
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
    )
    homepage = forms.URLField(
        required=False,
        max_length=LONGEST_ADDRESS,
        assume_scheme="https",
        label=gettext_lazy("Home page"),
        error_messages={"invalid": gettext_lazy("Give a whole address, such as https://example.org/you.")},
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_display_name(self) -> str:
        name: str = self.cleaned_data["display_name"]
        if not name:
            return ""
        if not names.is_name(name):
            raise ValidationError(_("Write it in letters."))
        if names.mixes_alphabets(name):
            raise ValidationError(_("A word of it has letters of two alphabets that look alike. Write each word in one."))
        if names.speaks_for_the_site(name):
            raise ValidationError(_("That name would speak for the site. Choose another."))
        if profiles.is_somebody_elses(name, by=self.person):
            raise ValidationError(_("Readers would take that for the name of somebody else here. Choose another."))
        return name

    def clean_orcid(self) -> str:
        text: str = self.cleaned_data["orcid"]
        found = orcid.normalise(text) if text else ""
        if found is None:
            raise ValidationError(_("That is no ORCID iD: a digit is missing or wrong. Copy it from your page at orcid.org."))
        return found

    def clean_homepage(self) -> str:
        """Stored with its host in ASCII, so that a host in look-alike letters is shown for what it is."""
        text: str = self.cleaned_data["homepage"]
        if not text:
            return ""
        invalid = ValidationError(self.fields["homepage"].error_messages["invalid"])
        try:
            parts = urlsplit(text)
            host = (parts.hostname or "").encode("idna").decode()
            place = host if parts.port is None else f"{host}:{parts.port}"
            URLValidator(schemes=["http", "https"])(address := urlunsplit(parts._replace(netloc=place)))
        except (UnicodeError, ValueError, ValidationError) as error:
            raise invalid from error
        if parts.username or parts.password or "\\" in text or names.hidden_in(text) or len(address) > LONGEST_ADDRESS:
            raise invalid
        return address


class LeaveForm(forms.Form):
    """Typed, so that it is no slip of the hand."""

    use_required_attribute = False

    username = forms.CharField(
        max_length=60,
        label=gettext_lazy("Username of the account, to confirm"),
        error_messages={"required": gettext_lazy("Type the username to confirm.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_username(self) -> str:
        typed: str = self.cleaned_data["username"]
        if typed != self.person.username:
            raise ValidationError(_("That is not the username of this account. Nothing was deleted."))
        return typed
