"""A day at a location: who works, who comes, what has happened (B10, E18, E19)."""

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.models import CreditEntry
from scheduling import letters
from scheduling import world as worlds
from scheduling.changing import Kind, change, locked, require
from scheduling.errors import IllegalTransition
from scheduling.intervals import Intervals, clipped, day_bounds, instant, merged, minus, seconds
from scheduling.models import Booking, Location, Room, Therapist
from scheduling.models.bookings import CANCELLED
from scheduling.wording import moment_words
from scheduling.world import Person

log = logging.getLogger(__name__)
State = Booking.State

ARRIVES_EARLIEST = timedelta(minutes=60)
MISSED_AFTER = timedelta(minutes=15)
DONE_BY_ITSELF_AFTER = timedelta(hours=12)
SHORTEST_GAP = 15 * 60
OFF_THE_BOARD = (State.EXPIRED, *CANCELLED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment to another: hours, or a gap in them."""

    starts_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class BoardBooking:
    """One session on the board; ``may_*`` say which buttons it has now."""

    public_id: str
    starts_at: datetime
    ends_at: datetime
    frees_at: datetime
    runner_name: str
    runner_public_id: str
    variant_name: str
    minutes: int
    room_name: str
    state: str
    state_word: str
    paid_by: str  # "credit", or "due" where no credit is set aside
    paid_words: str
    may_check_in: bool
    may_complete: bool
    may_miss: bool


@dataclass(frozen=True, slots=True)
class Column:
    """A therapist's day."""

    therapist_id: int
    therapist_code: str
    therapist_name: str
    hours: tuple[Stretch, ...]
    off: tuple[Stretch, ...]
    bookings: tuple[BoardBooking, ...]
    gaps: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class DayBoard:
    """The whole of it. ``starts_at`` to ``ends_at`` is what the board must be tall enough for."""

    location: Location
    day: date
    zone: str
    now: datetime
    starts_at: datetime
    ends_at: datetime
    closed: str  # why the place is closed that day, empty when open
    columns: tuple[Column, ...]
    rooms: tuple[str, ...]

    @property
    def bookings(self) -> list[BoardBooking]:
        every = [one for column in self.columns for one in column.bookings]
        return sorted(every, key=lambda one: (one.starts_at, one.runner_name))


def day_board(*, location: Location, day: date, at: datetime) -> DayBoard:
    """Everything the day board shows, in eight queries however full the day is."""
    low, high = day_bounds(location.timezone, day)
    people = {
        pk: Person(pk, code, name)
        for pk, code, name in Therapist.objects.filter(is_active=True).values_list(
            "pk", "code", "name"
        )
    }
    worlds.add_hours(people, location, day, day)
    worlds.add_time_off(people, low, high)
    closures = worlds.closed(location, day, day)
    bookings = _bookings(location, low, high)
    by_credit = _paid_by_credit(bookings)
    by_therapist: dict[int, list[BoardBooking]] = {}
    for booking in bookings:
        people.setdefault(
            booking.therapist_id,
            Person(booking.therapist_id, booking.therapist.code, booking.therapist.name),
        )
        shown = _shown(booking, booking.public_id in by_credit, at)
        by_therapist.setdefault(booking.therapist_id, []).append(shown)
    columns = tuple(
        _column(person, by_therapist.get(person.pk, []), closures, low, high)
        for person in people.values()
        if person.pk in by_therapist or clipped(minus(person.hours, closures), low, high)
    )
    starts_at, ends_at = _extent(columns, low, high)
    return DayBoard(
        location=location,
        day=day,
        zone=location.timezone,
        now=at,
        starts_at=starts_at,
        ends_at=ends_at,
        closed=_("Closed") if closures else "",
        columns=columns,
        rooms=tuple(
            Room.objects.filter(location=location, is_active=True).values_list("name", flat=True)
        ),
    )


@transaction.atomic
def check_in(*, booking: Booking, by: User | None, at: datetime) -> Booking:
    """She has arrived. From an hour before the start; a second tap changes nothing.

    Raises:
        IllegalTransition: too early, or the session is over or off.
    """
    booking = locked(booking)
    if booking.state == State.CHECKED_IN:
        return booking
    require(booking, State.CHECKED_IN)
    _not_before(booking.starts_at - ARRIVES_EARLIEST, booking, at)
    return change(booking, to=State.CHECKED_IN, kind=Kind.CHECKED_IN, by=by, at=at)


@transaction.atomic
def complete(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """Done: the credit is used and its value earned on the day of the session (B10, E19).

    A second tap changes nothing and posts nothing.

    Raises:
        IllegalTransition: it has not begun, or is off.
        crediting.NotReserved: no credit is set aside for it.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if booking.state == State.COMPLETED:
        return booking
    require(booking, State.COMPLETED)
    _not_before(booking.starts_at, booking, at)
    change(booking, to=State.COMPLETED, kind=Kind.COMPLETED, by=by, at=at, reason=reason)
    crediting.use(
        booking_id=booking.public_id,
        by=by,
        at=at,
        effective_at=booking.starts_at,
        reason=_("Session done"),
    )
    letters.owe(booking, "session_done", at=at)
    return booking


@transaction.atomic
def mark_no_show(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """She did not come: the credit is used (B8). From 15 minutes after the start (E18).

    Raises:
        IllegalTransition: too early, or she came, or the session is off.
        crediting.NotReserved: no credit is set aside for it.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if booking.state == State.NO_SHOW:
        return booking
    require(booking, State.NO_SHOW)
    _not_before(booking.starts_at + MISSED_AFTER, booking, at)
    change(booking, to=State.NO_SHOW, kind=Kind.NO_SHOW, by=by, at=at, reason=reason)
    crediting.use(
        booking_id=booking.public_id,
        by=by,
        at=at,
        effective_at=booking.starts_at,
        reason=_("Missed"),
        late=True,
    )
    return booking


def complete_due(*, at: datetime) -> int:
    """The job: sessions nobody marked are done 12 hours after their end; how many (E19).

    One that cannot be completed is logged and left for a person; the others go on.
    """
    due = (
        Booking.objects.booked()
        .filter(ends_at__lte=at - DONE_BY_ITSELF_AFTER)
        .select_related("runner")
        .order_by("ends_at")
    )
    done = 0
    for booking in list(due[:500]):
        try:
            complete(booking=booking, by=None, at=at, reason="Nobody said otherwise.")
        except (IllegalTransition, crediting.CreditError):
            log.exception("Session %s could not be completed by itself", booking.public_id)
        else:
            done += 1
    return done


def _not_before(moment: datetime, booking: Booking, at: datetime) -> None:
    if at < moment:
        raise IllegalTransition(
            _("That is possible from %(moment)s.") % {"moment": moment_words(moment, booking.zone)}
        )


def _bookings(location: Location, low: int, high: int) -> list[Booking]:
    return list(
        Booking.objects.filter(
            location=location,
            starts_at__gte=instant(low) - worlds.LONGEST,
            starts_at__lt=instant(high),
            ends_at__gt=instant(low),
        )
        .exclude(state__in=OFF_THE_BOARD)
        .exclude(Q(state=State.HELD, runner=None))
        .select_related("runner", "variant__service", "therapist", "room")
        .order_by("starts_at", "pk")
    )


def _paid_by_credit(bookings: list[Booking]) -> set[object]:
    """The bookings a credit is, or was, set aside for."""
    entries = CreditEntry.objects.filter(
        booking_id__in=[booking.public_id for booking in bookings],
        kind=CreditEntry.Kind.RESERVE,
    )
    return set(entries.values_list("booking_id", flat=True))


def _shown(booking: Booking, by_credit: bool, at: datetime) -> BoardBooking:
    runner = booking.runner
    return BoardBooking(
        public_id=str(booking.public_id),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        frees_at=booking.frees_at,
        runner_name=str(runner) if runner else _("Somebody"),
        runner_public_id=str(runner.public_id) if runner else "",
        variant_name=booking.variant.name,
        minutes=booking.variant.duration_minutes,
        room_name=booking.room.name,
        state=booking.state,
        state_word=booking.get_state_display(),
        paid_by="credit" if by_credit else "due",
        paid_words=_("credit") if by_credit else _("due to pay"),
        may_check_in=booking.state == State.CONFIRMED
        and at >= booking.starts_at - ARRIVES_EARLIEST,
        may_complete=booking.is_booked and at >= booking.starts_at,
        may_miss=booking.state == State.CONFIRMED and at >= booking.starts_at + MISSED_AFTER,
    )


def _column(
    person: Person, bookings: list[BoardBooking], closures: Intervals, low: int, high: int
) -> Column:
    hours = clipped(minus(person.hours, closures), low, high)
    working = minus(hours, person.off)
    busy = merged((seconds(one.starts_at), seconds(one.frees_at)) for one in bookings)
    return Column(
        therapist_id=person.pk,
        therapist_code=person.code,
        therapist_name=person.name,
        hours=_stretches(hours),
        off=_stretches(clipped(person.off, low, high)),
        bookings=tuple(bookings),
        gaps=_stretches([one for one in minus(working, busy) if one[1] - one[0] >= SHORTEST_GAP]),
    )


def _stretches(intervals: Intervals) -> tuple[Stretch, ...]:
    return tuple(Stretch(instant(start), instant(end)) for start, end in intervals)


def _extent(columns: tuple[Column, ...], low: int, high: int) -> tuple[datetime, datetime]:
    """From the first thing of the day to the last; an ordinary working day when it is empty."""
    shown = [(one.starts_at, one.ends_at) for column in columns for one in column.hours]
    shown += [(one.starts_at, one.ends_at) for column in columns for one in column.bookings]
    if not shown:
        return instant(low + 8 * 3600), instant(min(low + 18 * 3600, high))
    return min(start for start, end in shown), max(end for start, end in shown)
