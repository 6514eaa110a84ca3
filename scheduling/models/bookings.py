"""Bookings, and what happened to them.

A hold is a booking in state ``held`` with an expiry. A booking occupies its therapist and its
room for ``[starts_at, frees_at)``; two live ones that overlap are refused by the database
itself (``scheduling/guards.py``), also when the row is typed in SQL.
"""

import uuid
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payments.attributing import Source
from scheduling.models.people import Therapist
from scheduling.models.places import Location, Room

if TYPE_CHECKING:
    from accounts.models import User


class State(models.TextChoices):
    """B1. Everything but the first three is over."""

    HELD = "held", "held"
    CONFIRMED = "confirmed", "booked"
    CHECKED_IN = "checked_in", "arrived"
    COMPLETED = "completed", "done"
    EXPIRED = "expired", "expired"
    CANCELLED_ONTIME = "cancelled_ontime", "cancelled in time"
    CANCELLED_LATE = "cancelled_late", "cancelled late"
    CANCELLED_CLINIC = "cancelled_clinic", "cancelled by us"
    NO_SHOW = "no_show", "no-show"


OCCUPYING = (State.HELD, State.CONFIRMED, State.CHECKED_IN)
CANCELLED = (State.CANCELLED_ONTIME, State.CANCELLED_LATE, State.CANCELLED_CLINIC)
NOT_YET_ANYBODYS = (State.HELD, State.EXPIRED)

# An expired hold may still be confirmed if its time is free (E13): nothing chosen is lost.
TRANSITIONS: dict[str, frozenset[str]] = {
    State.HELD: frozenset({State.CONFIRMED, State.EXPIRED}),
    State.EXPIRED: frozenset({State.CONFIRMED}),
    State.CONFIRMED: frozenset({State.CHECKED_IN, State.COMPLETED, State.NO_SHOW, *CANCELLED}),
    State.CHECKED_IN: frozenset({State.COMPLETED, State.CANCELLED_CLINIC}),
    State.COMPLETED: frozenset(),
    State.CANCELLED_ONTIME: frozenset(),
    State.CANCELLED_LATE: frozenset(),
    State.CANCELLED_CLINIC: frozenset(),
    State.NO_SHOW: frozenset(),
}

# What is over is final for every act but one: taking back a mark made by mistake (E18, B10).
CORRECTIONS: dict[str, frozenset[str]] = {
    State.CHECKED_IN: frozenset({State.CONFIRMED}),
    State.COMPLETED: frozenset({State.CONFIRMED, State.CHECKED_IN}),
    State.NO_SHOW: frozenset({State.CONFIRMED}),
}


class IsLive(models.Func):
    """Whether a state occupies, with the states written out in the SQL.

    An index of live bookings alone is used only where the question names its condition, and
    SQLite does not look into parameters for that: with them it walks the whole history (E27).
    """

    template = "(%(expressions)s IN ({}))".format(", ".join(f"'{state}'" for state in OCCUPYING))
    output_field = models.BooleanField()

    def __init__(self) -> None:
        super().__init__("state")


class BookingQuerySet(models.QuerySet["Booking"]):
    def of(self, runner: "User") -> Self:
        return self.filter(runner=runner)

    def occupying(self) -> Self:
        return self.filter(IsLive())

    def booked(self) -> Self:
        """Somebody's, and still to happen or happening."""
        return self.filter(state__in=[State.CONFIRMED, State.CHECKED_IN])

    def upcoming(self, at: datetime) -> Self:
        return self.booked().filter(ends_at__gt=at).order_by("starts_at")

    def past(self, at: datetime) -> Self:
        """What a runner calls her history: everything of hers that is over."""
        return (
            self.exclude(state__in=NOT_YET_ANYBODYS)
            .filter(Q(ends_at__lte=at) | ~Q(state__in=OCCUPYING))
            .order_by("-starts_at")
        )

    def on_day(self, location: Location, day: date) -> Self:
        """Somebody's sessions that start on a local day at a place, in the order they start."""
        start, end = (
            datetime.combine(on, time.min, tzinfo=location.zone)
            for on in (day, day + timedelta(days=1))
        )
        return (
            self.exclude(state__in=NOT_YET_ANYBODYS)
            .filter(location=location, starts_at__gte=start, starts_at__lt=end)
            .order_by("starts_at", "pk")
        )

    def expired_holds(self, at: datetime) -> Self:
        return self.filter(state=State.HELD, hold_expires_at__lte=at)

    def live_at(self, at: datetime) -> Self:
        """Occupying, a hold only until it expires."""
        return self.occupying().exclude(state=State.HELD, hold_expires_at__lte=at)

    def with_everything(self) -> Self:
        """Joined with what a page about a booking shows."""
        return self.select_related(
            "runner", "variant__service", "therapist", "room", "location", "policy"
        )


