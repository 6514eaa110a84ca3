"""Giving a session back: what it would mean, and doing it (E17, B7 to B9).

One function decides; a quote shows its answer before the button, the act does what it says.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting, topping_up
from payments.days import end_of, practice_day
from payments.models import CreditLot
from scheduling import letters
from scheduling.changing import Kind, change, locked, require
from scheduling.effects import (
    Act,
    Agreed,
    Credit,
    Effect,
    Outcome,
    Pack,
    pack,
    require_agreed,
    version_of,
)
from scheduling.errors import IllegalTransition, ReasonMissing
from scheduling.models import Booking
from scheduling.patience import patient
from scheduling.terms import free_until_of, is_practice, last_before_start
from scheduling.waiving import WAIVABLE, WAIVED, waive_cost

State = Booking.State
# A credit we give back because we cancelled is good for at least so long (B9).
GOOD_FOR = timedelta(days=14)
MAIL = "booking_cancelled"
STATES = {
    Outcome.IN_TIME: State.CANCELLED_ONTIME,
    Outcome.LATE: State.CANCELLED_LATE,
    Outcome.BY_PRACTICE: State.CANCELLED_CLINIC,
}


def effect_of_cancelling(
    *,
    booking: Booking,
    by: User | None,
    at: datetime,
    for_runner: bool = False,
    waive: bool = False,
) -> Effect:
    """All that cancelling would change at ``at``: the terms agreed to decide, not today's.

    The runner cancels in time, and the credit returns, or late, and it is used. Anyone else
    cancels for the practice: it returns, with at least 14 days left to use it; or ``for_runner``,
    who asked them to, by her terms, and ``waive`` returns it even when that is late (B8).

    Raises:
        IllegalTransition: it has begun, is over, or is only held.
    """
    outcome = _outcome(booking, by, at, for_runner)
    lot = crediting.reserved_lot(booking.public_id)
    ends_on = _last_day(lot, outcome, at)
    return Effect(
        act=Act.CANCEL,
        outcome=outcome,
        state=STATES[outcome],
        sequence=booking.sequence + 1,
        credit=_credit(lot, outcome, waive, at),
        mails=(MAIL,),
        holds_to=_holds_to(booking, lot, outcome, at),
        lot=_pack(lot, ends_on),
        extended=lot is not None and ends_on != lot.expires_on,
    )


@patient
@transaction.atomic
def cancel_booking(
    *,
    booking: Booking,
    by: User | None,
    at: datetime,
    reason: str = "",
    agreed: Agreed | None = None,
    for_runner: bool = False,
    waive: bool = False,
) -> Booking:
    """Cancel, and do to the credit what ``effect_of_cancelling`` says now.

    With ``agreed`` only if that is what was agreed to. A cancelled booking stays as it is and is
    returned; a hold is let go.

    Staff cancel for the practice, or ``for_runner`` by her terms. They may ``waive`` what being
    late costs her, with a reason: the credit returns, also when the session was cancelled late
    or missed before; the state stays, so that reports tell both (B8).

    Raises:
        IllegalTransition: it has begun, is done, or was missed.
        ReasonMissing: why it is waived.
        EffectChanged: something else than ``agreed`` would happen.
        Either way nothing is written.
    """
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    waive = waive and is_practice(booking, by)
    if waive and not reason.strip():
        raise ReasonMissing
    if waive and booking.state in WAIVABLE:
        return waive_cost(booking, by=by, at=at, reason=reason)
    if booking.is_cancelled or booking.state == State.EXPIRED:
        return booking
    if booking.state == State.HELD:
        return change(booking, to=State.EXPIRED, kind=Kind.EXPIRED, by=by, at=at, reason=reason)
    effect = effect_of_cancelling(
        booking=booking, by=by, at=at, for_runner=for_runner or waive, waive=waive
    )
    require_agreed(agreed, version_of(booking), effect, at)
    waived = waive and effect.outcome == Outcome.LATE
    return carry_out_cancelling(booking, effect, by=by, at=at, reason=reason, waived=waived)


def carry_out_cancelling(
    booking: Booking,
    effect: Effect,
    *,
    by: User | None,
    at: datetime,
    reason: str = "",
    waived: bool = False,
) -> Booking:
    """Write what the effect says. The caller has locked wallet and booking."""
    change(
        booking,
        to=effect.state,
        kind=Kind.CANCELLED,
        by=by,
        at=at,
        reason=reason,
        details=WAIVED if waived else {},
        sequence=effect.sequence,
        token_version=booking.token_version + 1,
    )
    _settle_credit(booking, effect, by=by, at=at)
    topping_up.owe_back_if_unused(booking_id=booking.public_id, at=at)
    if MAIL in effect.mails:
        letters.owe(booking, MAIL, at=at)
    return booking


def _outcome(booking: Booking, by: User | None, at: datetime, for_runner: bool) -> Outcome:
    if is_practice(booking, by) and not for_runner:
        require(booking, State.CANCELLED_CLINIC)
        return Outcome.BY_PRACTICE
    require(booking, State.CANCELLED_ONTIME)
    if at >= booking.starts_at:
        raise IllegalTransition(_("This session has begun, so it cannot be cancelled here."))
    return Outcome.IN_TIME if at <= free_until_of(booking) else Outcome.LATE


def _credit(lot: CreditLot | None, outcome: Outcome, waive: bool, at: datetime) -> Credit:
    if lot is None:
        return Credit.NONE
    if outcome == Outcome.LATE and not waive:
        return Credit.USED
    is_over = lot.is_active and lot.expires_on < practice_day(at)
    return Credit.ENDED if is_over and outcome != Outcome.BY_PRACTICE else Credit.RETURNED


def _last_day(lot: CreditLot | None, outcome: Outcome, at: datetime) -> date | None:
    if lot is None:
        return None
    if outcome == Outcome.BY_PRACTICE:
        return max(lot.expires_on, practice_day(at) + GOOD_FOR)
    return lot.expires_on


def _pack(lot: CreditLot | None, ends_on: date | None) -> Pack | None:
    return pack(lot, ends_on) if lot is not None else None


def _holds_to(booking: Booking, lot: CreditLot | None, outcome: Outcome, at: datetime) -> datetime:
    """When something else would happen: the end of the free time, the start, or our midnight."""
    if outcome == Outcome.IN_TIME:
        in_time = min(free_until_of(booking), last_before_start(booking))
        if lot is None or lot.expires_on < practice_day(at):
            return in_time
        return min(in_time, end_of(lot.expires_on) - timedelta(microseconds=1))
    if outcome == Outcome.LATE:
        return last_before_start(booking)
    return end_of(practice_day(at)) - timedelta(microseconds=1)


def _settle_credit(booking: Booking, effect: Effect, *, by: User | None, at: datetime) -> None:
    if effect.credit == Credit.USED:
        crediting.use(
            booking_id=booking.public_id,
            by=by,
            at=at,
            effective_at=at,
            reason=_("Cancelled late"),
            late=True,
        )
    elif effect.extended and effect.lot is not None:
        crediting.give_back(
            booking_id=booking.public_id,
            until=effect.lot.ends_on,
            by=by,
            at=at,
            reason=_("Cancelled by us"),
        )
    elif effect.credit == Credit.ENDED:
        crediting.release_ended(
            booking_id=booking.public_id, by=by, at=at, reason=_why_returned(effect.outcome)
        )
    elif effect.credit == Credit.RETURNED:
        crediting.release(
            booking_id=booking.public_id,
            by=by,
            at=at,
            reason=_why_returned(effect.outcome),
        )


def _why_returned(outcome: Outcome) -> str:
    return {
        Outcome.BY_PRACTICE: _("Cancelled by us"),
        Outcome.LATE: _("Cancelled late, waived"),
    }.get(outcome, _("Cancelled in time"))
