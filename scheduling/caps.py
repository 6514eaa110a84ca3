"""How much a therapist takes on in a day and without a break (E8, S13).

Counted over all locations, from live bookings alone; a booking that is being moved is left out
before this is asked. A day is the local day of the place where the new session would be, and a
session belongs to the day it starts on.
"""

from bisect import bisect_right
from collections.abc import Iterable

from scheduling.intervals import Interval, Intervals
from scheduling.world import Occupied, Person


def is_full(person: Person, day: Interval) -> bool:
    """Whether one more session would be more than the day's sessions or hands-on time (cap_day)."""
    limits = person.limits
    if limits.sessions_a_day is None and limits.hands_on_a_day is None:
        return False
    todays = [one for one in person.bookings if day[0] <= one.starts < day[1]]
    if limits.sessions_a_day is not None and len(todays) >= limits.sessions_a_day:
        return True
    hands_on = sum(one.ends - one.starts for one in todays)
    return limits.hands_on_a_day is not None and hands_on + person.duration > limits.hands_on_a_day


def full_days(person: Person, days: list[Interval]) -> Intervals:
    return [day for day in days if is_full(person, day)]


class Runs:
    """Sessions with less than a break between the end of one and the start of the next.

    Each run is ``(start, end, hands-on seconds)``; a gap of exactly a break parts two runs.
    """

    def __init__(self, bookings: Iterable[Occupied], rest: int) -> None:
        self.rest = rest
        self.runs: list[tuple[int, int, int]] = []
        for starts, ends in sorted((one.starts, one.ends) for one in bookings):
            if self.runs and starts - self.runs[-1][1] < rest:
                first, last, worked = self.runs[-1]
                self.runs[-1] = (first, max(last, ends), worked + ends - starts)
            else:
                self.runs.append((starts, ends, ends - starts))

    def with_session(self, start: int, end: int) -> int:
        """Hands-on seconds of the run a session would be part of; it may join two."""
        worked = end - start
        at = bisect_right(self.runs, start - self.rest, key=lambda run: run[1])
        while at < len(self.runs) and self.runs[at][0] < end + self.rest:
            worked += self.runs[at][2]
            at += 1
        return worked


def runs_too_long(person: Person, starts: Iterable[int]) -> set[int]:
    """Of these starts, those after which too much would be worked in a row (cap_run)."""
    most = person.limits.hands_on_in_a_row
    if most is None:
        return set()
    runs = Runs(person.bookings, person.limits.rest)
    return {start for start in starts if runs.with_session(start, start + person.duration) > most}
