"""Waiving what being late costs: the credit returns, the late cancellation or no-show stays."""

from datetime import timedelta

import pytest

from payments import crediting
from payments.balances import balance_of
from payments.chart import Role
from payments.invariants import breaches
from scheduling import reports
from scheduling.cancelling import cancel_booking
from scheduling.correcting import take_back
from scheduling.day import complete, mark_no_show
from scheduling.errors import IllegalTransition, ReasonMissing
from scheduling.models import BookingChange
from scheduling.reports import Period
from tests.builders import make_staff
from tests.scheduling.builders import (
    ONE_HOUR,
    TUESDAY,
    TUESDAY_9,
    TUESDAY_10,
    TWO_DAYS_BEFORE,
    book,
)

LATE = TUESDAY_9 - ONE_HOUR
DAY = Period(TUESDAY, TUESDAY + timedelta(days=1))


@pytest.fixture
def staff(db):
    return make_staff()


@pytest.fixture
def booked(practice, runner):
    return book(practice, runner, therapist=practice.imre)


def available(runner):
    return crediting.wallet(runner, on=TUESDAY).available


def waived(booking, staff, at=TUESDAY_10):
    return cancel_booking(booking=booking, by=staff, at=at, reason="Her train", waive=True)


def late(booking, staff):
    return cancel_booking(booking=booking, by=booking.runner, at=LATE)


def missed(booking, staff):
    return mark_no_show(booking=booking, by=staff, at=TUESDAY_10)


@pytest.mark.parametrize(("way", "state"), [(late, "cancelled_late"), (missed, "no_show")])
def test_what_was_late_or_missed_is_waived_once_and_stays_what_it_was(
    runner, booked, staff, way, state
):
    way(booked, staff)
    assert available(runner) == 4

    for _ in range(2):
        assert waived(booked, staff).state == state

    assert available(runner) == 5
    assert balance_of(Role.LATE_REVENUE) == 0
    assert breaches() == []
    last = booked.changes.last()
    assert (last.actor, last.reason, last.details) == (staff, "Her train", {"waived": True})
    assert booked.changes.filter(details__waived=True).count() == 1


def test_reports_tell_late_from_missed_and_waived_from_charged(runner, practice, booked, staff):
    waived(late(booked, staff), staff)
    other = book(practice, runner, TUESDAY_10 + ONE_HOUR, therapist=practice.imre)
    mark_no_show(booking=other, by=staff, at=TUESDAY_10 + 2 * ONE_HOUR)

    total = reports.attendance(DAY).total

    assert (total.late, total.late_waived, total.no_shows, total.no_shows_waived) == (1, 1, 1, 0)


def test_who_rings_late_is_cancelled_late_and_may_be_spared(runner, booked, staff):
    cancelled = waived(booked, staff, at=LATE)

    assert (cancelled.state, available(runner)) == ("cancelled_late", 5)
    assert booked.changes.last().details == {"waived": True}
    assert balance_of(Role.LATE_REVENUE) == 0


@pytest.mark.parametrize(
    ("at", "state", "left"), [(TWO_DAYS_BEFORE, "cancelled_ontime", 5), (LATE, "cancelled_late", 4)]
)
def test_the_desk_cancels_for_her_by_her_terms(runner, booked, staff, at, state, left):
    cancelled = cancel_booking(booking=booked, by=staff, at=at, for_runner=True)

    assert (cancelled.state, available(runner)) == (state, left)


def test_waiving_says_why(runner, booked, staff):
    missed(booked, staff)
    changes = BookingChange.objects.count()

    with pytest.raises(ReasonMissing):
        cancel_booking(booking=booked, by=staff, at=TUESDAY_10, waive=True, reason=" ")
    assert (BookingChange.objects.count(), available(runner)) == (changes, 4)


def test_a_runner_waives_nothing(runner, booked):
    cancelled = cancel_booking(booking=booked, by=runner, at=LATE, reason="Please", waive=True)

    assert (cancelled.state, available(runner)) == ("cancelled_late", 4)
    assert cancel_booking(booking=booked, by=runner, at=LATE, reason="Please", waive=True)
    assert available(runner) == 4


def test_a_session_done_is_not_waived(runner, booked, staff):
    complete(booking=booked, by=staff, at=TUESDAY_10)

    with pytest.raises(IllegalTransition):
        waived(booked, staff)
    assert available(runner) == 4


def test_a_waived_no_show_taken_back_is_due_to_pay(runner, booked, staff):
    waived(missed(booked, staff), staff)

    back = take_back(booking=booked, by=staff, at=TUESDAY_10, reason="She was there")

    assert (back.state, available(runner)) == ("confirmed", 5)
    with pytest.raises(crediting.NotReserved):
        complete(booking=booked, by=staff, at=TUESDAY_10)
