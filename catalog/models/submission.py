"""Proposals and what was decided about them. Written only by `review`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import records
from catalog.models.category import Category, CategoryAlias, Placement
from catalog.models.paper import Paper
from catalog.records import Record

if TYPE_CHECKING:
    from accounts.models import User


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def awaiting_review(self) -> SubmissionQuerySet:
        return self.filter(status=Submission.Status.PENDING)

    def open(self) -> SubmissionQuerySet:
        """Not settled: waiting for a maintainer, or for the contributor."""
        return self.filter(status__in=Submission.OPEN)

    def ahead_of(self, submission: Submission) -> SubmissionQuerySet:
        """Waiting longer than this one."""
        return self.awaiting_review().filter(
            Q(submitted_at__lt=submission.submitted_at) | Q(submitted_at=submission.submitted_at, pk__lt=submission.pk)
        )

    def reviewable_by(self, person: User) -> SubmissionQuerySet:
        """What this person sees in the queue, whatever became of it: a full maintainer everything; a category maintainer
        what others propose for categories that are all theirs or below theirs, and that are all there; anybody else nothing.
        """
        if person.is_maintainer:
            return self
        if not person.is_active:
            return self.none()
        theirs = Category.objects.filter(lineage__maintainers=person).values("path")
        formerly = CategoryAlias.objects.filter(category__lineage__maintainers=person).values("path")
        places = ProposedPlacement.objects.filter(submission=OuterRef("pk"))
        elsewhere = places.exclude(Q(path__in=theirs) | Q(path__in=formerly))
        # What is about a paper concerns where it stands, too.
        kept = Category.objects.filter(lineage__maintainers=person)
        stands_elsewhere = Placement.objects.filter(paper=OuterRef("paper")).exclude(category__in=kept)
        theirs_to_decide = self.filter(Exists(places), ~Exists(elsewhere)).exclude(contributor=person)
        return theirs_to_decide.filter(Q(kind=Submission.Kind.ADDITION) | ~Exists(stands_elsewhere))


class Submission(models.Model):
    """A proposal. Its number is public and its page stays, whatever the decision."""

    class Kind(models.TextChoices):
        ADDITION = "addition", _("Addition")
        CORRECTION = "correction", _("Correction")
        REMOVAL = "removal", _("Removal")

    class Status(models.TextChoices):
        PENDING = "pending", _("Waiting")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    OPEN = (Status.PENDING, Status.CHANGES_REQUESTED)

    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ADDITION)
    status = models.CharField(max_length=20, choices=Status, default=Status.PENDING)
    contributor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions")
    # The paper that an addition became, or that a correction or removal is about. The id stays where the paper goes.
    paper = models.ForeignKey(Paper, on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions")
    paper_public_id = models.CharField(max_length=16, blank=True)
    # Of a correction or removal: the paper's record when it was proposed.
    base_json = models.TextField(blank=True)
    title = models.CharField(max_length=records.MAX_TITLE)
    record_json = models.TextField()
    why = models.TextField()
    is_own_work = models.BooleanField(default=False)
    different_from = models.ManyToManyField(Paper, blank=True, related_name="+")
    because = models.CharField(_("how it differs from the near papers"), max_length=280, blank=True)
    version = models.PositiveIntegerField(default=1)
    token = models.UUIDField(default=uuid4)
    # What the queue shows of matching and checks, laid down with each version: the nearest candidate's verdict, outcomes counted.
    risk = models.CharField(max_length=20, blank=True)
    tally = models.JSONField(default=dict)
    # What the checks said of this version, as `checks.Answer` has it: what the contributor is shown.
    answers = models.JSONField(default=list)
    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    # Who opened it last at the desk, at which version, and until when it is theirs to decide in peace.
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_version = models.PositiveIntegerField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-id"]
        indexes = [
            models.Index(fields=["status", "submitted_at", "id"], name="submission_by_queue"),
            # What one person is credited with, counted and paged without a look at the rows.
            models.Index(fields=["contributor", "-submitted_at", "-id", "kind", "status"], name="submission_by_contributor"),
        ]
        constraints = [
            # A form sent twice is one submission.
            models.UniqueConstraint(fields=["contributor", "token"], name="submission_form_counts_once"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "changes_requested", "approved", "rejected", "withdrawn"]),
                name="submission_status_is_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["addition", "correction", "removal"]), name="submission_kind_is_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="submission_version_counts_from_one"),
            models.CheckConstraint(
                condition=Q(kind="addition") | (~Q(base_json="") & ~Q(paper_public_id="")), name="submission_has_what_it_is_about"
            ),
            models.UniqueConstraint(
                fields=["paper_public_id"],
                condition=Q(kind="removal", status__in=["pending", "changes_requested"]),
                name="removal_is_proposed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"No. {self.pk}: {self.title}"

    @cached_property
    def record(self) -> Record:
        """What is proposed."""
        return records.from_json(self.record_json)

    @cached_property
    def base(self) -> Record | None:
        """What a correction or removal was made against; an addition was made against nothing."""
        return records.from_json(self.base_json) if self.base_json else None

    @property
    def is_addition(self) -> bool:
        return self.kind == self.Kind.ADDITION

    @property
    def is_correction(self) -> bool:
        return self.kind == self.Kind.CORRECTION

    @property
    def is_removal(self) -> bool:
        return self.kind == self.Kind.REMOVAL

    @property
    def is_leased(self) -> bool:
        """Whether somebody at the desk is reviewing it at this moment."""
        return self.opened_by_id is not None and self.leased_until is not None and self.leased_until > timezone.now()

    @property
    def is_edited_since_opened(self) -> bool:
        return self.opened_version is not None and self.opened_version < self.version

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    def get_absolute_url(self) -> str:
        return reverse("catalog:submission-detail", args=[self.pk])


class SubmissionVersion(models.Model):
    """What a submission said at one version: a decision is about exactly one. Never changed."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    record_json = models.TextField()
    base_json = models.TextField(blank=True)
    why = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["submission", "number"], name="submission_version_is_unique")]

    def __str__(self) -> str:
        return f"No. {self.submission_id}, version {self.number}"

    @cached_property
    def record(self) -> Record:
        return records.from_json(self.record_json)


