"""A week at a location in numbers: hours, sessions and gaps of each therapist on each day."""

from dataclasses import dataclass
from datetime import date, timedelta

from scheduling import hours
from scheduling.day_board import OFF_THE_BOARD, SHORTEST_GAP
from scheduling.intervals import (
    Interval,
    Intervals,
    clipped,
    day_bounds,
    days_between,
    instant,
    merged,
    minus,
    seconds,
)
from scheduling.models import Booking, Location, Therapist
from scheduling.world import Person

State = Booking.State
DAYS = 7


@dataclass(frozen=True, slots=True)
class WeekDay:
    """One therapist's day. Minutes are whole; a gap is free working time of 15 minutes or more."""

    day: date
    working_minutes: int
    sessions: int
    hands_on_minutes: int
    gaps: int
    free_minutes: int
    missed: int
    is_closed: bool

    @property
    def is_empty(self) -> bool:
        return not (self.working_minutes or self.sessions or self.missed)


@dataclass(frozen=True, slots=True)
class WeekRow:
    therapist_code: str
    therapist_name: str
    days: tuple[WeekDay, ...]


@dataclass(frozen=True, slots=True)
class WeekBoard:
    """Monday to Sunday; therapists without hours or sessions that week are not in it."""

    location: Location
    days: tuple[date, ...]
    rows: tuple[WeekRow, ...]


@dataclass(frozen=True, slots=True)
class _Taken:
    starts: int
    ends: int
    frees: int
    is_missed: bool


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_board(*, location: Location, day: date) -> WeekBoard:
    """The week a day lies in, in six queries whatever is booked."""
    monday = monday_of(day)
    days = tuple(days_between(monday, monday + timedelta(days=DAYS)))
    zone = location.timezone
    low, high = day_bounds(zone, days[0])[0], day_bounds(zone, days[-1])[1]
    people = {
        pk: Person(pk, code, name)
        for pk, code, name in Therapist.objects.filter(is_active=True).values_list(
            "pk", "code", "name"
        )
    }
    taken = _taken(location, low, high, people)
    hours.add_hours(people, location, days[0], days[-1])
    hours.add_time_off(people, low, high)
    closed = hours.closed(location, days[0], days[-1])
    rows = (_row(one, taken.get(one.pk, []), closed, zone, days) for one in people.values())
    shown = tuple(row for row in rows if not all(one.is_empty for one in row.days))
    return WeekBoard(location=location, days=days, rows=shown)


def _taken(
    location: Location, low: int, high: int, people: dict[int, Person]
) -> dict[int, list[_Taken]]:
    """The week's sessions by therapist; who has left since joins ``people``."""
    found: dict[int, list[_Taken]] = {}
    rows = Booking.objects.filter(
        location=location, starts_at__gte=instant(low), starts_at__lt=instant(high)
    ).exclude(state__in=[*OFF_THE_BOARD, State.HELD])
    for pk, code, name, starts_at, ends_at, frees_at, state in rows.values_list(
        "therapist_id",
        "therapist__code",
        "therapist__name",
        "starts_at",
        "ends_at",
        "frees_at",
        "state",
    ):
        people.setdefault(pk, Person(pk, code, name))
        one = _Taken(
            seconds(starts_at), seconds(ends_at), seconds(frees_at), state == State.NO_SHOW
        )
        found.setdefault(pk, []).append(one)
    return found


def _row(
    person: Person, taken: list[_Taken], closed: Intervals, zone: str, days: tuple[date, ...]
) -> WeekRow:
    working = minus(minus(person.hours, closed), person.off)
    counted = tuple(_day(day, day_bounds(zone, day), working, taken, closed) for day in days)
    return WeekRow(therapist_code=person.code, therapist_name=person.name, days=counted)


def _day(
    day: date, bounds: Interval, working: Intervals, taken: list[_Taken], closed: Intervals
) -> WeekDay:
    todays_hours = clipped(working, *bounds)
    todays = [one for one in taken if bounds[0] <= one.starts < bounds[1]]
    # A no-show gave no work, and its time is not sold again.
    given = [one for one in todays if not one.is_missed]
    busy = merged((one.starts, one.frees) for one in taken)
    free = [end - start for start, end in minus(todays_hours, busy) if end - start >= SHORTEST_GAP]
    return WeekDay(
        day=day,
        working_minutes=_minutes(todays_hours),
        sessions=len(given),
        hands_on_minutes=sum((one.ends - one.starts) // 60 for one in given),
        gaps=len(free),
        free_minutes=sum(free) // 60,
        missed=len(todays) - len(given),
        is_closed=bool(clipped(closed, *bounds)),
    )


def _minutes(intervals: Intervals) -> int:
    return sum(end - start for start, end in intervals) // 60
