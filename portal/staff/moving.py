"""The times a session could go to, and the question before it goes there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from portal.staff.asking import address, stamp
from portal.staff.judging import Judgement, judge
from scheduling.availability import FreeTime, free_times
from scheduling.models import Booking, Therapist

DAYS_SHOWN = 14
LATE_BY = timedelta(minutes=15)  # a start just gone is still worth a tap at the desk


@dataclass(frozen=True, slots=True)
class SlotShown:
    """One free start of `components/slot_grid.html`."""

    starts_at: datetime
    therapist_name: str
    url: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The free times of a day, and how many each of the days around it has."""

    day: date
    days: list[dict[str, Any]]
    slots: list[SlotShown]


def choice(booking: Booking, *, therapist: Therapist | None, day: date, at: datetime) -> Choice:
    """Free starts for staff within two weeks of ``day``: seven queries."""
    zone = booking.location.zone
    today = at.astimezone(zone).date()
    first = today if today <= day < today + timedelta(days=DAYS_SHOWN) else day
    last = first + timedelta(days=DAYS_SHOWN)
    found = free_times(
        variant=booking.variant,
        location=booking.location,
        therapist=therapist,
        start=first,
        end=last,
        at=at,
        ignoring=booking,
        for_staff=True,
    )
    by_day: dict[date, dict[datetime, FreeTime]] = {}
    for time in found:
        if time.starts_at >= at - LATE_BY and time.starts_at != booking.starts_at:
            local = time.starts_at.astimezone(zone).date()
            _keep(by_day.setdefault(local, {}), time, booking)
    days = [
        {"day": one, "free": len(by_day.get(one, ()))}
        for one in (first + timedelta(days=number) for number in range(DAYS_SHOWN))
    ]
    slots = [
        SlotShown(
            time.starts_at,
            "" if therapist else time.therapist_name,
            confirm_url(booking, time.starts_at, time.therapist_code),
        )
        for time in by_day.get(day, {}).values()
    ]
    return Choice(day, days, slots)


def _keep(starts: dict[datetime, FreeTime], time: FreeTime, booking: Booking) -> None:
    """One therapist a start: the one she has, if free."""
    if time.starts_at not in starts or time.therapist_id == booking.therapist_id:
        starts[time.starts_at] = time


def confirm_url(booking: Booking, starts_at: datetime, therapist: str) -> str:
    return address("move", booking.public_id, to=stamp(starts_at), **{"with": therapist})


def judged(
    booking: Booking, *, starts_at: datetime, therapist: Therapist | None, at: datetime
) -> Judgement:
    """What stands against the new time; the therapist she has is preferred."""
    return judge(
        variant=booking.variant,
        location=booking.location,
        therapist=therapist,
        starts_at=starts_at,
        at=at,
        runner=booking.runner,
        moving=booking,
        prefer=booking.therapist.code,
    )
