"""The week in numbers: hours, sessions, hands-on minutes, gaps and no-shows, linked to the days."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse

from scheduling.models import Closure, TimeOff
from scheduling.week import week_board
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    book,
    hold,
    make_practice,
    make_runner_with_credits,
    make_shift,
)

WEEK = "/staff/week/?day=2026-12-03&location=harbour"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(TUESDAY_10, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ana(practice):
    return make_runner_with_credits(practice=practice)


def tuesday_of(practice, name="Imre Kovacs"):
    found = week_board(location=practice.location, day=TUESDAY)
    row = next(row for row in found.rows if row.therapist_name == name)
    return row.days[1]


def texts(cell) -> list[str]:
    parts = [part.text for part in cell.parts] or [cell.text]
    return [text.replace("\N{NO-BREAK SPACE}", " ") for text in parts]


def test_a_day_counts_hours_sessions_hands_on_minutes_and_what_is_free(practice, ana):
    book(practice, ana, TUESDAY_11, therapist=practice.imre)

    day = tuesday_of(practice)
    assert (day.working_minutes, day.sessions, day.hands_on_minutes) == (480, 1, 60)
    # Nine to eleven, and from ten past twelve to five.
    assert (day.gaps, day.free_minutes) == (2, 120 + 290)


def test_a_no_show_is_no_session_and_its_time_is_not_free(desk, practice, ana, clock):
    booking = book(practice, ana, TUESDAY_10, therapist=practice.imre)
    clock.shift(timedelta(minutes=20))
    desk.post(reverse("staff:no_show", args=[booking.public_id]))

    day = tuesday_of(practice)
    assert (day.sessions, day.missed, day.hands_on_minutes) == (0, 1, 0)
    assert day.free_minutes == 60 + 350


def test_holds_and_what_was_cancelled_count_as_nothing(desk, practice, ana):
    hold(practice, TUESDAY_9 + 5 * ONE_HOUR, therapist=practice.imre)
    booking = book(practice, ana, TUESDAY_11, therapist=practice.imre)
    desk.post(reverse("staff:cancellation", args=[booking.public_id]), {"reason": "A cold"})

    day = tuesday_of(practice)
    assert (day.sessions, day.gaps, day.free_minutes) == (0, 1, 480)


def test_closures_and_time_off_are_no_hours(practice):
    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    TimeOff.objects.create(
        therapist=practice.imre,
        starts_at=TUESDAY_9 + timedelta(days=1),
        ends_at=TUESDAY_11 + timedelta(days=1),
    )

    found = week_board(location=practice.location, day=TUESDAY)
    assert [day.working_minutes for day in found.rows[0].days] == [480, 0, 360, 480, 480, 0, 0]
    assert found.rows[0].days[1].is_closed


def test_a_night_shift_belongs_to_both_its_days_and_a_clock_change_to_its_hours(practice):
    make_shift(practice.imre, practice.location, 6, "22:00", "00:00")
    make_shift(practice.imre, practice.location, 7, "00:00", "06:00")

    found = week_board(location=practice.location, day=date(2026, 10, 25))
    assert [day.working_minutes for day in found.rows[0].days[5:]] == [120, 7 * 60]


def test_the_page_links_each_day_to_its_board(desk, practice, ana):
    book(practice, ana, TUESDAY_11, therapist=practice.imre)

    table = desk.get(WEEK).context["table"]
    assert table.columns[2].label.replace("\N{NO-BREAK SPACE}", " ") == "Tue 1 Dec, today"
    tuesday = table.rows[0][2]
    assert texts(tuesday) == ["1 session", "8 h in", "60 min hands on", "2 gaps, 6 h 50 min"]
    assert tuesday.parts[0].url == "/staff/day/?day=2026-12-01&location=harbour&therapist=imre"
    assert texts(table.rows[0][8])[0] == "1 session"


@pytest.mark.parametrize("odd", ["nonsense", "2026-13-45", "0001-01-01", "9999-12-31", ""])
def test_an_odd_day_is_this_week(desk, practice, odd):
    assert desk.get("/staff/week/", {"day": odd}).context["monday"] == date(2026, 11, 30)


def test_a_week_nobody_works_says_so(desk, practice):
    practice.imre.working_hours.all().delete()
    practice.lena.working_hours.all().delete()

    assert "Nobody works here that week" in desk.get(WEEK).content.decode()


def test_the_week_costs_as_many_queries_however_much_is_booked(
    desk, practice, django_assert_max_num_queries
):
    with django_assert_max_num_queries(21) as empty:
        desk.get(WEEK)
    for number in range(6):
        person = make_runner_with_credits(practice=practice)
        book(practice, person, TUESDAY_9 + timedelta(days=number % 3, hours=number))
    with django_assert_max_num_queries(len(empty)):
        desk.get(WEEK)


def test_a_practice_without_therapists_has_an_empty_week(desk, db):
    make_practice(therapists=0)

    assert desk.get("/staff/week/").context["table"].rows == []
