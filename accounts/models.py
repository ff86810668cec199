"""Who you are: a public username and a private, verified address; what you were told; the keys of your programs."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Lower
from django.db.models.lookups import Exact, LessThanOrEqual
from django.utils import timezone
from django.utils.crypto import salted_hmac
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

    class ReviewDigest(models.TextChoices):
        DAILY = "daily", _("Every day on which something waits")
        WEEKLY = "weekly", _("Once a week, where something waits")
        NEVER = "never", _("Never")

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
    # Asked only of those who review.
    review_digest = models.CharField(_("letter about what waits"), max_length=6, choices=ReviewDigest, default=ReviewDigest.DAILY)
    # What a person says of themselves, for all to read once they choose to have a page. Written only by `profiles`.
    is_public = models.BooleanField(_("has a public page"), default=False)
    display_name = models.CharField(_("name"), max_length=80, blank=True)
    about = models.CharField(_("about"), max_length=280, blank=True)
    affiliation = models.CharField(_("affiliation"), max_length=120, blank=True)
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    homepage = models.URLField(_("home page"), max_length=200, blank=True)

    class Meta(AbstractUser.Meta):
        verbose_name = _("person")  # type: ignore[assignment]
        verbose_name_plural = _("people")  # type: ignore[assignment]
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_is_unique_in_any_case"),
            models.UniqueConstraint(Lower("email"), name="email_is_unique_in_any_case"),
            models.CheckConstraint(condition=Q(review_digest__in=["daily", "weekly", "never"]), name="review_digest_is_known"),
            models.CheckConstraint(
                condition=Q(homepage="") | Q(homepage__startswith="https://") | Q(homepage__startswith="http://"),
                name="homepage_is_on_the_web",
            ),
            models.CheckConstraint(condition=Q(orcid="") | Q(Exact(Length("orcid"), 19)), name="orcid_is_whole"),
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(Length("display_name"), 80))
                & Q(LessThanOrEqual(Length("about"), 280))
                & Q(LessThanOrEqual(Length("affiliation"), 120)),
                name="profile_has_an_end",
            ),
        ]

    @cached_property
    def is_maintainer(self) -> bool:
        """May decide everything: a member of the group Maintainers, or a superuser."""
        return self.is_active and (self.is_superuser or self.groups.filter(name=MAINTAINERS).exists())

    @cached_property
    def is_reviewer(self) -> bool:
        """May decide something: a maintainer, or named on a category."""
        return self.is_maintainer or (self.is_active and self.maintained_categories.exists())

    @property
    def has_page(self) -> bool:
        """Whether everybody may read about this person: by their own choice, while the account is open."""
        return self.is_public and self.is_active

    @property
    def public_name(self) -> str:
        """What readers call them: the name of their page, where they have both; else the username."""
        return (self.has_page and self.display_name) or self.username

    @property
    def owes_factor(self) -> bool:
        """Whether this person may decide, and nothing yet: there is neither a passkey nor an authenticator app, and the site asks for one.

        Asked wherever somebody comes in to decide: at the desk, with a token, with a proposal that would be its own decision.
        Recovery codes are no factor of their own.
        """
        factors = self.authenticator_set.exclude(type="recovery_codes")  # type: ignore[attr-defined]
        return settings.MAINTAINERS_NEED_MFA and self.is_reviewer and not factors.exists()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is held to at each request: with the password, the first address, or the role, every other session ends."""
        begun_by = json.dumps([self.password, self.email, self.is_staff, self.is_superuser])
        return salted_hmac("accounts.User.session", begun_by, secret=secret, algorithm="sha256").hexdigest()

    @property
    def names(self) -> list[str]:
        """All that readers may know them by."""
        return [self.username, self.display_name] if self.has_page and self.display_name else [self.username]

    def get_full_name(self) -> str:
        return self.username

    def get_short_name(self) -> str:
        return self.username


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


class Notification(models.Model):
    """A sentence for one person, and the page of this site that it is about. Written only by `notify`."""

    LONGEST = 200

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    text = models.CharField(max_length=LONGEST)
    url = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_by_newest"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="notification_says_something"),
            # A browser takes // and /\ for the beginning of another site's address.
            models.CheckConstraint(
                condition=Q(url__startswith="/") & ~Q(url__startswith="//") & ~Q(url__startswith="/\\"),
                name="notification_leads_to_this_site",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Digest(models.Model):
    """That a person's letter of a kind was begun for a period: `2026-11-23` or `2026-W48`. Written only by `notify`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    kind = models.CharField(max_length=20)
    period = models.CharField(max_length=10)
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ["-sent_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "period"], name="digest_is_sent_once_a_period")]

    def __str__(self) -> str:
        return f"{self.kind} {self.period}"


class Token(models.Model):
    """What a person's program signs in with. Written only by `tokens`; the key itself is known to nobody here."""

    class Scope(models.TextChoices):
        READ = "read", _("Read what is yours: your submissions and what became of them")
        SUBMIT = "submit", _("Propose, edit, withdraw and answer in your name")
        REVIEW = "review", _("Decide in your name, as far as you may")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # To the minute.
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="token_has_a_name"),
            models.UniqueConstraint(fields=["user", "name"], name="token_name_is_unique_for_a_person"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def scope_names(self) -> list[str]:
        return [str(scope.label) for scope in self.Scope if scope in self.scopes]
