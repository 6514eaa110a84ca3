"""What the API remembers: the answers given under an ``Idempotency-Key``."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class IdempotentAnswer(models.Model):
    """The first answer to one key of one caller; a repetition gets the same one.

    ``status`` is null while the first request is still running.
    """

    caller = models.CharField(max_length=64, help_text="SHA-256 of who asked.")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    status = models.PositiveSmallIntegerField(null=True)
    content_type = models.CharField(max_length=100, blank=True)
    body = models.BinaryField(default=b"")
    created_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key"),
            models.CheckConstraint(
                condition=Q(status=None) | Q(status__range=(200, 499)),
                name="a_failure_of_ours_is_not_an_answer",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["created_at"], name="idempotent_answer_age")]

    def __str__(self) -> str:
        return f"{self.key}: {self.status or 'running'}"
