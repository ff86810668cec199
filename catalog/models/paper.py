"""The papers, which are public by existing, and what remains of those that went."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from functools import cached_property
from typing import cast

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import records, terms
from catalog.models.category import Category, Placement
from catalog.records import Record

# Crockford's base 32: no letter that looks like a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_public_id() -> str:
    """80 random bits in 16 characters; never used twice."""
    number = secrets.randbits(80)
    return "".join(_ALPHABET[number >> place & 31] for place in range(0, 80, 5))


# Of what was laid down before such times were kept.
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class PaperQuerySet(models.QuerySet["Paper"]):
    def in_category(self, category: Category) -> PaperQuerySet:
        """Papers placed under it or anywhere below, each once."""
        return self.filter(pk__in=Placement.objects.filter(category__lineage=category).values("paper"))


class Paper(models.Model):
    """One work. Written only by `publishing`.

    `record_json` is what readers are served: the Record of the relational rows, as exact bytes. `search_text` and the
    `has_...` columns are laid down with it, so that lists ask one table. `version` is the one of the catalogue in which
    `record_json` became what it is, and `served_at` its time: what has changed since is found by them.
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
    version = models.PositiveBigIntegerField(default=0)
    served_at = models.DateTimeField(default=BEGINNING)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-added_at", "-id"]
        indexes = [
            models.Index(fields=["-added_at", "-id"], name="paper_by_newest"),
            models.Index(fields=["-year", "-id"], name="paper_by_year"),
            models.Index(fields=["title_key", "id"], name="paper_by_title"),
            models.Index(fields=["kind"], name="paper_by_kind"),
            models.Index(fields=["version", "public_id"], name="paper_by_change"),
            models.Index(fields=["served_at"], name="paper_by_time_of_change"),
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
        affiliations, placements = list(self.affiliations.all()), list(self.placements.all())
        # Nothing is asked where whoever read the paper has fetched these with it.
        models.prefetch_related_objects(affiliations, "organization")
        models.prefetch_related_objects(placements, "category")
        placements.sort(key=lambda placement: (not placement.is_primary, placement.category.tree_position))
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
                records.Organization(slug=affiliation.organization.slug, name=affiliation.organization.name) for affiliation in affiliations
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
                for placement in placements
            ),
            added_at=self.added_at,
            updated_at=self.updated_at,
            revision=self.revision,
            citation_key=self.citation_key,
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
    """What remains of a paper that was retracted (410 with the reason) or merged (301 to the survivor).

    Holds what the paper's last revision does not, so that it can come back exactly as it was.
    """

    public_id = models.CharField(max_length=16, unique=True)
    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(max_length=records.MAX_TITLE)
    reason = models.TextField()
    # The public id of the paper that took this one in. It may have gone the same way since.
    successor_public_id = models.CharField(max_length=16, blank=True, db_index=True)
    paper_number = models.BigIntegerField()
    citation_key = models.CharField(max_length=100, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()
    # The version of the catalogue in which it went.
    version = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("paper taken off the shelf")
        verbose_name_plural = _("papers taken off the shelf")
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["version", "public_id"], name="tombstone_by_change"),
            models.Index(fields=["at"], name="tombstone_by_time"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="tombstone_says_why"),
            models.CheckConstraint(condition=~Q(successor_public_id=models.F("public_id")), name="tombstone_leads_elsewhere"),
        ]

    def __str__(self) -> str:
        return self.title

    @cached_property
    def last(self) -> Tombstone:
        """Itself, or where the papers that took one another in ended without a survivor."""
        grave, seen = self, {self.public_id}
        while grave.successor_public_id not in seen:
            following = Tombstone.objects.filter(public_id=grave.successor_public_id).first()
            if following is None:
                break
            grave = following
            seen.add(grave.public_id)
        return grave

    @cached_property
    def successor(self) -> Paper | None:
        """The paper that holds this one's facts today; None where it was retracted, or its successor was."""
        return Paper.objects.filter(public_id=self.last.successor_public_id).first() if self.last.successor_public_id else None


class Distinction(models.Model):
    """Two papers that somebody looked at and found to be two. Asked once: the pair is not shown as a likeness again.

    Bound to public ids, the smaller first.
    """

    first = models.CharField(max_length=16)
    second = models.CharField(max_length=16, db_index=True)
    because = models.CharField(max_length=280, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_is_told_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=models.F("second")), name="pair_is_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first} {self.second}"


class DisputeNotice(models.Model):
    """A neutral word on a paper's page about what is said of it elsewhere. Shown once a second maintainer has confirmed it."""

    class Kind(models.TextChoices):
        ERRATUM = "erratum", _("A correction has been published")
        CONCERN = "concern", _("Its publisher has expressed a concern")
        WITHDRAWN = "withdrawn", _("Withdrawn by its authors or publisher")
        RESULTS = "results", _("Its results are disputed")
        AUTHORSHIP = "authorship", _("Its authorship is disputed")

    paper_public_id = models.CharField(max_length=16, db_index=True)
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=500)
    url = models.URLField(max_length=records.MAX_URL, blank=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["proposed_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["paper_public_id", "kind"], condition=Q(lifted_at=None), name="notice_stands_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["erratum", "concern", "withdrawn", "results", "authorship"]), name="notice_kind_is_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="notice_says_what"),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=models.F("proposed_by")), name="notice_needs_two_maintainers"
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


def new_stamp() -> str:
    return secrets.token_urlsafe(12)


def current_rules() -> int:
    return terms.RULES


class CatalogueState(models.Model):
    """One row: the version of everything public. It grows by one with every change of the papers or of their names.

    `stamp` is another text after every change that readers can see, also in the queue or the log: what was made of one state
    is good as long as its stamp stands. Unlike the version it never comes twice, whatever is undone or restored.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    version = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField(null=True)
    paper_count = models.PositiveBigIntegerField(default=0)
    stamp = models.CharField(max_length=16, default=new_stamp)
    # The rules of `terms` that the index was made by; 0 stands for the time before there was one.
    rules = models.PositiveSmallIntegerField(default=current_rules)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="catalogue_has_one_state")]

    def __str__(self) -> str:
        return f"version {self.version}"

    @classmethod
    def now(cls) -> CatalogueState:
        """The current state; version 0 while nothing was ever published."""
        return cls.objects.first() or cls()

    @classmethod
    def take_turn(cls) -> CatalogueState:
        """Wait at the door, and keep others waiting there until this transaction ends."""
        cls.objects.get_or_create(id=1)
        return cls.objects.select_for_update().get(id=1)
