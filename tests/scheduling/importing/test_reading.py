"""What a calendar file says, table by table (E22)."""

import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.calendars import booking_ics
from scheduling.importing.errors import CalendarTrouble
from scheduling.importing.reading import Window, is_ours, read
from scheduling.intervals import instant, merged
from tests.scheduling.builders import A_WEEK_BEFORE, book
from tests.scheduling.importing.conftest import calendar_file, event

NINE = "DTSTART:20261201T090000Z"
TEN = "DTEND:20261201T100000Z"


def window(low="2026-11-20", high="2027-01-25", zone="Europe/London", own="portal.example"):
    low, high = (
        int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) for day in (low, high)
    )
    return Window(low, high, zone, own)


def busy(*events, head="", **where):
    reading = read(calendar_file(*events, head=head), window(**where))
    assert reading.skipped == 0
    return [f"{instant(a):%m-%d %H:%M}/{instant(b):%m-%d %H:%M}" for a, b in reading.times]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([NINE, TEN], ["12-01 09:00/12-01 10:00"]),
        ([NINE, "DURATION:PT45M"], ["12-01 09:00/12-01 09:45"]),
        ([NINE], []),  # a moment takes no time
        (["DTSTART;TZID=America/New_York:20261201T090000", "DURATION:PT1H"],
         ["12-01 14:00/12-01 15:00"]),
        (["DTSTART;TZID=Eastern Standard Time:20261201T090000", "DURATION:PT1H"],
         ["12-01 14:00/12-01 15:00"]),
        (["DTSTART;TZID=/citadel.org/1/America/New_York:20261201T090000", "DURATION:PT1H"],
         ["12-01 14:00/12-01 15:00"]),
        (["DTSTART:20261201T090000", "DTEND:20261201T100000"], ["12-01 09:00/12-01 10:00"]),
        (["DTSTART;TZID=Nowhere/Known:20261201T090000", "DURATION:PT1H"],
         ["12-01 09:00/12-01 10:00"]),
        (["DTSTART;VALUE=DATE:20261201"], ["12-01 00:00/12-02 00:00"]),
        (["DTSTART;VALUE=DATE:20261201", "DTEND;VALUE=DATE:20261204"], ["12-01 00:00/12-04 00:00"]),
        ([NINE, TEN, "STATUS:CANCELLED"], []),
        ([NINE, TEN, "TRANSP:TRANSPARENT"], []),
        ([NINE, TEN, "STATUS:TENTATIVE", "TRANSP:OPAQUE"], ["12-01 09:00/12-01 10:00"]),
        ([NINE, TEN, "BEGIN:VALARM", "DTSTART:19700101T000000Z", "DURATION:PT9H", "END:VALARM"],
         ["12-01 09:00/12-01 10:00"]),
        ([NINE, "DTEND:20261201", " T100000Z"], ["12-01 09:00/12-01 10:00"]),  # folded
        (["DTSTART:20200101T090000Z", "DTEND:20200101T100000Z"], []),
        (["DTSTART:20261101T000000Z", "DTEND:20261125T000000Z"], ["11-20 00:00/11-25 00:00"]),
    ],
)  # fmt: skip
def test_single_events(lines, expected):
    assert busy(event(*lines)) == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["RRULE:FREQ=DAILY;COUNT=3"], ["12-01", "12-02", "12-03"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261215T090000Z"], ["12-01", "12-08", "12-15"]),
        (["RRULE:FREQ=WEEKLY;UNTIL=20261214"], ["12-01", "12-08"]),
        (["RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261202T090000Z"], ["12-01", "12-03"]),
        (["RDATE:20261205T090000Z,20261206T090000Z"], ["12-01", "12-05", "12-06"]),
        (["RRULE:FREQ=MONTHLY;BYDAY=1TU"], ["12-01", "01-05"]),
        (["RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"], ["12-01"]),
        (["RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"], ["12-01"]),
        (["RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=4"],
         ["12-01", "12-03", "12-15", "12-17"]),
    ],
)  # fmt: skip
def test_repeated_events(lines, expected):
    assert [one[:5] for one in busy(event(NINE, TEN, *lines))] == expected


def test_a_series_of_years_is_read_where_it_is_now():
    found = busy(event("DTSTART:19900101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"))
    assert len(found) == 66


def test_a_repeated_event_stays_at_its_hour_when_the_clocks_change():
    weekly = event(
        "DTSTART;TZID=Europe/London:20260313T180000",
        "DTEND;TZID=Europe/London:20260313T193000",
        "RRULE:FREQ=WEEKLY;COUNT=4",
    )
    assert busy(weekly, low="2026-03-01", high="2026-05-01") == [
        "03-13 18:00/03-13 19:30",
        "03-20 18:00/03-20 19:30",
        "03-27 18:00/03-27 19:30",
        "04-03 17:00/04-03 18:30",
    ]


def test_a_night_in_which_the_clocks_change_is_busy_from_its_first_to_its_last_minute():
    night = event(
        "DTSTART;TZID=Europe/London:20261025T003000", "DTEND;TZID=Europe/London:20261025T013000"
    )
    # 01:30 comes twice that night: the later one ends it.
    assert busy(night, low="2026-10-20") == ["10-24 23:30/10-25 01:30"]


