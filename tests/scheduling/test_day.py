"""The day as staff see it."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext

from scheduling.cancelling import cancel_booking
from scheduling.day import check_in, complete
from scheduling.day_board import day_board
from scheduling.models import Closure, TimeOff
from tests.builders import make_runner
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

NOON = TUESDAY_9 + 3 * ONE_HOUR
TEN_MINUTES = timedelta(minutes=10)


def board(practice, at=NOON, day=TUESDAY):
    return day_board(location=practice.location, day=day, at=at)


def column(shown, name):
    return next(one for one in shown.columns if one.therapist_code == name)


def test_a_column_a_therapist_with_hours_sessions_and_the_gaps_between(practice, runner):
    book(practice, runner, TUESDAY_9, therapist=practice.imre)
    book(practice, runner, TUESDAY_11, therapist=practice.imre)

    imre = column(board(practice), "imre")

    assert [(one.starts_at, one.ends_at) for one in imre.hours] == [
        (TUESDAY_9, TUESDAY_9 + 8 * ONE_HOUR)
    ]
    assert [(one.runner_name, one.state_word) for one in imre.bookings] == [
        ("Ana Ortiz", "booked"),
        ("Ana Ortiz", "booked"),
    ]
    assert [(one.starts_at, one.minutes) for one in imre.gaps] == [
        (TUESDAY_10 + TEN_MINUTES, 50),
        (TUESDAY_11 + ONE_HOUR + TEN_MINUTES, 290),
    ]
    assert column(board(practice), "lena").bookings == ()


def test_what_can_be_done_follows_the_clock_and_the_state(practice, runner):
    booked = book(practice, runner, TUESDAY_11, therapist=practice.imre)

    def buttons(at):
        [one] = board(practice, at).bookings
        return one.may_check_in, one.may_complete, one.may_miss

    assert buttons(TUESDAY_9) == (False, False, False)
    assert buttons(TUESDAY_10) == (True, False, False)
    assert buttons(TUESDAY_11 + timedelta(minutes=15)) == (True, True, True)
    check_in(booking=booked, by=None, at=TUESDAY_11)
    assert buttons(TUESDAY_11 + timedelta(minutes=15)) == (False, True, False)
    complete(booking=booked, by=None, at=NOON)
    assert buttons(NOON) == (False, False, False)


def test_what_is_cancelled_or_held_by_nobody_known_is_not_on_the_board(practice, runner):
    cancelled = book(practice, runner, TUESDAY_9)
    cancel_booking(booking=cancelled, by=runner, at=TWO_DAYS_BEFORE)
    hold(practice, TUESDAY_11, at=NOON - 6 * ONE_HOUR, hold_key="x")

    assert board(practice).bookings == []


def test_paid_by_credit_or_due_to_pay(practice, runner):
    book(practice, runner, TUESDAY_9)
    hold(practice, TUESDAY_11, at=NOON - 6 * ONE_HOUR, runner=make_runner(name="Ben Low"))

    paid = {one.runner_name: one.paid_by for one in board(practice).bookings}

    assert paid == {"Ana Ortiz": "credit", "Ben Low": "due"}


def test_time_off_makes_no_gap_and_a_closure_no_hours(practice):
    TimeOff.objects.create(
        therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_9 + 8 * ONE_HOUR
    )
    imre = column(board(practice), "imre")
    assert (imre.gaps, len(imre.off)) == ((), 1)

    Closure.objects.create(location=practice.location, starts_on=TUESDAY, ends_on=TUESDAY)
    closed = board(practice)
    assert closed.closed
    assert closed.columns == ()


def test_the_day_ends_at_midnight_there(practice, runner):
    book(practice, runner, TUESDAY_9)

    assert len(board(practice).bookings) == 1
    assert board(practice, day=TUESDAY + timedelta(days=1)).bookings == []


def test_the_board_costs_the_same_however_full_the_day_is(practice):
    def count():
        with CaptureQueriesContext(connection) as queries:
            board(practice)
        return len(queries)

    book(practice, make_runner_with_credits(practice=practice), TUESDAY_9)
    before = count()
    for hour in range(2, 8, 2):
        for therapist in practice.therapists:
            runner = make_runner_with_credits(practice=practice)
            book(practice, runner, TUESDAY_9 + hour * ONE_HOUR, therapist=therapist)

    assert count() == before <= 9
