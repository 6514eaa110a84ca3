"""Free times as buttons and links: one start, one button, with the names of who is free."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from payments.money import price_words
from scheduling.availability import FreeTime
from scheduling.covering import NO_COVER, Cover

_NAMES_SHOWN = 2
_LOOKS_LIKE_A_MOMENT = re.compile(r"[0-9T:.+Z-]{16,35}")


@dataclass(frozen=True, slots=True)
class SlotButton:
    """What the slot grid and the next-times component read."""

    starts_at: datetime
    therapist_name: str
    value: str
    url: str = ""
    note: str = ""
    minutes: int = 0  # said to those who hear the button by itself; 0: not said


class UnreadableSlot(ValueError):
    """What was sent as a time is not one."""


def slot_value(starts_at: datetime) -> str:
    return starts_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_slot(text: str) -> datetime:
    """The instant of a slot's value.

    Raises:
        UnreadableSlot: not a moment, or one without its zone.
    """
    # A plus that was not escaped in an address arrives as a space.
    words = text.strip().replace(" ", "+")
    if not _LOOKS_LIKE_A_MOMENT.fullmatch(words):
        raise UnreadableSlot(text[:40])
    try:
        moment = datetime.fromisoformat(words)
        if moment.tzinfo is None:
            raise UnreadableSlot(text)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableSlot(text) from error


def _names(times: list[FreeTime]) -> str:
    names = [time.therapist_name.split(" ")[0] for time in times]
    return " or ".join(names) if len(names) <= _NAMES_SHOWN else f"{len(names)} therapists"


def buttons(
    times: Iterable[FreeTime],
    *,
    move_url: str = "",
    therapist: str = "",
    cover: Cover = NO_COVER,
) -> list[SlotButton]:
    """One button a start; with ``move_url`` they are links to the page that asks once more.

    A start after the end of the credits in ``cover`` says so (E25).
    """
    result = []
    for starts_at, same in groupby(times, key=lambda time: time.starts_at):
        together = list(same)
        value = slot_value(starts_at)
        query = urlencode({"to": value, "therapist": therapist})
        url = f"{move_url}?{query}" if move_url else ""
        note = _note(cover, starts_at, together[0].zone)
        lasts = int((together[0].ends_at - starts_at).total_seconds()) // 60
        result.append(SlotButton(starts_at, _names(together), value, url, note, lasts))
    return result


def _note(cover: Cover, starts_at: datetime, zone: str) -> str:
    if cover.ends_on is None or not cover.has_ended(starts_at, zone):
        return ""
    price = price_words(cover.price_minor, cover.currency)
    ends = f"after your credit ends {cover.ends_on.day} {cover.ends_on:%b}"
    return f"{ends}: needs another package or {price}"


def by_day(times: Iterable[FreeTime], zone: str) -> dict[date, list[FreeTime]]:
    """The times of each local day, in order."""
    local = ZoneInfo(zone)
    days: dict[date, list[FreeTime]] = {}
    for time in sorted(times, key=lambda time: (time.starts_at, time.therapist_name)):
        days.setdefault(time.starts_at.astimezone(local).date(), []).append(time)
    return days


def starts_in(times: Iterable[FreeTime]) -> int:
    """How many different starts there are: what a runner counts as free times."""
    return len({time.starts_at for time in times})


def zone_words(zone: str) -> str:
    """The zone as people say it: "London time"."""
    return f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} time"
