"""Every state and every act at the desk: where it leads, or that nothing is written (B1)."""

from datetime import timedelta

import pytest

from payments.models import CreditEntry, JournalEntry
from scheduling.booking import release_hold
from scheduling.cancelling import cancel_booking
from scheduling.correcting import take_back
from scheduling.day import check_in, complete, mark_no_show, shorten_turnaround
from scheduling.errors import IllegalTransition
from scheduling.models import Booking, BookingChange
from scheduling.moving import move_booking
from scheduling.unpaid import pay_with_credit
from tests.builders import make_staff
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    ONE_HOUR,
    TUESDAY_9,
    TUESDAY_11,
    TWO_DAYS_BEFORE,
    book,
    hold,
)

NOW = TUESDAY_9 + timedelta(minutes=30)
State = Booking.State

ACTS = {
    "arrive": lambda b, by: check_in(booking=b, by=by, at=NOW),
    "finish": lambda b, by: complete(booking=b, by=by, at=NOW),
    "miss": lambda b, by: mark_no_show(booking=b, by=by, at=NOW),
    "cancel": lambda b, by: cancel_booking(booking=b, by=by, at=NOW),
    "take back": lambda b, by: take_back(booking=b, by=by, at=NOW, reason="By mistake"),
    "move": lambda b, by: move_booking(
        booking=b, starts_at=TUESDAY_11, therapist=None, by=by, at=NOW
    ),
    "pay": lambda b, by: pay_with_credit(booking=b, by=by, at=NOW),
    "shorten": lambda b, by: shorten_turnaround(booking=b, minutes=0, by=by, at=NOW, reason="Why"),
}

WAYS = {
    State.HELD: lambda b, by: None,
    State.EXPIRED: lambda b, by: release_hold(booking=b, by=by, at=A_WEEK_BEFORE),
    State.CONFIRMED: lambda b, by: None,
    State.CHECKED_IN: lambda b, by: check_in(booking=b, by=by, at=TUESDAY_9),
    State.COMPLETED: lambda b, by: complete(booking=b, by=by, at=NOW),
    State.NO_SHOW: lambda b, by: mark_no_show(booking=b, by=by, at=NOW),
    State.CANCELLED_ONTIME: lambda b, by: cancel_booking(
        booking=b, by=b.runner, at=TWO_DAYS_BEFORE
    ),
    State.CANCELLED_LATE: lambda b, by: cancel_booking(
        booking=b, by=b.runner, at=TUESDAY_9 - ONE_HOUR
    ),
    State.CANCELLED_CLINIC: lambda b, by: cancel_booking(booking=b, by=by, at=TWO_DAYS_BEFORE),
}

# Where an act leads; the same state where it is a repeat or changes something else.
LEADS = {
    (State.HELD, "cancel"): "expired",
    (State.EXPIRED, "cancel"): "expired",
    (State.CONFIRMED, "arrive"): "checked_in",
    (State.CONFIRMED, "finish"): "completed",
    (State.CONFIRMED, "miss"): "no_show",
    (State.CONFIRMED, "cancel"): "cancelled_clinic",
    (State.CONFIRMED, "move"): "confirmed",
    (State.CONFIRMED, "pay"): "confirmed",
    (State.CONFIRMED, "shorten"): "confirmed",
    (State.CHECKED_IN, "arrive"): "checked_in",
    (State.CHECKED_IN, "finish"): "completed",
    (State.CHECKED_IN, "cancel"): "cancelled_clinic",
    (State.CHECKED_IN, "take back"): "confirmed",
    (State.CHECKED_IN, "move"): "checked_in",
    (State.CHECKED_IN, "pay"): "checked_in",
    (State.CHECKED_IN, "shorten"): "checked_in",
    (State.COMPLETED, "finish"): "completed",
    (State.COMPLETED, "take back"): "confirmed",
    (State.NO_SHOW, "miss"): "no_show",
    (State.NO_SHOW, "take back"): "confirmed",
    (State.CANCELLED_ONTIME, "cancel"): "cancelled_ontime",
    (State.CANCELLED_LATE, "cancel"): "cancelled_late",
    (State.CANCELLED_CLINIC, "cancel"): "cancelled_clinic",
}
# What has no effect at all: done already, or nothing to do.
REPEATS = {
    (State.EXPIRED, "cancel"),
    (State.CONFIRMED, "pay"),
    (State.CHECKED_IN, "arrive"),
    (State.CHECKED_IN, "pay"),
    (State.COMPLETED, "finish"),
    (State.NO_SHOW, "miss"),
    (State.CANCELLED_ONTIME, "cancel"),
    (State.CANCELLED_LATE, "cancel"),
    (State.CANCELLED_CLINIC, "cancel"),
}


def written():
    return [model.objects.count() for model in (BookingChange, CreditEntry, JournalEntry)]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("state", WAYS)
def test_an_act_leads_where_the_table_says_or_writes_nothing(practice, runner, state, act):
    staff = make_staff()
    if state in (State.HELD, State.EXPIRED):
        booking = hold(practice, runner=runner, therapist=practice.imre)
    else:
        booking = book(practice, runner, therapist=practice.imre)
    WAYS[state](booking, staff)
    before = written()
    booking.refresh_from_db()
    assert booking.state == state

    if (state, act) not in LEADS:
        with pytest.raises(IllegalTransition):
            ACTS[act](booking, staff)
        booking.refresh_from_db()
        assert (booking.state, written()) == (state, before)
        return

    assert ACTS[act](booking, staff).state == LEADS[state, act]
    if (state, act) in REPEATS:
        assert written() == before
    else:
        last = booking.changes.last()
        assert (last.actor, last.at, last.from_state) == (staff, NOW, state)
        assert last.to_state == LEADS[state, act]
