"""What maintainers decided, for ever, and the reasons that they choose from. Written only by `review`."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog import records
from catalog.models.submission import Submission
from catalog.records import Record


class Decision(models.Model):
    """One act of a maintainer: on one version of a submission, on papers or names themselves, or on an earlier decision.

    Never changed, never deleted. `paper_public_id` and `subject` say what it was about: the paper's id, its title or a name.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("Approved")
        TAKE = "take", _("Approved in part")
        REQUEST_CHANGES = "request_changes", _("Changes requested")
        REJECT = "reject", _("Rejected")
        UNDO = "undo", _("Undone")
        MERGE = "merge", _("Merged")
        NOTICE = "notice", _("Notice placed")
        LIFT = "lift", _("Notice lifted")
        ARRANGE = "arrange", _("Arranged")
        IMPORT = "import", _("Imported")

    # On a version of a submission, which settles once: one that was sent back and never returned may still be rejected.
    ON_SUBMISSIONS = (Verdict.APPROVE, Verdict.TAKE, Verdict.REQUEST_CHANGES, Verdict.REJECT)

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, null=True, blank=True, related_name="decisions")
    submission_version = models.PositiveIntegerField(null=True, blank=True)
    verdict = models.CharField(max_length=16, choices=Verdict)
    reason_code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    private_note = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="decisions")
    is_own = models.BooleanField(_("the maintainer's own submission"), default=False)
    at = models.DateTimeField()
    # What the maintainer made of the proposal before approving it; empty where it was taken as it was.
    record_json = models.TextField(blank=True)
    # Of a correction approved in part: the names of the fields taken, as `corrections` calls them.
    fields = models.JSONField(default=list, blank=True)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="undone_by")
    paper_public_id = models.CharField(max_length=16, blank=True)
    subject = models.CharField(max_length=records.MAX_TITLE, blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="decision_by_newest"),
            models.Index(fields=["paper_public_id"], name="decision_by_paper"),
            # What one person has reviewed, counted and paged without a look at the rows.
            models.Index(fields=["by", "is_own", "-at", "-id", "verdict"], name="decision_by_reviewer"),
            # Few are undone. From the index over all, SQLite concludes that nearly every decision undoes the same one, and reads them all.
            models.Index(fields=["undoes"], condition=Q(undoes__isnull=False), name="decision_that_undoes"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    verdict__in=["approve", "take", "request_changes", "reject", "undo", "merge", "notice", "lift", "arrange", "import"],
                ),
                name="decision_verdict_is_known",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["undo", "merge", "notice", "lift", "arrange", "import"])
                | Q(submission__isnull=False, submission_version__isnull=False),
                name="decision_is_about_a_version",
            ),
            models.UniqueConstraint(
                fields=["submission", "submission_version"],
                condition=Q(verdict__in=["approve", "take", "reject"]),
                name="submission_version_is_settled_once",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["request_changes", "reject"]) | ~Q(reason=""), name="decision_against_says_why"
            ),
            models.CheckConstraint(
                condition=Q(verdict="undo", undoes__isnull=False) | (~Q(verdict="undo") & Q(undoes__isnull=True)),
                name="undo_names_what_it_undoes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()}, {f'no. {self.submission_id}' if self.submission_id else self.subject}"

    @cached_property
    def record(self) -> Record | None:
        """What the maintainer made of the proposal, where it differs from it."""
        return records.from_json(self.record_json) if self.record_json else None

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")


class Reason(models.Model):
    """A few words to choose from when deciding, and what they put into the field for words of one's own.

    A code is stored with the decision and stays, whatever becomes of its wording; so reasons are switched off, never deleted.
    """

    verdict = models.CharField(max_length=16, choices=[(verdict.value, verdict.label) for verdict in Decision.ON_SUBMISSIONS])
    kind = models.CharField(_("only for"), max_length=12, choices=Submission.Kind, blank=True)
    code = models.SlugField(max_length=40)
    label = models.CharField(max_length=100)
    text = models.TextField(_("words to begin with"), blank=True)
    position = models.PositiveSmallIntegerField(default=1)
    is_offered = models.BooleanField(default=True)

    class Meta:
        ordering = ["verdict", "position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["verdict", "code"], name="reason_code_is_unique"),
            models.CheckConstraint(condition=~Q(label=""), name="reason_has_a_label"),
        ]

    def __str__(self) -> str:
        return self.label
