"""What a calendar file says: when somebody is busy, and nothing else (E22).

Free and cancelled events do not count, nor do sessions booked here, which come back in calendars
that subscribe to ours. An event nobody can read is left out and counted; the rest stands.
"""

import re
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dateutil.rrule import rrulestr
from django.utils.translation import gettext as _

from scheduling.importing.errors import CalendarTrouble
from scheduling.importing.lines import RawEvent, split
from scheduling.importing.moments import Length, Moment, length_of, moment, moment_of, moments_of
from scheduling.importing.zones import Zones
from scheduling.intervals import Interval, Intervals, clipped, merged

MOST_TIMES: Final = 5_000
MOST_REPEATS: Final = 50_000  # every day for 130 years
SECONDS: Final = 10.0  # of work on one file
# The calendar repeats every 400 years. Rules are worked out in its last centuries, because one
# that never comes true (30 February) is looked for until the calendar ends.
LATER: Final = 7_600
RULE: Final = re.compile(r"FREQ=(DAILY|WEEKLY|MONTHLY|YEARLY)(;[A-Z]+=[-+,\w]+)*;?")
UNTIL: Final = re.compile(r";UNTIL=([^;]*)")
NEVER_ENDS: Final = re.compile(r";INTERVAL=[-+]?0*(;|$)|;INTERVAL=-|BYEASTER")


@dataclass(frozen=True, slots=True)
class Reading:
    """Busy seconds, sorted and apart, and how many events could not be read."""

    times: Intervals
    skipped: int


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch that is asked for, in seconds, and the zone of times that name none."""

    low: int
    high: int
    zone: str
    own_host: str


class _OutOfTime(Exception):
    pass


def read(content: bytes, window: Window) -> Reading:
    """The busy times of a file within a window.

    Raises:
        CalendarTrouble: it is no calendar, or more than we are willing to work through.
    """
    raw = split(content)
    zones = Zones(raw.zones, raw.zone_name, window.zone)
    ends = time.monotonic() + SECONDS
    times: list[Interval] = []
    skipped = 0
    for series in _by_uid(raw.events, window.own_host):
        moved = _moved_moments(series, zones)
        for event in series:
            if time.monotonic() > ends:
                raise CalendarTrouble(_("It takes too long to work through."))
            try:
                times += _busy(event, zones, window, moved, ends)
            except _OutOfTime:
                raise CalendarTrouble(_("It takes too long to work through.")) from None
            except Exception:  # a stranger's text in other people's readers: this event's fault
                skipped += 1
    joined = clipped(merged(times), window.low, window.high)
    if len(joined) > MOST_TIMES:
        raise CalendarTrouble(_("It has too many events."))
    return Reading(joined, skipped)


def is_ours(uid: str, own_host: str) -> bool:
    """Whether an event is a session booked here (``calendars.booking_uid``)."""
    name, at, host = uid.strip().rpartition("@")
    if not at or host.lower() != own_host.lower():
        return False
    try:
        return str(uuid.UUID(name)) == name.lower()
    except ValueError:
        return False


def _by_uid(events: list[RawEvent], own_host: str) -> Iterator[list[RawEvent]]:
    """Events that belong together: a series and those of its days that were changed."""
    found: dict[str, list[RawEvent]] = defaultdict(list)
    for number, event in enumerate(events):
        uid = event.word("UID")
        if not is_ours(uid, own_host):
            found[uid or f" {number}"].append(event)
    yield from found.values()


def _moved_moments(series: list[RawEvent], zones: Zones) -> set[int]:
    """The starts of a series that events of their own replace."""
    moved = set()
    for event in series:
        if line := event.first("RECURRENCE-ID"):
            try:
                moved.add(moment_of(line, zones).second)
            except (ValueError, OverflowError):
                event.is_broken = True
    return moved


def _blocks(event: RawEvent) -> bool:
    return (
        event.word("STATUS").upper() != "CANCELLED"
        and event.word("TRANSP").upper() != "TRANSPARENT"
    )


def _busy(
    event: RawEvent, zones: Zones, window: Window, moved: set[int], ends: float
) -> list[Interval]:
    """The stretches of one event that meet the window."""
    if not _blocks(event):
        return []
    line = event.first("DTSTART")
    if event.is_broken or line is None:
        raise ValueError("no start")
    start = moment_of(line, zones)
    usual = length_of(event, start, zones)
    if event.first("RECURRENCE-ID"):
        starts: dict[int, tuple[Moment, Length]] = {start.second: (start, usual)}
    else:
        starts = _starts(event, start, usual, zones, window, ends)
        for gone, _length in moments_of(event.all("EXDATE"), zones):
            starts.pop(gone.second, None)
        for second in moved:
            starts.pop(second, None)
    found = ((one.second, length.end_of(one)) for one, length in starts.values())
    return [one for one in found if one[1] > window.low and one[0] < window.high]


def _starts(
    event: RawEvent, start: Moment, usual: Length, zones: Zones, window: Window, ends: float
) -> dict[int, tuple[Moment, Length]]:
    """Every start of a series that could meet the window, by instant."""
    found = {start.second: (start, usual)}
    low = window.low - int(usual.delta.total_seconds()) - 2 * 86_400
    for rule in event.all("RRULE"):
        for wall in _repeats(rule.value.strip().upper(), start, zones, window.high, ends):
            one = start.at(wall)
            if low < one.second < window.high:
                found[one.second] = (one, usual)
    for one, length in moments_of(event.all("RDATE"), zones):
        found[one.second] = (one, length or usual)
    return found


def _repeats(rule: str, start: Moment, zones: Zones, high: int, ends: float) -> Iterator[datetime]:
    """The wall times a rule gives, up to the window's end (a day more does no harm)."""
    if not RULE.fullmatch(rule) or NEVER_ENDS.search(rule):
        raise ValueError("a rule we do not follow")
    last = datetime.fromtimestamp(high, start.zone).replace(tzinfo=None) + timedelta(days=1)
    if found := UNTIL.search(rule):
        last = min(last, _until(found[1], start, zones))
        rule = UNTIL.sub("", rule, count=1)
    later = rrulestr(rule, dtstart=_shifted(start.wall, LATER))
    for number, wall in enumerate(later):
        if number == MOST_REPEATS:
            raise ValueError("repeats too often")
        if number % 1000 == 0 and time.monotonic() > ends:
            raise _OutOfTime
        if _shifted(wall, -LATER) > last:
            return
        yield _shifted(wall, -LATER)


def _until(text: str, start: Moment, zones: Zones) -> datetime:
    """The last moment of a rule on the event's own clock; a day counts whole."""
    until = moment(text, "", zones)
    if until.is_day:
        return until.wall + timedelta(days=1, seconds=-1)
    if not text.endswith("Z"):
        return until.wall
    return datetime.fromtimestamp(until.second, start.zone).replace(tzinfo=None)


def _shifted(wall: datetime, years: int) -> datetime:
    return wall.replace(year=wall.year + years)
