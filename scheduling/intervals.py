"""Sums with half-open intervals of whole seconds, and wall time turned into them.

An instant is its epoch second, an interval is ``(start, end)`` with ``start < end``, and a set of
them is a sorted list whose members neither overlap nor touch. Integers, because a day board of
ten people is thousands of comparisons and datetimes cost ten times as much.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Interval = tuple[int, int]
Intervals = list[Interval]

DAY = 86_400
MIDNIGHT = time(0)


def merged(intervals: Iterable[Interval]) -> Intervals:
    """The same seconds as a set: sorted, empty ones dropped, touching ones joined (E2)."""
    result: Intervals = []
    for start, end in sorted(one for one in intervals if one[0] < one[1]):
        if result and start <= result[-1][1]:
            if end > result[-1][1]:
                result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def minus(intervals: Intervals, taken: Intervals) -> Intervals:
    """What is left of one set without another; both sorted as ``merged`` leaves them."""
    result: Intervals = []
    first = 0
    for start, end in intervals:
        while first < len(taken) and taken[first][1] <= start:
            first += 1
        rest, at = start, first
        while at < len(taken) and taken[at][0] < end:
            if taken[at][0] > rest:
                result.append((rest, taken[at][0]))
            rest = max(rest, taken[at][1])
            at += 1
        if rest < end:
            result.append((rest, end))
    return result


def common(one: Intervals, other: Intervals) -> Intervals:
    """The seconds two sets share."""
    result: Intervals = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            result.append((start, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return result


def clipped(intervals: Intervals, start: int, end: int) -> Intervals:
    return common(intervals, [(start, end)]) if start < end else []


def holds(intervals: Intervals, start: int, end: int) -> bool:
    """Whether one member contains all of ``[start, end)``."""
    at = bisect_right(intervals, (start, float("inf"))) - 1
    return at >= 0 and intervals[at][0] <= start and end <= intervals[at][1]


def meets(intervals: Intervals, start: int, end: int) -> bool:
    """Whether any member overlaps ``[start, end)``; touching is not overlapping."""
    at = bisect_right(intervals, (start, float("inf"))) - 1
    if at >= 0 and intervals[at][1] > start:
        return True
    return at + 1 < len(intervals) and intervals[at + 1][0] < end


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def instant(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=8192)
def wall(zone_name: str, day: date, clock: time, *, is_end: bool = False) -> int:
    """The instant at which the clocks of a zone show ``clock`` on ``day`` (E20).

    A time the clocks skip becomes the first instant after the gap. A time they show twice is the
    first of the two for a start and the second for an end, so that a shift keeps its whole length.
    """
    info = zone(zone_name)
    local = datetime.combine(day, clock, tzinfo=info)
    early, late = local.replace(fold=0), local.replace(fold=1)
    first, second = early.timestamp(), late.timestamp()
    if first == second:
        return int(first)
    if first < second:  # ambiguous: shown twice
        return int(second if is_end else first)
    # Skipped: fold=0 uses the offset before the gap and lands after it by what is skipped, fold=1
    # the other way about. The gap itself lies between; its first valid instant is the change.
    low, high = int(second), int(first)
    before = instant(low).astimezone(info).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if instant(middle).astimezone(info).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def day_bounds(zone_name: str, day: date) -> Interval:
    """From the first instant of a local day to the first of the next: 23, 24 or 25 hours."""
    return wall(zone_name, day, MIDNIGHT), wall(zone_name, day + timedelta(days=1), MIDNIGHT)


def wall_interval(zone_name: str, day: date, starts: time, ends: time) -> Interval:
    """A shift on a local day; an end of 00:00 is the midnight after (E2)."""
    start = wall(zone_name, day, starts)
    if ends == MIDNIGHT:
        return start, wall(zone_name, day + timedelta(days=1), MIDNIGHT)
    return start, wall(zone_name, day, ends, is_end=True)


def local_day(zone_name: str, second: int) -> date:
    return datetime.fromtimestamp(second, zone(zone_name)).date()


def days_between(start: date, end: date) -> Iterator[date]:
    """Each day from ``start`` to before ``end``."""
    for number in range((end - start).days):
        yield start + timedelta(days=number)


def grid(zone_name: str, start: int, end: int, step_minutes: int) -> list[int]:
    """The seconds in ``[start, end)`` at which local clocks show a multiple of the step (E5).

    Counted from local midnight, which is the clinic's hour for every step that divides 60. On a
    day when the clocks change, what they show decides, minute by minute.
    """
    result: list[int] = []
    day = local_day(zone_name, start)
    while True:
        first, last = day_bounds(zone_name, day)
        if first >= end:
            return result
        low, high = max(start, first), min(end, last)
        if last - first == DAY:
            step = step_minutes * 60
            result.extend(range(first + -((first - low) // step) * step, high, step))
        else:
            result.extend(_grid_of_odd_day(zone_name, low, high, step_minutes))
        day += timedelta(days=1)


def _grid_of_odd_day(zone_name: str, low: int, high: int, step_minutes: int) -> list[int]:
    info = zone(zone_name)
    found = []
    for second in range(-(-low // 60) * 60, high, 60):
        clock = datetime.fromtimestamp(second, info)
        if (clock.hour * 60 + clock.minute) % step_minutes == 0:
            found.append(second)
    return found
