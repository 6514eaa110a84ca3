"""The day board as the desk uses it, on Tuesday 1 December 2026 in London."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from payments.models import CreditEntry, JournalLine
from scheduling.models import Booking, BookingChange, TimeOff
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_location,
    make_runner_with_credits,
)

State = Booking.State
TUESDAY_BOARD = "/staff/day/?day=2026-12-01&location=harbour"


@pytest.fixture(autouse=True)
def clock():
    """It is ten o'clock."""
    with time_machine.travel(TUESDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def runner(practice):
    person = make_runner_with_credits(practice=practice)
    person.name = "Ana Ortiz"
    person.save()
    return person


@pytest.fixture
def booking(practice, runner):
    """Ana at ten, with Imre, paid by credit."""
    return book(practice, runner, TUESDAY_10, therapist=practice.imre)


def state_of(booking) -> str:
    booking.refresh_from_db()
    return booking.state


def post(client, name, booking, **data):
    return client.post(reverse(f"staff:{name}", args=[booking.public_id]), data, follow=True)


def test_the_board_opens_today_at_the_first_location(desk, booking):
    response = desk.get("/staff/day/")

    assert response.context["day"] == TUESDAY
    assert response.context["location"] == booking.location
    page = response.content.decode()
    assert "Tuesday 1 December" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "10:00 <bdi>Ana Ortiz</bdi>" in page
    assert "Sports massage, 60 minutes" in page
    assert "Room 1" in page
    assert "Paid by credit" in page


def test_each_therapist_has_a_column_with_hours_and_gaps(desk, practice, booking):
    board = desk.get(TUESDAY_BOARD).context["board"]

    imre, lena = board["columns"]
    assert (imre["name"], imre["hours"]) == ("Imre Kovacs", "09:00 to 17:00")
    assert [(entry["row"], entry["span"]) for entry in imre["entries"]] == [(5, 4)]
    # Nine to ten is free, then Ana and ten minutes to turn the room round.
    assert [(gap["row"], gap["span"]) for gap in imre["gaps"]] == [(1, 4), (9, 24)]
    assert lena["entries"] == []
    assert [(gap["row"], gap["span"]) for gap in lena["gaps"]] == [(1, 32)]


def test_the_now_line_shows_on_today_only(desk, practice, clock):
    clock.move_to(TUESDAY_10 + timedelta(minutes=20))

    assert desk.get(TUESDAY_BOARD).context["board"]["now_row"] == 6
    assert desk.get("/staff/day/?day=2026-12-02").context["board"]["now_row"] is None


def test_time_off_is_on_the_board_as_blocked(desk, practice):
    TimeOff.objects.create(
        therapist=practice.imre, starts_at=TUESDAY_11, ends_at=TUESDAY_11 + ONE_HOUR
    )

    [entry] = desk.get(TUESDAY_BOARD).context["board"]["columns"][0]["entries"]
    assert (entry["state"], entry["row"], entry["span"]) == ("blocked", 9, 4)


def test_a_session_inside_time_off_stays_in_sight_and_says_so(desk, practice, booking):
    TimeOff.objects.create(
        therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_11 + ONE_HOUR
    )

    entries = desk.get(TUESDAY_BOARD).context["board"]["columns"][0]["entries"]
    assert [(entry["state"], entry["row"], entry["span"]) for entry in entries] == [
        ("blocked", 1, 4),
        ("booked", 5, 4),
        ("blocked", 9, 4),
    ]
    assert entries[1]["marker"] == "The therapist is away then"


def test_one_tap_marks_her_arrived(desk, booking):
    response = post(desk, "arrival", booking)

    assert state_of(booking) == State.CHECKED_IN
    assert "Ana Ortiz has arrived." in response.content.decode()
    change = BookingChange.objects.get(booking=booking, kind="checked_in")
    assert (change.actor.name, change.at) == ("Dee Desk", TUESDAY_10)


def test_one_tap_marks_her_done_and_earns_the_credit_once(desk, booking):
    post(desk, "completion", booking)
    post(desk, "completion", booking)

    assert state_of(booking) == State.COMPLETED
    assert CreditEntry.objects.filter(booking_id=booking.public_id, kind="use").count() == 1
    earned = JournalLine.objects.get(credit="4000")
    assert earned.amount_minor == 5200  # a fifth of 260.00


def test_no_show_asks_first_and_says_what_becomes_of_the_credit(desk, booking, clock):
    clock.move_to(TUESDAY_10 + timedelta(minutes=20))
    address = reverse("staff:no_show", args=[booking.public_id])

    assert "The credit is used" in desk.get(address).content.decode()
    assert state_of(booking) == State.CONFIRMED
    desk.post(address)
    assert state_of(booking) == State.NO_SHOW
    assert JournalLine.objects.get(credit="4010").amount_minor == 5200


def test_too_early_for_a_no_show_is_said_and_nothing_happens(desk, booking):
    response = post(desk, "no_show", booking)

    assert "That is possible from" in response.content.decode()
    assert state_of(booking) == State.CONFIRMED


def test_the_practice_cancels_with_a_reason_and_the_credit_returns(desk, booking, runner):
    response = post(desk, "cancellation", booking, reason="Imre has a cold")

    assert state_of(booking) == State.CANCELLED_CLINIC
    assert "The credit is back." in response.content.decode()
    assert CreditEntry.objects.filter(booking_id=booking.public_id, kind="release").count() == 1
    page = desk.get(reverse("staff:booking", args=[booking.public_id])).content.decode()
    assert "Imre has a cold" in page
    assert "Dee Desk" in page


def test_cancelling_without_a_reason_says_so_and_changes_nothing(desk, booking):
    response = post(desk, "cancellation", booking, reason=" ")

    assert response.status_code == 422
    assert "Error: " in response.content.decode()
    assert state_of(booking) == State.CONFIRMED


def test_the_buttons_are_those_the_moment_allows(desk, booking, clock):
    def buttons():
        page = desk.get(TUESDAY_BOARD).content.decode()
        arrivals = page[page.index("<h2") : page.index('id="board"')]
        return [name for name in ("arrival", "completion", "no-show") if f"/{name}/" in arrivals]

    clock.move_to(TUESDAY_10 - timedelta(minutes=90))
    assert buttons() == []
    clock.move_to(TUESDAY_10 - timedelta(minutes=30))
    assert buttons() == ["arrival"]
    clock.move_to(TUESDAY_10 + timedelta(minutes=20))
    assert buttons() == ["arrival", "completion", "no-show"]
    post(desk, "arrival", booking)
    assert buttons() == ["completion"]


def test_she_leaves_the_list_of_arrivals_when_done_and_stays_on_the_board(desk, booking):
    post(desk, "completion", booking)

    response = desk.get(TUESDAY_BOARD)
    assert response.context["next"] == response.context["here"] == []
    [entry] = response.context["board"]["columns"][0]["entries"]
    assert (entry["state"], entry["state_label"]) == ("done", "done")


def test_days_before_and_after_and_other_places_are_links(desk, practice):
    make_location("bath")
    page = desk.get(TUESDAY_BOARD).content.decode()

    for address in ("day=2026-11-30&amp;location=harbour", "day=2026-12-02&amp;location=harbour"):
        assert address in page
    assert "day=2026-12-01&amp;location=bath" in page


@pytest.mark.parametrize("odd", ["nonsense", "2026-13-45", "0001-01-01", "9999-12-31", ""])
def test_an_odd_day_is_today(desk, practice, odd):
    assert desk.get("/staff/day/", {"day": odd}).context["day"] == TUESDAY


def test_a_day_nobody_works_says_so(desk, practice):
    page = desk.get("/staff/day/?day=2026-12-05").content.decode()

    assert "Nobody works here on this day" in page


def test_a_practice_without_a_place_says_so(desk):
    assert "No location is open" in desk.get("/staff/day/").content.decode()


def test_the_refresh_is_the_live_part_alone(desk, booking):
    part = desk.get(TUESDAY_BOARD, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div id="live"')
    assert "<html" not in part
    assert "10:00 <bdi>Ana Ortiz</bdi>" in part


def test_a_full_day_costs_as_many_queries_as_an_empty_one(
    desk, practice, django_assert_max_num_queries
):
    with django_assert_max_num_queries(22) as empty:
        desk.get(TUESDAY_BOARD)
    for number in range(6):
        person = make_runner_with_credits(practice=practice)
        book(practice, person, TUESDAY_9 + timedelta(minutes=75 * number))
    with django_assert_max_num_queries(len(empty)):
        response = desk.get(TUESDAY_BOARD)

    assert len(response.context["shown"].bookings) == 6
    assert [len(response.context[name]) for name in ("next", "after")] == [4, 2]


def test_a_held_time_nobody_has_taken_yet_has_a_page(desk, practice):
    held = hold(practice)
    page = desk.get(reverse("staff:booking", args=[held.public_id])).content.decode()

    assert "Nobody yet" in page


def test_the_start_page_counts_today(desk, booking):
    page = desk.get("/staff/").content.decode()

    assert "1 to come" in page
    post(desk, "arrival", booking)
    assert "1 here" in desk.get("/staff/").content.decode()


@pytest.mark.parametrize(
    ("whose", "state", "returned"),
    [
        ("practice", State.CANCELLED_CLINIC, 1),
        ("runner", State.CANCELLED_LATE, 0),
        ("waive", State.CANCELLED_LATE, 1),
    ],
)
def test_who_cancels_decides_about_the_credit(desk, practice, runner, whose, state, returned):
    """Late by her terms: this is the morning of the session."""
    booking = book(practice, runner, TUESDAY_11, therapist=practice.imre)

    post(desk, "cancellation", booking, reason="She called", whose=whose)

    assert state_of(booking) == state
    assert CreditEntry.objects.filter(booking_id=booking.public_id, kind="release").count() == (
        returned
    )


def test_a_no_show_is_waived_later_with_a_reason(desk, booking, clock):
    clock.move_to(TUESDAY_10 + timedelta(minutes=20))
    post(desk, "no_show", booking)
    page = desk.get(reverse("staff:booking", args=[booking.public_id])).content.decode()
    assert "Waive what it cost" in page

    post(desk, "cancellation", booking, reason="Her train stood", whose="waive")

    assert state_of(booking) == State.NO_SHOW
    page = desk.get(reverse("staff:booking", args=[booking.public_id])).content.decode()
    assert "Her train stood" in page


def test_who_cancels_is_one_of_three(desk, booking):
    response = post(desk, "cancellation", booking, reason="x", whose="the cat")

    assert response.status_code == 422
    assert state_of(booking) == State.CONFIRMED
