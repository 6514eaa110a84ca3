"""Reading calendars over and over: what stands, what is flagged, what is never shown (E22, S11)."""

import logging
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.importing import choosing, refreshing
from scheduling.importing.choosing import add_calendar, masked, state_words
from scheduling.importing.errors import CalendarTrouble
from scheduling.importing.refreshing import flagged, is_flagged, read_due, read_now
from scheduling.models import BusyCalendar, BusyTime
from tests.scheduling.builders import A_WEEK_BEFORE
from tests.scheduling.importing.conftest import calendar_file, event

TEN_MINUTES = timedelta(minutes=10)
LATER = A_WEEK_BEFORE + TEN_MINUTES
BUSY = calendar_file(event("SUMMARY:Dentist", "DTSTART:20261201T090000Z", "DTEND:20261201T100000Z"))
OTHER = calendar_file(event("DTSTART:20261202T090000Z", "DTEND:20261202T100000Z"))


def times(calendar):
    return [f"{one.starts_at:%m-%d %H:%M}" for one in calendar.times.all()]


def test_what_is_read_replaces_what_was_read(calendar, server):
    server.says(BUSY)
    assert read_due(at=A_WEEK_BEFORE) == 1
    assert times(calendar) == ["12-01 09:00"]
    server.says(OTHER)
    read_due(at=LATER)
    calendar.refresh_from_db()
    assert times(calendar) == ["12-02 09:00"]
    assert calendar.read_at == calendar.tried_at == LATER
    assert not is_flagged(calendar, LATER)


def test_what_fails_keeps_the_last_good_times_is_flagged_and_recovers(calendar, server):
    server.says(BUSY, headers={"ETag": '"7"'})
    read_due(at=A_WEEK_BEFORE)

    server.says(status=404)
    read_due(at=LATER)
    calendar.refresh_from_db()
    assert times(calendar) == ["12-01 09:00"]
    assert list(flagged(LATER)) == [calendar]
    assert state_words(calendar, at=LATER, zone="Europe/London") == (
        "Could not be read since Tue 24 Nov 09:00. It was not found."
    )

    server.says(OTHER)
    read_due(at=LATER + TEN_MINUTES)
    calendar.refresh_from_db()
    assert times(calendar) == ["12-02 09:00"]
    assert not flagged(LATER + TEN_MINUTES).exists()
    assert state_words(calendar, at=LATER + TEN_MINUTES * 2) == "Last read 10 min ago."


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", b"", b"BEGIN:VCALENDAR"])
def test_a_page_where_a_calendar_was_does_not_free_anybody(calendar, server, body):
    server.says(BUSY)
    read_due(at=A_WEEK_BEFORE)
    server.says(body)
    read_due(at=LATER)
    calendar.refresh_from_db()
    kept = ["12-01 09:00"] if body != b"BEGIN:VCALENDAR" else []
    assert times(calendar) == kept


def test_an_unchanged_calendar_is_not_sent_twice_on_a_day_but_once_each_day(calendar, server):
    def unless_known(headers):
        if headers.get("If-None-Match") == '"7"':
            return 304, {}, b""
        return 200, {"ETag": '"7"'}, BUSY

    server.says(unless_known)
    read_due(at=A_WEEK_BEFORE)
    read_due(at=LATER)
    calendar.refresh_from_db()
    assert (times(calendar), calendar.read_at) == (["12-01 09:00"], LATER)
    assert server.asked[1][1]["If-None-Match"] == '"7"'

    read_due(at=LATER + timedelta(days=1))
    assert "If-None-Match" not in server.asked[2][1]


def test_a_calendar_not_read_for_half_an_hour_is_flagged(calendar, server):
    server.says(BUSY)
    read_due(at=A_WEEK_BEFORE)
    calendar.refresh_from_db()
    in_time, late = A_WEEK_BEFORE + timedelta(minutes=30), A_WEEK_BEFORE + timedelta(minutes=31)
    for at, expected in ((in_time, False), (late, True)):
        assert is_flagged(calendar, at) is expected
        assert flagged(at).exists() is expected


