"""A session from the hold to the books."""

from datetime import timedelta

import pytest

from accounts.models import Message
from payments import crediting
from payments.models import CreditEntry, JournalLine
from scheduling.booking import (
    HoldGone,
    IllegalTransition,
    TimeTaken,
    adopt_holds,
    confirm_with_credit,
    extend_hold,
    release_expired_holds,
    release_hold,
)
from scheduling.cancelling import cancel_booking
from scheduling.day import check_in, complete, complete_due, mark_no_show
from scheduling.models import Booking, BookingChange
from scheduling.moving import move_booking
from tests.builders import make_runner, make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_runner_with_credits,
)

State = Booking.State


def credits_of(runner, at=A_WEEK_BEFORE):
    return crediting.wallet(runner, on=at.date()).available


def history(booking):
    return list(booking.changes.values_list("kind", "to_state"))


def test_a_held_time_becomes_a_booking_and_one_credit_is_set_aside(practice, runner):
    held = hold(practice, runner=runner)

    booked = confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)

    assert (booked.state, booked.pk, booked.booked_at) == ("confirmed", held.pk, A_WEEK_BEFORE)
    assert booked.policy is not None
    assert credits_of(runner) == 4
    assert history(booked) == [("held", "held"), ("confirmed", "confirmed")]
    assert Message.objects.get(kind="booking_confirmed").to_email == runner.email


def test_confirming_twice_answers_the_same_and_takes_one_credit(practice, runner):
    booked = book(practice, runner)

    again = confirm_with_credit(booking=booked, runner=runner, by=runner, at=A_WEEK_BEFORE)

    assert again.pk == booked.pk
    assert credits_of(runner) == 4
    assert Message.objects.filter(kind="booking_confirmed").count() == 1


def test_without_a_credit_nothing_is_booked_and_the_hold_stays(practice):
    runner = make_runner()
    held = hold(practice, runner=runner)

    with pytest.raises(crediting.NoCredit):
        confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)

    held.refresh_from_db()
    assert held.state == State.HELD
    assert not Message.objects.exists()


def test_a_credit_that_ends_before_the_session_does_not_pay_for_it(practice):
    runner = make_runner_with_credits(practice=practice, validity_days=3)
    held = hold(practice, runner=runner)

    with pytest.raises(crediting.OnlyExpiredCredit):
        confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)

    assert credits_of(runner) == 5


def test_somebody_elses_hold_cannot_be_confirmed(practice, runner):
    held = hold(practice, runner=make_runner())

    with pytest.raises(HoldGone):
        confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE)


def test_a_hold_that_ran_out_is_confirmed_when_the_time_is_still_free(practice, runner):
    held = hold(practice, runner=runner)
    later = A_WEEK_BEFORE + ONE_HOUR
    assert release_expired_holds(at=later) == 1

    booked = confirm_with_credit(booking=held, runner=runner, by=runner, at=later)

    assert (booked.pk, booked.state) == (held.pk, "confirmed")


def test_a_hold_is_extended_up_to_ninety_minutes_and_no_further(practice, runner):
    held = hold(practice, runner=runner)
    for minutes in (10, 40, 70, 89):
        at = A_WEEK_BEFORE + timedelta(minutes=minutes)
        held = extend_hold(booking=held, until=at + timedelta(minutes=40), at=at)
        assert held.hold_expires_at <= A_WEEK_BEFORE + timedelta(minutes=90)

    with pytest.raises(HoldGone):
        extend_hold(booking=held, until=at + ONE_HOUR, at=A_WEEK_BEFORE + timedelta(minutes=90))

    later = A_WEEK_BEFORE + timedelta(minutes=95)
    booked = confirm_with_credit(booking=held, runner=runner, by=runner, at=later)
    assert booked.state == State.CONFIRMED


def test_a_hold_that_ran_out_and_was_taken_names_three_near_times(practice, runner):
    held = hold(practice, runner=runner, therapist=practice.imre)
    later = A_WEEK_BEFORE + ONE_HOUR
    other = make_runner_with_credits(practice=practice)
    book(practice, other, at=later, therapist=practice.imre)

    with pytest.raises(TimeTaken) as refused:
        confirm_with_credit(booking=held, runner=runner, by=runner, at=later)

    assert len(refused.value.nearest) == 3
    assert credits_of(runner) == 5


