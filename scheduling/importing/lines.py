"""A calendar file as the few lines that say when somebody is busy.

What an event is called, where and with whom is dropped here, before anything else sees it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _
from icalendar import Parameters
from icalendar.parser import Contentline

from scheduling.importing.errors import CalendarTrouble

MOST_EVENTS: Final = 20_000
MOST_ZONES: Final = 100
OF_EVENTS: Final = frozenset(
    "UID DTSTART DTEND DURATION RRULE RDATE EXDATE RECURRENCE-ID STATUS TRANSP".split()
)


@dataclass(frozen=True, slots=True)
class Line:
    """One property: its parameters and its value as written."""

    params: Parameters
    value: str

    def param(self, name: str) -> str:
        value = self.params.get(name, "")
        return value if isinstance(value, str) else ""


@dataclass(slots=True)
class RawEvent:
    """The lines of one VEVENT by name; the first counts where one is expected."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    is_broken: bool = False

    def all(self, name: str) -> list[Line]:
        return self.lines.get(name, [])

    def first(self, name: str) -> Line | None:
        return next(iter(self.all(name)), None)

    def word(self, name: str) -> str:
        line = self.first(name)
        return line.value.strip() if line else ""


@dataclass(slots=True)
class RawCalendar:
    """The events of a file, the zones it brings along and the one it names for itself."""

    events: list[RawEvent] = field(default_factory=list)
    zones: list[str] = field(default_factory=list)
    zone_name: str = ""


def split(content: bytes) -> RawCalendar:
    """The busy lines of a file.

    Raises:
        CalendarTrouble: it is not a calendar, or one of more events than anybody has.
    """
    text = content.decode("utf-8-sig", errors="replace")
    lines = _unfolded(text)
    if next(lines, "").strip().upper() != "BEGIN:VCALENDAR":
        raise CalendarTrouble(_("What is there is not a calendar."))
    found = RawCalendar()
    for line in lines:
        start = line.strip().upper()
        if start == "BEGIN:VEVENT":
            if len(found.events) == MOST_EVENTS:
                raise CalendarTrouble(_("It has too many events."))
            found.events.append(_event(lines))
        elif start == "BEGIN:VTIMEZONE":
            block = _block(line, lines)
            if len(found.zones) < MOST_ZONES:
                found.zones.append(block)
        elif start.startswith(("X-WR-TIMEZONE:", "X-WR-TIMEZONE;")):
            found.zone_name = line.partition(":")[2].strip()
    return found


def _unfolded(text: str) -> Iterator[str]:
    """Whole lines: one that starts with a blank goes on from the one before."""
    whole: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line[:1] in (" ", "\t") and whole:
            whole.append(line[1:])
        elif line:
            if whole:
                yield "".join(whole)
            whole = [line]
    if whole:
        yield "".join(whole)


def _event(lines: Iterator[str]) -> RawEvent:
    """The event that has begun; its alarms and what else lies inside it are passed over."""
    event = RawEvent()
    depth = 0
    for line in lines:
        start = line[:6].upper()
        if start == "BEGIN:":
            depth += 1
        elif start[:4] == "END:":
            if depth == 0:
                return event
            depth -= 1
        elif depth == 0:
            _keep(event, line)
    event.is_broken = True  # the file ends in its middle
    return event


def _keep(event: RawEvent, line: str) -> None:
    name = line.partition(":")[0].partition(";")[0].strip().upper()
    if name not in OF_EVENTS:
        return
    try:
        _name, params, value = Contentline(line).parts()
    except ValueError:
        event.is_broken = True
        return
    event.lines.setdefault(name, []).append(Line(params, str(value)))


def _block(first: str, lines: Iterator[str]) -> str:
    kept = [first]
    for line in lines:
        kept.append(line)
        if line.strip().upper() == "END:VTIMEZONE":
            break
    return "\r\n".join([*kept, ""])
