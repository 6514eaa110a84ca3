"""The admin asks about each session a change hits, and saves nothing before (S5)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from scheduling.models import Booking, Closure, HoursException, TimeOff, WorkingHours
from scheduling.outside import outside_rules
from tests.scheduling.builders import book
from tests.scheduling.test_admin import form_of

State = Booking.State


@pytest.fixture
def day():
    """A weekday a week from now: the admin's own clock is the real one."""
    day = timezone.now().date() + timedelta(days=7)
    return day + timedelta(days=max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else 0)


@pytest.fixture
def booked(practice, runner, day):
    start = practice.location.zone
    at = timezone.now().replace(second=0, microsecond=0)
    nine = at.astimezone(start).replace(
        year=day.year, month=day.month, day=day.day, hour=9, minute=0
    )
    return book(practice, runner, nine, therapist=practice.imre, at=at)


def time_off(practice, day, **decisions):
    return {
        "therapist": practice.imre.pk,
        "starts_at": f"{day} 08:00",
        "ends_at": f"{day} 12:00",
        "reason": "Dentist",
        **decisions,
    }


NEW = "/admin/schedule_time_off/new/"


def test_time_off_over_a_session_lists_it_and_saves_nothing(manager, practice, booked, day):
    answer = manager.post(NEW, time_off(practice, day))
    page = answer.content.decode()

    assert answer.status_code == 409
    assert not TimeOff.objects.exists()
    assert booked.runner.name in page
    assert "09:00 with Lena Schmidt" in page
    assert 'name="reason" value="Dentist"' in page
    assert page.count(f'name="decision-{booked.public_id}"') == 5
    assert " checked" not in page  # nothing is decided for anybody


def test_an_answer_without_every_decision_asks_again(manager, practice, booked, day):
    wrong = ["", "perhaps", "move", "move|soon|lena", "move|2026-12-01T09:00:00|lena", "keep|now"]
    for value in wrong:
        fields = {f"decision-{booked.public_id}": value, "asked": "1", "decision-x": "keep"}
        answer = manager.post(NEW, time_off(practice, day) | fields)
        assert answer.status_code == 409
        assert "Choose for each session" in answer.content.decode()
    assert not TimeOff.objects.exists()


@pytest.mark.parametrize(
    ("value", "state", "says"),
    [
        ("keep", State.CONFIRMED, "1 kept"),
        ("cancel", State.CANCELLED_CLINIC, "1 cancelled"),
    ],
)
def test_with_its_decision_it_is_saved_and_done(manager, practice, booked, day, value, state, says):
    answer = manager.post(NEW, time_off(practice, day) | {f"decision-{booked.public_id}": value})

    assert answer.status_code == 302
    assert TimeOff.objects.count() == 1
    booked.refresh_from_db()
    assert booked.state == state
    assert says in manager.get(answer["Location"]).content.decode()


def test_moving_to_what_was_proposed(manager, practice, booked, day):
    value = f"move|{booked.starts_at.isoformat()}|lena"
    manager.post(NEW, time_off(practice, day) | {f"decision-{booked.public_id}": value})

    booked.refresh_from_db()
    assert booked.therapist == practice.lena
    assert outside_rules(at=timezone.now()) == []


def test_a_move_that_fails_is_told_with_a_way_to_the_session(manager, practice, booked, day):
    value = f"move|{booked.starts_at.isoformat()}|imre"  # he is away then, now
    other = f"move|{(booked.starts_at + timedelta(minutes=15)).isoformat()}|imre"
    answer = manager.post(NEW, time_off(practice, day) | {f"decision-{booked.public_id}": other})
    page = manager.get(answer["Location"]).content.decode()

    assert value != other
    assert "stays as it was" in page
    assert f"/staff/bookings/{booked.public_id}/" in page
    assert TimeOff.objects.count() == 1
    assert [one.booking for one in outside_rules(at=timezone.now())] == [booked]


