"""Where papers appear: the series, its spellings, and one year of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Venue(models.Model):
    """A series, such as SOSP."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100, unique=True)
    full_name = models.CharField(max_length=200, blank=True)
    # False while only an approval has made it: a maintainer is to say whether it is one of its own.
    is_confirmed = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="venue_has_a_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:venue-detail", args=[self.slug])


class VenueAlias(models.Model):
    """A spelling of a venue. `key` is the spelling as `citations` compares it."""

    venue = models.ForeignKey(Venue, on_delete=models.CASCADE, related_name="aliases")
    text = models.CharField(max_length=200)
    key = models.CharField(max_length=200, unique=True)
    # An address that it had before it was merged into this venue; answers 301 for ever.
    slug = models.SlugField(max_length=60, unique=True, null=True, blank=True)

    class Meta:
        verbose_name_plural = _("venue aliases")

    def __str__(self) -> str:
        return self.text


class Edition(models.Model):
    """One year of a venue; the one without a year holds papers whose year there is not known."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="editions")
    year = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(fields=["venue", "year"], name="edition_is_unique"),
            models.UniqueConstraint(fields=["venue"], condition=Q(year=None), name="edition_without_year_is_unique"),
            models.CheckConstraint(condition=Q(year=None) | Q(year__range=(1900, 2100)), name="edition_year_is_plausible"),
        ]

    def __str__(self) -> str:
        return f"{self.venue} {self.year}" if self.year else str(self.venue)

    def get_absolute_url(self) -> str:
        if self.year is None:
            return self.venue.get_absolute_url()
        return reverse("catalog:edition-detail", args=[self.venue.slug, self.year])
