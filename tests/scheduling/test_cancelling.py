"""Giving a session back: in time, late, and by the practice (E17, B7 to B9)."""

from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from accounts.models import Message
from payments import crediting
from payments.invariants import units_add_up, values_add_up
from payments.models import CreditEntry, CreditLot
from payments.statements import statement
from scheduling.cancelling import cancel_booking, effect_of_cancelling
from scheduling.changing import change
from scheduling.day import check_in
from scheduling.effects import Credit, Outcome
from scheduling.errors import IllegalTransition
from scheduling.letter_facts import credit_line
from scheduling.models import Booking
from scheduling.moving import move_booking
from scheduling.quote_words import sentence_of
from scheduling.terms import free_until_of
from tests.builders import make_lot, make_policy, make_runner, make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_credits,
    make_practice,
    make_runner_with_credits,
)

ONE_SECOND = timedelta(seconds=1)
DAY = timedelta(hours=24)


def credits_of(runner, at=A_WEEK_BEFORE):
    return crediting.wallet(runner, on=at.date()).available


def lot_of(booking):
    return CreditEntry.objects.filter(booking_id=booking.public_id).last().lot


# --- E17: in time or late ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before_start", "state", "left"),
    [
        (timedelta(hours=48), "cancelled_ontime", 5),
        (DAY, "cancelled_ontime", 5),
        (DAY - ONE_SECOND, "cancelled_late", 4),
        (timedelta(minutes=1), "cancelled_late", 4),
    ],
)
def test_the_credit_comes_back_up_to_the_window_and_is_used_after(
    practice, runner, before_start, state, left
):
    booked = book(practice, runner)

    cancelled = cancel_booking(booking=booked, by=runner, at=TUESDAY_9 - before_start)

    assert cancelled.state == state
    assert credits_of(runner) == left
    assert free_until_of(booked) == TUESDAY_9 - DAY


# The night in which the clock changes between the window's end and the session, by zone: the wall
# time 24 hours before the session, which is another one than the session's.
NIGHTS = {
    "spring forward": ("Europe/London", datetime(2027, 3, 28, 8, tzinfo=UTC), (27, 8)),
    "fall back": ("Europe/London", datetime(2027, 10, 31, 9, tzinfo=UTC), (30, 10)),
    "half an hour": ("Australia/Lord_Howe", datetime(2027, 4, 3, 22, 30, tzinfo=UTC), (3, 9)),
}


@pytest.mark.parametrize(("zone", "starts_at", "wall"), NIGHTS.values(), ids=NIGHTS)
def test_the_window_is_24_hours_that_pass_also_in_the_night_the_clock_changes(
    db, zone, starts_at, wall
):
    practice = make_practice(zone=zone)
    for one in practice.therapists:
        one.working_hours.update(weekday=7)
    at = starts_at - timedelta(days=7)
    # Two of them: nobody is in two sessions at once.
    in_time, late = (
        book(
            practice,
            make_runner_with_credits(practice=practice, at=at),
            starts_at,
            at=at,
            therapist=one,
        )
        for one in practice.therapists
    )

    last = free_until_of(in_time)

    assert last == starts_at - DAY
    local = last.astimezone(in_time.zone_info)
    assert (local.day, local.hour) == wall
    cancel_booking(booking=in_time, by=in_time.runner, at=last)
    cancel_booking(booking=late, by=late.runner, at=last + ONE_SECOND)
    states = [Booking.objects.get(pk=one.pk).state for one in (in_time, late)]
    assert states == ["cancelled_ontime", "cancelled_late"]


def test_the_terms_agreed_to_decide_not_todays(practice, runner):
    booked = book(practice, runner)
    make_policy(
        booked.policy.code, 2, cancel_window_minutes=10_000, effective_from=A_WEEK_BEFORE.date()
    )
    make_credits(runner, practice=practice, policy=make_policy("strict", cancel_window_minutes=1))

    effect = effect_of_cancelling(booking=booked, by=runner, at=TWO_DAYS_BEFORE)

    assert effect.outcome == Outcome.IN_TIME
    assert effect.holds_to == TUESDAY_9 - DAY


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, "cancelled_ontime"), (5, "cancelled_ontime"), (6, "cancelled_late")]
)
def test_a_slip_of_the_thumb_costs_nothing_for_five_minutes_whatever_the_window(
    practice, runner, minutes, state
):
    at = TUESDAY_9 - timedelta(hours=3)
    booked = book(practice, runner, at=at)

    cancelled = cancel_booking(booking=booked, by=runner, at=at + timedelta(minutes=minutes))

    assert cancelled.state == state
    assert credits_of(runner) == (5 if state == "cancelled_ontime" else 4)


