"""Asking the engine in tests: free starts as wall times, reasons, and rules laid down in a line."""

from datetime import datetime, time, timedelta

from scheduling.availability import explain, free_times
from scheduling.models import BusyCalendar, BusyTime, HoursException, Room, TimeOff, WorkingHours
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY,
    Practice,
    make_location,
    make_shift,
)

ONE_DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


def starts(practice, day=TUESDAY, *, at=A_WEEK_BEFORE, variant=None, therapist="imre", **values):
    """The free starts of a local day, as wall times."""
    person = next((one for one in practice.therapists if one.code == therapist), None)
    location = values.pop("location", practice.location)
    found = free_times(
        variant=variant or practice.sports_60,
        location=location,
        therapist=person,
        start=day,
        end=day + ONE_DAY,
        at=at,
        **values,
    )
    return [f"{one.starts_at.astimezone(location.zone):%H:%M}" for one in found]


def quarters(first, last):
    """Every quarter of an hour from one wall time to another, both included."""
    start = datetime.combine(TUESDAY, time.fromisoformat(first))
    end = datetime.combine(TUESDAY, time.fromisoformat(last))
    return [
        f"{start + number * QUARTER:%H:%M}" for number in range(int((end - start) / QUARTER) + 1)
    ]


def reasons(practice, starts_at, *, therapist="imre", at=A_WEEK_BEFORE, variant=None, **values):
    """What ``explain`` says of one start and one therapist."""
    person = next(one for one in practice.therapists if one.code == therapist)
    [(_, found)] = explain(
        variant=variant or practice.sports_60,
        location=values.pop("location", practice.location),
        therapist=person,
        starts_at=starts_at,
        at=at,
        **values,
    )
    return list(found)


def set_hours(practice, *shifts, therapist=0, weekday=2, **values):
    person = practice.therapists[therapist]
    WorkingHours.objects.filter(therapist=person, weekday=weekday).delete()
    for first, last in shifts:
        make_shift(person, practice.location, weekday, first, last, **values)


def open_on(practice, day, first, last):
    return HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=day,
        ends_on=day,
        starts=time.fromisoformat(first),
        ends=time.fromisoformat(last),
    )


def off(practice, start, end):
    return TimeOff.objects.create(therapist=practice.imre, starts_at=start, ends_at=end)


def busy(practice, start, end, **calendar):
    """A stretch of a calendar that Imre keeps elsewhere."""
    kept, _ = BusyCalendar.objects.get_or_create(
        therapist=practice.imre, url="https://calendar.example/imre.ics", defaults=calendar
    )
    return BusyTime.objects.create(calendar=kept, starts_at=start, ends_at=end)


def make_place_elsewhere(practice: Practice, first="19:00", last="20:00", code="hill", **values):
    """Another location with a room, where Imre works on Tuesdays too."""
    other = make_location(code, **values)
    Room.objects.create(location=other, name="Only room")
    make_shift(practice.imre, other, 2, first, last)
    return other
