"""Calendars that come in, as time a therapist is busy, and calendars that go out."""

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from scheduling.models.people import Therapist


class BusyCalendar(models.Model):
    """A calendar kept elsewhere whose events block a therapist's time (E22, S11)."""

    therapist = models.ForeignKey(
        Therapist, on_delete=models.CASCADE, related_name="busy_calendars"
    )
    label = models.CharField(max_length=60, help_text="For instance: Private.")
    url = models.URLField(
        "address", max_length=500, help_text="The calendar's ICS address, https only."
    )
    is_active = models.BooleanField("in use", default=True)
    tried_at = models.DateTimeField(null=True, blank=True, editable=False)
    read_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When it was last read whole."
    )
    trouble = models.CharField(max_length=200, blank=True, editable=False)
    etag = models.CharField(max_length=200, blank=True, editable=False)
    last_modified = models.CharField(max_length=60, blank=True, editable=False)

    class Meta:
        ordering = ["therapist", "label"]
        verbose_name = "imported calendar"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["therapist", "url"], name="calendar_imported_once"),
        ]

    def __str__(self) -> str:
        if self.pk is None:  # a form that was refused names what it would have made
            return str(self._meta.verbose_name)
        return f"{self.label} of {self.therapist}"


class BusyTime(models.Model):
    """One stretch of an imported calendar. It says busy and nothing else."""

    calendar = models.ForeignKey(BusyCalendar, on_delete=models.CASCADE, related_name="times")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering = ["starts_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="busy_time_ends_after_it_starts"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["calendar", "ends_at"], name="busy_time_by_calendar")
        ]

    def __str__(self) -> str:
        return f"busy {self.starts_at:%Y-%m-%d %H:%M}"


class FeedQuerySet(models.QuerySet["CalendarFeed"]):
    def open(self) -> Self:
        return self.filter(revoked_at=None)

    def readable(self) -> Self:
        """Open, and its owner is still with us: who has left reads no more names."""
        here = Q(runner__is_active=True) | Q(therapist__is_active=True)
        return self.open().filter(here).exclude(therapist__user__is_active=False)


class CalendarFeed(models.Model):
    """A secret address under which a runner or a therapist subscribes to their sessions (N4)."""

    runner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="calendar_feeds",
    )
    therapist = models.ForeignKey(
        Therapist, null=True, blank=True, on_delete=models.CASCADE, related_name="calendar_feeds"
    )
    token = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True, help_text="When last asked for.")

    objects = FeedQuerySet.as_manager()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(runner=None, therapist__isnull=False)
                | Q(runner__isnull=False, therapist=None),
                name="feed_is_a_runners_or_a_therapists",
            ),
            models.UniqueConstraint(
                fields=["runner"], condition=Q(revoked_at=None), name="one_open_feed_a_runner"
            ),
            models.UniqueConstraint(
                fields=["therapist"],
                condition=Q(revoked_at=None),
                name="one_open_feed_a_therapist",
            ),
        ]

    def __str__(self) -> str:
        return f"feed {self.pk}"
