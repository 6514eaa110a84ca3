"""Calendar files other people's programs must understand (N4)."""

from datetime import timedelta

from icalendar import Calendar

from scheduling.calendars import booking_ics
from scheduling.cancelling import cancel_booking
from scheduling.moving import move_booking
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY_9, TWO_DAYS_BEFORE, book


def read(booking, at=A_WEEK_BEFORE):
    calendar = Calendar.from_ical(booking_ics(booking, at=at))
    [event] = calendar.walk("VEVENT")
    return calendar, event


def test_the_entry_is_in_the_clinics_zone_and_the_zone_comes_with_it(practice, runner):
    calendar, event = read(book(practice, runner, therapist=practice.imre))

    assert str(calendar["METHOD"]) == "REQUEST"
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/London"]
    assert event.decoded("DTSTART") == TUESDAY_9
    assert event.decoded("DTEND") == TUESDAY_9 + timedelta(hours=1)
    assert "3 Harbour Yard" in str(event["LOCATION"])


def test_moving_and_cancelling_keep_the_uid_and_count_up(practice, runner):
    booked = book(practice, runner)
    _, first = read(booked)
    moved = move_booking(
        booking=booked,
        starts_at=TUESDAY_9 + timedelta(days=1),
        therapist=None,
        by=runner,
        at=TWO_DAYS_BEFORE,
    )
    _, second = read(moved)
    cancelled = cancel_booking(booking=moved, by=runner, at=TWO_DAYS_BEFORE)
    calendar, third = read(cancelled)

    assert str(first["UID"]) == str(second["UID"]) == str(third["UID"])
    assert [int(one["SEQUENCE"]) for one in (first, second, third)] == [0, 1, 2]
    assert second.decoded("DTSTART") == TUESDAY_9 + timedelta(days=1)
    assert (str(calendar["METHOD"]), str(third["STATUS"])) == ("CANCEL", "CANCELLED")


def test_nothing_of_health_or_of_what_is_treated_is_in_it(practice, runner):
    booked = book(practice, runner)

    text = booking_ics(booked, at=A_WEEK_BEFORE).decode()

    assert booked.variant.service.name not in text
    assert "DESCRIPTION" not in text
