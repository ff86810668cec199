"""What people follow, how each hears of it, and how far they were told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.category import Category

if TYPE_CHECKING:
    from catalog.models.organization import Organization
    from catalog.models.venue import Venue


class FollowQuerySet(models.QuerySet["Follow"]):
    def hand_over(self, named: Category | Venue | Organization, into: Category | Venue | Organization) -> None:
        """Have those who follow the one follow the other, into which it is merged; who follows both keeps to the other."""
        kind = str(named._meta.model_name)
        moving = self.filter(kind=kind, what=key_of(named))
        moving.filter(user__in=self.filter(kind=kind, what=key_of(into)).values("user")).delete()
        moving.update(what=key_of(into))


class Follow(models.Model):
    """That a person wants to hear of new papers. Written only by `following`, `news` and, where names are merged, `taxonomy`.

    `what` is the number of a category, whose address may change; the slug of a venue, an organization or an author; the query
    string of a search, as `following` puts it in order. `name` is what it was called then: all that is left to say of it
    once it is gone. Papers are known by their numbers, which grow as papers come in: of those up to `told_through` the
    person was told, and has looked at those up to `seen_through`.
    """

    class Kind(models.TextChoices):
        CATEGORY = "category", _("Category")
        VENUE = "venue", _("Venue")
        AUTHOR = "author", _("Author")
        ORGANIZATION = "organization", _("Organization")
        SEARCH = "search", _("Search")

    class How(models.TextChoices):
        SITE = "site", _("On this site")
        DAILY = "daily", _("Daily letter")
        WEEKLY = "weekly", _("Weekly letter")

    LONGEST = 2000

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="follows")
    kind = models.CharField(max_length=12, choices=Kind)
    what = models.CharField(max_length=LONGEST, blank=True)
    name = models.CharField(max_length=200)
    how = models.CharField(max_length=6, choices=How, default=How.SITE)
    created_at = models.DateTimeField()
    told_through = models.PositiveBigIntegerField(default=0)
    seen_through = models.PositiveBigIntegerField(default=0)

    objects = FollowQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name", "id"]
        indexes = [models.Index(fields=["how", "user"], name="follow_by_how")]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "what"], name="thing_is_followed_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["category", "venue", "author", "organization", "search"]), name="follow_kind_is_known"
            ),
            models.CheckConstraint(condition=Q(how__in=["site", "daily", "weekly"]), name="follow_how_is_known"),
            # The search that asks for nothing finds every paper.
            models.CheckConstraint(condition=Q(kind="search") | ~Q(what=""), name="follow_says_what"),
            models.CheckConstraint(condition=~Q(name=""), name="follow_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


def key_of(named: Category | Venue | Organization) -> str:
    """By what a follow knows it: a category by its number, whose address may be another's one day; others by their slug."""
    return str(named.pk) if isinstance(named, Category) else named.slug
