"""Giving a session back: what it would mean, and doing it (E17, B7 to B9).

One function decides, the page shows its sentence before the button, the act obeys it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from scheduling import letters
from scheduling.changing import Kind, change, locked, require
from scheduling.errors import IllegalTransition
from scheduling.models import Booking
from scheduling.wording import moment_words

State = Booking.State


@dataclass(frozen=True, slots=True)
class CancelOutcome:
    """What cancelling now would do. ``free_until`` is the last moment it costs nothing."""

    in_time: bool
    credit_returns: bool
    free_until: datetime
    sentence: str


def outcome_of_cancelling(*, booking: Booking, at: datetime) -> CancelOutcome:
    """What happens to the runner's credit if she cancels now.

    The terms agreed to when it was booked decide, not today's. Just after booking a slip of the
    thumb costs nothing, whatever the terms.
    """
    free_until = free_until_of(booking)
    if at <= free_until:
        sentence = _("You get your credit back. Free until %(moment)s.")
        in_time = True
    else:
        sentence = _("Free cancelling ended %(moment)s, so the credit is used.")
        in_time = False
    return CancelOutcome(
        in_time=in_time,
        credit_returns=in_time,
        free_until=free_until,
        sentence=sentence % {"moment": moment_words(free_until, booking.zone)},
    )


def free_until_of(booking: Booking) -> datetime:
    """The last moment at which cancelling returns the credit: absolute time, inclusive (E17)."""
    if booking.policy is None:
        return booking.starts_at
    window = timedelta(minutes=booking.policy.cancel_window_minutes)
    return max(booking.starts_at - window, grace_ends(booking))


def grace_ends(booking: Booking) -> datetime:
    """The end of the minutes after booking in which anything can be undone."""
    if booking.policy is None or booking.booked_at is None:
        return booking.starts_at
    grace = timedelta(minutes=booking.policy.grace_minutes)
    return min(booking.booked_at + grace, booking.starts_at)


@transaction.atomic
def cancel_booking(*, booking: Booking, by: User | None, at: datetime, reason: str = "") -> Booking:
    """Cancel, and return or use the credit as ``outcome_of_cancelling`` says.

    The runner herself cancels in time or late; anyone else cancels for the practice, and then
    the credit always comes back. A cancelled booking stays as it is and is returned; a hold is
    let go.

    Raises:
        IllegalTransition: it has begun, is done, or was missed.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    if booking.is_cancelled or booking.state == State.EXPIRED:
        return booking
    if booking.state == State.HELD:
        return change(booking, to=State.EXPIRED, kind=Kind.EXPIRED, by=by, at=at, reason=reason)
    if by is not None and by.pk == booking.runner_id:
        _cancel_by_runner(booking, by=by, at=at, reason=reason)
    else:
        _cancel_by_practice(booking, by=by, at=at, reason=reason)
    letters.owe(booking, "booking_cancelled", at=at)
    return booking


def _cancel_by_runner(booking: Booking, *, by: User, at: datetime, reason: str) -> None:
    require(booking, State.CANCELLED_ONTIME)
    if at >= booking.starts_at:
        raise IllegalTransition(_("This session has begun, so it cannot be cancelled here."))
    outcome = outcome_of_cancelling(booking=booking, at=at)
    _write(
        booking,
        State.CANCELLED_ONTIME if outcome.in_time else State.CANCELLED_LATE,
        by=by,
        at=at,
        reason=reason,
    )
    if outcome.credit_returns:
        _return_credit(booking, by=by, at=at, reason=_("Cancelled in time"))
    else:
        crediting.use(
            booking_id=booking.public_id,
            by=by,
            at=at,
            effective_at=at,
            reason=_("Cancelled late"),
            late=True,
        )


def _cancel_by_practice(booking: Booking, *, by: User | None, at: datetime, reason: str) -> None:
    _write(booking, State.CANCELLED_CLINIC, by=by, at=at, reason=reason)
    _return_credit(booking, by=by, at=at, reason=_("Cancelled by us"))


def _write(booking: Booking, to: str, *, by: User | None, at: datetime, reason: str) -> None:
    change(
        booking,
        to=to,
        kind=Kind.CANCELLED,
        by=by,
        at=at,
        reason=reason,
        sequence=booking.sequence + 1,
        token_version=booking.token_version + 1,
    )


def _return_credit(booking: Booking, *, by: User | None, at: datetime, reason: str) -> None:
    crediting.release(booking_id=booking.public_id, by=by, at=at, reason=reason)
