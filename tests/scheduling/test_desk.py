"""Booking at the desk: with a credit or due to pay, told or not, once however often tapped."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts import outbox
from accounts.models import Message
from payments import crediting
from payments.models import CreditEntry, Mismatch, Policy
from scheduling.cancelling import cancel_booking
from scheduling.day import complete, complete_due, mark_no_show
from scheduling.day_board import day_board
from scheduling.desk import book_for, pay_with_credit
from scheduling.errors import BookingError, IllegalTransition, NotOffered, TimeTaken
from scheduling.models import Booking
from scheduling.unpaid import report_unpaid
from tests.builders import make_policy, make_runner, make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
    make_credits,
    make_runner_with_credits,
)

State = Booking.State


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def stranger(practice):
    """A runner without credits, and terms to book under."""
    make_policy()
    return make_runner(name="Ben Low")


@pytest.fixture
def desk(practice, staff):
    def act(runner, starts_at=TUESDAY_9, *, at=A_WEEK_BEFORE, **values):
        wanted = {
            "variant": practice.sports_60,
            "location": practice.location,
            "therapist": practice.imre,
            "by": staff,
        }
        return book_for(**wanted | values, runner=runner, starts_at=starts_at, at=at)

    return act


def available(runner):
    return crediting.wallet(runner, on=TUESDAY).available


def paid_words(practice):
    board = day_board(location=practice.location, day=TUESDAY, at=TUESDAY_9)
    return [one.paid_by for one in board.bookings]


def test_a_runner_with_a_credit_is_booked_and_one_is_set_aside(practice, runner, desk, staff):
    booked = desk(runner)

    assert (booked.state, booked.runner, booked.booked_at) == ("confirmed", runner, A_WEEK_BEFORE)
    assert (booked.therapist, booked.ends_at) == (practice.imre, TUESDAY_10)
    assert booked.local_start == "2026-12-01T09:00"
    assert available(runner) == 4
    change = booked.changes.get()
    assert (change.kind, change.actor, change.from_state) == ("confirmed", staff, "")
    assert Message.objects.get().kind == "booking_confirmed"
    assert paid_words(practice) == ["credit"]


def test_a_runner_without_one_is_booked_and_due_under_todays_terms(practice, stranger, desk):
    newer = make_policy(version=2, effective_from=A_WEEK_BEFORE.date(), cancel_window_minutes=60)

    booked = desk(stranger)

    assert (booked.state, booked.policy, booked.price_minor) == ("confirmed", newer, 5800)
    assert not CreditEntry.objects.filter(booking_id=booked.public_id).exists()
    assert paid_words(practice) == ["due"]


def test_a_credit_that_ends_before_the_session_leaves_it_due(practice, staff, desk):
    runner = make_runner_with_credits(practice=practice, validity_days=3)

    desk(runner)

    assert available(runner) == 0
    assert paid_words(practice) == ["due"]


def test_without_terms_nothing_is_booked(practice, desk):
    Policy.objects.all().delete()

    with pytest.raises(BookingError, match="no terms"):
        desk(make_runner())
    assert not Booking.objects.exists()


def test_the_same_tapped_twice_is_one_session(runner, desk):
    first, second = desk(runner), desk(runner)

    assert first == second
    assert available(runner) == 4
    assert Message.objects.count() == 1


def test_telling_nobody_sends_no_mail(runner, desk):
    desk(runner, tell=False)

    assert not Message.objects.exists()


def test_a_walk_in_starts_now_off_the_grid_and_without_notice(runner, desk):
    now = TUESDAY_9 + timedelta(minutes=7)

    assert desk(runner, now, at=now).starts_at == now


def test_anyone_is_the_therapist_she_saw_last(practice, runner, desk):
    before = book(practice, runner, TUESDAY_11 - timedelta(days=1), therapist=practice.lena)

    assert desk(runner, therapist=None).therapist == before.therapist


def test_who_is_not_bookable_online_is_at_the_desk(practice, runner, desk):
    type(practice.imre).objects.filter(pk=practice.imre.pk).update(is_bookable_online=False)

    assert desk(runner).therapist == practice.imre


def test_a_taken_time_is_refused_with_near_times_and_leaves_nothing(practice, runner, desk):
    book(practice, make_runner_with_credits(practice=practice), therapist=practice.imre)
    before = Booking.objects.count()

    with pytest.raises(TimeTaken) as refused:
        desk(runner)

    assert len(refused.value.nearest) == 3
    assert refused.value.overridable == frozenset()
    assert (Booking.objects.count(), available(runner)) == (before, 5)


def test_what_she_holds_herself_gives_way(practice, runner, desk):
    held = hold(practice, therapist=practice.imre, runner=runner)

    booked = desk(runner)

    held.refresh_from_db()
    assert (held.state, booked.state) == ("expired", "confirmed")


def test_somebody_elses_hold_does_not(practice, runner, desk):
    held = hold(practice, therapist=practice.imre, runner=make_runner())

    with pytest.raises(TimeTaken) as refused:
        desk(runner)

    held.refresh_from_db()
    assert (refused.value.reason, held.state) == ("hold", "held")


@pytest.mark.parametrize("year", [1999, 2200])
def test_a_start_beyond_any_diary_is_not_offered(runner, desk, year):
    with pytest.raises(NotOffered):
        desk(runner, datetime(year, 1, 1, tzinfo=UTC))


# due to pay ----------------------------------------------------------------------------------
@pytest.fixture
def due(stranger, desk):
    return desk(stranger)


def test_a_session_due_is_not_done_until_it_is_paid(practice, stranger, due, staff):
    with pytest.raises(crediting.NotReserved, match="due to pay"):
        complete(booking=due, by=staff, at=TUESDAY_10)
    assert complete_due(at=TUESDAY_10 + 12 * ONE_HOUR) == 0

    make_credits(stranger, practice=practice)
    for _ in range(2):
        paid = pay_with_credit(booking=due, by=staff, at=TUESDAY_9)
    assert available(stranger) == 4
    assert [one.kind for one in paid.changes.all()] == ["confirmed", "paid"]
    assert complete(booking=paid, by=staff, at=TUESDAY_10).state == "completed"


def test_paying_keeps_the_terms_agreed_to(practice, stranger, due, staff):
    terms = due.policy
    make_credits(stranger, practice=practice, policy=make_policy("other"))

    assert pay_with_credit(booking=due, by=staff, at=TUESDAY_9).policy == terms


def test_paying_without_a_credit_says_why(due, staff):
    with pytest.raises(crediting.NoCredit):
        pay_with_credit(booking=due, by=staff, at=TUESDAY_9)


def test_a_session_that_is_over_takes_no_credit(practice, stranger, due, staff):
    make_credits(stranger, practice=practice)
    cancel_booking(booking=due, by=staff, at=TWO_DAYS_BEFORE)

    with pytest.raises(IllegalTransition):
        pay_with_credit(booking=due, by=staff, at=TUESDAY_9)
    assert available(stranger) == 5


@pytest.mark.parametrize(
    ("act", "state"),
    [
        (lambda due, by: mark_no_show(booking=due, by=by, at=TUESDAY_10), "no_show"),
        (lambda due, by: cancel_booking(booking=due, by=by, at=TUESDAY_9), "cancelled_clinic"),
        (
            lambda due, by: cancel_booking(booking=due, by=due.runner, at=TWO_DAYS_BEFORE),
            "cancelled_ontime",
        ),
        (
            lambda due, by: cancel_booking(booking=due, by=due.runner, at=TUESDAY_9 - ONE_HOUR),
            "cancelled_late",
        ),
    ],
)
def test_a_session_due_is_missed_or_cancelled_without_a_credit_moving(due, staff, act, state):
    assert act(due, staff).state == state
    assert not CreditEntry.objects.exists()


def test_a_session_over_and_due_is_a_mismatch_until_it_is_settled(
    practice, stranger, due, runner, desk, staff
):
    desk(runner, TUESDAY_11)  # paid: not among them
    over = TUESDAY_10 + 12 * ONE_HOUR
    assert report_unpaid(at=over - timedelta(seconds=1)) == 0

    for _ in range(2):
        assert report_unpaid(at=over) == 1
    mismatch = Mismatch.objects.get()
    assert (mismatch.code, mismatch.status, mismatch.amount_minor) == ("M19", "open", 5800)

    make_credits(stranger, practice=practice)
    pay_with_credit(booking=due, by=staff, at=over)
    assert report_unpaid(at=over) == 0
    mismatch.refresh_from_db()
    assert mismatch.status == "resolved"


def test_the_mail_says_that_it_is_not_paid_yet(due, mailoutbox):
    assert outbox.send_due(at=A_WEEK_BEFORE) == 1

    [mail] = mailoutbox
    assert "not paid yet" in mail.body
    assert "set aside" not in mail.body
