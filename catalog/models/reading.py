"""What people mean to read, are reading and have read, and the lists they keep. Written only by `reading`.

A paper is named by its public id and not by its row, so that nothing is lost where it is retracted: the row goes, and comes
back when that is undone. One that was merged goes on being named as it was; `reading` finds the paper that took it in each
time it reads. Were the ids rewritten by the merge instead, its undo would have to know which of them it had written, and
what people did in between would stand in its way.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models.paper import new_public_id

MAX_NOTE = 5_000
MAX_LIST_NAME = 100
MAX_LIST_DESCRIPTION = 1_000


def _is_at_most(name: str, length: int) -> LessThanOrEqual:
    return LessThanOrEqual(Length(name), Value(length))


class Reading(models.Model):
    """How far a person is with a paper, and a note that is nobody else's business."""

    class State(models.TextChoices):
        TO_READ = "to_read", _("To read")
        READING = "reading", _("Reading")
        READ = "read", _("Read")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="readings")
    paper_public_id = models.CharField(max_length=16)
    state = models.CharField(max_length=7, choices=State, default=State.TO_READ)
    note = models.TextField(blank=True, max_length=MAX_NOTE)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-changed_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "paper_public_id"], name="person_reads_a_paper_once"),
            models.CheckConstraint(condition=Q(state__in=["to_read", "reading", "read"]), name="reading_state_is_known"),
            models.CheckConstraint(condition=_is_at_most("note", MAX_NOTE), name="reading_note_has_an_end"),
        ]

    def __str__(self) -> str:
        return f"{self.paper_public_id}: {self.get_state_display()}"


class ReadingListQuerySet(models.QuerySet["ReadingList"]):
    def public(self) -> ReadingListQuerySet:
        """What anybody may see: also whoever keeps it has to be here still."""
        return self.filter(is_public=True, owner__is_active=True)


class ReadingList(models.Model):
    """Papers that a person has put in an order, under a name: for themselves, or for everybody. Its address never changes."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reading_lists")
    public_id = models.CharField(max_length=16, unique=True, default=new_public_id, editable=False)
    name = models.CharField(_("name"), max_length=MAX_LIST_NAME)
    description = models.TextField(_("description"), blank=True, max_length=MAX_LIST_DESCRIPTION)
    is_public = models.BooleanField(_("public"), default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = ReadingListQuerySet.as_manager()

    class Meta:
        ordering = ["-changed_at", "-id"]
        indexes = [models.Index(fields=["-changed_at", "-id"], condition=Q(is_public=True), name="public_list_by_change")]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="reading_list_has_a_name"),
            models.CheckConstraint(condition=_is_at_most("description", MAX_LIST_DESCRIPTION), name="list_description_has_an_end"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether anybody may see it, as `public` says."""
        return self.is_public and self.owner.is_active

    def get_absolute_url(self) -> str:
        return reverse("catalog:reading-list-detail", args=[self.public_id])


class ListPlace(models.Model):
    """A paper's place in a list, counted from 1; some positions may be free."""

    list = models.ForeignKey(ReadingList, on_delete=models.CASCADE, related_name="places")
    paper_public_id = models.CharField(max_length=16)
    position = models.PositiveIntegerField()
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]
        indexes = [models.Index(fields=["paper_public_id"], name="list_place_by_paper")]
        constraints = [
            models.UniqueConstraint(fields=["list", "paper_public_id"], name="paper_stands_once_in_a_list"),
            models.UniqueConstraint(fields=["list", "position"], name="position_is_taken_once_in_a_list"),
            models.CheckConstraint(condition=Q(position__gte=1), name="list_position_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.list_id} {self.position}"
