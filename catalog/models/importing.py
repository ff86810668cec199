"""Lists that were imported, and what they said; files that maintainers brought to the desk. Written only by `ingest`."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog import records
from catalog.models.submission import Submission
from catalog.records import fold

MAX_NAME = 200


class ImportedList(models.Model):
    """A list that may go on living elsewhere. `key` is its name as two of them are compared: its title, else that of its file."""

    key = models.CharField(max_length=MAX_NAME, unique=True)
    name = models.CharField(max_length=MAX_NAME)
    imported_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(key=""), name="imported_list_has_a_key")]

    @staticmethod
    def key_of(name: str) -> str:
        """A name of signs alone stays as it is."""
        return (fold(name) or name)[:MAX_NAME]

    def __str__(self) -> str:
        return self.name


class ListedPaper(models.Model):
    """One paper of an imported list: what the list said of it the last time, and what became of that here.

    `record_json` is empty where the list is the one that the catalogue comes from: it said what the paper's record says.
    """

    list = models.ForeignKey(ImportedList, on_delete=models.CASCADE, related_name="papers")
    position = models.PositiveIntegerField()
    record_json = models.TextField(blank=True)
    # The paper that it is, or else the proposal that it led to.
    paper_public_id = models.CharField(max_length=16, blank=True)
    submission = models.ForeignKey(Submission, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["list", "position"], name="listed_paper_has_its_place")]

    def __str__(self) -> str:
        return f"{self.list_id}, {self.position}"


class Import(models.Model):
    """A file that a maintainer brought to the desk, read but not yet applied, or applied.

    `text` is what it says, `lines`, `entries` and `ignored` account for what is not among its rows. `is_part` is whether so
    much of the list is gone that the file must be a part of it. What is long is applied in parts: from `begun_at` on nothing
    is chosen any more, at `applied_at` every row is done.
    """

    name = models.CharField(_("file"), max_length=MAX_NAME)
    format = models.CharField(_("format"), max_length=8)
    list_name = models.CharField(_("list"), max_length=MAX_NAME)
    category = models.CharField(max_length=300, blank=True)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("brought by"))
    lines = models.PositiveIntegerField(default=0)
    entries = models.PositiveIntegerField(default=0)
    ignored = models.JSONField(default=dict)
    is_part = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField(_("brought"))
    begun_at = models.DateTimeField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(applied_at=None) | Q(begun_at__isnull=False), name="import_is_begun_before_it_is_applied")
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("admin:catalog_import_change", args=[self.pk])


class ImportRow(models.Model):
    """What one entry of the file would do, or why it was not understood; what the maintainer decided about it, and what became of it.

    In the order of the file; what is gone from the list comes last.
    """

    class Act(models.TextChoices):
        ADD = "add", _("New")
        SUSPECTED = "suspected", _("New, but may be here")
        CHANGE = "change", _("Differs")
        REMOVE = "remove", _("Gone from the list")
        UNCHANGED = "unchanged", _("As it is here")
        REFUSED = "refused", _("Cannot be taken")
        NOT_UNDERSTOOD = "not_understood", _("Not understood")

    class Choice(models.TextChoices):
        PROPOSE = "propose", _("Propose")
        PUBLISH = "publish", _("Publish")
        SKIP = "skip", _("Leave out")

    class Became(models.TextChoices):
        PUBLISHED = "published", _("Published")
        PROPOSED = "proposed", _("Proposed")
        LEFT_OUT = "left_out", _("Left out")
        NOTHING = "nothing", _("Nothing to do")
        REFUSED = "refused", _("Not taken")

    # Those about which there is something to choose.
    OPEN = (Act.ADD, Act.SUSPECTED, Act.CHANGE, Act.REMOVE)

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    act = models.CharField(max_length=16, choices=Act)
    title = models.CharField(max_length=records.MAX_TITLE, blank=True)
    # The step as `ingest` has it, as JSON.
    step_json = models.TextField(blank=True)
    reason = models.TextField(blank=True)
    choice = models.CharField(max_length=8, choices=Choice, default=Choice.PROPOSE)
    became = models.CharField(max_length=16, choices=Became, blank=True)
    # What it is about, and then what became of it: the proposal's number, the paper's id.
    submission = models.ForeignKey(Submission, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    paper_public_id = models.CharField(max_length=16, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=["add", "suspected", "change", "remove", "unchanged", "refused", "not_understood"]),
                name="import_row_act_is_known",
            ),
            models.CheckConstraint(condition=Q(choice__in=["propose", "publish", "skip"]), name="import_row_choice_is_known"),
            models.CheckConstraint(
                condition=Q(became__in=["", "published", "proposed", "left_out", "nothing", "refused"]), name="import_row_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.title}"

    @property
    def is_open(self) -> bool:
        return self.act in self.OPEN

    @property
    def may_be_published(self) -> bool:
        """Of a proposal that a list dropped before anyone decided there is nothing to publish: it is withdrawn."""
        return self.is_open and (self.act != self.Act.REMOVE or bool(self.paper_public_id))
