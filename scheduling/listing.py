"""From a world to its free times: the rules as sums over whole stretches.

``scheduling/judging.py`` says the same of one start at a time; a property test holds the two
together.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from scheduling import caps, runners
from scheduling.intervals import (
    Interval,
    Intervals,
    clipped,
    common,
    day_bounds,
    days_between,
    instant,
    local_day,
    merged,
    minus,
)
from scheduling.starting import leaving_small_gaps, starts_within
from scheduling.world import Occupied, Person, World

ONE_DAY = timedelta(days=1)


class FreeTime(NamedTuple):
    """A start at which one therapist is free. Instants are UTC; ``zone`` is the location's."""

    starts_at: datetime
    ends_at: datetime
    therapist_id: int
    therapist_code: str
    therapist_name: str
    location_code: str
    zone: str


def free_times_of(world: World) -> list[FreeTime]:
    """Every free start of a world, by start, then therapist."""
    if world.asker and runners.standing_reasons(world.asker, world.variant, world.location):
        return []
    days = _days(world)

    @cache
    def in_rooms(occupies: int) -> Intervals:
        return _starts_in_rooms(world, occupies)

    @cache
    def refused(duration: int) -> Intervals:
        if world.asker is None:
            return []
        return runners.refused_starts(world.asker, world.location, days, duration)

    found = [
        (second, person)
        for person in world.people
        if person.gives
        for second in _starts(world, person, days, in_rooms(person.occupies), refused)
    ]
    found.sort(key=itemgetter(0))  # stable: the people come by id
    moment = cache(instant)
    code, zone = world.location.code, world.location.timezone
    return [
        FreeTime(
            moment(second),
            moment(second + person.duration),
            person.pk,
            person.code,
            person.name,
            code,
            zone,
        )
        for second, person in found
    ]


def _days(world: World) -> list[Interval]:
    """The local days the starts asked for lie on."""
    zone = world.location.timezone
    first, last = local_day(zone, world.low), local_day(zone, world.high - 1)
    return [day_bounds(zone, day) for day in days_between(first, last + ONE_DAY)]


def _forbidden(bookings: Iterable[Occupied], occupies: int) -> Intervals:
    """Starts that would overlap: from just too late before a booking to when it frees (E1, E4)."""
    return merged((one.starts - occupies + 1, one.frees) for one in bookings)


def _starts(
    world: World,
    person: Person,
    days: list[Interval],
    in_rooms: Intervals,
    refused: Callable[[int], Intervals],
) -> list[int]:
    """The therapist's free starts: a session inside one shift (E2), beside no other booking."""
    duration = person.duration
    fitting = [
        (start, end - duration + 1)
        for start, end in world.open_hours(person)
        if end - start >= duration
    ]
    allowed = minus(fitting, _forbidden(person.bookings, person.occupies))
    if person.trips:
        allowed = minus(allowed, merged((a - duration + 1, b) for a, b in person.trips))
    if full := caps.full_days(person, days):
        allowed = minus(allowed, full)
    allowed = minus(allowed, refused(duration))
    allowed = common(clipped(allowed, world.low, world.high), in_rooms)
    starts = starts_within(world, person, allowed)
    if unwanted := caps.runs_too_long(person, starts):
        starts = [second for second in starts if second not in unwanted]
    if not world.for_staff and (unwanted := leaving_small_gaps(world, person, starts)):
        starts = [second for second in starts if second not in unwanted]
    return starts


def _starts_in_rooms(world: World, occupies: int) -> Intervals:
    """Starts at which at least one room is free (E11)."""
    whole = [(world.low, world.high)]
    free = (minus(whole, _forbidden(one.bookings, occupies)) for one in world.spaces)
    return merged(interval for intervals in free for interval in intervals)
