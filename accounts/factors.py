"""The second factors of a person: passkeys and an authenticator app, with recovery codes for when both are away.

What they are made of is allauth's business, and shown to nobody. Here is what they are called, and how a person is rid of them.
"""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import notify, sealing, sessions
from accounts.models import User


class FactorAdapter(DefaultMFAAdapter):
    """What allauth asks us about factors: by which names they are known, and its sentences in our words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_generate_recovery_codes": _("Codes stand in for a passkey or an authenticator app. Add one of these first."),
        "incorrect_code": _("That code does not match, or it was used already."),
        "unverified_email": _("One of your addresses waits for its code. Enter it or remove the address, then come back."),
    }

    def _get_site_name(self) -> str:
        return settings.SITE_NAME

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        """What a phone shows in its list of keys: never the address, which others may see there."""
        return user.get_username()

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}


def summary(user: User) -> str:
    """In words, for who sees that there are some and nothing of what they are."""
    kinds = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    passkeys = kinds.count(Authenticator.Type.WEBAUTHN)
    said = [ngettext("%(count)d passkey", "%(count)d passkeys", passkeys) % {"count": passkeys}] if passkeys else []
    said += [gettext("an authenticator app")] if Authenticator.Type.TOTP in kinds else []
    return ", ".join(said) or gettext("none")


@transaction.atomic
def remove_all(user: User) -> None:
    """For a person who has lost theirs: every factor and code goes, and every session, which may be on what was lost."""
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    if address := notify.address_of(user):
        transaction.on_commit(lambda: _tell(address), robust=True)


def _tell(address: str) -> None:
    context = {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}
    subject = " ".join(render_to_string("mfa/email/factors_removed_subject.txt", context).split())
    send_mail(subject, render_to_string("mfa/email/factors_removed_message.txt", context), settings.DEFAULT_FROM_EMAIL, [address])
