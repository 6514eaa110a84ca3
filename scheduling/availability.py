"""Which times are free, and is this one. One engine answers both; the claim is the truth.

``free_times`` lists for people to choose from, ``verdicts`` judges one start therapist by
therapist and says why not (E28). Both read the same ``World`` and obey the same rules, and a
property test holds them together.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil

from payments.models import ServiceVariant
from scheduling import world as worlds
from scheduling.intervals import (
    Intervals,
    clipped,
    common,
    day_bounds,
    grid,
    holds,
    instant,
    local_day,
    meets,
    merged,
    minus,
    seconds,
)
from scheduling.models import Booking, Location, Therapist
from scheduling.reasons import Reason
from scheduling.world import Occupied, Person, World

ONE_DAY = timedelta(days=1)
NEAR_DAYS = (1, 3, 10, 31)  # how far around a lost time we look, step by step


@dataclass(frozen=True, slots=True)
class FreeTime:
    """A start at which one therapist is free. Instants are UTC; ``zone`` is the location's."""

    starts_at: datetime
    ends_at: datetime
    therapist_id: int
    therapist_code: str
    therapist_name: str
    location_code: str
    zone: str


@dataclass(frozen=True, slots=True)
class DayChoice:
    """A local day and how many different starts it has."""

    day: date
    free: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of one start and one therapist; no reasons means yes."""

    therapist_id: int | None
    therapist_code: str
    therapist_name: str
    reasons: tuple[Reason, ...]
    rooms: tuple[int, ...]  # free ones that fit, the one to take first (E11)
    hands_on_minutes: int

    @property
    def is_free(self) -> bool:
        return not self.reasons


def free_times(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    start: date,
    end: date,
    at: datetime,
    ignoring: Booking | None = None,
    for_staff: bool = False,
) -> list[FreeTime]:
    """Every free start on the location's local days from ``start`` to before ``end``.

    By start, then therapist; for "anyone" a start appears once for each therapist who is free.
    ``ignoring`` leaves out a booking that is being moved (E16). Costs at most 7 queries and
    grows with the days asked for that can be booked at all, not with what is stored.
    """
    if not (for_staff or _is_offered(variant, location)):
        return []
    low, high = _window(variant, location, start, end, at, for_staff=for_staff)
    if low >= high:
        return []
    world = worlds.load(
        variant=variant,
        location=location,
        therapist=therapist,
        low=low,
        high=high,
        at=at,
        ignoring=(ignoring.pk,) if ignoring else (),
        for_staff=for_staff,
    )
    return _listed(world)


def days(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    start: date,
    end: date,
    at: datetime,
    ignoring: Booking | None = None,
) -> list[DayChoice]:
    """Each day from ``start`` to before ``end`` with its number of free starts."""
    times = free_times(
        variant=variant,
        location=location,
        therapist=therapist,
        start=start,
        end=end,
        at=at,
        ignoring=ignoring,
    )
    starts: dict[date, set[datetime]] = {}
    for time in times:
        starts.setdefault(time.starts_at.astimezone(location.zone).date(), set()).add(
            time.starts_at
        )
    count = (end - start).days
    every = (start + timedelta(days=number) for number in range(count))
    return [DayChoice(day, len(starts.get(day, ()))) for day in every]


def nearest(
    *,
    variant: ServiceVariant,
    location: Location,
    around: datetime,
    at: datetime,
    count: int = 3,
    therapist: Therapist | None = None,
    ignoring: Booking | None = None,
) -> list[FreeTime]:
    """The free starts closest to a lost one, earliest first; fewer when there are fewer.

    For a start beyond the open diary those are its last ones, for a past one its first.
    """
    last = at + timedelta(days=variant.horizon_days)
    middle = local_day(location.timezone, seconds(min(max(around, at), last)))
    found: list[FreeTime] = []
    for reach in NEAR_DAYS:
        found = free_times(
            variant=variant,
            location=location,
            therapist=therapist,
            start=middle - timedelta(days=reach),
            end=middle + timedelta(days=reach + 1),
            at=at,
            ignoring=ignoring,
        )
        if len({time.starts_at for time in found}) >= count:
            break
    return _closest(found, around, count)


def verdicts(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    ignoring: tuple[int, ...] = (),
    for_staff: bool = False,
) -> list[Verdict]:
    """Judge one start for the named therapist, or for each who gives the session.

    ``ignoring`` are ids of bookings that do not stand in the way. The answer is never empty:
    where nobody is eligible, one verdict says so (E9).
    """
    second = seconds(starts_at)
    world = worlds.load(
        variant=variant,
        location=location,
        therapist=therapist,
        # The whole local day, because "anyone" weighs the day's work (S8).
        low=day_bounds(location.timezone, local_day(location.timezone, second))[0],
        high=day_bounds(location.timezone, local_day(location.timezone, second))[1],
        at=at,
        ignoring=ignoring,
        for_staff=for_staff,
    )
    of_all = _reasons_for_all(world, second, starts_at, at, for_staff=for_staff)
    if not world.people:
        name = therapist.name if therapist else ""
        code = therapist.code if therapist else ""
        return [Verdict(None, code, name, (Reason.ELIGIBILITY, *of_all), (), 0)]
    rooms = tuple(space.pk for space in world.spaces if _fits(space.bookings, second, world))
    return [_verdict(world, person, second, of_all, rooms) for person in world.people]


def is_free(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
    ignoring: Booking | None = None,
) -> bool:
    """Whether the start could be claimed now."""
    found = verdicts(
        variant=variant,
        location=location,
        therapist=therapist,
        starts_at=starts_at,
        at=at,
        ignoring=(ignoring.pk,) if ignoring else (),
    )
    return any(verdict.is_free for verdict in found)


def explain(
    *,
    variant: ServiceVariant,
    location: Location,
    therapist: Therapist | None,
    starts_at: datetime,
    at: datetime,
) -> list[tuple[str, tuple[Reason, ...]]]:
    """Why is this time not free: each therapist's name with the reasons (E28, U11)."""
    found = verdicts(
        variant=variant, location=location, therapist=therapist, starts_at=starts_at, at=at
    )
    return [(verdict.therapist_name, verdict.reasons) for verdict in found]


