"""The session's own page, its calendar file, moving and cancelling it."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from payments.models import CreditEntry
from scheduling.cancelling import cancel_booking
from scheduling.desk import book_for
from scheduling.links import manage_token
from scheduling.models import Booking, TherapistVariant
from scheduling.web.slots import slot_value
from tests.builders import make_runner
from tests.scheduling.web.conftest import UNKNOWN, Visit, reload


def test_it_says_when_where_with_whom_and_what_is_left(her_visit: Visit, booked):
    text = her_visit.get(booked).content.decode()
    assert "10:00" in text
    assert "Imre Kovács" in text
    assert "Harbour Yard, 3 Harbour Yard, Bristol" in text
    assert "Step-free" in text
    assert "3 credits left" in text
    assert "Shorts" in text


def test_a_session_due_to_pay_is_not_called_paid(her_visit: Visit, practice, runner, client):
    due = book_for(
        runner=runner,
        variant=practice.variant,
        location=practice.location,
        starts_at=her_visit.starts(),
        therapist=practice.imre,
        by=None,
        at=timezone.now(),
    )
    text = her_visit.get(due).content.decode()
    assert "Paid with" not in text
    assert "£58.00, when you come" in text
    gone = cancel_booking(booking=due, by=None, at=timezone.now())
    for page in (her_visit.get(gone), client.get(f"/session/{manage_token(gone)}/")):
        assert "Your credit is back" not in page.content.decode()
        assert "credit is used" not in page.content.decode()


def test_a_late_cancellation_that_was_waived_says_the_credit_is_back(
    her_visit: Visit, booked, client
):
    at = booked.starts_at - timedelta(hours=1)
    late = cancel_booking(booking=booked, by=booked.runner, at=at)
    cancel_booking(booking=late, by=None, at=at, waive=True, reason="A train stood still.")
    for page in (her_visit.get(late), client.get(f"/session/{manage_token(late)}/")):
        assert "credit is back" in page.content.decode()
        assert "credit is used" not in page.content.decode()


def test_it_names_the_length_it_has_with_its_therapist(her_visit: Visit, practice, lot, client):
    TherapistVariant.objects.filter(therapist=practice.imre).update(duration_minutes=75)
    held = her_visit.held()
    her_visit.post(held, "confirmation/", "book")
    for page in (her_visit.get(held), client.get(f"/session/{manage_token(held)}/")):
        assert "Deep tissue, 75&nbsp;minutes" in page.content.decode()


def test_only_its_runner_sees_it(her_visit: Visit, booked):
    stranger = Client()
    pages = ("", "calendar.ics", "move/", "cancel/")
    for page in pages:
        answer = stranger.get(f"/bookings/{booked.public_id}/{page}")
        assert answer.url == f"/accounts/login/?next=/bookings/{booked.public_id}/{page}"
    stranger.force_login(make_runner("eve@example.org"))
    for page in pages:
        assert stranger.get(f"/bookings/{booked.public_id}/{page}").status_code == 404
    for page in ("move/", "cancellation/"):
        assert stranger.post(f"/bookings/{booked.public_id}/{page}").status_code == 404
    assert reload(booked).state == Booking.State.CONFIRMED
    assert her_visit.client.get(f"/bookings/{UNKNOWN}/").status_code == 404


def test_a_time_only_held_leads_back_to_check(her_visit: Visit):
    held = her_visit.held()
    for page in ("", "calendar.ics"):
        assert her_visit.get(held, page).url == f"/book/{held.public_id}/check/"


def test_the_calendar_file_parses_and_follows_a_move(her_visit: Visit, booked):
    def event():
        answer = her_visit.get(booked, "calendar.ics")
        assert answer["Content-Type"].startswith("text/calendar")
        [found] = Calendar.from_ical(answer.content).walk("VEVENT")
        return found

    first = event()
    her_visit.move(booked, her_visit.starts(6))
    second = event()
    assert first["UID"] == second["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["DTSTART"].dt == her_visit.starts(6)


# --- moving ------------------------------------------------------------------------------------


def test_moving_offers_times_as_links_and_asks_once_more(her_visit: Visit, booked):
    answer = her_visit.get(booked, f"move/?day={her_visit.practice.day(6)}")
    link = answer.context["diary"].slots[0].url
    assert link.startswith(f"/bookings/{booked.public_id}/move/?to=")
    text = her_visit.client.get(link).content.decode()
    assert "Same credit, no money moves" in text
    assert reload(booked).starts_at == booked.starts_at


def test_moving_keeps_credit_and_address(her_visit: Visit, booked):
    answer = her_visit.move(booked, her_visit.starts(6, 11), "sana")
    assert answer.url == f"/bookings/{booked.public_id}/"
    text = her_visit.client.get(answer.url).content.decode()
    assert "Moved. A mail is on its way." in text
    assert "3 credits left" in text
    assert reload(booked).starts_at == her_visit.starts(6, 11)
    assert reload(booked).therapist.code == "sana"


def test_a_double_click_moves_once(her_visit: Visit, booked):
    page = her_visit.ask_to_move(booked, her_visit.starts(6))
    for _ in range(2):
        assert her_visit.say_yes(page).url == f"/bookings/{booked.public_id}/"
    assert reload(booked).moves == 1


def test_moving_to_a_time_just_taken_gets_409_and_stays(
    her_visit: Visit, other_visit: Visit, booked
):
    asked = her_visit.ask_to_move(booked, her_visit.starts(6))
    other_visit.held(other_visit.starts(6))
    other = Visit(her_visit.practice)
    other.held(other.starts(6), therapist="sana")
    for answer in (
        her_visit.say_yes(asked),
        her_visit.get(booked, f"move/?to={slot_value(her_visit.starts(6))}"),
    ):
        text = answer.content.decode()
        assert answer.status_code == 409
        assert text.count('class="slot"') == 3
        assert f"/bookings/{booked.public_id}/move/?to=" in text
    assert reload(booked).starts_at == booked.starts_at


@pytest.mark.parametrize("wish", ["", "soon", "2026-12-02T10:00"])
def test_moving_to_nonsense_is_told(her_visit: Visit, booked, wish):
    assert her_visit.get(booked, f"move/?to={wish}").status_code == 422
    assert her_visit.post(booked, "move/", to=wish).status_code == 422


def test_moving_to_a_stranger_is_told(her_visit: Visit, booked):
    assert her_visit.move(booked, her_visit.starts(6), "nobody").status_code == 404
    assert reload(booked).starts_at == booked.starts_at


def test_moving_into_the_past_gets_409(her_visit: Visit, booked):
    assert her_visit.move(booked, timezone.now() - timedelta(days=2)).status_code == 409


def test_too_late_to_move_says_what_it_costs_and_does_just_that(her_visit: Visit, booked):
    to = her_visit.starts(9)
    with time_machine.travel(booked.starts_at - timedelta(hours=3)):
        her_visit.client.force_login(booked.runner)
        page = her_visit.ask_to_move(booked, to)
        text = page.content.decode()
        assert "Moving was free until" in text
        assert "The credit is used." in text
        assert "Cancel and book this" in text
        assert reload(booked).state == Booking.State.CONFIRMED
        answers = [her_visit.say_yes(page) for _ in range(2)]
        after = her_visit.client.get(answers[0].url).content.decode()
    assert answers[0].url == answers[1].url != f"/bookings/{booked.public_id}/"
    assert "2 credits left" in after
    assert reload(booked).state == Booking.State.CANCELLED_LATE
    assert Booking.objects.get(state=Booking.State.CONFIRMED).starts_at == to


def test_too_late_to_move_without_another_credit_says_she_needs_one(
    her_visit: Visit, booked, lot, practice
):
    for hour in (12, 14, 16):
        other = her_visit.held(her_visit.starts(3, hour))
        her_visit.post(other, "confirmation/", "book")
    with time_machine.travel(booked.starts_at - timedelta(hours=3)):
        her_visit.client.force_login(booked.runner)
        answer = her_visit.ask_to_move(booked, her_visit.starts(9))
    assert answer.status_code == 409
    assert "the new time needs another one" in answer.content.decode()
    assert reload(booked).state == Booking.State.CONFIRMED


def test_what_she_agreed_to_in_time_is_asked_again_when_it_became_late(her_visit: Visit, booked):
    minute_before = booked.starts_at - timedelta(hours=24, minutes=1)
    with time_machine.travel(minute_before, tick=False) as clock:
        her_visit.client.force_login(booked.runner)
        move, cancel = (
            her_visit.ask_to_move(booked, her_visit.starts(9)),
            her_visit.get(booked, "cancel/"),
        )
        assert "You get your credit back" in cancel.content.decode()
        clock.shift(timedelta(minutes=2))
        for page, now in ((move, "Moving was free until"), (cancel, "so the credit is used")):
            answer = her_visit.say_yes(page)
            text = answer.content.decode()
            assert answer.status_code == 409
            assert "This has changed since you looked" in text
            assert now in text
            assert reload(booked).state == Booking.State.CONFIRMED
        her_visit.say_yes(answer)
    assert reload(booked).state == Booking.State.CANCELLED_LATE


@pytest.mark.parametrize("kind", ["", "forged", "of another booking", "of another act"])
@pytest.mark.parametrize("page", ["cancellation/", "move/"])
def test_without_a_yes_of_ours_the_question_is_asked_again(her_visit: Visit, booked, kind, page):
    to, token = slot_value(her_visit.starts(6)), kind
    if kind.startswith("of"):
        asked = her_visit.get(booked, f"move/?to={to}" if page[0] == "c" else "cancel/")
        token = asked.context["quote"].token
        if kind == "of another booking":
            other = her_visit.held(her_visit.starts(3, 14))
            her_visit.post(other, "confirmation/", "book")
            token = her_visit.get(other, "cancel/").context["quote"].token
    answer = her_visit.post(booked, page, quote=token, to=to)
    assert answer.status_code == 422
    assert "This has changed since you looked" in answer.content.decode()
    now = reload(booked)
    assert (now.state, now.starts_at) == (Booking.State.CONFIRMED, booked.starts_at)


# --- cancelling --------------------------------------------------------------------------------


def test_cancelling_states_the_outcome_first_and_gives_the_credit_back(her_visit: Visit, booked):
    text = her_visit.get(booked, "cancel/").content.decode()
    assert "You get your credit back: you will have 4." in text
    assert reload(booked).state == Booking.State.CONFIRMED
    answer = her_visit.cancel(booked)
    text = her_visit.client.get(answer.url).content.decode()
    assert "Your credit is back" in text
    assert "You have 4 credits left." in text
    assert reload(booked).state == Booking.State.CANCELLED_ONTIME


def test_a_double_click_cancels_once(her_visit: Visit, booked):
    page = her_visit.get(booked, "cancel/")
    for _ in range(2):
        assert her_visit.say_yes(page).url == f"/bookings/{booked.public_id}/"
    assert CreditEntry.objects.filter(kind="release").count() == 1


def test_cancelling_late_says_that_the_credit_is_used(her_visit: Visit, booked):
    with time_machine.travel(booked.starts_at - timedelta(hours=3)):
        her_visit.client.force_login(booked.runner)
        text = her_visit.get(booked, "cancel/").content.decode()
        assert "so the credit is used" in text
        assert "You get your credit back" not in text
        answer = her_visit.cancel(booked)
        assert "The credit is used" in her_visit.client.get(answer.url).content.decode()
    assert CreditEntry.objects.filter(kind="use").count() == 1


def test_a_session_that_has_begun_cannot_be_cancelled(her_visit: Visit, booked):
    with time_machine.travel(booked.starts_at + timedelta(minutes=5)):
        her_visit.client.force_login(booked.runner)
        answer = her_visit.cancel(booked)
        page = her_visit.get(booked).content.decode()
    assert answer.status_code == 409
    assert "/cancel/" not in page
    assert reload(booked).state == Booking.State.CONFIRMED


def test_what_is_cancelled_is_neither_moved_nor_asked_about(her_visit: Visit, booked):
    her_visit.cancel(booked)
    page = f"/bookings/{booked.public_id}/"
    assert her_visit.get(booked, "cancel/").url == page
    assert her_visit.get(booked, "move/").url == page
    assert her_visit.move(booked, her_visit.starts(6)).url == page
    assert her_visit.get(booked, "calendar.ics").status_code == 200


def test_cancelling_takes_a_post_with_a_token(her_visit: Visit, booked, runner):
    assert her_visit.get(booked, "cancellation/").url.endswith("/cancel/")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(runner)
    assert strict.post(f"/bookings/{booked.public_id}/cancellation/").status_code == 403
    out = Client().post(f"/bookings/{booked.public_id}/cancellation/")
    assert out.url == f"/accounts/login/?next=/bookings/{booked.public_id}/cancel/"
    assert reload(booked).state == Booking.State.CONFIRMED