class Booking(models.Model):
    """A session that occupies a therapist and a room. It keeps its id for life."""

    State = State

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    runner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bookings",
    )
    variant = models.ForeignKey(
        "payments.ServiceVariant", on_delete=models.PROTECT, related_name="bookings"
    )
    therapist = models.ForeignKey(Therapist, on_delete=models.PROTECT, related_name="bookings")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bookings")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="bookings")
    policy = models.ForeignKey(
        "payments.Policy",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bookings",
        help_text="The rules agreed to when it was booked.",
    )
    state = models.CharField(max_length=20, choices=State, default=State.HELD)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    frees_at = models.DateTimeField(help_text="When therapist and room are free again (E4).")
    local_start = models.CharField(max_length=16, help_text="Wall time as agreed.")
    zone = models.CharField(max_length=64)
    hold_key = models.CharField(max_length=64, blank=True, help_text="Whose browser holds it.")
    hold_expires_at = models.DateTimeField(null=True, blank=True)
    sequence = models.PositiveIntegerField(default=0, help_text="Of the calendar entry.")
    moves = models.PositiveSmallIntegerField(default=0)
    token_version = models.PositiveIntegerField(default=1, help_text="Links of before are dead.")
    booked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    # The page that led here, as a number and as it was called: pages live in a higher app.
    source_page = models.CharField(max_length=200, blank=True, help_text="Its path then.")
    article_id = models.PositiveBigIntegerField(null=True, blank=True)
    article_title = models.CharField(max_length=255, blank=True)
    agreed_texts = models.JSONField(
        default=list, blank=True, help_text="Which words of the terms were agreed to: code/number."
    )
    series = models.ForeignKey(
        "scheduling.Series",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="bookings",
        help_text="The decision to come again that it belongs to (E15).",
    )
    overrides = models.JSONField(
        default=list, blank=True, help_text="Reason codes of the rules staff set aside (E23)."
    )
    price_minor = models.BigIntegerField(
        null=True, blank=True, help_text="Of the session by itself, as it was when picked (S2)."
    )

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at"]
        permissions = [
            ("run_day", "Can run the day: arrivals, done, moves, walk-ins"),
            ("work_own_day", "Can see own sessions and mark them"),
        ]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")) & Q(ends_at__lte=F("frees_at")),
                name="booking_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(state__in=NOT_YET_ANYBODYS)
                | Q(runner__isnull=False, booked_at__isnull=False, policy__isnull=False),
                name="booking_has_runner_and_policy",
            ),
            models.CheckConstraint(
                condition=Q(hold_expires_at__isnull=False) | ~Q(state=State.HELD),
                name="hold_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[str(state) for state in State]), name="booking_state_known"
            ),
            models.CheckConstraint(
                condition=Q(price_minor=None) | Q(price_minor__gte=0),
                name="booking_price_not_negative",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            # The guards and the availability query walk live bookings only, by time.
            models.Index(
                fields=["starts_at", "frees_at"],
                condition=Q(state__in=OCCUPYING),
                name="booking_live_by_time",
            ),
            models.Index(
                fields=["therapist", "starts_at", "frees_at"],
                condition=Q(state__in=OCCUPYING),
                name="booking_live_by_therapist",
            ),
            models.Index(
                fields=["room", "starts_at", "frees_at"],
                condition=Q(state__in=OCCUPYING),
                name="booking_live_by_room",
            ),
            models.Index(
                fields=["hold_expires_at"],
                condition=Q(state=State.HELD),
                name="booking_holds_by_end",
            ),
            models.Index(
                fields=["article_id", "booked_at"],
                condition=Q(article_id__isnull=False),
                name="booking_by_article",
            ),
            models.Index(fields=["runner", "starts_at"], name="booking_by_runner"),
            models.Index(fields=["location", "starts_at"], name="booking_by_location"),
            models.Index(fields=["hold_key"], name="booking_by_hold_key"),
        ]

    def __str__(self) -> str:
        return f"{self.local_start} {self.public_id}"

    @property
    def source(self) -> Source:
        """The page it was booked from."""
        return Source(self.article_id, self.source_page, self.article_title)

    @property
    def is_booked(self) -> bool:
        return self.state in (State.CONFIRMED, State.CHECKED_IN)

    @property
    def is_cancelled(self) -> bool:
        return self.state in CANCELLED

    @property
    def is_over(self) -> bool:
        """Nothing can happen to it any more."""
        return not TRANSITIONS[self.state]

    @property
    def zone_info(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def starts_local(self) -> datetime:
        """The start on the clinic's clock."""
        return self.starts_at.astimezone(self.zone_info)

    @property
    def minutes(self) -> int:
        """How long it lasts, which a therapist may set for themselves (S2)."""
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    @property
    def session_name(self) -> str:
        return f"{self.variant.service.name}, {self.minutes} minutes"

    @property
    def single_price_minor(self) -> int:
        """What it costs paid by itself, as it was when picked (S2)."""
        return self.variant.price_minor if self.price_minor is None else self.price_minor

    def holds_until(self, at: datetime) -> datetime | None:
        """When the hold ends, while there is one."""
        if self.state == State.HELD and self.hold_expires_at and self.hold_expires_at > at:
            return self.hold_expires_at
        return None


class BookingChange(models.Model):
    """One thing that happened to a booking: who, when, why. Never edited, never deleted."""

    class Kind(models.TextChoices):
        HELD = "held"
        ADOPTED = "adopted"
        EXTENDED = "extended"
        EXPIRED = "expired"
        CONFIRMED = "confirmed"
        MOVED = "moved"
        CHECKED_IN = "checked_in"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        NO_SHOW = "no_show"
        TAKEN_BACK = "taken_back"
        SHORTENED = "shortened"
        PAID = "paid"

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="changes")
    from_state = models.CharField(max_length=20, choices=State, blank=True)
    to_state = models.CharField(max_length=20, choices=State)
    kind = models.CharField(max_length=20, choices=Kind)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Empty: the portal itself, or a browser nobody has signed in from.",
    )
    at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d %H:%M}"
