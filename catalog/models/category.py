"""The curated tree, and where each paper stands in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User


class Category(models.Model):
    """A node of the tree. `path` is the slugs from the root joined by `/`; `lineage` is its ancestors and itself.

    Both are laid down by `publishing`, so that "in this category or below" is one join.
    """

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="children")
    slug = models.SlugField(max_length=60)
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True)
    position = models.PositiveIntegerField(_("position among its siblings"), default=1)
    path = models.CharField(max_length=300, unique=True)
    lineage = models.ManyToManyField("self", symmetrical=False, related_name="descendants", editable=False)
    # Full maintainers name them; they decide what is proposed for here and below, while their account is open.
    maintainers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="maintained_categories")

    class Meta:
        verbose_name_plural = _("categories")
        ordering = ["tree_position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "slug"], name="category_slug_is_unique_under_its_parent"),
            models.UniqueConstraint(fields=["slug"], condition=Q(parent=None), name="category_slug_is_unique_at_the_top"),
            models.CheckConstraint(condition=~Q(name=""), name="category_has_a_name"),
        ]

    # Where it comes in the whole tree, read from top to bottom.
    tree_position = models.PositiveIntegerField(default=0, editable=False)

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        return self.path.count("/")

    @property
    def keepers(self) -> list[User]:
        """Its own maintainers, without those whose account is closed."""
        return list(self.maintainers.filter(is_active=True).order_by("username"))

    def get_absolute_url(self) -> str:
        return reverse("catalog:category-detail", args=[self.path])


class CategoryAlias(models.Model):
    """A path that a category had before it was renamed or moved; it answers 301 for ever."""

    path = models.CharField(max_length=300, unique=True)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="aliases")

    class Meta:
        verbose_name_plural = _("category aliases")

    def __str__(self) -> str:
        return self.path


class Placement(models.Model):
    """A paper's place under a category, in the curator's order, with the curator's words about it."""

    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="placements")
    paper = models.ForeignKey("catalog.Paper", on_delete=models.CASCADE, related_name="placements")
    position = models.PositiveIntegerField()
    is_primary = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["-is_primary", "id"]
        constraints = [
            models.UniqueConstraint(fields=["category", "paper"], name="paper_stands_once_in_a_category"),
            models.UniqueConstraint(fields=["category", "position"], name="position_is_taken_once_in_a_category"),
            models.UniqueConstraint(fields=["paper"], condition=Q(is_primary=True), name="paper_has_one_primary_category"),
            models.CheckConstraint(condition=Q(position__gte=1), name="position_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id} {self.position}"
