"""Coming again (E15, B11): the plan, what is booked of it, and giving the rest up."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.crediting import wallet
from payments.invariants import breaches
from payments.models import CreditEntry
from scheduling.cancelling import cancel_booking
from scheduling.errors import CannotRepeat, StaleQuote
from scheduling.models import Booking, Closure
from scheduling.repeating.booking import Choice, book_series
from scheduling.repeating.cancelling import cancel_rest, quote_rest
from scheduling.repeating.planning import plan
from tests.builders import make_runner
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    book,
    hold,
    make_credits,
    make_runner_with_credits,
)

WEEK = timedelta(weeks=1)


def planned(anchor, *, further=3, every_weeks=1, at=A_WEEK_BEFORE):
    return plan(
        anchor=anchor, every_weeks=every_weeks, further=further, runner=anchor.runner, at=at
    )


def book_all(anchor, found, *, key=None, at=A_WEEK_BEFORE):
    choices = [Choice(one.on, one.starts_at) for one in found.occurrences]
    return book_series(
        key=key or uuid.uuid4(),
        anchor=anchor,
        every_weeks=found.every_weeks,
        further=len(found.occurrences),
        choices=choices,
        runner=anchor.runner,
        by=anchor.runner,
        at=at,
    )


def booked(series):
    return list(series.bookings.booked().order_by("starts_at"))


def tokens(rest):
    return {one.booking.public_id: one.token for one in rest.quotes}


def credits_of(runner, on=TUESDAY):
    return wallet(runner, on=on).available


def test_e15_the_clock_of_the_place_decides_when_clocks_change(practice):
    at = datetime(2026, 10, 13, 9, tzinfo=UTC)
    runner = make_runner_with_credits(practice=practice, at=at)
    anchor = book(practice, runner, datetime(2026, 10, 20, 9, tzinfo=UTC), at=at)

    found = planned(anchor, further=2, at=at)

    assert [f"{one.starts_at:%d %b %H:%M}" for one in found.occurrences] == [
        "27 Oct 10:00",  # 10:00 in London all the while; summer time ended on the 25th
        "03 Nov 10:00",
    ]


def test_e15_every_second_week(practice, runner):
    anchor = book(practice, runner)

    found = planned(anchor, every_weeks=2, further=3)

    assert [one.on for one in found.occurrences] == [
        TUESDAY + number * 2 * WEEK for number in (1, 2, 3)
    ]
    assert found.free == 3


def test_e15_a_conflict_says_why_and_names_close_times_of_the_same_day_first(practice, runner):
    anchor = book(practice, runner, therapist=practice.imre)
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_9 + WEEK, therapist=practice.imre)

    first, second, _ = planned(anchor).occurrences

    assert first.why
    assert not first.is_free
    assert [one.starts_at.date() for one in first.near] == [TUESDAY + WEEK] * 3
    assert first.near[0].therapist_id == practice.imre.pk
    assert second.is_free
    assert second.near == ()


def test_e15_a_holiday_in_the_series_is_named(practice, runner):
    anchor = book(practice, runner)
    day = TUESDAY + WEEK
    Closure.objects.create(location=practice.location, starts_on=day, ends_on=day)

    first = planned(anchor).occurrences[0]

    assert "closed" in first.why
    assert first.near
    assert all(one.starts_at.date() != day for one in first.near)


def test_b11_a_lot_that_ends_in_the_middle_pays_only_as_far_as_it_reaches(practice):
    runner = make_runner()
    # Bought a week before the first session: good for it and for the one a week later.
    make_credits(runner, 5, practice=practice, validity_days=14)
    anchor = book(practice, runner)

    found = planned(anchor, further=3)

    assert [bool(one.lot_name) for one in found.occurrences] == [True, False, False]
    assert found.paid == 1


def test_b11_each_session_has_its_own_credit_and_its_own_life(practice, runner):
    anchor = book(practice, runner)

    series = book_all(anchor, planned(anchor))

    sessions = booked(series)
    assert [one.starts_at for one in sessions] == [TUESDAY_9 + n * WEEK for n in range(4)]
    assert credits_of(runner) == 1
    reserved = CreditEntry.objects.filter(kind=CreditEntry.Kind.RESERVE)
    assert set(reserved.values_list("booking_id", flat=True)) == {one.public_id for one in sessions}
    assert series.left_out == []
    assert breaches() == []


def test_e15_what_is_gone_meanwhile_is_left_out_and_takes_nothing_with_it(practice, runner):
    anchor = book(practice, runner, therapist=practice.imre)
    found = planned(anchor)
    other = make_runner_with_credits(practice=practice)
    book(practice, other, TUESDAY_9 + 2 * WEEK, therapist=practice.imre)

    series = book_all(anchor, found)

    assert [one.starts_at for one in booked(series)] == [
        TUESDAY_9,
        TUESDAY_9 + WEEK,
        TUESDAY_9 + 3 * WEEK,
    ]
    [left] = series.left_out
    assert left["on"] == (TUESDAY + 2 * WEEK).isoformat()
    assert left["why"]
    assert credits_of(runner) == 2


def test_b11_without_a_credit_nothing_is_booked_and_nothing_stays_held(practice):
    runner = make_runner_with_credits(2, practice=practice)
    anchor = book(practice, runner)

    series = book_all(anchor, planned(anchor))

    assert len(booked(series)) == 2
    assert len(series.left_out) == 2
    assert not Booking.objects.filter(state=Booking.State.HELD).exists()


def test_b11_a_time_she_holds_elsewhere_is_taken_over_only_when_it_is_paid(practice):
    runner = make_runner_with_credits(1, practice=practice)
    anchor = book(practice, runner, therapist=practice.imre)
    found = planned(anchor, further=1)
    held = hold(practice, TUESDAY_9 + WEEK, runner=runner, therapist=practice.imre)

    series = book_all(anchor, found)  # no credit is left

    held.refresh_from_db()
    assert held.state == Booking.State.HELD
    assert len(series.left_out) == 1

    make_credits(runner, 1, practice=practice)
    series = book_all(anchor, found, key=series.public_id)

    assert [one.pk for one in booked(series)] == [anchor.pk, held.pk]


def test_the_same_page_sent_twice_books_once(practice, runner):
    anchor = book(practice, runner)
    found, key = planned(anchor), uuid.uuid4()

    first = book_all(anchor, found, key=key)
    second = book_all(anchor, found, key=key)

    assert first == second
    assert len(booked(second)) == 4
    assert second.left_out == []
    assert credits_of(runner) == 1


def test_a_key_of_somebody_elses_series_is_refused(practice, runner):
    key = uuid.uuid4()
    anchor = book(practice, runner)
    book_all(anchor, planned(anchor, further=1), key=key)
    other = make_runner_with_credits(practice=practice)
    others = book(practice, other, TUESDAY_10)

    with pytest.raises(CannotRepeat):
        book_all(others, planned(others, further=1), key=key)

    assert credits_of(other) == 4


@pytest.mark.parametrize(("every_weeks", "further"), [(0, 3), (9, 3), (1, 0), (1, 13)])
def test_numbers_out_of_bounds_are_refused(practice, runner, every_weeks, further):
    anchor = book(practice, runner)

    with pytest.raises(CannotRepeat):
        planned(anchor, every_weeks=every_weeks, further=further)


def test_beyond_the_open_diary_a_session_says_so(practice, runner):
    anchor = book(practice, runner)

    last = planned(anchor, further=12).occurrences[-1]

    assert last.on == date(2027, 2, 23)
    assert "not open" in last.why


def test_e15_this_and_later_are_cancelled_each_by_its_own_terms(practice, runner):
    anchor = book(practice, runner)
    series = book_all(anchor, planned(anchor))
    _, second, third, fourth = booked(series)
    at = second.starts_at - timedelta(hours=3)  # too late for the second, not for the others

    rest = quote_rest(booking=second, by=runner, at=at)
    assert (rest.credits_back, rest.credits_used) == (2, 1)
    cancel_rest(booking=second, tokens=tokens(rest), by=runner, at=at)

    states = [Booking.objects.get(pk=one.pk).state for one in (anchor, second, third, fourth)]
    assert states == ["confirmed", "cancelled_late", "cancelled_ontime", "cancelled_ontime"]
    assert credits_of(runner) == 3
    assert quote_rest(booking=second, by=runner, at=at).quotes == ()


def test_e15_when_one_session_would_cost_more_than_was_said_none_is_cancelled(practice, runner):
    anchor = book(practice, runner)
    series = book_all(anchor, planned(anchor))
    _, second, *_rest = booked(series)
    rest = quote_rest(booking=second, by=runner, at=A_WEEK_BEFORE)

    with pytest.raises(StaleQuote):
        cancel_rest(
            booking=second,
            tokens=tokens(rest),
            by=runner,
            at=second.starts_at - timedelta(hours=3),
        )

    assert len(booked(series)) == 4


def test_e15_other_sessions_than_those_agreed_to_are_not_cancelled(practice, runner):
    anchor = book(practice, runner)
    series = book_all(anchor, planned(anchor))
    anchor.refresh_from_db()
    agreed = tokens(quote_rest(booking=anchor, by=runner, at=A_WEEK_BEFORE))
    cancel_booking(booking=booked(series)[2], by=runner, at=A_WEEK_BEFORE)

    with pytest.raises(CannotRepeat):
        cancel_rest(booking=anchor, tokens=agreed, by=runner, at=A_WEEK_BEFORE)

    assert len(booked(series)) == 3


def test_a_session_without_a_series_has_no_rest(practice, runner):
    anchor = book(practice, runner)

    assert quote_rest(booking=anchor, by=runner, at=A_WEEK_BEFORE).quotes == ()


def test_a_longer_plan_asks_the_database_nothing_more(practice, runner):
    anchor = book(practice, runner)

    counted = []
    for further in (1, 6):
        with CaptureQueriesContext(connection) as asked:
            found = planned(anchor, further=further)
        assert found.free == further
        counted.append(len(asked))

    assert counted[0] == counted[1]
