"""Forgiving what a late cancellation or a no-show costs (B8): the fact stays on record."""

from datetime import datetime

from accounts.models import User
from payments import crediting, topping_up
from scheduling.changing import Kind, record
from scheduling.models import Booking

State = Booking.State
WAIVABLE = (State.CANCELLED_LATE, State.NO_SHOW)
# In the details of a change; reports count by it.
WAIVED = {"waived": True}


def waive_cost(booking: Booking, *, by: User | None, at: datetime, reason: str) -> Booking:
    """Give back the credit of a session cancelled late or missed, once. The row is locked.

    Its use is taken back, with the revenue, and the credit returned to its package. Where no
    credit was used there is nothing to give back.

    Raises:
        crediting.PeriodClosed: the books of that day are closed.
    """
    used = crediting.take_back_use(booking_id=booking.public_id, by=by, at=at, reason=reason)
    if used is None:
        return booking
    crediting.release(booking_id=booking.public_id, by=by, at=at, reason=reason)
    topping_up.owe_back_if_unused(booking_id=booking.public_id, at=at)
    kind = Kind.NO_SHOW if booking.state == State.NO_SHOW else Kind.CANCELLED
    record(booking, before=booking.state, kind=kind, by=by, at=at, reason=reason, details=WAIVED)
    return booking
