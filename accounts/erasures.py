"""Who asked to be erased, what it waits for, and when it was done."""

import uuid
from datetime import datetime
from typing import ClassVar, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q


class ErasureQuerySet(models.QuerySet["ErasureRequest"]):
    def open(self) -> Self:
        return self.filter(cancelled_at=None, done_at=None)

    def due(self, at: datetime) -> Self:
        return self.open().filter(due_at__lte=at)


class ErasureRequest(models.Model):
    """One wish. Open until it is taken back or carried out; a person has one open at a time."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="erasures")
    asked_at = models.DateTimeField()
    asked_by = models.UUIDField(
        null=True, blank=True, help_text="Public id; empty: the retention schedule."
    )
    due_at = models.DateTimeField(help_text="Not before; until then it can be taken back.")
    credits_given_up = models.PositiveIntegerField(default=0)
    waits_for = models.JSONField(
        default=list, encoder=DjangoJSONEncoder, help_text="What stood in the way, last we looked."
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[ErasureQuerySet] = ErasureQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(cancelled_at=None, done_at=None),
                name="one_open_erasure",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None) | Q(done_at=None), name="erasure_done_or_taken_back"
            ),
            models.CheckConstraint(
                condition=Q(done_at=None) | Q(done_at__gte=F("due_at")),
                name="erasure_not_before_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"Erasure asked for on {self.asked_at:%Y-%m-%d}"

    @property
    def is_open(self) -> bool:
        return self.cancelled_at is None and self.done_at is None
