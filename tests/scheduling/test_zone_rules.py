"""The zone's rules in a calendar file say what the tz database says, at every moment."""

from bisect import bisect_right
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Timezone

from scheduling.calendars import booking_ics
from scheduling.zone_rules import vtimezone
from tests.scheduling.builders import A_WEEK_BEFORE, book

ZONES = (
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Asia/Kolkata",
)
FIRST, LAST = date(2025, 11, 30), date(2027, 11, 30)
QUARTER = timedelta(minutes=15)


class Reader:
    """Reads a VTIMEZONE as a calendar program does: the latest onset that has come decides."""

    def __init__(self, rules: Timezone) -> None:
        parts = [
            (
                part["DTSTART"].dt.replace(tzinfo=UTC) - part["TZOFFSETFROM"].td,
                part["TZOFFSETTO"].td,
            )
            for part in rules.subcomponents
        ]
        assert parts == sorted(parts), "the onsets are in order"
        self.onsets = [onset for onset, _ in parts]
        self.offsets = [offset for _, offset in parts]

    def offset(self, at: datetime) -> timedelta:
        return self.offsets[bisect_right(self.onsets, at) - 1]


def moments():
    """Every quarter of an hour of two years."""
    at = datetime(2025, 11, 30, tzinfo=UTC)
    while at < datetime(2027, 12, 1, tzinfo=UTC):
        yield at
        at += QUARTER


@pytest.mark.parametrize("name", ZONES)
def test_each_moment_of_two_years_is_on_the_clock_of_the_tz_database(name):
    zone = ZoneInfo(name)
    text = vtimezone(zone, first=FIRST, last=LAST).to_ical()
    reader = Reader(Timezone.from_ical(text))

    wrong = [at for at in moments() if reader.offset(at) != at.astimezone(zone).utcoffset()]
    seconds = [
        onset + timedelta(seconds=near)
        for onset in reader.onsets[1:]
        for near in range(-90, 91)
        if reader.offset(onset + timedelta(seconds=near))
        != (onset + timedelta(seconds=near)).astimezone(zone).utcoffset()
    ]

    assert (wrong, seconds) == ([], [])


@pytest.mark.parametrize(("name", "changes"), zip(ZONES, (4, 4, 4, 4, 0), strict=True))
def test_each_change_of_the_clock_is_written_once(name, changes):
    rules = vtimezone(ZoneInfo(name), first=FIRST, last=LAST)
    assert len(rules.subcomponents) == 1 + changes


def test_the_spring_onset_is_on_the_clock_of_winter():
    """London springs forward at 01:00 GMT: written 01:00, from +0000 to +0100."""
    rules = vtimezone(ZoneInfo("Europe/London"), first=date(2027, 1, 1), last=date(2027, 6, 1))
    [spring] = rules.walk("DAYLIGHT")
    assert spring["DTSTART"].dt.isoformat() == "2027-03-28T01:00:00"
    assert (spring["TZOFFSETFROM"].td, spring["TZOFFSETTO"].td) == (
        timedelta(0),
        timedelta(hours=1),
    )


def test_the_file_of_a_session_carries_the_rules_around_it(practice, runner):
    booked = book(practice, runner)
    calendar = Calendar.from_ical(booking_ics(booked, at=A_WEEK_BEFORE))
    [rules] = calendar.walk("VTIMEZONE")
    reader = Reader(rules)
    for at in (booked.starts_at, booked.ends_at, booked.starts_at + timedelta(days=200)):
        assert reader.offset(at) == at.astimezone(booked.zone_info).utcoffset()
