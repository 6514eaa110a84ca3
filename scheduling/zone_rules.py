"""The rules of a zone as a calendar file carries them, read from the tz database itself (N4, E20).

Every change of the clock within the years asked for is written down with its own moment. A
recurrence rule guessed from them can be an hour off at a border, and then so is the session.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Onset:
    """From ``at`` (UTC) on, local time is UTC plus ``offset``; before it was ``before``."""

    at: datetime
    before: timedelta
    offset: timedelta
    is_daylight: bool
    name: str


def vtimezone(zone: ZoneInfo, *, first: date, last: date) -> Timezone:
    """The VTIMEZONE of a zone, right for every moment from ``first`` to the end of ``last``."""
    rules = Timezone()
    rules.add("tzid", zone.key)
    for onset in onsets(zone, first=first, last=last):
        part = TimezoneDaylight() if onset.is_daylight else TimezoneStandard()
        # The moment on the clock that was in force until then (RFC 5545, 3.6.5).
        part.add("dtstart", (onset.at + onset.before).replace(tzinfo=None))
        part.add("tzoffsetfrom", onset.before)
        part.add("tzoffsetto", onset.offset)
        part.add("tzname", onset.name)
        rules.add_component(part)
    return rules


def onsets(zone: ZoneInfo, *, first: date, last: date) -> Iterator[Onset]:
    """What holds when ``first`` begins anywhere on earth, then each change until ``last`` ends."""
    moment = datetime.combine(first, time.min, tzinfo=UTC) - ONE_DAY
    end = datetime.combine(last, time.min, tzinfo=UTC) + 2 * ONE_DAY
    yield _onset(zone, moment, before=moment)
    while moment < end:
        after = moment + ONE_DAY
        if _rules(zone, moment) != _rules(zone, after):
            change = _first_second(zone, moment, after)
            yield _onset(zone, change, before=change - ONE_SECOND)
        moment = after


def _first_second(zone: ZoneInfo, old: datetime, new: datetime) -> datetime:
    """The first second at which the rules of ``new`` hold; zones change on whole seconds."""
    was = _rules(zone, old)
    while new - old > ONE_SECOND:
        middle = old + timedelta(seconds=(new - old) // ONE_SECOND // 2)
        old, new = (middle, new) if _rules(zone, middle) == was else (old, middle)
    return new


def _rules(zone: ZoneInfo, at: datetime) -> tuple[timedelta, bool, str]:
    local = at.astimezone(zone)
    return local.utcoffset() or timedelta(), bool(local.dst()), local.tzname() or ""


def _onset(zone: ZoneInfo, at: datetime, *, before: datetime) -> Onset:
    offset, is_daylight, name = _rules(zone, at)
    return Onset(at, _rules(zone, before)[0], offset, is_daylight, name)