def test_signing_in_adopts_what_the_browser_held(practice, runner):
    held = hold(practice, hold_key="this browser")
    other = hold(practice, TUESDAY_11, hold_key="another browser")

    assert adopt_holds(hold_key="this browser", runner=runner, at=A_WEEK_BEFORE) == 1

    held.refresh_from_db()
    other.refresh_from_db()
    assert (held.runner, other.runner) == (runner, None)


def test_letting_a_hold_go_frees_its_time(practice, runner):
    held = hold(practice, therapist=practice.imre)

    release_hold(booking=held, by=None, at=A_WEEK_BEFORE)

    assert book(practice, runner, therapist=practice.imre).therapist == practice.imre


# --- E18, E19 --------------------------------------------------------------------------------


def earned(account_of="earned"):
    return JournalLine.objects.count()


def test_done_uses_the_credit_and_earns_on_the_day_of_the_session_once(practice, runner):
    booked = book(practice, runner)
    staff = make_staff()
    check_in(booking=booked, by=staff, at=TUESDAY_9 - timedelta(minutes=5))
    evening = TUESDAY_9 + timedelta(hours=9)
    lines = JournalLine.objects.count()

    for _ in range(2):
        done = complete(booking=booked, by=staff, at=evening)

    assert done.state == "completed"
    used = CreditEntry.objects.get(booking_id=booked.public_id, kind="use")
    assert used.effective_at == TUESDAY_9
    assert JournalLine.objects.count() == lines + 1
    assert history(booked)[-2:] == [("checked_in", "checked_in"), ("completed", "completed")]


def test_arrivals_open_an_hour_before(practice, runner):
    booked = book(practice, runner)
    with pytest.raises(IllegalTransition):
        check_in(booking=booked, by=None, at=TUESDAY_9 - timedelta(minutes=61))

    arrived = check_in(booking=booked, by=None, at=TUESDAY_9 - timedelta(minutes=60))

    assert arrived.state == "checked_in"


def test_done_is_not_possible_before_it_began(practice, runner):
    booked = book(practice, runner)

    with pytest.raises(IllegalTransition):
        complete(booking=booked, by=None, at=TUESDAY_9 - timedelta(minutes=1))


def test_a_no_show_from_a_quarter_past_uses_the_credit(practice, runner):
    booked = book(practice, runner)
    with pytest.raises(IllegalTransition):
        mark_no_show(booking=booked, by=None, at=TUESDAY_9 + timedelta(minutes=14))

    missed = mark_no_show(booking=booked, by=None, at=TUESDAY_9 + timedelta(minutes=15))

    assert missed.state == "no_show"
    assert CreditEntry.objects.filter(booking_id=booked.public_id, kind="use").count() == 1


def test_who_arrived_cannot_be_a_no_show(practice, runner):
    booked = book(practice, runner)
    check_in(booking=booked, by=None, at=TUESDAY_9)

    with pytest.raises(IllegalTransition):
        mark_no_show(booking=booked, by=None, at=TUESDAY_9 + ONE_HOUR)


def test_what_nobody_marked_is_done_by_itself_after_twelve_hours(practice, runner):
    booked = book(practice, runner)
    ends = TUESDAY_10

    assert complete_due(at=ends + timedelta(hours=12) - timedelta(seconds=1)) == 0
    assert complete_due(at=ends + timedelta(hours=12)) == 1
    assert complete_due(at=ends + timedelta(hours=13)) == 0

    booked.refresh_from_db()
    assert booked.state == "completed"


@pytest.mark.parametrize("over", ["completed", "cancelled", "no_show"])
def test_what_is_over_stays_as_it_is(practice, runner, over):
    booked = book(practice, runner)
    if over == "completed":
        complete(booking=booked, by=None, at=TUESDAY_10)
    elif over == "no_show":
        mark_no_show(booking=booked, by=None, at=TUESDAY_10)
    else:
        cancel_booking(booking=booked, by=runner, at=TWO_DAYS_BEFORE)
    state = Booking.objects.get(pk=booked.pk).state
    changes = BookingChange.objects.count()

    acts = [
        lambda: check_in(booking=booked, by=None, at=TUESDAY_10),
        lambda: move_booking(
            booking=booked, starts_at=TUESDAY_11, therapist=None, by=None, at=TWO_DAYS_BEFORE
        ),
        lambda: confirm_with_credit(booking=booked, runner=runner, by=runner, at=TWO_DAYS_BEFORE),
        lambda: release_hold(booking=booked, by=None, at=TWO_DAYS_BEFORE),
    ]
    for act in acts:
        with pytest.raises(IllegalTransition):
            act()

    assert Booking.objects.get(pk=booked.pk).state == state
    assert BookingChange.objects.count() == changes
