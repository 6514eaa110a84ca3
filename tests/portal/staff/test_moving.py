"""Moving a session by hand: Move, a time, confirm; against a rule with a reason, never physics."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Message
from scheduling.models import Booking, BookingChange
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    make_runner_with_credits,
)

State = Booking.State
NOON = TUESDAY_11 + ONE_HOUR
EVENING = TUESDAY_9 + 9 * ONE_HOUR  # the place closes at five


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TWO_DAYS_BEFORE, tick=False) as traveller:
        yield traveller


@pytest.fixture
def booking(practice):
    runner = make_runner_with_credits(practice=practice)
    return book(practice, runner, TUESDAY_10, therapist=practice.imre)


def address(booking) -> str:
    return reverse("staff:move", args=[booking.public_id])


def question(client, booking, to=NOON, therapist="imre"):
    return client.get(address(booking), {"to": to.isoformat(), "with": therapist})


def move(client, booking, to=NOON, therapist="imre", **typed):
    typed = {"to": to.isoformat(), "with": therapist, "tell": "yes"} | typed
    return client.post(address(booking), typed)


def where(booking):
    booking.refresh_from_db()
    return booking.starts_at, booking.therapist.code


def letters(kind="booking_moved") -> int:
    return Message.objects.filter(kind=kind).count()


def test_three_taps_move_it_and_she_is_told(desk, booking):
    page = desk.get(address(booking)).content.decode()
    link = f"{address(booking)}?to=2026-12-01T12%3A00Z&amp;with=imre"
    assert link in page

    asked = desk.get(link.replace("&amp;", "&"))
    assert '<input type="radio" name="tell" value="yes" checked>' in asked.content.decode()
    move(desk, booking)

    assert where(booking) == (NOON, "imre")
    assert letters() == 1
    change = BookingChange.objects.get(booking=booking, kind="moved")
    assert change.actor.name == "Dee Desk"


def test_no_mail_when_she_has_been_told(desk, booking):
    move(desk, booking, tell="no")

    assert where(booking) == (NOON, "imre")
    assert letters() == 0


def test_the_times_are_the_therapists_own_or_anyones(desk, practice, booking):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, NOON, therapist=practice.imre)

    own = desk.get(address(booking), {"day": "2026-12-01"}).context["choice"].slots
    anyones = desk.get(address(booking), {"therapist": "any"}).context["choice"].slots
    assert NOON not in [slot.starts_at for slot in own]
    [noon] = [slot for slot in anyones if slot.starts_at == NOON]
    assert noon.therapist_name == "Lena Schmidt"
    assert TUESDAY_10 not in [slot.starts_at for slot in own]  # where it is already


def test_to_another_therapist(desk, booking):
    assert (
        "Another therapist than before"
        in question(desk, booking, TUESDAY_10, "lena").content.decode()
    )
    move(desk, booking, TUESDAY_10, "lena")

    assert where(booking) == (TUESDAY_10, "lena")


def test_against_a_rule_it_asks_why_and_keeps_the_reason(desk, booking):
    page = question(desk, booking, EVENING)
    assert page.context["judged"].can_be_overridden
    assert "Outside their hours (E2)" in page.content.decode()

    refused = move(desk, booking, EVENING, override="outside_hours")
    assert refused.status_code == 422
    assert where(booking) == (TUESDAY_10, "imre")
    move(desk, booking, EVENING, override="outside_hours", reason="He stays late for her")

    assert where(booking) == (EVENING, "imre")
    assert booking.overrides == ["outside_hours"]
    page = desk.get(reverse("staff:booking", args=[booking.public_id])).content.decode()
    assert "outside their hours (E2)" in page
    assert "He stays late for her" in page


def test_without_asking_for_it_no_rule_is_set_aside_and_nothing_typed_is_lost(desk, booking):
    response = move(desk, booking, EVENING, tell="no", reason="She asked")

    assert response.status_code == 409
    page = response.content.decode()
    assert "It is not moved" in page
    assert 'value="She asked"' in page
    assert '<input type="radio" name="tell" value="no" checked>' in page
    assert where(booking) == (TUESDAY_10, "imre")


def test_two_sessions_at_once_are_never_possible(desk, practice, booking):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, NOON, therapist=practice.imre)

    page = question(desk, booking)
    assert not page.context["judged"].can_be_overridden
    assert "It cannot go there" in page.content.decode()
    assert move(desk, booking, override="overlap,room", reason="Squeeze").status_code == 409
    assert where(booking) == (TUESDAY_10, "imre")


def test_the_drag_is_told_before_the_drop(desk, practice, booking):
    other = make_runner_with_credits(practice=practice)
    book(practice, other, NOON, therapist=practice.imre)

    def verdict(to, therapist="imre"):
        url = reverse("staff:verdict", args=[booking.public_id])
        return desk.get(url, {"to": to.isoformat(), "with": therapist}).json()

    assert verdict(NOON + 2 * ONE_HOUR) == {"free": True, "possible": True, "words": "Free."}
    assert verdict(NOON)["possible"] is False
    assert verdict(NOON)["words"] == "Another session then (E1)."
    assert verdict(NOON, "lena")["free"] is True
    assert verdict(EVENING) == {
        "free": False,
        "possible": True,
        "words": "Outside their hours (E2).",
    }


@pytest.mark.parametrize("odd", ["", "nonsense", "9999-12-31T23:59", "0001-01-01T00:00Z"])
def test_an_odd_moment_moves_nothing(desk, booking, odd):
    url = reverse("staff:verdict", args=[booking.public_id])

    assert desk.get(url, {"to": odd}).status_code == 422
    assert desk.post(address(booking), {"to": odd}).status_code == 302
    assert "choice" in desk.get(address(booking), {"to": odd}).context
    assert where(booking) == (TUESDAY_10, "imre")


def test_what_is_over_is_said_to_be(desk, booking, clock):
    clock.move_to(TUESDAY_10)
    desk.post(reverse("staff:arrival", args=[booking.public_id]))

    assert (
        "Only a session that is booked can be moved" in desk.get(address(booking)).content.decode()
    )


def test_a_move_is_undone_by_one_press_and_she_hears_of_both(desk, booking):
    offer = desk.get(move(desk, booking).url).context["offer"]
    assert offer.message.startswith("Ana Ortiz is moved to Tue")

    page = desk.post(offer.undo_url, offer.hidden, follow=True).content.decode()
    assert "is back where the session was" in page
    assert where(booking) == (TUESDAY_10, "imre")
    assert letters() == 2


def test_the_form_finds_a_time_that_is_not_on_the_grid(desk, booking):
    response = desk.get(address(booking), {"day": "2026-12-01", "clock": "14:05", "with": "lena"})

    assert response.context["starts_at"] == TUESDAY_9 + timedelta(hours=5, minutes=5)
    assert response.context["judged"].therapist_code == "lena"


def test_choosing_a_time_costs_as_many_queries_however_full_the_days_are(
    desk, practice, booking, django_assert_max_num_queries
):
    with django_assert_max_num_queries(35) as few:
        desk.get(address(booking))
    for number in range(4):
        other = make_runner_with_credits(practice=practice)
        book(practice, other, NOON + number * ONE_HOUR, at=A_WEEK_BEFORE)
    with django_assert_max_num_queries(len(few)):
        desk.get(address(booking))