def test_one_that_drips_does_not_stop_the_others(calendar, practice, server, monkeypatch):
    monkeypatch.setattr(
        refreshing, "_fetched", lambda one, at, seconds=1.0, fetched=refreshing._fetched: fetched(
            one, at, 1.0
        )
    )  # fmt: skip
    server.says(BUSY, drip=0.3)
    others = []
    for number in range(3):
        server.says(BUSY, path=f"/{number}")
        others.append(
            BusyCalendar.objects.create(
                therapist=practice.lena, label=str(number), url=server.url(f"/{number}")
            )
        )

    assert read_due(at=A_WEEK_BEFORE) == 4

    calendar.refresh_from_db()
    assert calendar.trouble == "Its server took too long."
    assert [times(one) for one in others] == [["12-01 09:00"]] * 3


def test_a_round_that_has_taken_too_long_leaves_the_rest_for_the_next(
    calendar, practice, server, monkeypatch
):
    server.says(BUSY)
    for number in range(9):
        server.says(BUSY, path=f"/{number}")
        BusyCalendar.objects.create(
            therapist=practice.lena, label=str(number), url=server.url(f"/{number}")
        )
    monkeypatch.setattr(refreshing, "ROUND_SECONDS", -1.0)

    assert read_due(at=A_WEEK_BEFORE) == 8
    left = set(BusyCalendar.objects.filter(tried_at=None).values_list("pk", flat=True))
    assert len(left) == 2
    read_due(at=LATER)
    assert not BusyCalendar.objects.filter(pk__in=left, tried_at=None).exists()


def test_nothing_but_start_and_end_is_kept_and_nothing_is_logged(calendar, server, caplog):
    caplog.set_level(logging.DEBUG)
    BusyCalendar.objects.update(url=server.url("/secret-token"))
    server.says(BUSY, path="/secret-token")
    read_due(at=A_WEEK_BEFORE)
    server.says(status=500, path="/secret-token")
    read_due(at=LATER)

    assert "secret-token" not in caplog.text
    fields = {field.name for field in BusyTime._meta.get_fields()}
    assert fields == {"id", "calendar", "starts_at", "ends_at"}


def test_a_mistake_of_ours_is_the_calendars_trouble_and_nobody_elses(
    calendar, server, monkeypatch, caplog
):
    def broken(url, **kwargs):
        raise RuntimeError(url)

    monkeypatch.setattr(refreshing, "fetch", broken)
    read_due(at=A_WEEK_BEFORE)
    calendar.refresh_from_db()
    assert calendar.trouble == "It could not be read."
    assert calendar.url not in caplog.text


def test_a_calendar_switched_off_is_not_read(calendar, server):
    BusyCalendar.objects.update(is_active=False)
    assert read_due(at=A_WEEK_BEFORE) == 0
    assert server.asked == []


def test_reading_what_has_not_changed_writes_no_times(calendar, server):
    server.says(BUSY)
    read_now(calendar=calendar, at=A_WEEK_BEFORE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert read_now(calendar=calendar, at=LATER)
    assert not [
        one
        for one in queries
        if "scheduling_busytime" in one["sql"] and one["sql"][:6] in ("INSERT", "DELETE")
    ]
    assert len(queries) <= 9


def test_an_address_is_added_once_and_shown_without_its_secret(practice, server):
    url = server.url("/private-0123456789abcdef/basic.ics")
    one = add_calendar(therapist=practice.imre, label="Private", url=f" {url}\n".strip())
    assert add_calendar(therapist=practice.imre, label="Again", url=url) == one
    assert "0123456789" not in masked(one.url)
    assert masked(one.url).startswith("127.0.0.1/")


def test_more_than_five_calendars_are_not_read_for_one_therapist(practice, server):
    for number in range(choosing.MOST_A_THERAPIST):
        add_calendar(therapist=practice.imre, label="x", url=server.url(f"/{number}"))
    with pytest.raises(CalendarTrouble, match="Remove one first"):
        add_calendar(therapist=practice.imre, label="x", url=server.url("/6"))
