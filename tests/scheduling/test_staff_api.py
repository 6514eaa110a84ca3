"""The desk by API: the same acts, staff only, refusals with what would help."""

import uuid
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.roles import BOOKKEEPERS, FRONT_DESK
from payments import crediting
from scheduling.models import Booking, BookingChange, TimeOff
from tests.builders import make_lot, make_runner, make_staff
from tests.practice import open_practice
from tests.scheduling.builders import ONE_HOUR

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def staff():
    person = make_staff()
    person.groups.add(Group.objects.get(name=FRONT_DESK))
    return person


@pytest.fixture
def runner(practice):
    runner = make_runner()
    make_lot(runner, variants=[practice.variant], at=timezone.now())
    return runner


@pytest.fixture
def api(client, staff):
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    return Api(client)


class Api:
    def __init__(self, client):
        self.client = client

    def post(self, path, **body):
        return self.client.post(f"/api/v1/staff/{path}", body, content_type="application/json")

    def get(self, path, **query):
        return self.client.get(f"/api/v1/staff/{path}", query)

    def delete(self, path):
        return self.client.delete(f"/api/v1/staff/{path}")


def wish(practice, runner, **changed):
    wanted = {
        "runner": str(runner.public_id),
        "variant": practice.variant.code,
        "location": "harbour",
        "therapist": "imre",
        "starts_at": practice.on(practice.day(3), 10).isoformat(),
    }
    return wanted | changed


@pytest.fixture
def booked(practice, runner, api):
    return api.post("bookings/", **wish(practice, runner)).json()


def began(booking, *, ago=30 * MINUTE):
    """Let a booked session have begun: the acts at the desk ask the clock."""
    starts_at = timezone.now().replace(microsecond=0) - ago
    ends_at = starts_at + ONE_HOUR
    Booking.objects.filter(public_id=booking["id"]).update(
        starts_at=starts_at, ends_at=ends_at, frees_at=ends_at + 10 * MINUTE
    )
    return f"bookings/{booking['id']}/"


def available(runner):
    return crediting.wallet(runner, on=timezone.now().date()).available


def test_a_session_is_booked_with_a_credit_or_due(practice, runner, api):
    paid = api.post("bookings/", **wish(practice, runner))
    later = practice.on(practice.day(3), 13).isoformat()
    due = api.post("bookings/", **wish(practice, make_runner(), starts_at=later))

    assert (paid.status_code, due.status_code) == (201, 201)
    assert (paid.json()["state"], paid.json()["due"]) == ("confirmed", False)
    assert due.json()["due"] is True
    assert available(runner) == 4


def test_a_refusal_names_what_would_have_to_be_set_aside(practice, runner, api, staff):
    evening = practice.on(practice.day(3), 22).isoformat()
    refused = api.post("bookings/", **wish(practice, runner, starts_at=evening))
    assert (refused.status_code, refused.json()["code"]) == (409, "not_offered")
    assert refused.json()["overridable"] == ["outside_hours"]

    rules = {"starts_at": evening, "overriding": refused.json()["overridable"]}
    silent = api.post("bookings/", **wish(practice, runner, **rules))
    assert (silent.status_code, silent.json()["code"]) == (409, "reason_missing")
    assert not Booking.objects.exists()

    told = api.post("bookings/", **wish(practice, runner, **rules, reason="After her race"))
    assert told.status_code == 201
    read = api.get(f"bookings/{told.json()['id']}/").json()
    assert read["overrides"] == ["outside_hours"]
    [change] = read["changes"]
    assert (change["actor"], change["reason"]) == (str(staff), "After her race")
    assert change["details"]["overrides"] == ["outside_hours"]


