"""What may be asked about free times, and what cannot be answered."""

from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from scheduling.claiming import require_in_reach
from scheduling.errors import NotOffered
from scheduling.models.places import known_zone

MAX_DAYS = 62  # E27: what one question may span


class BadQuestion(Exception):
    """A question without an answer (422): ``code`` for clients, ``str()`` for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def days_asked(start: date | None, end: date | None) -> tuple[date, date]:
    """From ``start`` to before ``end``; both are needed.

    Raises:
        BadQuestion: one is missing, they are the wrong way round or too far apart.
    """
    if start is None or end is None:
        raise BadQuestion("days_missing", "Give a first day as start and the day after the last.")
    if start > end:
        raise BadQuestion("range_backwards", "The end is before the start.")
    if (end - start).days > MAX_DAYS:
        raise BadQuestion("range_too_long", f"Ask for at most {MAX_DAYS} days at a time.")
    return start, end


def moment_asked(starts_at: datetime | None) -> datetime:
    """The start to explain.

    Raises:
        BadQuestion: it is missing, or so far away that no diary reaches it.
    """
    if starts_at is None:
        raise BadQuestion("starts_at_missing", "Give the start to explain as starts_at.")
    try:
        require_in_reach(starts_at)
    except NotOffered as refused:
        raise BadQuestion("starts_at_out_of_reach", str(refused)) from refused
    return starts_at


@cache
def _zone(name: str) -> ZoneInfo:
    known_zone(name)
    return ZoneInfo(name)


def zone_asked(name: str | None) -> ZoneInfo | None:
    """The viewer's zone, if she named one.

    Raises:
        BadQuestion: no clock of this machine knows it.
    """
    if not name:
        return None
    try:
        return _zone(name)
    except ValidationError as unknown:
        raise BadQuestion("unknown_zone", "No such time zone. Try Europe/London.") from unknown
