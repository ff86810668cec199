"""Where papers come from: universities, labs and companies."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)
    name = models.CharField(max_length=200, unique=True)
    # False while only an approval has made it: a maintainer is to say whether it is one of its own.
    is_confirmed = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="organization_has_a_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:organization-detail", args=[self.slug])


class OrganizationAlias(models.Model):
    """A spelling of an organization. `key` is the spelling as `citations` compares it."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=200)
    key = models.CharField(max_length=200, unique=True)
    # An address that it had before it was merged into this organization; answers 301 for ever.
    slug = models.SlugField(max_length=60, unique=True, null=True, blank=True, allow_unicode=True)

    class Meta:
        verbose_name_plural = _("organization aliases")

    def __str__(self) -> str:
        return self.text


class Affiliation(models.Model):
    """An organization of a paper, in the order the list gives."""

    paper = models.ForeignKey("catalog.Paper", on_delete=models.CASCADE, related_name="affiliations")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="affiliations")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "organization"], name="organization_is_named_once_a_paper"),
            models.UniqueConstraint(fields=["paper", "position"], name="organization_order_is_unique"),
        ]

    def __str__(self) -> str:
        return str(self.organization)