class ProposedIdentifier(models.Model):
    """An identifier that an open submission lays claim to: two people cannot propose the same paper at once.

    The row goes when the submission is settled.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="proposed_identifiers")
    scheme = models.CharField(max_length=20)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "value"], name="identifier_is_proposed_once")]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class ProposedPlacement(models.Model):
    """A category that the current version of a submission asks for, by the path that its record gives: for lists of what
    somebody may decide. What a path leads to is asked anew each time, as the tree may change meanwhile.
    """

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="proposed_placements")
    path = models.TextField()

    def __str__(self) -> str:
        return self.path


class ProposedName(models.Model):
    """A venue or an organization that the current version of a submission names, and that nobody knew then: for the desk to map.

    `key` is the spelling as `citations` compares it.
    """

    class Kind(models.TextChoices):
        VENUE = "venue", _("Venue")
        ORGANIZATION = "organization", _("Organization")

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="proposed_names")
    kind = models.CharField(max_length=12, choices=Kind)
    text = models.CharField(max_length=200)
    key = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["kind", "key"], name="proposed_name_by_key")]

    def __str__(self) -> str:
        return self.text


class Comment(models.Model):
    """What was said on a submission's page, for its contributor and whoever may decide it. Never changed."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="comments")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    token = models.UUIDField(default=uuid4)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            # A form sent twice says it once.
            models.UniqueConstraint(fields=["by", "token"], name="comment_form_counts_once"),
        ]

    def __str__(self) -> str:
        return self.text


class DeskNote(models.Model):
    """What maintainers tell one another about a submission. Never leaves the desk, so it has a table of its own."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="desk_notes")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="desk_note_says_something")]

    def __str__(self) -> str:
        return self.text


class Draft(models.Model):
    """The fields of a form as they stand, kept for the one who typed them until the form is sent or thrown away.

    `path` is the form's address, `fields` are urlencoded, `token` is the one the form would be sent with.
    """

    contributor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    token = models.UUIDField()
    path = models.CharField(max_length=300)
    title = models.CharField(max_length=records.MAX_TITLE, blank=True)
    fields = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["-saved_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["contributor", "token"], name="draft_is_kept_once")]

    def __str__(self) -> str:
        return self.title
