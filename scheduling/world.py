"""What the diary knows about a stretch of time, as sums can use it.

Everything here is seconds and ids: ``scheduling/reading.py`` fills it from the database, the
rules judge it, and neither knows the other.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from payments.models import ServiceVariant
from scheduling.intervals import Interval, Intervals, merged, minus
from scheduling.models import Location
from scheduling.runners import Asker

LONGEST = timedelta(hours=24)  # no booking occupies longer, so none that started before matters


class Occupied(NamedTuple):
    """A live booking, as far as it stands in the way."""

    starts: int
    ends: int
    frees: int
    is_hold: bool


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a therapist there is (E8, S13), in seconds; None is no limit."""

    sessions_a_day: int | None = None
    hands_on_a_day: int | None = None
    hands_on_in_a_row: int | None = None
    rest: int = 0


NO_LIMITS = Limits()


@dataclass(slots=True)
class Person:
    """A therapist who may give the session, and their time."""

    pk: int
    code: str
    name: str
    duration: int = 0  # seconds the session takes with them (S2)
    turnaround: int = 0
    price_minor: int = 0  # of the session by itself with them (S2)
    gives: bool = True  # False only where staff asks about somebody who does not (E9)
    limits: Limits = NO_LIMITS
    shortest: int = 0  # seconds of the shortest session they give; 0 where nobody asked (E5)
    hours: Intervals = field(default_factory=list)
    off: Intervals = field(default_factory=list)
    busy: Intervals = field(default_factory=list)
    bookings: list[Occupied] = field(default_factory=list)
    trips: Intervals = field(default_factory=list)  # sessions elsewhere with the ways there (E12)

    @property
    def occupies(self) -> int:
        """Session and turnaround, which the database guards together (E4)."""
        return self.duration + self.turnaround

    def hands_on_minutes(self, day: Interval) -> int:
        """Booked work that starts within a local day (S8)."""
        return sum(
            (one.ends - one.starts) // 60 for one in self.bookings if day[0] <= one.starts < day[1]
        )

    def taken(self) -> Intervals:
        """When they are with somebody, cleaning up after them, or on the way to the next."""
        return merged([*((one.starts, one.frees) for one in self.bookings), *self.trips])


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
    asker: Asker | None = None  # whose wishes it is about, where that is known
    for_staff: bool = False

    def open_hours(self, person: Person) -> Intervals:
        """Closure beats time off beats exception beats weekly hours (E3); busy is off (E22)."""
        return minus(minus(minus(person.hours, self.closed), person.off), person.busy)
