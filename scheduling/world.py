"""What the diary knows about a stretch of time, read in a handful of queries.

However many therapists and days are asked about, loading is seven queries (E27): therapists,
weekly hours, exceptions, closures, time off, rooms, live bookings. Everything after it is sums.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from payments.models import ServiceVariant
from scheduling.intervals import (
    Interval,
    Intervals,
    day_bounds,
    days_between,
    instant,
    local_day,
    merged,
    minus,
    seconds,
    wall_interval,
)
from scheduling.models import (
    Booking,
    Closure,
    HoursException,
    Location,
    Room,
    Therapist,
    TimeOff,
    WorkingHours,
)

LONGEST = timedelta(hours=24)  # no booking occupies longer, so none that started before matters
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Occupied:
    """A live booking, as far as it stands in the way."""

    starts: int
    ends: int
    frees: int
    is_hold: bool


@dataclass(slots=True)
class Person:
    """A therapist who may give the session, and their time."""

    pk: int
    code: str
    name: str
    hours: Intervals = field(default_factory=list)
    off: Intervals = field(default_factory=list)
    bookings: list[Occupied] = field(default_factory=list)

    def hands_on_minutes(self, day: Interval) -> int:
        """Booked work that starts within a local day (S8)."""
        return sum(
            (one.ends - one.starts) // 60 for one in self.bookings if day[0] <= one.starts < day[1]
        )


@dataclass(slots=True)
class Space:
    """A room the session fits in, and who is in it."""

    pk: int
    bookings: list[Occupied] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    """One variant at one location, for starts within ``[low, high)``."""

    variant: ServiceVariant
    location: Location
    low: int
    high: int
    people: tuple[Person, ...]
    spaces: tuple[Space, ...]  # the least capable that fits comes first (E11)
    closed: Intervals

    @property
    def duration(self) -> int:
        return int(self.variant.duration_minutes) * 60

    @property
    def occupies(self) -> int:
        """Session and turnaround, which the database guards together (E4)."""
        return self.duration + int(self.variant.turnaround_minutes) * 60

    def open_hours(self, person: Person) -> Intervals:
        """Closure beats time off beats exception beats weekly hours (E3)."""
        return minus(minus(person.hours, self.closed), person.off)


def load(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    low: int,
    high: int,
    at: datetime,
    ignoring: tuple[int, ...] = (),
    for_staff: bool = False,
) -> World:
    """Read what decides about starts within ``[low, high)`` seconds; at most 7 queries."""
    people = _people(variant, therapist, for_staff)
    spaces = _spaces(variant, location)
    world = World(
        variant=variant,
        location=location,
        low=low,
        high=high,
        people=tuple(people.values()),
        spaces=tuple(spaces.values()),
        closed=[],
    )
    if not people:
        return world
    # A day before and after: shifts that meet at midnight are one shift (E2).
    zone = location.timezone
    first = local_day(zone, low) - ONE_DAY
    last = local_day(zone, high + world.duration) + ONE_DAY
    add_hours(people, location, first, last)
    world.closed.extend(closed(location, first, last))
    add_time_off(people, low, high + world.duration)
    _add_bookings(people, spaces, world, at, ignoring)
    return world


def _people(
    variant: ServiceVariant, therapist: Therapist | None, for_staff: bool
) -> dict[int, Person]:
    """Who is eligible (E9). A hidden therapist is never found by "anyone"."""
    found = Therapist.objects.filter(is_active=True).giving(variant)
    if not for_staff:
        found = found.bookable_online()
    if therapist is not None:
        found = found.filter(pk=therapist.pk)
    rows = found.order_by("pk").values_list("pk", "code", "name")
    return {pk: Person(pk, code, name) for pk, code, name in rows}


def _spaces(variant: ServiceVariant, location: Location) -> dict[int, Space]:
    rooms = Room.objects.filter(location=location, is_active=True).annotate(
        kinds=Count("variants"), fits=Count("variants", filter=Q(variants=variant))
    )
    fitting = [room for room in rooms.order_by("pk") if room.fits or not room.kinds]
    fitting.sort(key=lambda room: (room.kinds or float("inf"), room.position, room.pk))
    return {room.pk: Space(room.pk) for room in fitting}


def add_hours(people: dict[int, Person], location: Location, first: date, last: date) -> None:
    weekly: dict[tuple[int, int], list[WorkingHours]] = defaultdict(list)
    for shift in WorkingHours.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=first),
        therapist__in=list(people),
        location=location,
        valid_from__lte=last,
    ):
        weekly[shift.therapist_id, shift.weekday].append(shift)
    other: dict[int, list[HoursException]] = defaultdict(list)
    for exception in HoursException.objects.filter(
        therapist__in=list(people), location=location, starts_on__lte=last, ends_on__gte=first
    ):
        other[exception.therapist_id].append(exception)
    for person in people.values():
        shifts = (
            shift
            for day in days_between(first, last + ONE_DAY)
            for shift in _shifts(
                location.timezone, day, weekly[person.pk, day.isoweekday()], other[person.pk]
            )
        )
        person.hours = merged(shifts)


def _shifts(
    zone: str, day: date, weekly: list[WorkingHours], other: list[HoursException]
) -> Iterable[Interval]:
    """A local day's hours: the exceptions of that day if there are any, else the weekly ones."""
    todays = [one for one in other if one.covers(day)]
    if todays:
        for one in todays:
            if one.starts is not None and one.ends is not None:
                yield wall_interval(zone, day, one.starts, one.ends)
        return
    for shift in weekly:
        if shift.valid_from <= day and (shift.valid_to is None or day <= shift.valid_to):
            yield wall_interval(zone, day, shift.starts, shift.ends)


def closed(location: Location, first: date, last: date) -> Intervals:
    closures = Closure.objects.filter(location=location, starts_on__lte=last, ends_on__gte=first)
    zone = location.timezone
    return merged(
        (day_bounds(zone, one.starts_on)[0], day_bounds(zone, one.ends_on)[1]) for one in closures
    )


def add_time_off(people: dict[int, Person], low: int, high: int) -> None:
    found: dict[int, Intervals] = defaultdict(list)
    rows = TimeOff.objects.filter(
        therapist__in=list(people), starts_at__lt=instant(high), ends_at__gt=instant(low)
    ).values_list("therapist_id", "starts_at", "ends_at")
    for pk, starts_at, ends_at in rows:
        found[pk].append((seconds(starts_at), seconds(ends_at)))
    for pk, off in found.items():
        people[pk].off = merged(off)


def _add_bookings(
    people: dict[int, Person],
    spaces: dict[int, Space],
    world: World,
    at: datetime,
    ignoring: tuple[int, ...],
) -> None:
    """Live bookings near the window: by time first, so that history costs nothing (E27).

    A hold that has run out stands in nobody's way, whether it has been released or not (E13).
    """
    rows = (
        Booking.objects.live_at(at)
        .filter(Q(therapist__in=list(people)) | Q(location=world.location))
        .filter(
            starts_at__gte=instant(world.low) - LONGEST,
            starts_at__lt=instant(world.high + world.occupies),
            frees_at__gt=instant(world.low),
        )
    )
    if ignoring:
        rows = rows.exclude(pk__in=ignoring)
    for therapist, room, starts_at, ends_at, frees_at, state in rows.values_list(
        "therapist_id", "room_id", "starts_at", "ends_at", "frees_at", "state"
    ):
        one = Occupied(
            seconds(starts_at), seconds(ends_at), seconds(frees_at), state == Booking.State.HELD
        )
        if therapist in people:
            people[therapist].bookings.append(one)
        if room in spaces:
            spaces[room].bookings.append(one)
