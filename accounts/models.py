"""Who you are: a public username and a private, verified address."""

from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

MAINTAINERS = "Maintainers"

# Never an "@", so that a username is never taken for somebody's address; ASCII, so that none only looks like another.
USERNAME_RULE = RegexValidator(
    r"\A[A-Za-z0-9][A-Za-z0-9._-]*\Z",
    _("Use letters, digits, dots, hyphens and underscores, and begin with a letter or a digit."),
)


class User(AbstractUser):
    """An account. The username is public; the e-mail address never leaves the accounts room."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    username = models.CharField(
        _("username"),
        max_length=40,
        unique=True,
        validators=[USERNAME_RULE],
        error_messages={"unique": _("This username is taken.")},
    )
    email = models.EmailField(_("e-mail address"), unique=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_is_unique_in_any_case"),
            models.UniqueConstraint(Lower("email"), name="email_is_unique_in_any_case"),
        ]

    @cached_property
    def is_maintainer(self) -> bool:
        """May decide everything: a member of the group Maintainers, or a superuser."""
        return self.is_active and (self.is_superuser or self.groups.filter(name=MAINTAINERS).exists())

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username
