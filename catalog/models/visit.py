"""When a reader was here: what tells which papers are new to them. Written only by `visits`."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Visit(models.Model):
    """The latest visit of a reader, and the end of the one before, which is null in the first.

    `seen_at` is the time of its last page, to a few minutes: where the visit ends, once it has ended.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="visit")
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    before = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(seen_at__gte=F("began_at")), name="visit_ends_after_it_began"),
            models.CheckConstraint(condition=Q(before=None) | Q(before__lt=F("began_at")), name="visit_comes_after_the_one_before"),
        ]

    def __str__(self) -> str:
        return f"{self.began_at:%Y-%m-%d %H:%M}"
