"""Proposals and what was decided about them. Written only by `review`."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import records
from catalog.models.category import Category, CategoryAlias
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
        return self.filter(Exists(places), ~Exists(elsewhere)).exclude(contributor=person)


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
    paper = models.ForeignKey(Paper, on_delete=models.SET_NULL, null=True, blank=True, related_name="submissions")
    title = models.CharField(max_length=records.MAX_TITLE)
    record_json = models.TextField()
    why = models.TextField()
    is_own_work = models.BooleanField(default=False)
    different_from = models.ManyToManyField(Paper, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)
    token = models.UUIDField(default=uuid4)
    # What the queue shows of matching and checks, laid down with each version: the nearest candidate's verdict, outcomes counted.
    risk = models.CharField(max_length=20, blank=True)
    tally = models.JSONField(default=dict)
    submitted_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at", "-id"]
        indexes = [models.Index(fields=["status", "submitted_at", "id"], name="submission_by_queue")]
        constraints = [
            # A form sent twice is one submission.
            models.UniqueConstraint(fields=["contributor", "token"], name="submission_form_counts_once"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "changes_requested", "approved", "rejected", "withdrawn"]),
                name="submission_status_is_known",
            ),
            models.CheckConstraint(condition=Q(kind__in=["addition", "correction", "removal"]), name="submission_kind_is_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="submission_version_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"No. {self.pk}: {self.title}"

    @cached_property
    def record(self) -> Record:
        """What is proposed."""
        return records.from_json(self.record_json)

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING

    def get_absolute_url(self) -> str:
        return reverse("catalog:submission-detail", args=[self.pk])


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


class Decision(models.Model):
    """A maintainer's verdict on one version of a submission. Never changed, never deleted."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("Approved")
        REQUEST_CHANGES = "request_changes", _("Changes requested")
        REJECT = "reject", _("Rejected")

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    submission_version = models.PositiveIntegerField()
    verdict = models.CharField(max_length=16, choices=Verdict)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    private_note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="decisions")
    is_own = models.BooleanField(_("the maintainer's own submission"), default=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["-at", "-id"], name="decision_by_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(verdict__in=["approve", "request_changes", "reject"]), name="decision_verdict_is_known"),
            # One decision settles a submission; asking for changes may happen again.
            models.UniqueConstraint(
                fields=["submission"], condition=Q(verdict__in=["approve", "reject"]), name="submission_is_settled_once"
            ),
            models.UniqueConstraint(fields=["submission", "submission_version"], name="submission_version_is_decided_once"),
            models.CheckConstraint(condition=Q(verdict="approve") | ~Q(reason=""), name="decision_against_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, no. {self.submission_id}"
