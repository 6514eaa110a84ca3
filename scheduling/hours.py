"""When therapists work: weekly hours, other hours, closures, time off and imported busy time.

Four queries whatever is asked: shifts, exceptions, closures, and time away with busy time.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import NamedTuple

from django.db.models import BooleanField, Q, Value

from scheduling.intervals import (
    Interval,
    Intervals,
    day_bounds,
    days_between,
    instant,
    merged,
    seconds,
    wall_interval,
)
from scheduling.models import (
    BusyTime,
    Closure,
    HoursException,
    Location,
    TimeOff,
    WorkingHours,
)
from scheduling.world import Person

ONE_DAY = timedelta(days=1)


class Shift(NamedTuple):
    """Weekly hours on one weekday, from a first to a last day."""

    starts: time
    ends: time
    valid_from: date
    valid_to: date | None


def add_hours(people: dict[int, Person], location: Location, first: date, last: date) -> None:
    """The hours of each person on the local days from ``first`` to ``last`` (E2, E3)."""
    weekly: dict[tuple[int, int], list[Shift]] = defaultdict(list)
    rows = WorkingHours.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=first),
        therapist__in=list(people),
        location=location,
        valid_from__lte=last,
    ).values_list("therapist_id", "weekday", "starts", "ends", "valid_from", "valid_to")
    for therapist, weekday, starts, ends, valid_from, valid_to in rows.order_by():
        weekly[therapist, weekday].append(Shift(starts, ends, valid_from, valid_to))
    other: dict[int, list[HoursException]] = defaultdict(list)
    for exception in HoursException.objects.filter(
        therapist__in=list(people), location=location, starts_on__lte=last, ends_on__gte=first
    ):
        other[exception.therapist_id].append(exception)
    days = [(day, day.isoweekday()) for day in days_between(first, last + ONE_DAY)]
    for person in people.values():
        exceptions = other.get(person.pk, [])
        person.hours = merged(
            shift
            for day, weekday in days
            for shift in _shifts(
                location.timezone, day, weekly.get((person.pk, weekday), []), exceptions
            )
        )


def _shifts(
    zone: str, day: date, weekly: list[Shift], other: list[HoursException]
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
    """The whole local days on which nobody works at a place (E3)."""
    closures = Closure.objects.filter(location=location, starts_on__lte=last, ends_on__gte=first)
    zone = location.timezone
    # No further than was asked: "for good" may be entered as the last day the calendar has.
    return merged(
        (
            day_bounds(zone, max(one.starts_on, first))[0],
            day_bounds(zone, min(one.ends_on, last))[1],
        )
        for one in closures
    )


def add_time_off(people: dict[int, Person], low: int, high: int) -> None:
    """Time off (E3) and what calendars in use say is busy (E22), in one query."""
    meets = Q(starts_at__lt=instant(high), ends_at__gt=instant(low))
    off = TimeOff.objects.filter(meets, therapist__in=list(people)).values_list(
        "therapist_id", "starts_at", "ends_at", Value(False, output_field=BooleanField())
    )
    busy = BusyTime.objects.filter(
        meets, calendar__therapist__in=list(people), calendar__is_active=True
    ).values_list(
        "calendar__therapist_id", "starts_at", "ends_at", Value(True, output_field=BooleanField())
    )
    found: dict[tuple[int, bool], Intervals] = defaultdict(list)
    for pk, starts_at, ends_at, is_busy in off.order_by().union(busy.order_by(), all=True):
        found[pk, bool(is_busy)].append((seconds(starts_at), seconds(ends_at)))
    for (pk, is_busy), stretches in found.items():
        if is_busy:
            people[pk].busy = merged(stretches)
        else:
            people[pk].off = merged(stretches)
