"""Dates, times and lengths as calendar files write them, made into instants.

A ``Moment`` keeps the wall time and its zone, because a repeated event repeats on the clock.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from icalendar import vDuration

from scheduling.importing.lines import Line, RawEvent
from scheduling.importing.zones import Zones

WRITTEN: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?")
A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """A wall time without a zone in it, and the zone; a whole day is its midnight."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    @property
    def second(self) -> int:
        """The instant; of an hour that comes twice the first."""
        return int(self.wall.replace(tzinfo=self.zone).timestamp())

    @property
    def last_second(self) -> int:
        """The instant, of an hour that comes twice the second: for ends."""
        return max(self.second, int(self.wall.replace(tzinfo=self.zone, fold=1).timestamp()))

    def at(self, wall: datetime) -> "Moment":
        return Moment(wall, self.zone, self.is_day)


@dataclass(frozen=True, slots=True)
class Length:
    """How long an event is: on the clock, or in elapsed time."""

    delta: timedelta
    on_the_clock: bool

    def end_of(self, start: Moment) -> int:
        if self.on_the_clock:
            return start.at(start.wall + self.delta).last_second
        return start.second + int(self.delta.total_seconds())


def moment(text: str, zone_name: str, zones: Zones) -> Moment:
    """Raises ValueError for what is no date."""
    found = WRITTEN.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    if found[4] is None:
        return Moment(_wall(year, month, day), zones.default, is_day=True)
    hour, minute, second = (int(part) for part in found.group(4, 5, 6))
    wall = _wall(year, month, day, hour, minute, min(second, 59))  # a leap second is the one before
    return Moment(wall, UTC if found[7] else zones.called(zone_name))


def _wall(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - wall time has no zone in it


def moment_of(line: Line, zones: Zones) -> Moment:
    return moment(line.value, line.param("TZID"), zones)


def moments_of(lines: list[Line], zones: Zones) -> list[tuple[Moment, Length | None]]:
    """Of EXDATE and RDATE: several to a line, and a period has a length of its own."""
    found: list[tuple[Moment, Length | None]] = []
    for line in lines:
        for text in line.value.split(","):
            first, _slash, rest = text.partition("/")
            start = moment(first, line.param("TZID"), zones)
            length = _rest_of_period(start, rest, line.param("TZID"), zones) if rest else None
            found.append((start, length))
    return found


def _rest_of_period(start: Moment, rest: str, zone_name: str, zones: Zones) -> Length:
    if rest.lstrip("+-").startswith("P"):
        return _duration(rest)
    return Length(timedelta(seconds=moment(rest, zone_name, zones).second - start.second), False)


def length_of(event: RawEvent, start: Moment, zones: Zones) -> Length:
    """From DTEND, else DURATION, else a day for a day and nothing for a time.

    Raises:
        ValueError: it ends before it starts.
    """
    length = Length(A_DAY if start.is_day else timedelta(0), on_the_clock=True)
    if line := event.first("DTEND"):
        end = moment_of(line, zones)
        if end.zone == start.zone:
            length = Length(end.wall - start.wall, on_the_clock=True)
        else:
            length = Length(timedelta(seconds=end.second - start.second), on_the_clock=False)
    elif line := event.first("DURATION"):
        length = _duration(line.value)
    if length.delta < timedelta(0):
        raise ValueError("ends before it starts")
    return length


def _duration(text: str) -> Length:
    delta: timedelta = vDuration.from_ical(text.strip())
    return Length(delta, on_the_clock=delta % A_DAY == timedelta(0))
