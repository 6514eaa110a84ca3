"""Moments in words, on the clinic's clock, for sentences made outside templates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo


def moment_words(moment: datetime, zone: str) -> str:
    """Wed 2 Dec 17:30"""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{day_words(moment, zone)} {local:%H:%M}"


def day_words(moment: datetime, zone: str) -> str:
    """Wed 2 Dec"""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%b}"


def date_words(day: date) -> str:
    """2 December 2026: a last day, where the year matters."""
    return f"{day.day} {day:%B %Y}"


def zone_words(zone: str) -> str:
    """London time"""
    return f"{zone.rsplit('/', 1)[-1].replace('_', ' ')} time"
