"""Changing a rule over booked sessions: each one gets a decision, none is cancelled silently (S5).

The change and the look at what it hits are one transaction: if a session is hit that nobody has
decided about, nothing is saved and the question is asked. With every decision given the change
is saved, and then each decision is carried out by itself, under the new rules.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import auditing
from accounts.models import User
from payments.crediting import CreditError, reserved_lot
from payments.days import practice_day
from scheduling.availability import FreeTime, free_times
from scheduling.cancelling import cancel_booking
from scheduling.claiming import lock_resources
from scheduling.errors import BookingError
from scheduling.intervals import local_day, seconds
from scheduling.models import Booking, Location, Room, Therapist
from scheduling.moving import move_booking
from scheduling.outside import Outside, Why, outside_rules

Saved = TypeVar("Saved")

PROPOSALS = 3
REACH_DAYS = (1, 3, 10)
MOST_PROPOSED = 40  # sessions that get proposals; looking for each costs a few queries


class Do(StrEnum):
    """What happens to a session that a change of rules hits."""

    KEEP = "keep"
    MOVE = "move"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Decision:
    """``starts_at`` and ``therapist`` (a code) are where to move it."""

    do: Do
    starts_at: datetime | None = None
    therapist: str = ""


@dataclass(frozen=True, slots=True)
class Hit:
    """A session a change would leave outside the rules, and where it could go."""

    booking: Booking
    why: Why
    proposals: tuple[FreeTime, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a decision. ``trouble`` says why it could not be carried out."""

    booking: Booking
    do: Do
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Changed(Generic[Saved]):
    """What the change saved, and what was done to the sessions it hit."""

    saved: Saved
    done: tuple[Done, ...]


class DecisionsNeeded(BookingError):
    """The change hits sessions nobody has decided about. Nothing was saved."""

    def __init__(self, hits: list[Hit]) -> None:
        count = len(hits)
        super().__init__(
            _("One session is booked then. Decide what happens to it.")
            if count == 1
            else _("%(count)s sessions are booked then. Decide what happens to each.")
            % {"count": count}
        )
        self.hits = hits


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a change of rules can concern: a therapist, a location, or both."""

    therapist: Therapist | None = None
    location: Location | None = None

    def bookings(self) -> Q:
        """The bookings it can hit."""
        found = Q()
        if self.therapist is not None:
            found &= Q(therapist_id=self.therapist.pk)
        if self.location is not None:
            found &= Q(location_id=self.location.pk)
        return found

    def lock(self) -> None:
        """Make claims wait that would look at the old rules; they lock the same rows."""
        if self.therapist is not None:
            list(Therapist.objects.select_for_update().filter(pk=self.therapist.pk))
        elif self.location is not None:
            lock_resources([], self.location)
        else:
            list(Room.objects.select_for_update().order_by("pk"))


def change_rules(
    *,
    change: Callable[[], Saved],
    scope: Scope,
    decisions: Mapping[UUID, Decision],
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Changed[Saved]:
    """Save a change of rules and do as decided to each session it hits.

    ``decisions`` are by the bookings' public ids; those about sessions it does not hit are left
    alone. A session that already lay outside the rules for the same reason is not asked about
    again. What cannot be carried out (its new time was taken meanwhile) leaves the session where
    it is and says so; it stays on the list of sessions outside the rules.

    Raises:
        DecisionsNeeded: a session is hit without a decision. Nothing is saved.
        Whatever ``change`` raises. Nothing is saved.
    """
    with transaction.atomic():
        scope.lock()
        before = {one.booking.pk: one.why for one in _outside(scope, at)}
        with auditing.acting(by):
            saved = change()
        hit = [one for one in _outside(scope, at) if before.get(one.booking.pk) != one.why]
        if any(one.booking.public_id not in decisions for one in hit):
            hits = [
                Hit(one.booking, one.why, proposals(one.booking, at=at, wanted=n < MOST_PROPOSED))
                for n, one in enumerate(hit)
            ]
            raise DecisionsNeeded(hits)
    chosen = [(one.booking, decisions[one.booking.public_id]) for one in hit]
    # Who is cancelled makes room for who is moved.
    chosen.sort(key=lambda pair: pair[1].do != Do.CANCEL)
    done = [_carried_out(booking, decision, by, at, reason) for booking, decision in chosen]
    return Changed(saved, tuple(done))


def _outside(scope: Scope, at: datetime) -> list[Outside]:
    return outside_rules(at=at, among=scope.bookings())


def proposals(booking: Booking, *, at: datetime, wanted: bool = True) -> tuple[FreeTime, ...]:
    """The three nearest free times for a session, by the rules of now, earliest first.

    At each start its own therapist if free, else who comes first; one of them is with its own
    therapist if there is any within ten days.
    """
    if not wanted or booking.state != Booking.State.CONFIRMED:
        return ()
    lot = reserved_lot(booking.public_id)
    found: list[FreeTime] = []
    middle = local_day(booking.location.timezone, seconds(booking.starts_at))
    for reach in REACH_DAYS:
        listed = free_times(
            variant=booking.variant,
            location=booking.location,
            therapist=None,
            start=middle - timedelta(days=reach),
            end=middle + timedelta(days=reach + 1),
            at=at,
            ignoring=booking,
            for_staff=True,
        )
        booked_on = practice_day(booking.booked_at or at)
        last = lot.last_session_on(booked_on=booked_on) if lot else None
        zone = booking.location.zone
        found = [
            one
            for one in listed
            if one.starts_at > at
            and (last is None or one.starts_at.astimezone(zone).date() <= last)
        ]
        if len({one.starts_at for one in found}) >= PROPOSALS:
            break
    return _nearest(found, booking)


def _nearest(found: list[FreeTime], booking: Booking) -> tuple[FreeTime, ...]:
    def distance(one: FreeTime) -> tuple[timedelta, bool, int]:
        other = one.therapist_id != booking.therapist_id
        return abs(one.starts_at - booking.starts_at), other, one.therapist_id

    by_start: dict[datetime, FreeTime] = {}
    for one in sorted(found, key=distance):
        by_start.setdefault(one.starts_at, one)
    chosen = list(by_start.values())[:PROPOSALS]
    own = [one for one in found if one.therapist_id == booking.therapist_id]
    if own and all(one.therapist_id != booking.therapist_id for one in chosen):
        chosen[-1] = min(own, key=distance)
    return tuple(sorted(chosen, key=lambda one: one.starts_at))


def _carried_out(
    booking: Booking, decision: Decision, by: User | None, at: datetime, reason: str
) -> Done:
    """One decision, in a transaction of its own."""
    if by is not None and by.pk == booking.runner_id:
        by = None  # a member of staff who is this runner acts for the practice here
    try:
        if decision.do == Do.CANCEL:
            booking = cancel_booking(booking=booking, by=by, at=at, reason=reason)
        elif decision.do == Do.MOVE and decision.starts_at is not None:
            booking = move_booking(
                booking=booking,
                starts_at=decision.starts_at,
                therapist=Therapist.objects.filter(code=decision.therapist).first(),
                by=by,
                at=at,
                reason=reason,
            )
    except (BookingError, CreditError) as refused:
        return Done(booking, decision.do, str(refused))
    return Done(booking, decision.do)
