"""The papers, which are public by existing, and what remains of those that went."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import records
from catalog.models.category import Category, Placement
from catalog.records import Record

# Crockford's base 32: no letter that looks like a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_public_id() -> str:
    """80 random bits in 16 characters; never used twice."""
    return "".join(secrets.choice(_ALPHABET) for _place in range(16))


class PaperQuerySet(models.QuerySet["Paper"]):
    def in_category(self, category: Category) -> PaperQuerySet:
        """Papers placed under it or anywhere below, each once."""
        return self.filter(pk__in=Placement.objects.filter(category__lineage=category).values("paper"))


class Paper(models.Model):
    """One work. Written only by `publishing`.

    `record_json` is what readers are served: the Record of the relational rows, as exact bytes. `search_text` and the
    `has_...` columns are laid down with it, so that lists ask one table.
    """

    class Kind(models.TextChoices):
        PAPER = "paper", _("Paper")
        SURVEY = "survey", _("Survey")
        BENCHMARK = "benchmark", _("Benchmark")
        LEADERBOARD = "leaderboard", _("Leaderboard")
        FRAMEWORK = "framework", _("Framework")
        ARTICLE = "article", _("Article")
        COURSE = "course", _("Course")
        LIST = "list", _("List")
        TALK = "talk", _("Talk")

    public_id = models.CharField(max_length=16, unique=True, default=new_public_id)
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(max_length=records.MAX_TITLE)
    title_key = models.CharField(max_length=records.MAX_TITLE, db_index=True)
    short_name = models.CharField(max_length=records.MAX_SHORT_NAME, blank=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.PAPER)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    abstract = models.TextField(blank=True)
    note = models.TextField(blank=True)
    edition = models.ForeignKey("catalog.Edition", on_delete=models.PROTECT, null=True, blank=True, related_name="papers")
    venue_raw = models.CharField(max_length=200, blank=True)
    venue_track = models.CharField(max_length=100, blank=True)
    citation_key = models.CharField(max_length=100, unique=True)
    organizations = models.ManyToManyField("catalog.Organization", through="catalog.Affiliation", related_name="papers")
    categories = models.ManyToManyField(Category, through="catalog.Placement", related_name="papers")
    added_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1)

    record_json = models.TextField()
    search_text = models.TextField()
    has_code = models.BooleanField(default=False)
    has_pdf = models.BooleanField(default=False)
    has_abstract = models.BooleanField(default=False)
    has_doi = models.BooleanField(default=False)
    has_arxiv = models.BooleanField(default=False)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-id"]
        indexes = [
            models.Index(fields=["-added_at", "-id"], name="paper_by_newest"),
            models.Index(fields=["-year", "-id"], name="paper_by_year"),
            models.Index(fields=["title_key", "id"], name="paper_by_title"),
            models.Index(fields=["kind"], name="paper_by_kind"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
            models.CheckConstraint(condition=~Q(slug=""), name="paper_has_a_slug"),
            models.CheckConstraint(
                condition=Q(year=None) | Q(year__range=(records.FIRST_YEAR, records.LAST_YEAR)), name="paper_year_is_plausible"
            ),
            models.CheckConstraint(condition=Q(kind__in=records.KINDS), name="paper_kind_is_known"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="paper_revision_counts_from_one"),
            models.CheckConstraint(condition=Q(updated_at__gte=models.F("added_at")), name="paper_is_updated_after_it_was_added"),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def record(self) -> Record:
        """What readers are served, decoded."""
        return records.from_json(self.record_json)

    def get_absolute_url(self) -> str:
        return reverse("catalog:paper-detail", args=[self.slug])

    def to_record(self) -> Record:
        """The Record that the relational rows say, in the order the contract gives."""
        edition = self.edition
        return Record(
            id=self.public_id,
            slug=self.slug,
            path=f"/papers/{self.slug}/",
            title=self.title,
            short_name=self.short_name,
            kind=cast(records.Kind, self.kind),
            year=self.year,
            abstract=self.abstract,
            note=self.note,
            authors=tuple(records.Author(name=author.name, orcid=author.orcid or None) for author in self.authors.all()),
            organizations=tuple(
                records.Organization(slug=affiliation.organization.slug, name=affiliation.organization.name)
                for affiliation in self.affiliations.select_related("organization")
            ),
            venue=records.Venue(
                slug=edition.venue.slug, name=edition.venue.name, year=edition.year, track=self.venue_track, raw=self.venue_raw
            )
            if edition
            else None,
            identifiers={identifier.scheme: identifier.value for identifier in self.identifiers.all()},
            links=tuple(records.Link(kind=cast(records.LinkKind, link.kind), url=link.url, label=link.label) for link in self.links.all()),
            categories=tuple(
                records.Category(
                    path=placement.category.path,
                    name=placement.category.name,
                    position=placement.position,
                    primary=placement.is_primary,
                    note=placement.note,
                )
                for placement in self.placements.select_related("category").order_by("-is_primary", "category__tree_position")
            ),
            added_at=self.added_at,
            updated_at=self.updated_at,
            revision=self.revision,
        )


class Author(models.Model):
    """An author of one paper, in order. `slug` is the folded name, by which a name is found over all papers."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="authors")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=records.MAX_NAME)
    slug = models.SlugField(max_length=80, allow_unicode=True)
    orcid = models.CharField(max_length=19, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="author_order_is_unique"),
            models.CheckConstraint(condition=~Q(name=""), name="author_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Identifier(models.Model):
    """A normalised identifier; one paper holds it, and holds one of a scheme."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="identifiers")
    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=300)

    class Meta:
        ordering = ["scheme"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "value"], name="identifier_belongs_to_one_paper"),
            models.UniqueConstraint(fields=["paper", "scheme"], name="paper_has_one_identifier_of_a_scheme"),
            models.CheckConstraint(condition=~Q(value=""), name="identifier_has_a_value"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Link(models.Model):
    """A place to go; the first is the one a title leads to."""

    class Kind(models.TextChoices):
        PAPER = "paper", _("Paper")
        PDF = "pdf", _("PDF")
        CODE = "code", _("Code")
        SLIDES = "slides", _("Slides")
        VIDEO = "video", _("Video")
        PROJECT = "project", _("Project")
        DATA = "data", _("Data")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="links")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    url = models.URLField(max_length=records.MAX_URL)
    label = models.CharField(max_length=100, blank=True)

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["url"], name="link_by_url")]
        constraints = [
            models.UniqueConstraint(fields=["paper", "position"], name="link_order_is_unique"),
            models.CheckConstraint(condition=Q(kind__in=records.LINK_KINDS), name="link_kind_is_known"),
            models.CheckConstraint(condition=Q(url__startswith="https://") | Q(url__startswith="http://"), name="link_leads_to_the_web"),
        ]

    def __str__(self) -> str:
        return self.url


class Tombstone(models.Model):
    """What remains of a paper that was retracted (410 with the reason) or merged (301 to the survivor)."""

    public_id = models.CharField(max_length=16, unique=True)
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(max_length=records.MAX_TITLE)
    reason = models.TextField()
    successor = models.ForeignKey(Paper, on_delete=models.PROTECT, null=True, blank=True, related_name="predecessors")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="tombstone_says_why")]

    def __str__(self) -> str:
        return self.title


class CatalogueState(models.Model):
    """One row: the version of everything public. It grows by one with every change that readers can see."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)
    paper_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="catalogue_has_one_state")]

    def __str__(self) -> str:
        return f"version {self.version}"

    @classmethod
    def now(cls) -> CatalogueState:
        """The current state; version 0 while nothing was ever published."""
        return cls.objects.first() or cls()