def test_one_day_of_a_series_moved_and_one_cancelled():
    series = [
        event(NINE, TEN, "RRULE:FREQ=DAILY;COUNT=4"),
        event(
            "RECURRENCE-ID:20261202T090000Z", "DTSTART:20261202T150000Z", "DTEND:20261202T160000Z"
        ),
        event("RECURRENCE-ID:20261203T090000Z", "DTSTART:20261203T090000Z", "STATUS:CANCELLED"),
    ]
    expected = ["12-01 09:00/12-01 10:00", "12-02 15:00/12-02 16:00", "12-04 09:00/12-04 10:00"]
    assert busy(*series) == expected
    assert busy(*reversed(series)) == expected


def test_whole_days_are_days_of_the_calendars_own_zone():
    whole = event("DTSTART;VALUE=DATE:20261201")
    assert busy(whole, head="X-WR-TIMEZONE:America/New_York\r\n") == ["12-01 05:00/12-02 05:00"]
    assert busy(whole, zone="Australia/Lord_Howe") == ["11-30 13:00/12-01 13:00"]


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:Company Time
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZOFFSETFROM:+0300
TZOFFSETTO:+0200
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=%s;BYDAY=-1SU;BYMONTH=3
TZOFFSETFROM:+0200
TZOFFSETTO:+0300
END:DAYLIGHT
END:VTIMEZONE
""".replace("\n", "\r\n")


def test_a_zone_the_calendar_explains_is_followed():
    company = event("DTSTART;TZID=Company Time:20261201T090000", "DURATION:PT1H")
    assert busy(company, head=OWN_ZONE % "YEARLY") == ["12-01 07:00/12-01 08:00"]


def test_a_zone_explained_without_end_is_not_followed():
    company = event("DTSTART;TZID=Company Time:20261201T090000", "DURATION:PT1H")
    assert busy(company, head=OWN_ZONE % "SECONDLY") == ["12-01 09:00/12-01 10:00"]


@pytest.mark.parametrize(
    "lines",
    [
        ["DTSTART:tomorrow", TEN],
        [TEN],
        [NINE, "DTEND:20261201T080000Z"],
        ["DTSTART:20261301T090000Z", TEN],
        [NINE, TEN, "RRULE:FREQ=SECONDLY"],
        [NINE, TEN, "RRULE:FREQ=DAILY;INTERVAL=0"],
        [NINE, TEN, "RRULE:FREQ=DAILY;BYEASTER=1"],
        [NINE, TEN, "RRULE:nonsense"],
        [NINE, "DURATION:soon"],
        ["DTSTART:00010101T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY"],
        ["DTSTART:99991231T235959Z", "DURATION:P9999D"],
    ],
)
def test_an_event_nobody_can_read_is_left_out_and_counted(lines):
    broken = event(*lines, uid="broken@elsewhere.example")
    good = event("DTSTART:20261202T090000Z", "DURATION:PT1H", uid="good@elsewhere.example")

    reading = read(calendar_file(broken, good), window())

    assert (len(reading.times), reading.skipped) == (1, 1)


@pytest.mark.parametrize(
    "content", [b"", b"<html>Sign in</html>", b"\x00\xff" * 50, b"BEGIN:VCARD\r\n"]
)
def test_what_is_no_calendar_is_refused(content):
    with pytest.raises(CalendarTrouble, match="not a calendar"):
        read(content, window())


def test_our_own_sessions_coming_back_block_nothing(practice, runner, settings):
    settings.SITE_URL = "https://portal.example"
    booked = book(practice, runner)
    exported = booking_ics(booked, at=A_WEEK_BEFORE)

    assert read(exported, window()).times == []
    assert len(read(exported, window(own="another.example")).times) == 1


@pytest.mark.parametrize(
    ("uid", "ours"),
    [
        (f"{uuid.UUID(int=7)}@portal.example", True),
        (f"{uuid.UUID(int=7)}@PORTAL.example", True),
        (f"{uuid.UUID(int=7)}@elsewhere.example", False),
        (f"{uuid.UUID(int=7).hex}@portal.example", False),
        ("7@portal.example", False),
        ("@portal.example", False),
        (str(uuid.UUID(int=7)), False),
    ],
)
def test_only_ids_as_we_write_them_are_ours(uid, ours):
    assert is_ours(uid, "portal.example") is ours


# --- whatever arrives ------------------------------------------------------------------------

GOOD = calendar_file(
    event(NINE, TEN, "RRULE:FREQ=WEEKLY;COUNT=5", "EXDATE:20261208T090000Z", "SUMMARY:Secret"),
    event("DTSTART;TZID=Company Time:20261201T090000", "DURATION:PT1H", uid="two@elsewhere"),
    head=OWN_ZONE % "YEARLY",
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise):
    _read_or_refused(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + noise)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 12), st.binary(max_size=12)),
        min_size=1,
        max_size=6,
    )
)
def test_a_damaged_calendar_is_read_or_refused(damage):
    content = GOOD
    for start, length, put in damage:
        content = content[:start] + put + content[start + length :]
    _read_or_refused(content)


def _read_or_refused(content):
    asked = window()
    try:
        reading = read(content, asked)
    except CalendarTrouble:
        return
    assert reading.times == merged(reading.times)
    assert all(asked.low <= start < end <= asked.high for start, end in reading.times)
