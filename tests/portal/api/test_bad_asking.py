"""What nobody should send to the diary: refused with a code, nothing half-written."""

from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Message
from accounts.outbox import send_due
from payments.models import CreditEntry
from scheduling.models import Booking, BookingChange, CalendarFeed, Closure, Room, Series
from scheduling.web.slots import slot_value
from tests.builders import make_lot, make_runner, make_staff
from tests.practice import open_practice
from tests.scheduling.web.conftest import FROM_US

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
LEDGERS = (Booking, BookingChange, CreditEntry, Message, Series, CalendarFeed)


@contextmanager
def nothing_written():
    """Not a row more or less, and every booking as it was."""

    def rows():
        counts = {model.__name__: model.objects.count() for model in LEDGERS}
        return counts, list(Booking.objects.order_by("pk").values())

    before = rows()
    yield
    assert rows() == before


@pytest.fixture
def practice():
    return open_practice()


def signed_in(runner) -> Client:
    client = Client()
    client.force_login(runner, backend=BACKEND)
    return client


def post(client, path, **body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


def wish(practice, **changed):
    wanted = {"variant": practice.variant.code, "location": "harbour", "therapist": "imre"}
    return wanted | {"starts_at": practice.on(practice.day(5), 10).isoformat()} | changed


def book(client, practice, **changed):
    held = post(client, "holds/", **wish(practice, **changed)).json()
    return post(client, "bookings/", hold=held["id"]).json()


@pytest.fixture
def runner(practice):
    runner = make_runner()
    make_lot(runner, variants=[practice.variant], at=timezone.now())
    return runner


@pytest.fixture
def hers(runner):
    """Her browser."""
    return signed_in(runner)


@pytest.fixture
def staff(practice):
    person = make_staff()
    person.is_superuser = True
    person.save()
    return signed_in(person)


MOMENTS = ["", "soon", "2027-02-30T10:00:00Z", "2027-03-01T25:00:00Z", "2027-03-01T10:00:00", None]


@pytest.mark.parametrize("starts_at", MOMENTS)
def test_a_moment_that_is_none_is_invalid_wherever_it_is_sent(
    hers, staff, practice, runner, starts_at
):
    booked = book(hers, practice)
    bad = {"starts_at": starts_at}
    at_desk = wish(practice, runner=str(runner.public_id)) | bad
    further = {"id": str(uuid4()), "every_weeks": 1, "further": 1}
    asked = [
        (hers, "holds/", wish(practice) | bad),
        (hers, f"bookings/{booked['id']}/quote/", {"act": "move"} | bad),
        (
            hers,
            f"bookings/{booked['id']}/series/",
            further | {"choices": [{"on": "2027-03-01"} | bad]},
        ),
        (staff, "staff/bookings/", at_desk),
        (staff, f"staff/bookings/{booked['id']}/move/", bad),
        (
            staff,
            "staff/blocks/",
            {"therapist": "imre", "ends_at": "2027-03-01T10:00:00Z"} | bad,
        ),
    ]

    with nothing_written():
        answers = [post(client, path, **body) for client, path, body in asked]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(422, "invalid")] * 6


WRONG = [
    ("staff/day/", {"on": "2027-02-29"}),
    ("staff/week/", {"on": "no day"}),
    ("staff/blocks/", {"on": "2027-03-01", "days": 63}),
    ("staff/blocks/", {"on": "2027-03-01", "days": 0}),
    ("staff/why/", {"variant": "deep-60", "starts_at": "2027-03-01"}),
    ("staff/why/", {"variant": "deep-60", "starts_at": "2027-03-01T10:00Z", "runner": "ana"}),
    ("staff/reports/sessions/", {"start": "2027-03-01", "end": "2029-03-01"}),
    ("staff/reports/sessions/", {"start": "2027-13-01", "end": "2027-03-01"}),
    ("availability/", {"variant": "deep-60", "start": "2027-03-01", "end": "2027-05-03"}),
    ("availability/", {"variant": "deep-60", "start": "1 March", "end": "2 March"}),
    (
        "availability/",
        {"variant": "deep-60", "start": "2027-03-01", "end": "2027-03-02", "tz": "X"},
    ),
    ("me/calendar-feed/", {"whose": "everybody"}),
]