# --- the rules -------------------------------------------------------------------------------


def _is_offered(variant: ServiceVariant, location: Location) -> bool:
    """E9, of the session and the place; the therapists' part is in the query."""
    return bool(
        variant.is_active
        and variant.is_bookable_online
        and variant.service.is_active
        and location.is_active
    )


def _notice_ends(variant: ServiceVariant, location: Location, at: datetime) -> int:
    """The first second that can be booked: absolute time, the boundary included (E6)."""
    own = variant.notice_minutes
    notice = location.notice_minutes if own is None else own
    return ceil((at + timedelta(minutes=notice)).timestamp())


def _horizon_ends(variant: ServiceVariant, location: Location, at: datetime) -> int:
    """The end of the last local day the diary is open: N days from today, whole (E7)."""
    today = local_day(location.timezone, seconds(at))
    return day_bounds(location.timezone, today + timedelta(days=variant.horizon_days))[1]


def _window(
    variant: ServiceVariant,
    location: Location,
    start: date,
    end: date,
    at: datetime,
    *,
    for_staff: bool,
) -> tuple[int, int]:
    """The starts asked for that can be booked at all, in seconds."""
    if start >= end:
        return 0, 0
    zone = location.timezone
    today = local_day(zone, seconds(at))
    if for_staff:
        return day_bounds(zone, start)[0], day_bounds(zone, end - ONE_DAY)[1]
    last = min(end - ONE_DAY, today + timedelta(days=variant.horizon_days))
    first = max(start, today)
    if first > last:
        return 0, 0
    return (
        max(day_bounds(zone, first)[0], _notice_ends(variant, location, at)),
        day_bounds(zone, last)[1],
    )


def _forbidden(bookings: Iterable[Occupied], occupies: int) -> Intervals:
    """Starts that would overlap: from just too late before a booking to when it frees (E1, E4)."""
    return merged((one.starts - occupies + 1, one.frees) for one in bookings)


def _starts(world: World, person: Person, in_rooms: Intervals) -> list[int]:
    """The therapist's free starts: a session inside one shift (E2), beside no other booking."""
    fitting = [
        (start, end - world.duration + 1)
        for start, end in world.open_hours(person)
        if end - start >= world.duration
    ]
    allowed = minus(fitting, _forbidden(person.bookings, world.occupies))
    allowed = common(clipped(allowed, world.low, world.high), in_rooms)
    zone, step = world.location.timezone, world.variant.increment_minutes
    return [second for start, end in allowed for second in grid(zone, start, end, step)]


