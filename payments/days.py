"""Days as the practice counts them: a credit ends with its last day there, not in UTC."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings


def practice_zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def practice_day(at: datetime) -> date:
    """The calendar day on which `at` falls at the practice."""
    return at.astimezone(practice_zone()).date()


def start_of(day: date, zone: ZoneInfo | None = None) -> datetime:
    """The first instant of a day, in the given zone or the practice's."""
    return datetime.combine(day, time.min, tzinfo=zone or practice_zone())


def end_of(day: date, zone: ZoneInfo | None = None) -> datetime:
    """The first instant after a day."""
    return start_of(day + timedelta(days=1), zone)


def in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
