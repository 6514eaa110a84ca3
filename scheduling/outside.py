"""Sessions that the rules of now would not allow (E3).

Changing a rule cancels nothing. What then lies in a closure, in time off, outside the hours or
over something in an imported calendar is listed here until somebody moves or cancels it.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from scheduling.hours import add_hours, add_time_off, closed
from scheduling.intervals import Intervals, holds, local_day, meets, seconds
from scheduling.models import Booking, Location
from scheduling.world import Person

ONE_DAY = timedelta(days=1)


class Why(StrEnum):
    """Which rule a session lies outside of; the strongest alone (E3). Codes are as in E28."""

    LEFT = "eligibility"
    CLOSED = "closed"
    TIME_OFF = "time_off"
    OUTSIDE_HOURS = "outside_hours"
    BUSY = "busy"

    @property
    def sentence(self) -> str:
        return str(_SENTENCES[self])


_SENTENCES = {
    Why.LEFT: _("Therapist, room or place is not in use any more."),
    Why.CLOSED: _("Closed that day."),
    Why.TIME_OFF: _("The therapist is away then."),
    Why.OUTSIDE_HOURS: _("Outside working hours."),
    Why.BUSY: _("Busy in an imported calendar."),
}


@dataclass(frozen=True, slots=True)
class Outside:
    """A booked session to come, and why it should not be then."""

    booking: Booking
    why: Why


def outside_rules(*, at: datetime, among: Q | None = None) -> list[Outside]:
    """Booked sessions after ``at`` that lie outside the rules, by start.

    ``among`` narrows the bookings looked at. One query for them and four for each location with
    sessions; none for a therapist, a day or a session.
    """
    found = Booking.objects.booked().filter(starts_at__gt=at)
    if among is not None:
        found = found.filter(among)
    bookings = list(found.with_everything().order_by("starts_at", "pk"))
    by_place: dict[Location, list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_place[booking.location].append(booking)
    whys: dict[int, Why] = {}
    for location, here in by_place.items():
        whys |= _whys(location, here)
    return [Outside(one, whys[one.pk]) for one in bookings if one.pk in whys]


def _whys(location: Location, bookings: list[Booking]) -> dict[int, Why]:
    """Of one location's sessions, by id; those within the rules are left out."""
    people = {
        one.therapist_id: Person(one.therapist_id, one.therapist.code, one.therapist.name)
        for one in bookings
    }
    low = seconds(min(one.starts_at for one in bookings))
    high = seconds(max(one.ends_at for one in bookings))
    first = local_day(location.timezone, low) - ONE_DAY
    last = local_day(location.timezone, high) + ONE_DAY
    add_hours(people, location, first, last)
    add_time_off(people, low, high)
    closures = closed(location, first, last)
    found = {}
    for one in bookings:
        person = people[one.therapist_id]
        why = _why(one, person, closures)
        if why is not None:
            found[one.pk] = why
    return found


def _why(booking: Booking, person: Person, closures: Intervals) -> Why | None:
    start, end = seconds(booking.starts_at), seconds(booking.ends_at)
    if not (booking.therapist.is_active and booking.room.is_active and booking.location.is_active):
        return Why.LEFT
    if meets(closures, start, end):
        return Why.CLOSED
    if meets(person.off, start, end):
        return Why.TIME_OFF
    if not holds(person.hours, start, end):
        return Why.OUTSIDE_HOURS
    return Why.BUSY if meets(person.busy, start, end) else None