def _starts_in_rooms(world: World) -> Intervals:
    """Starts at which at least one room is free (E11)."""
    whole = [(world.low, world.high)]
    free = (minus(whole, _forbidden(one.bookings, world.occupies)) for one in world.spaces)
    return merged(interval for intervals in free for interval in intervals)


def _listed(world: World) -> list[FreeTime]:
    in_rooms = _starts_in_rooms(world)
    found = [
        (second, person) for person in world.people for second in _starts(world, person, in_rooms)
    ]
    found.sort(key=lambda pair: (pair[0], pair[1].pk))
    return [_free_time(world, person, second) for second, person in found]


def _free_time(world: World, person: Person, second: int) -> FreeTime:
    return FreeTime(
        starts_at=instant(second),
        ends_at=instant(second + world.duration),
        therapist_id=person.pk,
        therapist_code=person.code,
        therapist_name=person.name,
        location_code=world.location.code,
        zone=world.location.timezone,
    )


def _closest(times: list[FreeTime], around: datetime, count: int) -> list[FreeTime]:
    by_start: dict[datetime, FreeTime] = {}
    for time in times:
        by_start.setdefault(time.starts_at, time)
    close = sorted(by_start.values(), key=lambda time: abs(time.starts_at - around))[:count]
    return sorted(close, key=lambda time: time.starts_at)


def _fits(bookings: Iterable[Occupied], second: int, world: World) -> bool:
    return not meets(_periods(bookings), second, second + world.occupies)


def _periods(bookings: Iterable[Occupied]) -> Intervals:
    return merged((one.starts, one.frees) for one in bookings)


def _reasons_for_all(
    world: World, second: int, starts_at: datetime, at: datetime, *, for_staff: bool
) -> tuple[Reason, ...]:
    """What stands against a start whoever gives the session."""
    variant, location = world.variant, world.location
    found = []
    if not (for_staff or _is_offered(variant, location)):
        found.append(Reason.ELIGIBILITY)
    if not for_staff and starts_at.timestamp() < _notice_ends(variant, location, at):
        found.append(Reason.NOTICE)
    if not for_staff and second >= _horizon_ends(variant, location, at):
        found.append(Reason.HORIZON)
    on_grid = grid(location.timezone, second, second + 1, variant.increment_minutes)
    if not (for_staff or on_grid) or starts_at.microsecond:
        found.append(Reason.GRID)
    return tuple(found)


def _verdict(
    world: World, person: Person, second: int, of_all: tuple[Reason, ...], rooms: tuple[int, ...]
) -> Verdict:
    reasons = [*of_all, *_hours_reasons(world, person, second)]
    reasons += _overlap_reasons(world, person, second)
    if not rooms:
        reasons.append(Reason.ROOM)
    today = day_bounds(world.location.timezone, local_day(world.location.timezone, second))
    return Verdict(
        therapist_id=person.pk,
        therapist_code=person.code,
        therapist_name=person.name,
        reasons=tuple(reasons),
        rooms=rooms,
        hands_on_minutes=person.hands_on_minutes(today),
    )


def _hours_reasons(world: World, person: Person, second: int) -> list[Reason]:
    """E2 and E3, the strongest rule alone: who is closed need not be told of time off."""
    end = second + world.duration
    if holds(world.open_hours(person), second, end):
        return []
    if not holds(person.hours, second, end):
        closed_all_day = meets(world.closed, second, end)
        return [Reason.CLOSED if closed_all_day else Reason.OUTSIDE_HOURS]
    if meets(world.closed, second, end):
        return [Reason.CLOSED]
    return [Reason.TIME_OFF]


def _overlap_reasons(world: World, person: Person, second: int) -> list[Reason]:
    """E1, and whether it is the session, its turnaround (E4) or somebody's hold (E13)."""
    end = second + world.occupies
    in_way = [one for one in person.bookings if one.starts < end and second < one.frees]
    if not in_way:
        return []
    session_end = second + world.duration
    if all(one.is_hold for one in in_way):
        return [Reason.HOLD]
    if any(one.starts < session_end and second < one.ends for one in in_way):
        return [Reason.OVERLAP]
    return [Reason.TURNAROUND]