@pytest.mark.parametrize("minutes", [0, 60 * 24 * 14])
def test_a_session_that_has_begun_is_not_cancelled_by_its_runner(practice, minutes):
    runner = make_runner()
    terms = make_policy("odd", cancel_window_minutes=minutes)
    make_credits(runner, practice=practice, policy=terms)
    booked = book(practice, runner)

    with pytest.raises(IllegalTransition):
        cancel_booking(booking=booked, by=runner, at=TUESDAY_9)

    before = TUESDAY_9 - timedelta(microseconds=1)
    assert cancel_booking(booking=booked, by=runner, at=before).is_cancelled


def test_who_has_arrived_does_not_cancel_but_the_practice_may(practice, runner):
    booked = book(practice, runner)
    at = TUESDAY_9 - timedelta(minutes=10)
    check_in(booking=booked, by=None, at=at)

    with pytest.raises(IllegalTransition):
        cancel_booking(booking=booked, by=runner, at=at)

    assert cancel_booking(booking=booked, by=make_staff(), at=at).state == "cancelled_clinic"


def test_cancelling_twice_returns_one_credit_and_writes_one_mail(practice, runner):
    booked = book(practice, runner)

    for _ in range(2):
        cancel_booking(booking=booked, by=runner, at=TWO_DAYS_BEFORE)

    assert credits_of(runner) == 5
    assert Message.objects.filter(kind="booking_cancelled").count() == 1


def test_a_cancelled_time_can_be_booked_by_somebody_else(practice, runner):
    booked = book(practice, runner, therapist=practice.imre)
    cancel_booking(booking=booked, by=runner, at=TWO_DAYS_BEFORE)
    other = make_runner_with_credits(practice=practice)

    assert book(practice, other, therapist=practice.imre).therapist == practice.imre


def test_cancelling_a_held_time_lets_it_go(practice, runner):
    held = hold(practice, runner=runner)

    assert cancel_booking(booking=held, by=runner, at=A_WEEK_BEFORE).state == "expired"
    assert not CreditEntry.objects.filter(booking_id=held.public_id).exists()


def test_after_a_move_the_window_is_counted_from_the_new_time(practice, runner):
    booked = book(practice, runner)
    wednesday = TUESDAY_9 + DAY

    moved = move_booking(
        booking=booked, starts_at=wednesday, therapist=None, by=runner, at=TWO_DAYS_BEFORE
    )

    assert free_until_of(moved) == TUESDAY_9


# --- B9: the practice cancels ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("validity_days", "ends_on"),
    [
        (365, None),
        (21, None),  # 15 December, which is 14 days after the notice
        (20, date(2026, 12, 15)),
        (7, date(2026, 12, 15)),
    ],
)
def test_when_we_cancel_the_credit_is_good_for_fourteen_days_more(practice, validity_days, ends_on):
    runner = make_runner_with_credits(practice=practice, validity_days=validity_days)
    booked = book(practice, runner)
    staff, at = make_staff(), TUESDAY_9 - ONE_HOUR
    before = lot_of(booked).expires_on

    cancelled = cancel_booking(booking=booked, by=staff, at=at, reason="Imre is ill")

    assert cancelled.state == "cancelled_clinic"
    assert credits_of(runner, at) == 5
    lot = lot_of(booked)
    assert lot.expires_on == (ends_on or before)
    extended = CreditEntry.objects.filter(lot=lot, kind="extend")
    assert extended.count() == (1 if ends_on else 0)
    if ends_on:
        entry = extended.get()
        assert (entry.actor, entry.posted_at, entry.value_minor) == (staff, at, 0)
        assert "15 December 2026" in entry.reason
        line = next(one for one in statement(runner).lines if one.what == "Extended")
        assert (line.change, line.balance, line.who) == (0, 5, str(staff))


def test_a_lot_past_its_last_day_is_woken_for_the_one_session_we_cancelled(practice):
    runner = make_runner_with_credits(3, practice=practice, validity_days=7)
    booked = book(practice, runner)
    late = TUESDAY_9 + timedelta(days=2)
    # Its last day is over; the two units nobody booked with were not ended by the job yet.
    cancelled = cancel_booking(booking=booked, by=make_staff(), at=late)

    assert cancelled.state == "cancelled_clinic"
    [lot] = crediting.wallet(runner, on=late.date()).lots
    assert (lot.available, lot.expired, lot.reserved) == (1, 2, 0)
    assert lot.expires_on == late.date() + timedelta(days=14)
    assert crediting.expire_due(at=late + DAY) == 0
    assert crediting.expire_due(at=late + timedelta(days=15)) == 1
    assert not units_add_up()
    assert not values_add_up()


def test_two_sessions_of_one_lot_cancelled_by_us_move_its_end_twice(practice):
    runner = make_runner_with_credits(practice=practice, validity_days=8)
    first, second = book(practice, runner), book(practice, runner, TUESDAY_9 + 2 * ONE_HOUR)
    staff = make_staff()

    cancel_booking(booking=first, by=staff, at=TWO_DAYS_BEFORE)
    cancel_booking(booking=second, by=staff, at=TWO_DAYS_BEFORE + DAY)

    assert CreditLot.objects.get().expires_on == date(2026, 12, 14)
    assert CreditEntry.objects.filter(kind="extend").count() == 2


