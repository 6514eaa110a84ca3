"""Who waits for a time, and which times were offered to whom (E14). See docs/waitlist.md."""

import uuid
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Prefetch, Q

from scheduling.models.bookings import Booking
from scheduling.models.people import MIDNIGHT, Therapist
from scheduling.models.places import Location

if TYPE_CHECKING:
    from accounts.models import User
    from payments.models import ServiceVariant

EVERY_WEEKDAY = "1234567"


class EntryState(models.TextChoices):
    """What became of a wish. Only the first two are open."""

    WAITING = "waiting", "waiting"
    OFFERED = "offered", "a time is held for you"
    ACCEPTED = "accepted", "booked"
    DECLINED = "declined", "declined"
    EXPIRED = "expired", "ended"
    WITHDRAWN = "withdrawn", "taken off the list"


class Outcome(models.TextChoices):
    OPEN = "open", "open"
    ACCEPTED = "accepted", "accepted"
    DECLINED = "declined", "declined"
    EXPIRED = "expired", "ran out"
    WITHDRAWN = "withdrawn", "withdrawn"


OPEN_STATES = (EntryState.WAITING, EntryState.OFFERED)


class WaitlistQuerySet(models.QuerySet["WaitlistEntry"]):
    def of(self, runner: "User") -> Self:
        return self.filter(runner=runner)

    def waiting(self) -> Self:
        return self.filter(state=EntryState.WAITING)

    def still_open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def in_line(self) -> Self:
        """Who is asked first: by priority, then who has waited longest (E14)."""
        return self.order_by("-priority", "created_at", "pk")

    def wanting(self, day: date) -> Self:
        """Wishes that a local day could fulfil."""
        return self.filter(
            first_on__lte=day, last_on__gte=day, weekdays__contains=str(day.isoweekday())
        )

    def with_everything(self) -> Self:
        return self.select_related("runner", "location").prefetch_related(
            "variants__service",
            "therapists",
            Prefetch("offers__booking", Booking.objects.with_everything()),
        )


class WaitlistEntry(models.Model):
    """A runner's wish for a time that is not free yet. Days and times are the location's."""

    State = EntryState

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    runner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="waitlist_entries"
    )
    location = models.ForeignKey(
        Location, on_delete=models.PROTECT, related_name="waitlist_entries"
    )
    variants: "models.ManyToManyField[ServiceVariant, Any]" = models.ManyToManyField(
        "payments.ServiceVariant", related_name="waitlist_entries"
    )
    therapists: "models.ManyToManyField[Therapist, Any]" = models.ManyToManyField(
        Therapist, blank=True, related_name="waitlist_entries", help_text="None chosen: anyone."
    )
    first_on = models.DateField("first day")
    last_on = models.DateField("last day")
    weekdays = models.CharField(
        max_length=7, default=EVERY_WEEKDAY, help_text="As ISO counts them: Monday is 1."
    )
    starts_from = models.TimeField("from", default=MIDNIGHT)
    starts_before = models.TimeField(
        "before", default=MIDNIGHT, help_text="00:00 is midnight at the end of the day."
    )
    notice_minutes = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How long before its start she must hear. Empty: as for booking online.",
    )
    state = models.CharField(max_length=10, choices=EntryState, default=EntryState.WAITING)
    priority = models.SmallIntegerField(default=0, help_text="Higher is asked first.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=120, blank=True)
    wish_key = models.CharField(max_length=64, help_text="The same for the same wish.")

    objects = WaitlistQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "waitlist entries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in EntryState]),
                name="waitlist_state_known",
            ),
            models.CheckConstraint(
                condition=Q(last_on__gte=F("first_on")), name="waitlist_days_in_order"
            ),
            models.CheckConstraint(
                condition=Q(starts_before__gt=F("starts_from")) | Q(starts_before=MIDNIGHT),
                name="waitlist_window_in_order",
            ),
            models.CheckConstraint(condition=~Q(weekdays=""), name="waitlist_has_a_weekday"),
            models.CheckConstraint(
                condition=Q(state__in=OPEN_STATES, ended_at=None)
                | (~Q(state__in=OPEN_STATES) & Q(ended_at__isnull=False)),
                name="waitlist_ended_when_over",
            ),
            models.UniqueConstraint(
                fields=["runner", "wish_key"],
                condition=Q(state__in=OPEN_STATES),
                name="waits_once_for_a_wish",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["location", "last_on"],
                condition=Q(state__in=OPEN_STATES),
                name="waitlist_open_by_place",
            ),
            models.Index(fields=["runner", "created_at"], name="waitlist_by_runner"),
        ]

    def __str__(self) -> str:
        return f"{self.runner} from {self.first_on} to {self.last_on}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def wants(self, starts_at: datetime) -> bool:
        """Whether a start lies within her days, weekdays and hours, on the location's clock."""
        local = starts_at.astimezone(self.location.zone)
        day, clock = local.date(), local.time()
        return (
            self.first_on <= day <= self.last_on
            and str(day.isoweekday()) in self.weekdays
            and self.starts_from <= clock
            and (self.starts_before == MIDNIGHT or clock < self.starts_before)
        )

    @property
    def is_any_time(self) -> bool:
        return self.starts_from == self.starts_before == time(0)


class OfferedQuerySet(models.QuerySet["WaitlistOffer"]):
    def still_open(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def with_everything(self) -> Self:
        return self.select_related(
            "entry__runner",
            "entry__location",
            "booking__variant__service",
            "booking__therapist",
            "booking__room",
            "booking__location",
        )


class WaitlistOffer(models.Model):
    """A time held for one entry alone until ``expires_at``: its booking is a real hold."""

    Outcome = Outcome

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="offers")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="waitlist_offer")
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    agreed_at = models.DateTimeField(
        null=True, blank=True, help_text="When she said yes and went on to pay."
    )
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = OfferedQuerySet.as_manager()

    class Meta:
        ordering = ["-offered_at"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=Q(outcome=Outcome.OPEN),
                name="one_open_offer_per_entry",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=[str(outcome) for outcome in Outcome]),
                name="offer_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("offered_at")), name="offer_ends_after_it_is_made"
            ),
            models.CheckConstraint(
                condition=Q(outcome=Outcome.OPEN, ended_at=None)
                | (~Q(outcome=Outcome.OPEN) & Q(ended_at__isnull=False)),
                name="offer_ended_when_over",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.booking} offered {self.offered_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        return self.outcome == Outcome.OPEN