@pytest.mark.parametrize(("path", "query"), WRONG)
def test_a_question_that_is_none_is_answered_422_with_a_sentence(staff, practice, path, query):
    answer = staff.get(f"/api/v1/{path}", {"location": "harbour"} | query)

    assert answer.status_code == 422
    assert answer.json()["code"]
    assert answer.json()["detail"]


LENGTHS = [
    ("turnaround/", {"minutes": minutes, "reason": "Tight day"})
    for minutes in (-1, 1441, "ten", 2.5, 10**30)
] + [
    ("series/", {"id": "1", "every_weeks": 1, "further": 1, "choices": []}),
    ("series/", {"every_weeks": 0, "further": 1, "choices": []}),
    ("series/", {"every_weeks": 1, "further": 10**9, "choices": []}),
]


@pytest.mark.parametrize(("page", "body"), LENGTHS)
def test_a_length_that_is_none_is_invalid(staff, hers, practice, page, body):
    booked = book(hers, practice)
    client, start = (hers, "") if page == "series/" else (staff, "staff/")

    with nothing_written():
        answer = post(client, f"{start}bookings/{booked['id']}/{page}", **body)

    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


OF_A_SESSION = [
    ("get", "", {}),
    ("post", "quote/", {"act": "cancel"}),
    ("post", "quote/", {"act": "move", "starts_at": "2027-03-01T10:00:00Z"}),
    ("post", "move/", {"quote": "x"}),
    ("post", "cancellation/", {"quote": "x"}),
    ("get", "series/?every_weeks=1&further=1", {}),
    ("post", "series/", {"every_weeks": 1, "further": 1, "choices": []}),
]


@pytest.mark.parametrize("whose", ["another's", "nobody's", "no id"])
@pytest.mark.parametrize(("method", "page", "body"), OF_A_SESSION)
def test_a_session_that_is_not_hers_is_not_there(hers, practice, whose, method, page, body):
    ids = {
        "another's": book(hers, practice)["id"],
        "nobody's": "00000000-0000-4000-8000-000000000000",
        "no id": "17",
    }
    path = f"/api/v1/bookings/{ids[whose]}/{page}"
    if page == "series/":
        body = body | {"id": str(uuid4())}
    other = signed_in(make_runner())

    with nothing_written():
        answer = getattr(other, method)(path, body or None, content_type="application/json")

    assert answer.status_code == (422 if whose == "no id" else 404)


@pytest.mark.parametrize(
    "page", ["", "calendar.ics", "move/", "cancel/", "series/", "series/cancel/"]
)
def test_the_pages_of_a_session_that_is_not_hers_are_not_there(hers, practice, page):
    booked = book(hers, practice)
    other = signed_in(make_runner())

    with nothing_written():
        answers = [
            other.get(f"/bookings/{public_id}/{page}")
            for public_id in (booked["id"], uuid4(), "17")
        ]

    assert [one.status_code for one in answers] == [404, 404, 404]
    assert other.get("/calendars/not-a-token.ics").status_code == 404
    assert other.get("/api/v1/me/calendar-feed/").status_code == 404


def test_anothers_hold_is_not_confirmed(hers, practice):
    held = post(hers, "holds/", **wish(practice)).json()
    other = make_runner()
    make_lot(other, variants=[practice.variant], at=timezone.now())

    with nothing_written():
        assert post(signed_in(other), "bookings/", hold=held["id"]).status_code == 404


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2027, 3, 28), 23), (date(2026, 10, 25), 25), (date(2026, 10, 24), 24)]
)
def test_a_day_of_the_clock_change_is_listed_hour_by_hour(client, day, hours):
    """Open round the clock: a start each hour that really passes, but the last hour's."""
    practice = open_practice(opens=time(0), closes=time(0))
    day_after = day + timedelta(days=1)
    with time_machine.travel(
        datetime.combine(day, time(12), tzinfo=ZoneInfo("Europe/London")) - timedelta(days=5),
        tick=False,
    ):
        answer = client.get(
            "/api/v1/availability/",
            {"variant": "deep-60", "location": "harbour", "therapist": "imre"}
            | {"start": day.isoformat(), "end": day_after.isoformat()},
        )
        page = client.get("/book/deep-60/", {"day": day.isoformat()})

    assert (answer.status_code, page.status_code) == (200, 200)
    starts = [datetime.fromisoformat(one["starts_at"]) for one in answer.json()]
    assert {one.astimezone(practice.location.zone).date() for one in starts} == {day}
    on_the_hour = [one for one in starts if one.minute == 0]
    assert len({one.timestamp() for one in on_the_hour}) == len(on_the_hour) == hours


