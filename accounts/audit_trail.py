"""The audit trail: who did what to what, never edited, and the seals that chain it.

People are named by their public ids, in every column: when somebody's personal data are erased the
trail stays whole and says nothing of them.
"""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    def of(self, runner: UUID) -> Self:
        return self.filter(runner=runner)

    def unsealed(self) -> Self:
        return self.filter(seal=None)


class AuditEntry(models.Model):
    """One act. `before` and `after` hold what changed of the thing, never a personal value."""

    at = models.DateTimeField()
    action = models.CharField(max_length=60, help_text="Dotted, such as credits.goodwill.")
    by = models.UUIDField(null=True, blank=True, help_text="Public id; empty: the portal itself.")
    about = models.CharField(max_length=40, help_text="The kind of thing, such as order.")
    key = models.CharField(max_length=120, help_text="Which: its public id or number.")
    runner = models.UUIDField(null=True, blank=True, help_text="Whose data it touched.")
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    why = models.CharField(max_length=500, blank=True)
    origin = models.CharField(max_length=64, blank=True, help_text="A hash of the address.")

    objects: ClassVar[AuditEntryQuerySet] = AuditEntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "audit entries"
        constraints = [
            models.CheckConstraint(
                condition=~Q(action="") & ~Q(about="") & ~Q(key=""), name="audit_says_what"
            ),
        ]
        indexes = [
            models.Index(fields=["runner", "at"], name="audit_of_runner"),
            models.Index(fields=["by", "at"], name="audit_of_actor"),
            models.Index(fields=["about", "key"], name="audit_of_thing"),
            models.Index(fields=["at"], name="audit_in_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} of {self.about} {self.key}"


class AuditSeal(models.Model):
    """An entry's place in the chain; the hash covers the entry and the seal before it.

    Apart from the entry, so that acts in two transactions never wait for each other's place.
    """

    position = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    sealed_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(position__gte=1), name="seals_count_from_one"),
            models.CheckConstraint(
                condition=Q(position=1, previous_hash="") | ~Q(previous_hash=""),
                name="only_the_first_seal_follows_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"Seal {self.position}"
