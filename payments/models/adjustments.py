"""A manual adjustment too large for one person: proposed by one, agreed to by another (AD4)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class AdjustmentProposal(models.Model):
    """What somebody wants to post by hand. Nothing is posted until somebody else agrees."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction of the books"
        REVERSAL = "reversal", "Reversal of an entry"
        GOODWILL = "goodwill", "Goodwill credits"

    class Outcome(models.TextChoices):
        OPEN = "open", "Waits for a second person"
        AGREED = "agreed", "Agreed"
        REFUSED = "refused", "Not agreed"

    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=80, unique=True, help_text="The same click proposes once.")
    summary = models.CharField(max_length=200)
    terms = models.JSONField(help_text="What the act is to be called with.")
    reason = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    proposed_at = models.DateTimeField()
    outcome = models.CharField(max_length=7, choices=Outcome, default=Outcome.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-proposed_at", "-pk"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(outcome="open", decided_by=None, decided_at=None)
                | Q(
                    outcome__in=["agreed", "refused"],
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="adjustment_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(outcome="agreed", decided_by=F("proposed_by")),
                name="adjustment_needs_two_people",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["correction", "reversal", "goodwill"]),
                name="adjustment_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.summary