def test_physics_is_never_set_aside(practice, runner, api, booked):
    other = wish(practice, make_runner(), overriding=["turnaround"], reason="Please")
    taken = api.post("bookings/", **other)
    assert (taken.status_code, taken.json()["code"]) == (409, "time_taken")
    assert "overridable" not in taken.json()

    named = api.post("bookings/", **other | {"overriding": ["overlap"]})
    assert (named.status_code, named.json()["code"]) == (409, "not_overridable")
    assert api.post("bookings/", **other | {"overriding": ["luck"]}).status_code == 422


def test_a_session_is_moved_without_a_mail(practice, api, booked):
    starts_at = practice.on(practice.day(3), 14).isoformat()

    moved = api.post(f"bookings/{booked['id']}/move/", starts_at=starts_at, tell=False)

    assert moved.status_code == 200
    assert moved.json()["changes"][-1]["kind"] == "moved"


def test_a_day_from_arrival_to_taking_back(runner, api, booked):
    path = began(booked)

    assert api.post(f"{path}arrival/").json()["state"] == "checked_in"
    done = api.post(f"{path}completion/")
    assert done.json()["state"] == "completed"
    mark = api.get(path).json()["mark"]
    for _ in range(2):
        back = api.post(f"{path}correction/", change=mark)
        assert (back.status_code, back.json()["state"]) == (200, "checked_in")
    assert api.post(f"{path}correction/", change=10**9).status_code == 404
    assert available(runner) == 4


def test_a_no_show_is_marked_and_waived(runner, api, booked):
    path = began(booked)
    assert api.post(f"{path}no-show/", reason="No answer").json()["state"] == "no_show"
    assert api.post(f"{path}cancellation/", waive=True).json()["code"] == "reason_missing"

    waived = api.post(f"{path}cancellation/", waive=True, reason="Her train")

    assert (waived.json()["state"], available(runner)) == ("no_show", 5)


def test_a_turnaround_is_shortened_and_a_session_paid(practice, api):
    runner = make_runner()
    due = api.post("bookings/", **wish(practice, runner)).json()
    path = f"bookings/{due['id']}/"
    assert api.post(f"{path}credit/").json()["code"] == "no_credit"
    make_lot(runner, variants=[practice.variant], at=timezone.now())

    assert api.post(f"{path}credit/").json()["due"] is False
    short = api.post(f"{path}turnaround/", minutes=0, reason="No oil").json()
    assert short["frees_at"] == short["ends_at"]


def test_time_is_blocked_and_freed(practice, api, booked):
    starts_at = practice.on(practice.day(3), 10)
    wanted = {
        "therapist": "imre",
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + ONE_HOUR).isoformat(),
    }
    refused = api.post("blocks/", **wanted)
    assert (refused.status_code, refused.json()["code"]) == (409, "time_has_bookings")
    assert refused.json()["bookings"] == [booked["id"]]

    blocked = api.post("blocks/", **wanted, despite_bookings=True)
    assert blocked.status_code == 201
    on = practice.day(3).isoformat()
    assert [one["id"] for one in api.get("blocks/", on=on).json()] == [blocked.json()["id"]]
    for _ in range(2):
        assert api.delete(f"blocks/{blocked.json()['id']}/").status_code == 204
    assert not TimeOff.objects.exists()


def test_why_a_start_is_not_free(practice, api, booked):
    found = api.get(
        "why/",
        variant=practice.variant.code,
        location="harbour",
        starts_at=booked["starts_at"],
        runner=booked["runner"],
    ).json()

    imre = next(one for one in found if one["therapist"] == "imre")
    assert imre["is_free"] is False
    codes = {rule["code"]: rule["overridable"] for rule in imre["rules"]}
    assert codes == {"overlap": False, "runner_limit": True}


def test_a_week_is_seven_days_from_monday(practice, api, booked):
    days = api.get("week/", location="harbour", on=practice.day(3).isoformat()).json()

    assert len(days) == 7
    found = {day["day"]: [one["id"] for one in day["sessions"]] for day in days}
    assert found[practice.day(3).isoformat()] == [booked["id"]]
    assert sum(map(len, found.values())) == 1


