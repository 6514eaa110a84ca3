"""Acts that wait for a lock in vain: tried again, then refused in words, never a 500 (E1)."""

from functools import partial

import pytest
from django.db import OperationalError

from payments.crediting import reserved_lot
from scheduling import cancelling, day, unpaid
from scheduling.errors import Busy
from scheduling.models import Booking
from scheduling.patience import ATTEMPTS
from tests.scheduling.builders import ONE_HOUR, TUESDAY_9, book

State = Booking.State
AT = TUESDAY_9 + ONE_HOUR

ACTS = {
    State.CHECKED_IN: (day, partial(day.check_in, by=None, at=AT)),
    State.COMPLETED: (day, partial(day.complete, by=None, at=AT)),
    State.NO_SHOW: (day, partial(day.mark_no_show, by=None, at=AT)),
    State.CANCELLED_CLINIC: (cancelling, partial(cancelling.cancel_booking, by=None, at=AT)),
    State.CONFIRMED: (unpaid, partial(unpaid.pay_with_credit, by=None, at=AT)),
}


def lock_timeouts(monkeypatch, module, times):
    """As PostgreSQL says that a lock could not be had in time."""
    real, left = module.locked, [times]

    def locked(booking):
        if left[0]:
            left[0] -= 1
            raise OperationalError from LockNotAvailable()
        return real(booking)

    monkeypatch.setattr(module, "locked", locked)


class LockNotAvailable(Exception):
    sqlstate = "55P03"


@pytest.mark.parametrize("ends", ACTS)
def test_an_act_that_got_no_lock_is_tried_again(practice, runner, monkeypatch, ends):
    booked = book(practice, runner)
    module, act = ACTS[ends]
    lock_timeouts(monkeypatch, module, ATTEMPTS - 1)

    assert act(booking=booked).state == ends


@pytest.mark.parametrize("ends", ACTS)
def test_in_the_end_it_says_so_and_has_changed_nothing(practice, runner, monkeypatch, ends):
    booked = book(practice, runner)
    module, act = ACTS[ends]
    lock_timeouts(monkeypatch, module, ATTEMPTS)

    with pytest.raises(Busy, match="Nothing was changed"):
        act(booking=booked)

    assert Booking.objects.get(pk=booked.pk).state == State.CONFIRMED
    assert reserved_lot(booked.public_id) is not None
