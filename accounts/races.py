"""What a runner trains for, and how she likes to be treated (R4). Injuries never live here."""

import uuid
from datetime import date
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

SHORTEST_M, LONGEST_M = 100, 500_000
MOST_WEEKLY_KM = 400


class RaceQuerySet(models.QuerySet["Race"]):
    def kept(self) -> Self:
        return self.filter(removed_at=None)

    def coming(self, today: date) -> Self:
        """The next in front."""
        return self.kept().filter(held_on__gte=today).order_by("held_on", "pk")

    def past(self, today: date) -> Self:
        """The latest in front."""
        return self.kept().filter(held_on__lt=today).order_by("-held_on", "-pk")


class Race(models.Model):
    """A race of one runner. Taken off the list it can be put back."""

    class Priority(models.TextChoices):
        A = "A", "A, the one I train for"
        B = "B", "B, I want to run it well"
        C = "C", "C, for training or fun"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    runner = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="races")
    name = models.CharField(max_length=120)
    held_on = models.DateField()
    distance_m = models.PositiveIntegerField("distance in metres")
    priority = models.CharField(max_length=1, choices=Priority)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[RaceQuerySet] = RaceQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["runner", "held_on", "name"],
                condition=Q(removed_at=None),
                name="race_once_a_runner",
            ),
            models.CheckConstraint(
                condition=Q(distance_m__gte=SHORTEST_M, distance_m__lte=LONGEST_M),
                name="race_distance_is_run",
            ),
            models.CheckConstraint(
                condition=Q(priority__in=["A", "B", "C"]), name="race_priority_is_known"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="race_has_a_name"),
            models.CheckConstraint(
                condition=Q(removed_at=None) | Q(removed_at__gte=F("added_at")),
                name="race_removed_after_added",
            ),
        ]
        indexes = [models.Index(fields=["runner", "held_on"], name="races_of_runner")]

    def __str__(self) -> str:
        return self.name


class RunnerHabits(models.Model):
    """How much she runs, with whom and how firmly she likes it. All of it may stay empty."""

    class Pressure(models.TextChoices):
        LIGHT = "light", "Light"
        MEDIUM = "medium", "Medium"
        FIRM = "firm", "Firm"

    runner = models.OneToOneField(
        "accounts.User", on_delete=models.CASCADE, related_name="runner_habits"
    )
    weekly_km = models.PositiveSmallIntegerField("kilometres a week", null=True, blank=True)
    therapist_code = models.SlugField(blank=True, help_text="The therapist she likes best.")
    pressure = models.CharField(max_length=8, choices=Pressure, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekly_km=None) | Q(weekly_km__lte=MOST_WEEKLY_KM),
                name="weekly_km_are_run",
            ),
            models.CheckConstraint(
                condition=Q(pressure__in=["", "light", "medium", "firm"]), name="pressure_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Habits of {self.runner}"
