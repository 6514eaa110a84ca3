"""Private calendar feeds (N4): what is in them, who can read them, and how they end."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar

from scheduling.booking import confirm_with_credit, hold_time
from scheduling.calendars import booking_ics, own_host
from scheduling.cancelling import cancel_booking
from scheduling.feeds import feed_url, new_address, open_feed
from scheduling.importing.reading import is_ours
from scheduling.models import CalendarFeed
from scheduling.moving import move_booking
from tests.builders import make_lot, make_runner
from tests.scheduling.web.conftest import Visit, reload

NOW = timezone.now


@pytest.fixture
def program(client) -> Client:
    """A calendar program: it knows an address and nothing else."""
    cache.clear()
    return client


def path(feed: CalendarFeed) -> str:
    return f"/calendars/{feed.token}.ics"


def events(program: Client, feed: CalendarFeed):
    return Calendar.from_ical(program.get(path(feed)).content).walk("VEVENT")


def book(practice, runner, days=5, hour=10, therapist=None, at=None):
    at = at or NOW()
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(days, at), hour),
        therapist=therapist or practice.imre,
        hold_key="",
        runner=runner,
        at=at,
    )
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=at)


# --- a runner's --------------------------------------------------------------------------------


def test_it_has_her_session_under_the_uid_of_the_mail(program, practice, runner, booked):
    feed = new_address(owner=runner, at=NOW())
    answer = program.get(path(feed))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(answer.content)
    [event] = calendar.walk("VEVENT")
    [mailed] = Calendar.from_ical(booking_ics(booked, at=NOW())).walk("VEVENT")
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert str(event["UID"]) == str(mailed["UID"])
    assert is_ours(str(event["UID"]), own_host())
    assert event.decoded("DTSTART") == booked.starts_at
    assert event["DTSTART"].params["TZID"] == "Europe/London"
    assert "Imre" in str(event["SUMMARY"])
    assert "3 Harbour Yard" in str(event["LOCATION"])


def test_nothing_of_health_of_the_treatment_or_of_how_to_reach_her_is_in_it(
    program, practice, runner, booked
):
    for owner in (runner, practice.imre):
        text = program.get(path(new_address(owner=owner, at=NOW()))).content.decode()
        for secret in ("Deep tissue", runner.email, "Ortiz", "ATTENDEE", "DESCRIPTION"):
            assert secret not in text


def test_a_move_moves_the_entry_and_a_cancellation_takes_it_out(
    program, her_visit: Visit, runner, booked
):
    feed = new_address(owner=runner, at=NOW())
    [before] = events(program, feed)
    moved = move_booking(
        booking=booked, starts_at=her_visit.starts(6), therapist=None, by=runner, at=NOW()
    )
    [after] = events(program, feed)
    assert str(before["UID"]) == str(after["UID"])
    assert int(after["SEQUENCE"]) == int(before["SEQUENCE"]) + 1
    assert after.decoded("DTSTART") == her_visit.starts(6)
    cancel_booking(booking=moved, by=runner, at=NOW())
    assert events(program, feed) == []


def test_it_goes_back_ninety_days_and_leaves_out_holds_and_other_people(
    program, practice, her_visit: Visit, runner, booked
):
    eve = make_runner("eve@example.org", "Eve")
    make_lot(eve, variants=[practice.variant], at=NOW())
    book(practice, eve, days=6)
    her_visit.held(her_visit.starts(7))
    feed = new_address(owner=runner, at=NOW())
    assert len(events(program, feed)) == 1
    with time_machine.travel(booked.starts_at + timedelta(days=89)):
        assert len(events(program, feed)) == 1
    with time_machine.travel(booked.starts_at + timedelta(days=91)):
        assert events(program, feed) == []


# --- a therapist's -----------------------------------------------------------------------------


def test_a_therapist_sees_a_first_name_and_a_room(program, practice, booked):
    [event] = events(program, new_address(owner=practice.imre, at=NOW()))
    assert str(event["SUMMARY"]) == f"Ana, {booked.room.name}"
    assert event.decoded("DTEND") - event.decoded("DTSTART") == timedelta(hours=1)
    assert "URL" not in event
    assert events(program, new_address(owner=practice.sana, at=NOW())) == []


# --- who can read it ---------------------------------------------------------------------------


def test_a_new_address_ends_the_old_one_and_stopping_ends_both(program, her_visit: Visit, runner):
    her = her_visit.client
    assert "Get an address" in her.get("/account/").content.decode()
    her.post("/account/calendar/")
    first = open_feed(runner)
    assert first is not None
    assert feed_url(first) in her.get("/account/").content.decode()
    her.post("/account/calendar/")
    second = open_feed(runner)
    assert second is not None
    assert program.get(path(first)).status_code == 404
    assert program.get(path(second)).status_code == 200
    her.post("/account/calendar/end/")
    assert program.get(path(second)).status_code == 404
    assert open_feed(runner) is None


def test_an_address_nobody_has_is_not_found_and_guessing_ends(program, db):
    for number in range(20):
        assert program.get(f"/calendars/guess{number}.ics").status_code == 404
    assert program.get("/calendars/guess20.ics").status_code == 429


def test_making_and_stopping_take_a_post_with_a_token(runner):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(runner)
    for address in ("/account/calendar/", "/account/calendar/end/"):
        assert strict.get(address).url == "/account/"
        assert strict.post(address).status_code == 403
    assert open_feed(runner) is None


def test_only_a_therapist_has_a_work_calendar(her_visit: Visit, practice, runner):
    her = her_visit.client
    assert "work calendar" not in her.get("/account/").content.decode()
    assert her.post("/account/calendar/", {"whose": "therapist"}).status_code == 404
    practice.imre.user = runner
    practice.imre.save()
    assert "Your work calendar" in her.get("/account/").content.decode()
    her.post("/account/calendar/", {"whose": "therapist"})
    assert open_feed(practice.imre) is not None
    assert open_feed(runner) is None


def test_one_open_feed_for_each_is_what_the_database_allows(runner):
    for _ in range(3):
        new_address(owner=runner, at=NOW())
    assert CalendarFeed.objects.count() == 3
    assert CalendarFeed.objects.open().count() == 1


# --- asking again ------------------------------------------------------------------------------


def test_what_has_not_changed_is_not_sent_again(program, her_visit: Visit, runner, booked):
    feed = new_address(owner=runner, at=NOW())
    first = program.get(path(feed))
    etag, changed = first["ETag"], first["Last-Modified"]
    assert first["Cache-Control"] == "private, no-cache"
    with time_machine.travel(NOW() + timedelta(hours=3)):
        assert program.get(path(feed), HTTP_IF_NONE_MATCH=etag).status_code == 304
        assert program.get(path(feed), HTTP_IF_MODIFIED_SINCE=changed).status_code == 304
        move_booking(
            booking=booked, starts_at=her_visit.starts(6), therapist=None, by=runner, at=NOW()
        )
        assert program.get(path(feed), HTTP_IF_NONE_MATCH=etag).status_code == 200
        assert program.get(path(feed), HTTP_IF_MODIFIED_SINCE=changed).status_code == 200


def test_a_cancellation_counts_as_a_change(program, runner, booked):
    feed = new_address(owner=runner, at=NOW())
    changed = program.get(path(feed))["Last-Modified"]
    with time_machine.travel(NOW() + timedelta(hours=3)):
        cancel_booking(booking=booked, by=runner, at=NOW())
        assert program.get(path(feed), HTTP_IF_MODIFIED_SINCE=changed).status_code == 200


def test_it_remembers_at_most_hourly_that_somebody_asked(program, runner):
    feed = new_address(owner=runner, at=NOW())
    asked = []
    for minutes in (0, 59, 61):
        with time_machine.travel(NOW() + timedelta(minutes=minutes), tick=False):
            program.get(path(feed))
        asked.append(CalendarFeed.objects.get(pk=feed.pk).read_at)
    assert asked[0] == asked[1] < asked[2]


def test_a_feed_costs_two_queries_however_full_it_is(program, practice, runner, lot):
    feed = new_address(owner=runner, at=NOW())
    program.get(path(feed))
    counts = []
    for days in (5, 6, 7):
        book(practice, runner, days)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert program.get(path(feed)).status_code == 200
        counts.append(len(asked))
    assert counts == [2, 2, 2]


@pytest.mark.parametrize(
    ("uid", "ours"),
    [
        ("{id}@{host}", True),
        ("{ID}@{host}", True),
        ("{id}@elsewhere.example", False),
        ("lunch@{host}", False),
        ("{id}", False),
        ("", False),
        ("@", False),
    ],
)
def test_only_uids_of_our_own_making_are_ours(booked, settings, uid, ours):
    settings.SITE_URL = "https://massageforrunners.example"
    public_id = str(reload(booked).public_id)
    words = uid.format(id=public_id, ID=public_id.upper(), host="massageforrunners.example")
    assert is_ours(words, own_host()) is ours


@pytest.mark.parametrize("leaves", ["runner", "therapist", "their user"])
def test_who_has_left_reads_the_feed_no_more(program, practice, runner, leaves):
    practice.imre.user = make_runner("imre@example.org")
    practice.imre.save()
    feed = new_address(owner=runner if leaves == "runner" else practice.imre, at=NOW())
    assert program.get(path(feed)).status_code == 200
    person = {"runner": runner, "therapist": practice.imre, "their user": practice.imre.user}
    person[leaves].is_active = False
    person[leaves].save()
    assert program.get(path(feed)).status_code == 404


# --- by API ------------------------------------------------------------------------------------


def test_the_api_makes_shows_and_stops_the_address(program, her_visit: Visit, practice, runner):
    her = her_visit.client
    address = "/api/v1/me/calendar-feed/"
    assert Client().get(address).status_code == 401
    assert her.get(address).status_code == 404
    made = her.post(address)
    assert made.status_code == 201
    feed = open_feed(runner)
    assert feed is not None
    assert made.json()["url"] == feed_url(feed)
    assert made.json()["subscribe_url"].startswith("webcal://")
    assert her.get(address).json()["url"] == feed_url(feed)
    assert her.delete(address).status_code == 204
    assert program.get(path(feed)).status_code == 404
    assert her.post(f"{address}?whose=therapist").status_code == 404
    assert her.post(f"{address}?whose=somebody").status_code == 422
