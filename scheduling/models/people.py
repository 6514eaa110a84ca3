"""Therapists and when they work."""

from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from scheduling.models.places import Location

if TYPE_CHECKING:
    from payments.models import ServiceVariant

MIDNIGHT = time(0)


class TherapistQuerySet(models.QuerySet["Therapist"]):
    def bookable_online(self) -> Self:
        return self.filter(is_active=True, is_bookable_online=True)

    def giving(self, variant: "ServiceVariant") -> Self:
        return self.filter(variants=variant)


class Therapist(ClusterableModel, models.Model):
    """Somebody who works with their hands. Leaving keeps the row: ``is_active`` says so."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="therapist",
        help_text="The account they sign in with.",
    )
    variants: "models.ManyToManyField[ServiceVariant, Any]" = models.ManyToManyField(
        "payments.ServiceVariant",
        through="TherapistVariant",
        blank=True,
        related_name="therapists",
        verbose_name="sessions given",
    )
    short_bio = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("works here", default=True)
    is_bookable_online = models.BooleanField(
        default=True, help_text="Off: only staff can book them, also for 'Anyone'."
    )
    # The load guard (E8, S13); empty means no limit.
    most_sessions_a_day = models.PositiveSmallIntegerField(null=True, blank=True)
    most_minutes_a_day = models.PositiveSmallIntegerField(
        "most hands-on minutes a day", null=True, blank=True
    )
    most_minutes_in_a_row = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hands-on minutes without a break."
    )
    break_minutes = models.PositiveSmallIntegerField(
        default=15, help_text="A gap of at least so many minutes between two sessions is a break."
    )

    objects = TherapistQuerySet.as_manager()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        return self.name.split(" ")[0]


class TherapistVariant(models.Model):
    """That a therapist gives a session (S2), perhaps at another length or price."""

    therapist = ParentalKey(Therapist, on_delete=models.CASCADE, related_name="variants_given")
    variant = models.ForeignKey("payments.ServiceVariant", on_delete=models.CASCADE)
    duration_minutes = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Empty: as long as the session usually is."
    )
    price_minor = models.BigIntegerField(
        null=True,
        blank=True,
        help_text="For a session paid by itself, in the smallest unit. Empty: the usual price.",
    )

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["therapist", "variant"], name="therapist_gives_variant_once"
            ),
            models.CheckConstraint(
                condition=Q(duration_minutes=None) | Q(duration_minutes__gte=5),
                name="therapist_variant_takes_time",
            ),
            models.CheckConstraint(
                condition=Q(price_minor=None) | Q(price_minor__gte=0),
                name="therapist_variant_price_not_negative",
            ),
        ]

    def __str__(self) -> str:
        # A form that was refused names what it would have made.
        if self.therapist_id is None or self.variant_id is None:
            return str(self._meta.verbose_name)
        return f"{self.therapist} gives {self.variant}"


class Weekday(models.IntegerChoices):
    """As ISO counts them."""

    MONDAY = 1
    TUESDAY = 2
    WEDNESDAY = 3
    THURSDAY = 4
    FRIDAY = 5
    SATURDAY = 6
    SUNDAY = 7


class WorkingHours(models.Model):
    """One shift of a week (E2): local time, several a day allowed, midnight is 00:00."""

    therapist = ParentalKey(Therapist, on_delete=models.CASCADE, related_name="working_hours")
    location = models.ForeignKey(Location, on_delete=models.CASCADE, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts = models.TimeField("from")
    ends = models.TimeField("to", help_text="00:00 is midnight at the end of the day.")
    valid_from = models.DateField("first day", help_text="These hours apply from this day.")
    valid_to = models.DateField("last day", null=True, blank=True, help_text="Empty: no end.")

    class Meta:
        ordering = ["weekday", "starts"]
        verbose_name_plural = "working hours"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends__gt=F("starts")) | Q(ends=MIDNIGHT), name="shift_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(weekday__gte=1, weekday__lte=7), name="weekday_as_iso_counts"
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="shift_valid_to_after_from",
            ),
        ]

    def __str__(self) -> str:
        # A form that was refused names what it would have made.
        if self.starts is None or self.ends is None:
            return str(self._meta.verbose_name)
        return f"{self.get_weekday_display()} {self.starts:%H:%M}-{self.ends:%H:%M}"

    def clean(self) -> None:
        if self.starts and self.ends and self.ends != MIDNIGHT and self.ends <= self.starts:
            raise ValidationError(
                {"ends": "Ends before it starts. Past midnight? Enter it as two shifts."}
            )
        if self.valid_to and self.valid_from and self.valid_to < self.valid_from:
            raise ValidationError({"valid_to": "The last day is before the first."})

    def clashes_with(self, other: "WorkingHours") -> bool:
        """Whether both want the same minutes of the same weekday in the same weeks (S3).

        A person is in one place at a time, so shifts at other locations count.
        """
        ends_before = other.valid_to is not None and other.valid_to < self.valid_from
        starts_after = self.valid_to is not None and other.valid_from > self.valid_to
        if self.weekday != other.weekday or ends_before or starts_after:
            return False
        return clocks_overlap((self.starts, self.ends), (other.starts, other.ends))


def clocks_overlap(one: tuple[time, time], other: tuple[time, time]) -> bool:
    """Whether two shifts of a day share a minute; an end of 00:00 is the day's end."""
    ends_after = one[1] == MIDNIGHT or one[1] > other[0]
    return ends_after and (other[1] == MIDNIGHT or other[1] > one[0])


