"""Setting up by API (S4, S5, S11): the same acts as the admin's, asked about in the same way."""

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.roles import FRONT_DESK, MANAGERS, THERAPISTS
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.models import Booking, BusyCalendar, Closure, HoursException, TimeOff
from tests.builders import make_lot, make_runner, make_staff
from tests.practice import open_practice
from tests.scheduling.importing.conftest import calendar_file, event, server  # noqa: F401

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
BUSY = calendar_file(event("DTSTART:20261201T090000Z", "DURATION:PT1H"))


@pytest.fixture
def practice():
    return open_practice()


@pytest.fixture
def as_role(client):
    def sign_in(role):
        user = make_staff()
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user, backend=BACKEND)
        return user

    return sign_in


@pytest.fixture
def post(client):
    def send(path, **body):
        return client.post(f"/api/v1/staff/{path}", body, content_type="application/json")

    return send


@pytest.fixture
def booked(practice):
    now = timezone.now()
    runner = make_runner()
    make_lot(runner, variants=[practice.variant], at=now)
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(7), 10),
        therapist=practice.imre,
        hold_key="",
        runner=runner,
        at=now,
    )
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=now)


@pytest.fixture
def away(practice):
    return {
        "therapist": "imre",
        "starts_at": practice.on(practice.day(7), 8).isoformat(),
        "ends_at": practice.on(practice.day(7), 12).isoformat(),
        "reason": "Dentist",
    }


def test_time_off_over_a_session_answers_with_it_and_saves_nothing(as_role, post, booked, away):
    as_role(MANAGERS)

    answer = post("time-off/", **away)
    problem = answer.json()

    assert (answer.status_code, problem["code"]) == (409, "decisions_needed")
    [hit] = problem["hits"]
    assert (hit["booking"]["id"], hit["why"]) == (str(booked.public_id), "time_off")
    assert hit["proposals"][0]["therapist"] == "sana"
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    ("do", "state"), [("keep", "confirmed"), ("cancel", "cancelled_clinic"), ("move", "confirmed")]
)
def test_with_a_decision_it_is_saved_and_done_also_twice(
    as_role, post, booked, away, do, state
):  # fmt: skip
    as_role(MANAGERS)
    [hit] = post("time-off/", **away).json()["hits"]
    where = hit["proposals"][0] if do == "move" else {}
    decision = {"booking": hit["booking"]["id"], "do": do} | {
        name: where[name] for name in ("starts_at", "therapist") if where
    }

    first = post("time-off/", **away, decisions=[decision])
    second = post("time-off/", **away, decisions=[decision])

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["done"] == [{"booking": str(booked.public_id), "do": do, "trouble": ""}]
    assert (second.json()["id"], second.json()["done"]) == (first.json()["id"], [])
    booked.refresh_from_db()
    assert booked.state == state
    assert booked.therapist.code == ("sana" if do == "move" else "imre")


def test_what_is_kept_is_listed_as_outside_the_rules(as_role, client, post, booked, away):
    as_role(MANAGERS)
    decision = {"booking": str(booked.public_id), "do": "keep"}
    post("time-off/", **away, decisions=[decision])
    as_role(FRONT_DESK)
    [listed] = client.get("/api/v1/staff/outside/").json()
    assert (listed["booking"]["id"], listed["why"]) == (str(booked.public_id), "time_off")


def test_a_move_without_a_time_is_no_decision(as_role, post, booked, away):
    as_role(MANAGERS)
    decision = {"booking": str(booked.public_id), "do": "move"}
    assert post("time-off/", **away, decisions=[decision]).status_code == 409
    assert not TimeOff.objects.exists()


def test_closures_and_other_hours_ask_too_and_can_be_removed(as_role, post, practice, booked):
    as_role(MANAGERS)
    day = str(practice.day(7))
    days = {"location": "harbour", "starts_on": day, "ends_on": day}
    keep = [{"booking": str(booked.public_id), "do": "keep"}]
    for path, body, model in (
        ("closures/", days, Closure),
        ("other-hours/", days | {"therapist": "imre"}, HoursException),
    ):
        assert post(path, **body).status_code == 409
        made = post(path, **body, decisions=keep).json()
        assert model.objects.get().pk == made["id"]
        assert post(f"{path}{made['id']}/removal/").status_code == 200
        assert not model.objects.exists()
        assert post(f"{path}{made['id']}/removal/").status_code == 404