def test_what_we_cancel_twice_is_extended_once(practice):
    runner = make_runner_with_credits(practice=practice, validity_days=8)
    booked = book(practice, runner)
    staff = make_staff()

    for days in range(3):
        cancel_booking(booking=booked, by=staff, at=TWO_DAYS_BEFORE + timedelta(days=days))

    assert CreditEntry.objects.filter(kind="extend").count() == 1
    assert CreditLot.objects.get().expires_on == date(2026, 12, 13)


def test_a_session_without_a_credit_is_cancelled_and_moves_none(practice, runner):
    booked = book(practice, runner)
    # As if the desk had booked it, to be paid there.
    crediting.release(booking_id=booked.public_id, by=None, at=A_WEEK_BEFORE, reason="Pays later")

    effect = effect_of_cancelling(booking=booked, by=runner, at=TUESDAY_9 - ONE_HOUR)
    cancelled = cancel_booking(booking=booked, by=runner, at=TUESDAY_9 - ONE_HOUR)

    assert (effect.credit, cancelled.state) == (Credit.NONE, "cancelled_late")
    assert credits_of(runner) == 5


# --- B1: the states ----------------------------------------------------------------------------

State = Booking.State
ALLOWED = {
    ("held", "confirmed"),
    ("held", "expired"),
    ("expired", "confirmed"),
    ("confirmed", "checked_in"),
    ("confirmed", "completed"),
    ("confirmed", "no_show"),
    ("confirmed", "cancelled_ontime"),
    ("confirmed", "cancelled_late"),
    ("confirmed", "cancelled_clinic"),
    ("checked_in", "completed"),
    ("checked_in", "cancelled_clinic"),
}


def test_a_booking_goes_only_where_the_states_allow_and_every_step_is_written_down(
    practice, runner
):
    booked = book(practice, runner)
    staff = make_staff()
    gone = set()
    for before, to in product(map(str, State), repeat=2):
        Booking.objects.filter(pk=booked.pk).update(state=before, hold_expires_at=TUESDAY_9)
        now = Booking.objects.get(pk=booked.pk)
        written = now.changes.count()
        try:
            change(now, to=to, kind="moved", by=staff, at=TWO_DAYS_BEFORE, reason="Why not")
        except IllegalTransition:
            assert now.changes.count() == written
            assert Booking.objects.get(pk=booked.pk).state == before
            continue
        last = now.changes.last()
        assert (last.from_state, last.to_state) == (before, to)
        assert (last.actor, last.at, last.reason) == (staff, TWO_DAYS_BEFORE, "Why not")
        gone.add((before, to))

    assert {step for step in gone if step[0] != step[1]} == ALLOWED


# a package that may be booked from until its last day (P4, P7) -----------------------------------


def test_what_was_booked_in_time_does_not_come_back_when_its_package_is_over(db):
    practice = make_practice()
    runner = make_runner()
    terms = make_policy("by-booking", expiry_rule="book_by")
    lot = make_lot(
        runner, variants=[practice.sports_60], policy=terms, validity_days=3, at=A_WEEK_BEFORE
    )
    booking = book(practice, runner, TUESDAY_9)  # four days after the last one
    quote = effect_of_cancelling(booking=booking, by=runner, at=A_WEEK_BEFORE)
    assert quote.credit == Credit.RETURNED
    assert quote.holds_to < A_WEEK_BEFORE + 4 * DAY  # on the last day's midnight that changes

    effect = effect_of_cancelling(booking=booking, by=runner, at=TWO_DAYS_BEFORE)
    assert effect.credit == Credit.ENDED
    assert "does not come back" in sentence_of(effect, booking)
    cancelled = cancel_booking(booking=booking, by=runner, at=TWO_DAYS_BEFORE)

    assert crediting.where_unit_is(booking.public_id) == "expired"
    [own] = crediting.wallet(runner, on=TWO_DAYS_BEFORE.date()).lots
    assert (own.available, own.reserved, own.expired) == (0, 0, lot.units)
    assert "does not come back" in credit_line(cancelled)
    assert values_add_up() == units_add_up() == []


def test_cancelled_by_us_it_comes_back_also_then(db):
    practice = make_practice()
    runner = make_runner()
    terms = make_policy("by-booking", expiry_rule="book_by")
    make_lot(runner, variants=[practice.sports_60], policy=terms, validity_days=3, at=A_WEEK_BEFORE)
    booking = book(practice, runner, TUESDAY_9)

    cancel_booking(booking=booking, by=make_staff(), at=TWO_DAYS_BEFORE)

    assert credits_of(runner, TWO_DAYS_BEFORE + 14 * DAY) == 1
