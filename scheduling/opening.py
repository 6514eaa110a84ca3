"""Where a place is and when somebody works there, for its page: read from the shifts themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from scheduling.intervals import local_day, seconds
from scheduling.models import Location, WorkingHours

MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A weekday as ISO counts it, with its spans; a span that ends at 00:00 ends at midnight."""

    weekday: int
    spans: tuple[tuple[time, time], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A location people come to."""

    code: str
    name: str
    address_lines: tuple[str, ...]
    directions: str
    zone: str
    days: tuple[OpenDay, ...]


def places_on_offer(*, at: datetime) -> list[Place]:
    """Where sessions take place and their usual week at the moment `at`; two queries."""
    shifts: dict[int, list[WorkingHours]] = {}
    for shift in WorkingHours.objects.filter(therapist__is_active=True):
        shifts.setdefault(shift.location_id, []).append(shift)
    return [
        Place(
            code=one.code,
            name=one.name,
            address_lines=tuple(one.address_lines),
            directions=one.directions,
            zone=one.timezone,
            days=_usual_week(shifts.get(one.pk, []), local_day(one.timezone, seconds(at))),
        )
        for one in Location.objects.filter(is_active=True).order_by("position", "name")
    ]


def _usual_week(shifts: Iterable[WorkingHours], today: date) -> tuple[OpenDay, ...]:
    """Shifts that hold on a day of the place's own clock, put together by weekday."""
    spans: dict[int, list[tuple[time, time]]] = {}
    for shift in shifts:
        if shift.valid_from <= today and (shift.valid_to is None or shift.valid_to >= today):
            spans.setdefault(shift.weekday, []).append((shift.starts, shift.ends))
    return tuple(OpenDay(day, _joined(spans[day])) for day in sorted(spans))


def _joined(spans: Iterable[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Spans that touch or overlap become one."""
    joined: list[tuple[time, time]] = []
    for starts, ends in sorted(spans):
        if joined and _reaches(joined[-1][1], starts):
            joined[-1] = (joined[-1][0], _later(joined[-1][1], ends))
        else:
            joined.append((starts, ends))
    return tuple(joined)


def _reaches(end: time, start: time) -> bool:
    return end == MIDNIGHT or end >= start


def _later(one: time, other: time) -> time:
    return MIDNIGHT if MIDNIGHT in (one, other) else max(one, other)
