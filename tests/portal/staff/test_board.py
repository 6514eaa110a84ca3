"""What the board draws: rows, gaps, blocks, rooms, one therapist at a time, and the undo on top."""

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.urls import reverse

from portal.staff.board import drawn
from scheduling.day_board import day_board
from scheduling.models import Booking, TimeOff
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    make_practice,
    make_runner_with_credits,
    make_shift,
)

BOARD = "/staff/day/?day=2026-12-01&location=harbour"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(practice):
    return make_runner_with_credits(practice=practice)


def columns(client, address=BOARD):
    return client.get(address).context["board"]["columns"]


def query_of(gap) -> dict[str, str]:
    return {key: value[0] for key, value in parse_qs(urlsplit(gap["url"]).query).items()}


# starts (hour, minute), minutes, row, span of a session drawn on a board that begins at 9
PLACES = [
    ((9, 0), "sports_60", 1, 4),
    ((9, 15), "sports_60", 2, 4),
    ((10, 30), "sports_30", 7, 2),
    ((16, 0), "sports_60", 29, 4),
    ((16, 30), "sports_30", 31, 2),
]


@pytest.mark.parametrize(("at", "variant", "row", "span"), PLACES)
def test_a_session_stands_in_the_rows_of_its_quarters(desk, practice, ana, at, variant, row, span):
    starts_at = datetime(2026, 12, 1, *at, tzinfo=UTC)
    session = getattr(practice, variant)
    booking = Booking.objects.create(
        runner=ana,
        variant=session,
        therapist=practice.imre,
        room=practice.rooms[0],
        location=practice.location,
        policy=ana.credit_lots.get().policy,
        state=Booking.State.CONFIRMED,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=session.duration_minutes),
        frees_at=starts_at + timedelta(minutes=session.duration_minutes),
        local_start="2026-12-01T00:00",
        zone="Europe/London",
        booked_at=TUESDAY_9,
        created_at=TUESDAY_9,
    )

    [entry] = columns(desk)[0]["entries"]
    assert (entry["row"], entry["span"]) == (row, span)
    assert entry["id"] == f"b-{booking.public_id}"


def test_a_gap_starts_a_walk_in_then_with_her(desk, practice, ana):
    book(practice, ana, TUESDAY_11, therapist=practice.imre)

    before, after = columns(desk)[0]["gaps"]
    # Half past the hour has gone: the gap that runs now books now.
    assert query_of(before) == {
        "location": "harbour",
        "at": "2026-12-01T10:00Z",
        "therapist": "imre",
    }
    assert query_of(after)["at"] == "2026-12-01T12:10Z"


def test_a_block_is_a_link_that_takes_it_off_and_time_off_is_not(desk, practice):
    block = TimeOff.objects.create(
        kind="blocked",
        reason="Team talk",
        therapist=practice.imre,
        starts_at=TUESDAY_11,
        ends_at=TUESDAY_11 + ONE_HOUR,
    )
    TimeOff.objects.create(
        therapist=practice.lena, starts_at=TUESDAY_11, ends_at=TUESDAY_11 + ONE_HOUR
    )

    imre, lena = columns(desk)
    [blocked], [away] = imre["entries"], lena["entries"]
    assert (blocked["title"], blocked["state_label"]) == ("Team talk", "blocked")
    assert blocked["url"] == reverse("staff:block", args=[block.pk])
    assert (away["title"], away["state_label"], away["url"]) == ("Away", "away", "")


def test_two_blocks_over_one_another_are_drawn_beside_one_another(desk, practice):
    for minutes in (0, 30):
        TimeOff.objects.create(
            kind="blocked",
            therapist=practice.imre,
            starts_at=TUESDAY_11 + timedelta(minutes=minutes),
            ends_at=TUESDAY_11 + ONE_HOUR + timedelta(minutes=minutes),
        )

    rows = [(entry["row"], entry["span"]) for entry in columns(desk)[0]["entries"]]
    assert rows == [(9, 4), (13, 2)]


def test_a_rule_set_aside_is_seen_on_the_session(desk, practice, ana):
    booking = book(practice, ana, TUESDAY_11, therapist=practice.imre)
    Booking.objects.filter(pk=booking.pk).update(overrides=["turnaround", "cap_day"])

    assert "Override: turnaround, day&#x27;s limit" in desk.get(BOARD).content.decode()


def test_by_room_each_room_has_a_column_and_says_who_is_in_it(desk, practice, ana):
    book(practice, ana, TUESDAY_11, therapist=practice.imre)

    one, two = columns(desk, f"{BOARD}&by=room")
    assert (one["name"], one["hours"]) == ("Room 1", "1 session")
    assert one["entries"][0]["detail"] == "Sports massage, 60 minutes, Imre Kovacs"
    assert [(gap["row"], gap["span"]) for gap in one["gaps"]] == [(1, 8), (13, 20)]
    assert (two["name"], two["entries"]) == ("Room 2", [])
    # A room gives no session by itself: nothing is dragged there.
    assert one["entries"][0]["move_url"] == ""


def test_one_therapist_at_a_time_is_her_whole_page(desk, practice, ana):
    book(practice, ana, TUESDAY_11, therapist=practice.imre)
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_11, therapist=practice.lena)

    response = desk.get(f"{BOARD}&therapist=lena")
    assert [column["name"] for column in response.context["board"]["columns"]] == ["Lena Schmidt"]
    assert [one.therapist for one in response.context["next"]] == ["Lena Schmidt"]
    assert "therapist=lena" in response.context["live_url"]


@pytest.mark.parametrize("odd", ["nobody", "'; --", "x" * 300])
def test_a_therapist_nobody_knows_is_everyone(desk, practice, odd):
    assert len(columns(desk, f"{BOARD}&therapist={odd}")) == 2


def test_the_board_begins_at_a_whole_hour_of_the_places_clocks(db):
    practice = make_practice(zone="Australia/Lord_Howe")
    board = drawn(day_board(location=practice.location, day=date(2026, 12, 1), at=TUESDAY_10))

    assert [hour["label"] for hour in board["hours"]][:2] == ["09:00", "10:00"]


def test_a_shift_on_the_night_of_the_clock_change_has_a_row_for_every_quarter(practice):
    for person in practice.therapists:
        make_shift(person, practice.location, 7, "00:00", "06:00")
    board = drawn(day_board(location=practice.location, day=date(2026, 10, 25), at=TUESDAY_10))

    assert board["quarters"] == 28  # seven hours by the stopwatch
    assert [hour["label"] for hour in board["hours"]][:4] == ["00:00", "01:00", "01:00", "02:00"]


def test_a_name_of_sixty_letters_is_on_the_board_whole(desk, practice, ana):
    ana.name = "Maximiliana Theodora von und zu Wolfeschlegelsteinhausenberg"
    ana.save()
    book(practice, ana, TUESDAY_11, therapist=practice.imre)

    assert ana.name in desk.get(BOARD).content.decode()


def test_only_a_booked_session_can_be_dragged(desk, practice, ana):
    booking = book(practice, ana, TUESDAY_10, therapist=practice.imre)

    assert columns(desk)[0]["entries"][0]["move_url"] == reverse(
        "staff:move", args=[booking.public_id]
    )
    desk.post(reverse("staff:arrival", args=[booking.public_id]))
    assert columns(desk)[0]["entries"][0]["move_url"] == ""
