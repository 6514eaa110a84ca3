"""Two accounts that turned out to be one person (R7): what was moved, so that it can go back."""

import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

UNDONE_WITHIN = timedelta(days=7)


class Merge(models.Model):
    """``absorbed`` is now a name for ``kept``: both public ids find the person who is kept."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_received"
    )
    absorbed = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="merges_away"
    )
    why = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering: ClassVar[list[str]] = ["-made_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="merge_of_two_people"),
            models.CheckConstraint(condition=~Q(why=""), name="merge_has_a_reason"),
            models.UniqueConstraint(
                fields=["absorbed"], condition=Q(undone_at=None), name="absorbed_once"
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="merge_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Merge of {self.made_at:%d %b %Y}"

    @property
    def undone_until(self) -> datetime:
        return self.made_at + UNDONE_WITHIN

    def can_be_undone(self, at: datetime) -> bool:
        return self.undone_at is None and at < self.undone_until


class MergedRow(models.Model):
    """One value that a merge changed, and what it was before."""

    merge = models.ForeignKey(Merge, on_delete=models.CASCADE, related_name="rows")
    model = models.CharField(max_length=80, help_text="Such as payments.creditlot.")
    field = models.CharField(max_length=60)
    row = models.CharField(max_length=40)
    before: "models.JSONField[Any, Any]" = models.JSONField(null=True)
    after: "models.JSONField[Any, Any]" = models.JSONField(null=True)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["merge", "model", "field", "row"], name="merge_changes_a_value_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.model}.{self.field} of {self.row}"