def test_pages_of_sessions_follow_a_cursor(practice, api, booked):
    original = Booking.objects.get(public_id=booked["id"])
    for number in range(4):
        original.pk, original.public_id, original.state = None, uuid.uuid4(), "no_show"
        original.starts_at += timedelta(days=number % 2)
        original.ends_at = original.frees_at = original.starts_at + ONE_HOUR
        original._state.adding = True
        original.save()

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get("bookings/", limit=2, cursor=cursor, runner=booked["runner"]).json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]

    wanted = Booking.objects.order_by("-starts_at", "-pk").values_list("public_id", flat=True)
    assert seen == [str(one) for one in wanted]
    assert api.get("bookings/", cursor="nonsense").status_code == 422


def test_a_page_costs_the_same_however_many_sessions(practice, api, booked):
    def count():
        with CaptureQueriesContext(connection) as queries:
            api.get("bookings/")
        return len(queries)

    before = count()
    original = Booking.objects.get(public_id=booked["id"])
    for _ in range(5):
        original.pk, original.public_id, original.state = None, uuid.uuid4(), "no_show"
        original._state.adding = True
        original.save()
    assert count() == before


def test_reports_over_a_period(practice, api, booked):
    period = {
        "start": practice.day(0).isoformat(),
        "end": practice.day(7).isoformat(),
        "location": "harbour",
    }
    sessions = api.get("reports/sessions/", **period).json()
    assert (sessions["total"]["to_come"], sessions["rows"][0]["therapist_code"]) == (1, "imre")
    assert api.get("reports/utilisation/", **period).json()["total"]["booked_minutes"] == 60
    assert api.get("reports/attendance/", **period).json()["total"]["no_show_rate"] is None
    assert api.get("reports/lead-times/", **period).json()["total"]["sessions"] == 1

    far = period | {"end": (practice.day(0) + timedelta(days=367)).isoformat()}
    assert api.get("reports/sessions/", **far).status_code == 422


POSTS = [
    "bookings/",
    *(
        f"bookings/{{id}}/{act}/"
        for act in (
            "move",
            "cancellation",
            "arrival",
            "completion",
            "no-show",
            "correction",
            "turnaround",
            "credit",
        )
    ),
    "blocks/",
]
GETS = [
    "bookings/",
    "bookings/{id}/",
    "week/",
    "blocks/",
    "why/",
    *(f"reports/{name}/" for name in ("utilisation", "attendance", "lead-times", "sessions")),
]


@pytest.mark.parametrize("who", ["runner", "bookkeeper"])
def test_to_everybody_else_the_desk_does_not_exist(practice, api, booked, runner, who):
    person = runner
    if who == "bookkeeper":
        person = make_staff()
        person.groups.add(Group.objects.get(name=BOOKKEEPERS))
    api.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    changes = BookingChange.objects.count()
    on = practice.day(3).isoformat()
    at = practice.on(practice.day(3), 15).isoformat()
    body = wish(practice, runner) | {"ends_at": at, "minutes": 5, "reason": "Why"}
    query = body | {"on": on, "start": on, "end": on}

    for path in POSTS:
        assert api.post(path.format(id=booked["id"]), **body).status_code == 404, path
    for path in GETS:
        assert api.get(path.format(id=booked["id"]), **query).status_code == 404, path
    assert api.delete("blocks/1/").status_code == 404
    assert (BookingChange.objects.count(), TimeOff.objects.count()) == (changes, 0)


def test_a_post_repeated_with_its_key_books_once(practice, runner, api):
    head = {"Idempotency-Key": "walk-in-1"}
    answers = [
        api.client.post(
            "/api/v1/staff/bookings/",
            wish(practice, runner),
            content_type="application/json",
            headers=head,
        )
        for _ in range(2)
    ]

    assert [one.status_code for one in answers] == [201, 201]
    assert Booking.objects.count() == 1