class HoursException(models.Model):
    """Other hours, or none, on certain days (E3). On those days it replaces the weekly hours.

    Open: works ``starts`` to ``ends`` on each of the days; several for split shifts.
    Not open: does not work there on those days.
    """

    therapist = models.ForeignKey(
        Therapist, on_delete=models.CASCADE, related_name="hours_exceptions"
    )
    location = models.ForeignKey(
        Location, on_delete=models.CASCADE, related_name="hours_exceptions"
    )
    starts_on = models.DateField("first day")
    ends_on = models.DateField("last day")
    is_open = models.BooleanField("works", default=True)
    starts = models.TimeField("from", null=True, blank=True)
    ends = models.TimeField("to", null=True, blank=True)

    class Meta:
        ordering = ["starts_on", "starts"]
        verbose_name = "other hours"
        verbose_name_plural = "other hours"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="exception_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(is_open=False, starts=None, ends=None)
                | Q(is_open=True, starts__isnull=False, ends__isnull=False),
                name="exception_has_hours_when_open",
            ),
            models.CheckConstraint(
                condition=Q(starts=None) | Q(ends__gt=F("starts")) | Q(ends=MIDNIGHT),
                name="exception_shift_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        # A form that was refused names what it would have made.
        if self.therapist_id is None or (self.is_open and None in (self.starts, self.ends)):
            return str(self._meta.verbose_name)
        if not self.is_open:
            return f"{self.therapist} away {self.starts_on} to {self.ends_on}"
        return f"{self.therapist} {self.starts:%H:%M}-{self.ends:%H:%M} from {self.starts_on}"

    def clean(self) -> None:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValidationError({"ends_on": "The last day is before the first."})
        if self.is_open and (self.starts is None or self.ends is None):
            raise ValidationError({"starts": "Give the hours, or untick 'works'."})
        if not self.is_open and (self.starts is not None or self.ends is not None):
            raise ValidationError({"starts": "Leave the hours empty, or tick 'works'."})
        if self.starts and self.ends and self.ends != MIDNIGHT and self.ends <= self.starts:
            raise ValidationError(
                {"ends": "Ends before it starts. Past midnight? Enter it as two."}
            )
        if self.therapist_id and self.location_id and self.starts_on and self.ends_on:
            self._refuse_overlap()

    def _refuse_overlap(self) -> None:
        others = HoursException.objects.filter(
            therapist_id=self.therapist_id,
            location_id=self.location_id,
            starts_on__lte=self.ends_on,
            ends_on__gte=self.starts_on,
        ).exclude(pk=self.pk)
        for other in others:
            if not (self.is_open and other.is_open) or clocks_overlap(
                (self.starts or MIDNIGHT, self.ends or MIDNIGHT),
                (other.starts or MIDNIGHT, other.ends or MIDNIGHT),
            ):
                raise ValidationError(f"Contradicts other hours entered before: {other}.")

    def covers(self, day: date) -> bool:
        return self.starts_on <= day <= self.ends_on


class TimeOff(models.Model):
    """A therapist is away (E3): part of a day or weeks. Never cancels a booking by itself.

    Blocked is the same from the day board: here, but busy with something else.
    """

    class Kind(models.TextChoices):
        AWAY = "away", "away"
        BLOCKED = "blocked", "blocked"

    kind = models.CharField(max_length=7, choices=Kind, default=Kind.AWAY)
    therapist = models.ForeignKey(Therapist, on_delete=models.CASCADE, related_name="time_off")
    starts_at = models.DateTimeField("from")
    ends_at = models.DateTimeField("to")
    reason = models.CharField(max_length=120, blank=True, help_text="Only staff see it.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        ordering = ["starts_at"]
        verbose_name_plural = "time off"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="time_off_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["away", "blocked"]), name="time_off_kind_known"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["therapist", "ends_at"], name="time_off_by_therapist")
        ]

    def __str__(self) -> str:
        # A form that was refused names what it would have made.
        if self.therapist_id is None or self.starts_at is None:
            return str(self._meta.verbose_name)
        return f"{self.therapist} off from {self.starts_at:%d %b %H:%M}"

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "Ends before it starts."})

    def overlaps(self, start: datetime, end: datetime) -> bool:
        return self.starts_at < end and self.ends_at > start
