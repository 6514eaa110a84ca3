"""A day at a location, read in one go: who works, who comes, what is free, what is blocked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.answering import Seen, seen_by_practice
from payments.models import CreditEntry
from scheduling import hours
from scheduling.day import ARRIVES_EARLIEST, MISSED_AFTER
from scheduling.intervals import Intervals, clipped, day_bounds, instant, merged, minus, seconds
from scheduling.models import Booking, Location, Room, Therapist, TimeOff
from scheduling.models.bookings import CANCELLED
from scheduling.world import LONGEST, Person

State = Booking.State

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
class Block:
    """Time a therapist is not there for runners: away, or here and busy with something else."""

    pk: int
    starts_at: datetime
    ends_at: datetime
    is_blocked: bool  # from the board, and can be taken off it again
    reason: str


@dataclass(frozen=True, slots=True)
class BoardBooking:
    """One session on the board; ``may_*`` say which buttons it has now."""

    public_id: str
    starts_at: datetime
    ends_at: datetime
    frees_at: datetime
    therapist_code: str
    therapist_name: str
    runner_name: str
    runner_public_id: str
    variant_name: str
    minutes: int
    room_name: str
    state: str
    state_word: str
    paid_by: str  # "credit", or "due" where no credit is set aside
    paid_words: str
    alert: str  # what staff are told beside her name (R8)
    asked: str  # whether the questions before a session are answered, never what (G1)
    overrides: tuple[str, ...]  # codes of the rules staff set aside for it (E23)
    may_move: bool
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
    blocks: tuple[Block, ...]
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
    """Everything the day board shows, in nine queries however full the day is.

    Two more while questions before a session are in force."""
    low, high = day_bounds(location.timezone, day)
    people = {
        pk: Person(pk, code, name)
        for pk, code, name in Therapist.objects.filter(is_active=True).values_list(
            "pk", "code", "name"
        )
    }
    hours.add_hours(people, location, day, day)
    blocks = _blocks(low, high)
    for pk, found in blocks.items():
        if pk in people:
            people[pk].off = merged((seconds(one.starts_at), seconds(one.ends_at)) for one in found)
    closures = hours.closed(location, day, day)
    bookings = _bookings(location, low, high)
    by_credit = _paid_by_credit(bookings)
    seen = seen_by_practice([one.runner for one in bookings if one.runner], at=at)
    by_therapist: dict[int, list[BoardBooking]] = {}
    for booking in bookings:
        people.setdefault(
            booking.therapist_id,
            Person(booking.therapist_id, booking.therapist.code, booking.therapist.name),
        )
        shown = _shown(booking, booking.public_id in by_credit, seen, at)
        by_therapist.setdefault(booking.therapist_id, []).append(shown)
    columns = tuple(
        _column(
            person, by_therapist.get(person.pk, []), blocks.get(person.pk, []), closures, low, high
        )
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


def _bookings(location: Location, low: int, high: int) -> list[Booking]:
    return list(
        Booking.objects.filter(
            location=location,
            starts_at__gte=instant(low) - LONGEST,
            starts_at__lt=instant(high),
            ends_at__gt=instant(low),
        )
        .exclude(state__in=OFF_THE_BOARD)
        .exclude(Q(state=State.HELD, runner=None))
        .select_related("runner__client_flags", "variant__service", "therapist", "room")
        .order_by("starts_at", "pk")
    )


def _blocks(low: int, high: int) -> dict[int, list[Block]]:
    """Each therapist's time off that day, by start."""
    found: dict[int, list[Block]] = {}
    rows = TimeOff.objects.filter(starts_at__lt=instant(high), ends_at__gt=instant(low))
    for off in rows.order_by("starts_at", "pk"):
        is_blocked = off.kind == TimeOff.Kind.BLOCKED
        block = Block(off.pk, off.starts_at, off.ends_at, is_blocked, off.reason)
        found.setdefault(off.therapist_id, []).append(block)
    return found


def _paid_by_credit(bookings: list[Booking]) -> set[object]:
    """The bookings a credit is, or was, set aside for."""
    entries = CreditEntry.objects.filter(
        booking_id__in=[booking.public_id for booking in bookings],
        kind=CreditEntry.Kind.RESERVE,
    )
    return set(entries.values_list("booking_id", flat=True))


def _shown(
    booking: Booking, by_credit: bool, seen: Mapping[int, Seen], at: datetime
) -> BoardBooking:
    runner = booking.runner
    return BoardBooking(
        public_id=str(booking.public_id),
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        frees_at=booking.frees_at,
        therapist_code=booking.therapist.code,
        therapist_name=booking.therapist.name,
        runner_name=str(runner) if runner else _("Somebody"),
        runner_public_id=str(runner.public_id) if runner else "",
        variant_name=booking.session_name,
        minutes=booking.minutes,
        room_name=booking.room.name,
        state=booking.state,
        state_word=booking.get_state_display(),
        paid_by="credit" if by_credit else "due",
        paid_words=_("credit") if by_credit else _("due to pay"),
        alert=_alert(booking),
        asked=_asked(booking, seen),
        overrides=tuple(booking.overrides),
        may_move=booking.state == State.CONFIRMED,
        may_check_in=booking.state == State.CONFIRMED
        and at >= booking.starts_at - ARRIVES_EARLIEST,
        may_complete=booking.is_booked and at >= booking.starts_at,
        may_miss=booking.state == State.CONFIRMED and at >= booking.starts_at + MISSED_AFTER,
    )


def _alert(booking: Booking) -> str:
    flags = getattr(booking.runner, "client_flags", None)
    return flags.alert if flags else ""


def _asked(booking: Booking, seen: Mapping[int, Seen]) -> str:
    """Nothing once the session is over: then it is too late to ask."""
    known = seen.get(booking.runner_id or 0)
    return known.value if known and booking.is_booked else ""


def _column(
    person: Person,
    bookings: list[BoardBooking],
    blocks: list[Block],
    closures: Intervals,
    low: int,
    high: int,
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
        blocks=tuple(blocks),
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
