"""What programs were answered, so that something sent twice is done once. Written only by the API."""

from django.conf import settings
from django.db import models


class AnsweredRequest(models.Model):
    """The answer to what a person's program sent with an Idempotency-Key, for a day.

    `digest` is that of what was sent: the same key with something else is a mistake of the program.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="request_is_answered_once")]
        indexes = [models.Index(fields=["at"], name="answered_request_by_time")]

    def __str__(self) -> str:
        return self.key
