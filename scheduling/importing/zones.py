"""Which clock a calendar means by a zone's name.

Calendars name zones as the Olson list does, as Windows does, with a path before it, or by a name
of their own that they explain in the file. One that nobody can explain is read on the calendar's
own clock: an hour wrong is better than a session booked over it.
"""

import re
from collections.abc import Iterable
from datetime import tzinfo
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Timezone
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

# Years are all a zone needs; a rule by the second would keep us busy till the end of days.
YEARLY: Final = re.compile(
    r"FREQ=YEARLY(;(INTERVAL=1|UNTIL=\w+|BYMONTH=\d+|BYDAY=[-+\w]+|WKST=\w+))*"
)
MOST_LINES: Final = 400


class Zones:
    """The zones of one file. ``default`` is for times that name none."""

    def __init__(self, blocks: Iterable[str], named: str, default: str) -> None:
        self._blocks = {name: block for block in blocks if (name := _name_of(block))}
        self._known: dict[str, tzinfo] = {}
        self.default: tzinfo = ZoneInfo(default)
        if named:
            self.default = self.called(named)
        elif len(self._blocks) == 1:
            self.default = self.called(next(iter(self._blocks)))

    def called(self, name: str) -> tzinfo:
        if not name:
            return self.default
        if name not in self._known:
            self._known[name] = self._found(name) or self.default
        return self._known[name]

    def _found(self, name: str) -> tzinfo | None:
        olson = _olson(name)
        if olson:
            return ZoneInfo(olson)
        block = self._blocks.get(name, "")
        located = re.search(r"^X-LIC-LOCATION:(\S+)\s*$", block, re.MULTILINE)
        if located and (olson := _olson(located[1])):
            return ZoneInfo(olson)
        return _explained(block) if block else None


def _name_of(block: str) -> str:
    found = re.search(r"^TZID(?:;[^:]*)?:(.+?)\s*$", block, re.MULTILINE)
    return found[1] if found else ""


def _olson(name: str) -> str:
    """The Olson name meant, also behind a path such as ``/citadel.org/1/Europe/London``."""
    name = name.strip().strip('"')
    name = WINDOWS_TO_OLSON.get(name, name)
    parts = name.strip("/").split("/")
    known = available_timezones()
    tails = ("/".join(parts[start:]) for start in range(len(parts)))
    return next((tail for tail in tails if tail in known), "")


def _explained(block: str) -> tzinfo | None:
    """A zone of the calendar's own, from the rules it brings."""
    rules = re.findall(r"^RRULE:(.*?)\s*$", block, re.MULTILINE)
    if block.count("\n") > MOST_LINES or not all(YEARLY.fullmatch(rule) for rule in rules):
        return None
    try:
        zone: tzinfo = Timezone.from_ical(block).to_tz()
    except Exception:  # a stranger's text in somebody else's reader: any stumble means unknown
        return None
    return zone