def test_hours_that_a_session_stands_on_are_not_removed_without_asking(
    as_role, post, practice, booked
):
    practice.imre.working_hours.all().delete()
    opened = HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=practice.day(7),
        ends_on=practice.day(7),
        starts="09:00",
        ends="12:00",
    )
    as_role(MANAGERS)
    assert post(f"other-hours/{opened.pk}/removal/").status_code == 409
    keep = [{"booking": str(booked.public_id), "do": "keep"}]
    assert post(f"other-hours/{opened.pk}/removal/", decisions=keep).status_code == 200


@pytest.mark.parametrize(
    ("path", "change", "says"),
    [
        ("time-off/", {"ends_at": "2020-01-01T09:00:00Z"}, "Ends before it starts"),
        ("time-off/", {"starts_at": "tomorrow"}, ""),
        ("time-off/", {"starts_at": "2026-12-01T09:00:00"}, ""),
        ("closures/", {"ends_on": "2020-01-01"}, "before the first"),
        ("closures/", {"reason": "x" * 121}, ""),
        ("other-hours/", {"starts": "22:00", "ends": "02:00"}, "Enter it as two"),
        ("other-hours/", {"starts": "09:00"}, "Give the hours"),
        ("time-off/", {"decisions": [{"booking": "x", "do": "keep"}]}, ""),
        ("time-off/", {"decisions": [{"booking": "0" * 32, "do": "burn"}]}, ""),
    ],
)
def test_what_cannot_be_is_refused(as_role, post, practice, away, path, change, says):
    as_role(MANAGERS)
    day = str(practice.day(7))
    body = away | {"location": "harbour", "starts_on": day, "ends_on": day} | change
    answer = post(path, **body)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not TimeOff.objects.exists()
    assert not Closure.objects.exists()


@pytest.mark.parametrize("role", [FRONT_DESK, THERAPISTS])
def test_others_than_managers_set_up_nothing(as_role, post, practice, away, role):
    as_role(role)
    day = str(practice.day(7))
    body = away | {"location": "harbour", "starts_on": day, "ends_on": day}
    for path in ("time-off/", "closures/", "other-hours/"):
        assert post(path, **body).status_code == 404
    assert Booking.objects.count() == 0


def test_a_runner_sees_none_of_it(client):
    client.force_login(make_runner(), backend=BACKEND)
    for path in ("outside/", "calendars/"):
        assert client.get(f"/api/v1/staff/{path}").status_code == 404


def test_a_therapist_imports_reads_and_removes_a_calendar(
    as_role, client, post, practice, server  # noqa: F811
):  # fmt: skip
    practice.imre.user = as_role(THERAPISTS)
    practice.imre.save()
    server.says(BUSY, path="/secret-0123456789.ics")

    made = post("calendars/", url=server.url("/secret-0123456789.ics"))

    assert made.status_code == 201
    assert (made.json()["therapist"], made.json()["needs_a_look"]) == ("imre", False)
    assert "0123456789" not in made.content.decode()
    one = f"calendars/{made.json()['id']}/"
    server.says(status=404, path="/secret-0123456789.ics")
    assert post(f"{one}reading/").json()["needs_a_look"] is True
    assert len(client.get("/api/v1/staff/calendars/").json()) == 1
    assert post("calendars/", url=server.url("/b"), therapist="sana").status_code == 404
    assert client.delete(f"/api/v1/staff/{one}").status_code == 204
    assert not BusyCalendar.objects.exists()


def test_an_address_we_do_not_ask_is_422_with_a_sentence(as_role, post, practice):
    practice.imre.user = as_role(THERAPISTS)
    practice.imre.save()
    answer = post("calendars/", url="https://169.254.169.254/latest")
    assert (answer.status_code, answer.json()["code"]) == (422, "address_refused")
    assert "open internet" in answer.json()["detail"]


def test_another_persons_calendar_is_not_there(as_role, client, post, practice):
    sanas = BusyCalendar.objects.create(
        therapist=practice.sana, label="x", url="https://a.example/1"
    )
    practice.imre.user = as_role(THERAPISTS)
    practice.imre.save()
    assert post(f"calendars/{sanas.pk}/reading/").status_code == 404
    assert client.delete(f"/api/v1/staff/calendars/{sanas.pk}/").status_code == 404
    assert BusyCalendar.objects.filter(pk=sanas.pk, tried_at=None).exists()
