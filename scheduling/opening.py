"""Where a place is and when somebody works there, for its page: read from the shifts themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db.models import Q

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


def place(code: str, *, at: datetime) -> Place | None:
    """An open location and its usual week at the moment `at`; two queries."""
    found = Location.objects.filter(code=code, is_active=True).first()
    if found is None:
        return None
    today = local_day(found.timezone, seconds(at))
    return Place(
        code=found.code,
        name=found.name,
        address_lines=tuple(found.address_lines),
        directions=found.directions,
        zone=found.timezone,
        days=_usual_week(found, today),
    )


def _usual_week(location: Location, today: date) -> tuple[OpenDay, ...]:
    """Shifts of people who take bookings, put together by weekday."""
    shifts = WorkingHours.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today),
        location=location,
        valid_from__lte=today,
        therapist__is_active=True,
    )
    spans: dict[int, list[tuple[time, time]]] = {}
    for shift in shifts:
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
