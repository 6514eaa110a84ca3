"""Staff let another package of the runner's pay for a session (P3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.models import CreditLot
from scheduling.changing import Kind, change, locked
from scheduling.errors import IllegalTransition, ReasonMissing
from scheduling.models import Booking
from scheduling.patience import patient


@patient
@transaction.atomic
def pay_from(
    *, booking: Booking, lot: CreditLot, by: User | None, at: datetime, reason: str
) -> Booking:
    """Give back the credit set aside for the session, and set one of `lot` aside instead.

    Both or neither. What is paid from `lot` already stays as it is.

    Raises:
        ReasonMissing: why.
        crediting.NoCredit: that package cannot pay for it.
        IllegalTransition: it is not booked any more, no credit is set aside for it, or one of a
            shorter session and the difference pay for it.
    """
    if not reason.strip():
        raise ReasonMissing
    if booking.runner is not None:
        crediting.lock_wallet(booking.runner)
    booking = locked(booking)
    before = crediting.reserved_lot(booking.public_id)
    if not booking.is_booked or booking.runner is None or before is None:
        raise IllegalTransition(_("No credit is set aside for this session."))
    if not before.variants.filter(pk=booking.variant_id).exists():
        raise IllegalTransition(
            _("It is paid by a credit of a shorter session and the difference, so that stays.")
        )
    if before == lot:
        return booking
    crediting.reassign(
        owner=booking.runner,
        variant=booking.variant,
        booking_id=booking.public_id,
        session_on=booking.starts_local.date(),
        lot=lot,
        by=by,
        at=at,
        reason=reason.strip(),
    )
    details = {"lot": str(lot.public_id), "instead_of": str(before.public_id)}
    return change(
        booking,
        to=booking.state,
        kind=Kind.PAID,
        by=by,
        at=at,
        reason=reason.strip(),
        details=details,
    )