def test_without_a_room_nobody_can_come_and_each_way_says_so(hers, client, practice):
    Room.objects.update(is_active=False)
    starts_at = practice.on(practice.day(5), 10)
    asked = {"variant": "deep-60", "location": "harbour"}

    listed = client.get(
        "/api/v1/availability/",
        asked | {"start": practice.day(5).isoformat(), "end": practice.day(6).isoformat()},
    )
    why = client.get(
        "/api/v1/availability/", asked | {"explain": 1, "starts_at": starts_at.isoformat()}
    )
    page = client.get("/book/deep-60/")
    with nothing_written():
        refused = post(hers, "holds/", **wish(practice))
        by_page = client.post(
            "/book/hold/", asked | {"slot": slot_value(starts_at), "therapist": ""}, **FROM_US
        )

    assert listed.json() == []
    assert [one["reasons"][0]["code"] for one in why.json()["therapists"]] == ["room", "room"]
    assert page.status_code == 200
    assert "Ring us and we look for a gap together" in page.content.decode()
    assert (refused.status_code, refused.json()["code"]) == (409, "time_taken")
    assert refused.json()["reason"] == "room"
    assert by_page.status_code == 409
    assert "No room is free at that time" in by_page.content.decode()


def test_a_closure_saved_under_an_open_page_costs_a_409_with_fresh_times(
    hers, client, practice, django_capture_on_commit_callbacks
):
    page = client.get("/book/deep-60/", {"day": practice.day(5).isoformat()})
    starts_at = practice.on(practice.day(5), 10)
    assert slot_value(starts_at) in page.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        Closure.objects.create(
            location=practice.location,
            starts_on=practice.day(5),
            ends_on=practice.day(5),
            reason="Burst pipe",
        )

    with nothing_written():
        by_page = client.post(
            "/book/hold/",
            {"variant": "deep-60", "location": "harbour", "therapist": "imre"}
            | {"slot": slot_value(starts_at)},
            **FROM_US,
        )
        by_api = post(hers, "holds/", **wish(practice))

    assert (by_page.status_code, by_api.status_code) == (409, 409)
    fresh = [one.starts_at for one in by_page.context["slots"]]
    near = [datetime.fromisoformat(one["starts_at"]) for one in by_api.json()["nearest"]]
    assert len(fresh) == len(near) == 3
    for one in [*fresh, *near]:
        assert one.astimezone(practice.location.zone).date() != practice.day(5)
    again = client.post(
        "/book/hold/",
        {"variant": "deep-60", "location": "harbour", "slot": slot_value(fresh[0])},
        **FROM_US,
    )
    assert again.status_code == 302


LONG = {
    "in words": ("Wilhelmina Featherstonehaugh-Cholmondeley of Saint Osyth-Leigh"[:60]),
    "in one word": "W" + "i" * 59,
}


@pytest.mark.parametrize("name", LONG.values(), ids=LONG.keys())
def test_names_of_sixty_characters_stand_whole_where_there_is_room(
    hers, staff, practice, runner, name
):
    assert len(name) == 60
    runner.name = name
    runner.save()
    practice.imre.name = name
    practice.imre.save()

    booked = book(hers, practice)
    mail.outbox.clear()
    send_due(at=timezone.now())

    page = hers.get(f"/bookings/{booked['id']}/").content.decode()
    board = staff.get(
        "/staff/day/", {"day": practice.day(5).isoformat(), "location": "harbour"}
    ).content.decode()
    event = Calendar.from_ical(hers.get(f"/bookings/{booked['id']}/calendar.ics").content)
    [letter] = mail.outbox
    assert name in page
    assert board.count(name) >= 2  # the therapist's column, the runner's session
    assert name.split()[0] in str(event.walk("VEVENT")[0]["SUMMARY"])  # the first name
    assert len(letter.subject) <= 50
    assert letter.subject.startswith("Booked: ")
    assert name in letter.body
