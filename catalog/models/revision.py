"""What a paper's record was after each decision."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog import records
from catalog.models.decision import Decision
from catalog.records import Record


class Revision(models.Model):
    """The paper's Record as one decision left it. Bound to the public id, not to the row: it outlives the paper.

    `number` counts on. The record names the revision that its facts come from: what is undone has an older one again.
    """

    paper_public_id = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    record_json = models.TextField()
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, null=True, blank=True, related_name="revisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["paper_public_id", "number"]
        constraints = [
            models.UniqueConstraint(fields=["paper_public_id", "number"], name="revision_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="revision_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_public_id} {self.number}"

    @cached_property
    def record(self) -> Record:
        return records.from_json(self.record_json)
