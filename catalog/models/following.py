"""What people follow, how each hears of it, and how far they were told."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence
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
    def hand_over(self, named: Category | Venue | Organization, into: Category | Venue | Organization, *, papers: Collection[int]) -> None:
        """Have those who follow the one follow the other, into which it is merged with its `papers`.

        Who follows both keeps to the other. It goes back to before the first of these papers that they were not told of: what
        they heard of since is told twice, and nothing is left out.
        """
        kind, in_order = str(named._meta.model_name), sorted(papers)
        moving = self.filter(kind=kind, what=key_of(named))
        following = self.filter(kind=kind, what=key_of(into))
        staying: dict[int, Follow] = {each.user_id: each for each in following.filter(user__in=moving.values("user"))}
        for going in moving.filter(user__in=following.values("user")):
            stays = staying[going.user_id]
            stays.told_through = _before_what_is_missing(in_order, going.told_through, stays.told_through)
            stays.seen_through = _before_what_is_missing(in_order, going.seen_through, stays.seen_through)
            going.delete()
        Follow.objects.bulk_update(staying.values(), ["told_through", "seen_through"], batch_size=500)
        moving.update(what=key_of(into))


def _before_what_is_missing(papers: Sequence[int], known: int, through: int) -> int:
    """Up to where all are known: of these papers those up to `known`, of others those up to `through`."""
    at = bisect_right(papers, known)
    return min(through, papers[at] - 1) if at < len(papers) else through


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
