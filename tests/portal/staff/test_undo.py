"""Undo after each act: an offer that stays put, one POST, no JavaScript, nothing erased."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from payments.models import CreditEntry
from scheduling.models import Booking, BookingChange
from tests.portal.staff.conftest import in_group, signed_in
from tests.scheduling.builders import TUESDAY_10, book, make_runner_with_credits

State = Booking.State


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def booking(practice):
    runner = make_runner_with_credits(practice=practice)
    return book(practice, runner, TUESDAY_10, therapist=practice.imre)


def address(name, booking) -> str:
    return reverse(f"staff:{name}", args=[booking.public_id])


def state_of(booking) -> str:
    booking.refresh_from_db()
    return booking.state


def offer_after(client, name, booking):
    return client.post(address(name, booking), follow=True).context["offer"]


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("arrival", "Ana Ortiz has arrived."),
        ("completion", "Ana Ortiz is done."),
        ("no_show", "Ana Ortiz is marked as no-show."),
    ],
)
def test_each_mark_is_undone_by_the_button_beside_what_was_said(desk, booking, clock, act, words):
    clock.move_to(TUESDAY_10 + timedelta(minutes=20))
    offer = offer_after(desk, act, booking)
    assert offer.message == words

    response = desk.post(offer.undo_url, offer.hidden, follow=True)

    assert state_of(booking) == State.CONFIRMED
    assert "Taken back: Ana Ortiz is booked again." in response.content.decode()
    used = CreditEntry.objects.filter(booking_id=booking.public_id, kind="use").count()
    assert used == (0 if act == "arrival" else 1)  # the ledger keeps what was, and its reversal
    assert BookingChange.objects.filter(booking=booking, kind="taken_back").count() == 1


def test_the_offer_is_a_form_a_keyboard_reaches_and_a_status(desk, booking):
    page = desk.post(address("arrival", booking), follow=True).content.decode()
    said = page[page.index('role="status"') :]

    assert said.index("Ana Ortiz has arrived.") < said.index("Undo")
    assert f'action="{address("take_back", booking)}"' in said


def test_the_offer_is_there_after_a_reload_and_ends_with_its_time(desk, booking, clock):
    url = desk.post(address("arrival", booking)).url

    clock.shift(timedelta(seconds=30))
    assert desk.get(url).context["offer"] is not None
    clock.shift(timedelta(minutes=10))
    assert desk.get(url).context["offer"] is None


def test_the_board_refreshed_beneath_does_not_know_the_offer(desk, booking):
    url = desk.post(address("arrival", booking)).url
    part = desk.get(url, headers={"HX-Request": "true"}).content.decode()

    assert "Undo" not in part


def test_undoing_twice_changes_nothing_more(desk, booking):
    offer = offer_after(desk, "arrival", booking)

    desk.post(offer.undo_url, offer.hidden)
    desk.post(offer.undo_url, offer.hidden)

    assert state_of(booking) == State.CONFIRMED
    assert BookingChange.objects.filter(booking=booking, kind="taken_back").count() == 1


def test_a_colleague_is_not_offered_my_undo_and_must_say_why(desk, booking):
    offer = offer_after(desk, "completion", booking)
    colleague = signed_in(in_group("Front desk", name="Cy Colleague"))

    assert colleague.get(f"/staff/day/?did={booking.public_id}").context["offer"] is None
    colleague.post(offer.undo_url, offer.hidden)
    assert state_of(booking) == State.COMPLETED
    response = colleague.post(address("take_back", booking), {"reason": " "})
    assert response.status_code == 422
    colleague.post(address("take_back", booking), {"reason": "She left before it began"})
    assert state_of(booking) == State.CONFIRMED
    assert "She left before it began" in desk.get(address("booking", booking)).content.decode()


@pytest.mark.parametrize("odd", ["nonsense", "", "00000000-0000-4000-8000-000000000000"])
@pytest.mark.parametrize("key", ["did", "moved", "booked", "blocked"])
def test_an_odd_address_offers_nothing(desk, practice, key, odd):
    response = desk.get("/staff/day/", {key: odd})

    assert (response.status_code, response.context["offer"]) == (200, None)


@pytest.mark.parametrize("odd", ["9" * 30, "-1", "\N{ARABIC-INDIC DIGIT ONE}", "1; drop"])
def test_an_odd_mark_takes_nothing_back_without_a_reason(desk, booking, odd):
    offer_after(desk, "arrival", booking)
    response = desk.post(address("take_back", booking), {"mark": odd})

    assert response.status_code == 422
    assert state_of(booking) == State.CHECKED_IN


def test_nothing_to_take_back_is_said(desk, booking):
    assert (
        "There is nothing to take back." in desk.get(address("take_back", booking)).content.decode()
    )
