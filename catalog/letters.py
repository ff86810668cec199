"""The periodic letters: what a period is, and how a person has no more of one, by one click and without signing in (RFC 8058)."""

from datetime import datetime
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage as Message
from email.policy import default as default_policy
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.signing import BadSignature, Signer
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Follow


class Kind(models.TextChoices):
    """What a letter is known by, also in `accounts.models.Digest`."""

    REVIEW = "review", _("what waits for you to decide")
    DAILY = "following-daily", _("new papers, every day")
    WEEKLY = "following-weekly", _("new papers, every week")


class BadToken(Exception):
    """This was never given out, or the account is no more."""


def period(now: datetime, *, is_weekly: bool) -> str:
    """The day, or the week as ISO 8601 counts weeks."""
    year, week, _day = now.isocalendar()
    return f"{year}-W{week:02}" if is_weekly else f"{now:%Y-%m-%d}"


# -- No more of them ---------------------------------------------------------------------------
def way_out(reader: User, kind: Kind) -> str:
    """The address at which this reader ends letters of this kind. Good for as long as the account and the secret key are."""
    return settings.SITE_URL + reverse("catalog:unsubscribe", args=[_signer().sign_object([reader.pk, kind.value])])


def read(token: str) -> tuple[User, Kind]:
    """Whose letters of which kind a token ends. Raises BadToken."""
    try:
        number, kind = _signer().unsign_object(token)
        return User.objects.get(pk=number, is_active=True), Kind(kind)
    except (BadSignature, ValueError, User.DoesNotExist) as error:
        raise BadToken from error


def end(reader: User, kind: Kind) -> None:
    """Send no more of these, whatever is set. What was told by letter is told on the site. Nothing happens the second time."""
    if kind == Kind.REVIEW:
        User.objects.filter(pk=reader.pk).update(review_digest=User.ReviewDigest.NEVER)
    else:
        how = Follow.How.DAILY if kind == Kind.DAILY else Follow.How.WEEKLY
        reader.follows.filter(how=how).update(how=Follow.How.SITE)


def _signer() -> Signer:
    return Signer(salt="unsubscribe", sep=".")


# -- As mail -----------------------------------------------------------------------------------
class Letter(EmailMessage):
    """A letter that says in its headers how to have no more of them (RFC 2369, RFC 8058)."""

    def __init__(self, *args: Any, way_out: str, **kwargs: Any) -> None:
        headers = {"List-Unsubscribe": f"<{way_out}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        super().__init__(*args, headers=headers, **kwargs)

    def message(self, *, policy: Any = default_policy) -> Message:
        return super().message(policy=policy.clone(header_factory=_headers))


class _OnOneLine(UnstructuredHeader):
    """An address is longer than a line should be. Python would write it as an encoded word, which mail services do not read."""

    def fold(self, *, policy: Any) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]


_headers = HeaderRegistry()
_headers.map_to_type("list-unsubscribe", _OnOneLine)  # type: ignore[arg-type]