def test_choosing_for_all_fills_the_page_and_saves_nothing(manager, practice, booked, day):
    nearest = f"move|{booked.starts_at.isoformat()}|lena"
    for choice, checked in (("keep", "keep"), ("cancel", "cancel"), ("move", nearest)):
        answer = manager.post(NEW, time_off(practice, day) | {"for_all": choice, "asked": "1"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert page.count(" checked") == 1
        assert checked in page.split(" checked")[0].rsplit('value="', 1)[1]
    assert not TimeOff.objects.exists()


def test_the_same_answer_twice_saves_once_and_cancels_once(manager, practice, booked, day):
    fields = time_off(practice, day) | {f"decision-{booked.public_id}": "cancel"}
    manager.post(NEW, fields)
    again = manager.post(NEW, fields)

    assert again.status_code == 302
    assert "saved already" in manager.get(again["Location"]).content.decode()
    assert TimeOff.objects.count() == 1
    assert booked.changes.filter(kind="cancelled").count() == 1


def test_other_hours_sent_twice_are_saved_once(manager, practice, day):
    fields = {
        "therapist": practice.imre.pk,
        "location": practice.location.pk,
        "starts_on": day,
        "ends_on": day,
        "is_open": "on",
        "starts": "09:00",
        "ends": "18:00",
    }
    for _time in range(2):
        assert manager.post("/admin/schedule_other_hours/new/", fields).status_code == 302
    assert HoursException.objects.count() == 1


def test_a_closure_asks_about_everybody_there(manager, practice, booked, day):
    fields = {"location": practice.location.pk, "starts_on": day, "ends_on": day}
    answer = manager.post("/admin/schedule_closures/new/", fields)
    assert answer.status_code == 409
    assert not Closure.objects.exists()
    assert "Closed that day" in answer.content.decode()


def test_making_a_closure_longer_is_one_edit_and_asks(manager, practice, booked, day):
    before = day - timedelta(days=2)
    closure = Closure.objects.create(location=practice.location, starts_on=before, ends_on=before)
    fields = {"location": practice.location.pk, "starts_on": before, "ends_on": day}

    address = f"/admin/schedule_closures/edit/{closure.pk}/"
    assert manager.post(address, fields).status_code == 409
    closure.refresh_from_db()
    assert closure.ends_on == before

    assert (
        manager.post(address, fields | {f"decision-{booked.public_id}": "keep"}).status_code == 302
    )
    closure.refresh_from_db()
    assert closure.ends_on == day


def test_taking_weekly_hours_away_asks_and_keeps_them_until_decided(manager, practice, booked):
    hours = WorkingHours.objects.filter(therapist=practice.imre)
    count = hours.count()
    data = form_of(practice.imre)
    data["working_hours-INITIAL_FORMS"] = data["working_hours-TOTAL_FORMS"] = count
    for number, shift in enumerate(hours):
        data |= {
            f"working_hours-{number}-location": shift.location_id,
            f"working_hours-{number}-weekday": shift.weekday,
            f"working_hours-{number}-starts": "09:00",
            f"working_hours-{number}-ends": "17:00",
            f"working_hours-{number}-valid_from": "2020-01-01",
            f"working_hours-{number}-valid_to": "",
            f"working_hours-{number}-id": shift.pk,
            f"working_hours-{number}-DELETE": "1",
        }
    address = f"/admin/schedule_therapists/edit/{practice.imre.pk}/"

    answer = manager.post(address, data)
    assert answer.status_code == 409
    assert "Outside working hours" in answer.content.decode()
    assert hours.all().count() == count

    answer = manager.post(address, data | {f"decision-{booked.public_id}": "cancel"})
    assert answer.status_code == 302
    assert hours.all().count() == 0
    booked.refresh_from_db()
    assert booked.state == State.CANCELLED_CLINIC


def test_deleting_other_hours_that_a_session_stands_on_asks(manager, practice, runner, day, booked):
    saturday = day + timedelta(days=6 - day.isoweekday())
    opened = HoursException.objects.create(
        therapist=practice.imre,
        location=practice.location,
        starts_on=saturday,
        ends_on=saturday,
        starts="09:00",
        ends="12:00",
    )
    start = booked.starts_local.replace(year=saturday.year, month=saturday.month, day=saturday.day)
    on_saturday = book(practice, runner, start, therapist=practice.imre, at=timezone.now())
    address = f"/admin/schedule_other_hours/delete/{opened.pk}/"

    assert manager.post(address).status_code == 409
    assert HoursException.objects.exists()
    answer = manager.post(address, {f"decision-{on_saturday.public_id}": "keep"})
    assert answer.status_code == 302
    assert not HoursException.objects.exists()


def test_asking_about_more_sessions_costs_the_same_for_each(
    manager, practice, runner, booked, day, django_assert_max_num_queries
):
    manager.post(NEW, time_off(practice, day))
    with django_assert_max_num_queries(80):
        manager.post(NEW, time_off(practice, day))
