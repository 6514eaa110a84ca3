"""Blocking time from the board: three taps, no script; sessions in the way are asked about."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from scheduling.models import Booking, TimeOff
from tests.scheduling.builders import (
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    make_runner_with_credits,
)

BLOCKS = "/staff/blocks/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_9 + timedelta(minutes=52), tick=False) as traveller:
        yield traveller


def typed(**other):
    return {
        "location": "harbour",
        "therapist": "imre",
        "day": "2026-12-01",
        "starts": "10:00",
        "ends": "11:00",
        "reason": "Team talk",
    } | other


def test_a_gap_fills_the_form_in_so_that_one_press_blocks_it(desk, practice):
    page = desk.get(BLOCKS, {"location": "harbour", "at": "2026-12-01T11:00Z", "therapist": "lena"})
    initial = page.context["form"].initial

    assert (initial["therapist"], str(initial["day"])) == ("lena", "2026-12-01")
    assert (str(initial["starts"]), str(initial["ends"])) == ("11:00:00", "11:30:00")


def test_the_button_starts_now_to_the_quarter_and_on_another_day_at_nine(desk, practice):
    today = desk.get(BLOCKS, {"location": "harbour"}).context["form"].initial
    friday = desk.get(BLOCKS, {"day": "2026-12-04"}).context["form"].initial

    assert str(today["starts"]) == "09:45:00"
    assert (str(friday["day"]), str(friday["starts"])) == ("2026-12-04", "09:00:00")


def test_blocked_time_is_on_the_board_with_its_reason_and_an_undo(desk, practice):
    response = desk.post(BLOCKS, typed(), follow=True)

    block = TimeOff.objects.get()
    assert (block.kind, block.reason, block.created_by.name) == (
        "blocked",
        "Team talk",
        "Dee Desk",
    )
    assert (block.starts_at, block.ends_at) == (TUESDAY_10, TUESDAY_11)
    [entry] = response.context["board"]["columns"][0]["entries"]
    assert (entry["title"], entry["row"], entry["span"]) == ("Team talk", 5, 4)
    desk.post(response.context["offer"].undo_url)
    assert not TimeOff.objects.exists()


def test_a_session_in_the_way_is_listed_and_asked_about_and_stays(desk, practice):
    runner = make_runner_with_credits(practice=practice)
    booking = book(practice, runner, TUESDAY_10, therapist=practice.imre)

    response = desk.post(BLOCKS, typed())
    page = response.content.decode()
    assert response.status_code == 409
    assert "10:00 <bdi>Ana Ortiz</bdi>" in page
    assert 'value="Team talk"' in page
    assert not TimeOff.objects.exists()

    desk.post(BLOCKS, typed(anyway="1"))
    assert TimeOff.objects.count() == 1
    booking.refresh_from_db()
    assert booking.state == Booking.State.CONFIRMED


def test_a_block_to_midnight_ends_with_the_day(desk, practice):
    desk.post(BLOCKS, typed(starts="18:00", ends="00:00"))

    assert TimeOff.objects.get().ends_at == datetime(2026, 12, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"ends": "10:00"}, "It ends before it begins."),
        ({"ends": "09:00"}, "It ends before it begins."),
        ({"starts": "ten"}, "Enter a time, like 14:15."),
        ({"day": "2026-13-01"}, "Choose a day."),
        ({"day": "2999-01-01"}, "That day is too far away."),
        ({"therapist": "nobody"}, "Choose a therapist."),
        ({"therapist": ""}, "Choose a therapist."),
    ],
)
def test_what_cannot_be_blocked_is_said_and_nothing_typed_is_lost(desk, practice, wrong, words):
    response = desk.post(BLOCKS, typed(**wrong))
    page = response.content.decode()

    assert response.status_code == 422
    assert words in page
    assert 'value="Team talk"' in page
    assert not TimeOff.objects.exists()


def test_time_off_from_the_back_office_is_not_taken_off_here(desk, practice):
    away = TimeOff.objects.create(therapist=practice.imre, starts_at=TUESDAY_10, ends_at=TUESDAY_11)

    assert desk.post(reverse("staff:block", args=[away.pk])).status_code == 404
    assert TimeOff.objects.count() == 1


def test_removing_a_block_twice_is_not_found_the_second_time(desk, practice):
    desk.post(BLOCKS, typed())
    address = reverse("staff:block", args=[TimeOff.objects.get().pk])

    assert desk.get(address).status_code == 200
    assert "is free again" in desk.post(address, follow=True).content.decode()
    assert desk.post(address).status_code == 404
