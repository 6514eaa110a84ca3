"""Sessions at the same wall time every so many weeks (E15, B11)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

MOST_WEEKS_APART = 8
MOST_FURTHER = 12


class Series(models.Model):
    """One decision to come again. Each session is a booking of its own, with its own credit.

    ``left_out`` are the sessions wished for and not booked: ``{"on": "2026-12-24", "why": "..."}``.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    runner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="series"
    )
    every_weeks = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_WEEKS_APART)]
    )
    further = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_FURTHER)],
        help_text="How many sessions were wished for after the first.",
    )
    left_out = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "series"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(every_weeks__gte=1, every_weeks__lte=MOST_WEEKS_APART),
                name="series_repeats_within_weeks",
            ),
            models.CheckConstraint(
                condition=Q(further__gte=1, further__lte=MOST_FURTHER), name="series_goes_on"
            ),
        ]

    def __str__(self) -> str:
        return f"every {self.every_weeks} weeks, {self.further} more"
