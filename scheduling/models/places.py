"""Locations, their rooms, and the days they are closed."""

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

if TYPE_CHECKING:
    from payments.models import ServiceVariant


def known_zone(name: str) -> None:
    """A zone the clocks of this machine know."""
    if name not in available_timezones():
        raise ValidationError("Choose a time zone such as Europe/London.")


class Location(models.Model):
    """An address people come to. All its rules are wall time in its zone."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    address = models.TextField(help_text="As on an envelope, a line each.")
    timezone = models.CharField(
        "time zone", max_length=64, default="Europe/London", validators=[known_zone]
    )
    directions = models.TextField(blank=True, help_text="How to find the door.")
    notice_minutes = models.PositiveIntegerField(
        "notice", default=120, help_text="Minutes before a start up to which it is booked online."
    )
    travel_minutes = models.PositiveSmallIntegerField(
        "travel", default=0, help_text="Minutes a therapist needs to or from another location."
    )
    offers_back_to_back = models.BooleanField(
        default=False,
        help_text="Also offer the moment a session frees its therapist, off the usual grid.",
    )
    avoids_small_gaps = models.BooleanField(
        default=False,
        help_text="Offer no start that leaves a gap too short for the shortest session.",
    )
    most_open_bookings = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="A runner's sessions to come, at most. Empty: no limit."
    )
    most_bookings_a_day = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="A runner's sessions on one day, at most. Empty: no limit."
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("open for booking", default=True)

    class Meta:
        ordering = ["position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(most_open_bookings=None) | Q(most_open_bookings__gt=0),
                name="location_allows_an_open_booking",
            ),
            models.CheckConstraint(
                condition=Q(most_bookings_a_day=None) | Q(most_bookings_a_day__gt=0),
                name="location_allows_a_booking_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def address_lines(self) -> list[str]:
        return [line.strip() for line in self.address.splitlines() if line.strip()]


class Room(models.Model):
    """A room with a table (S6, E11). One session at a time."""

    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=40)
    variants: "models.ManyToManyField[ServiceVariant, Any]" = models.ManyToManyField(
        "payments.ServiceVariant",
        blank=True,
        related_name="rooms",
        verbose_name="sessions that fit",
        help_text="None chosen: every session fits.",
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("in use", default=True)

    class Meta:
        ordering = ["location", "position", "name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["location", "name"], name="room_named_once_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.location}"


class Closure(models.Model):
    """Whole days on which nobody works at a location (E3): it beats every other rule."""

    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="closures")
    starts_on = models.DateField("first day closed")
    ends_on = models.DateField("last day closed")
    reason = models.CharField(max_length=120, blank=True, help_text="For instance: Christmas.")

    class Meta:
        ordering = ["starts_on"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="closure_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        if self.pk is None:  # a form that was refused names what it would have made
            return str(self._meta.verbose_name)
        return f"{self.location} closed {self.starts_on} to {self.ends_on}"

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day is before the first."})
