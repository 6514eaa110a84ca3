"""Moving when it is too late to move: the session is cancelled, another is booked (E16).

Both or neither, and only after the runner has seen what becomes of her credit.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from payments.models import CreditLot
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.cancelling import carry_out_cancelling
from scheduling.effects import Effect
from scheduling.models import Booking, Therapist
from scheduling.move_terms import too_late


@transaction.atomic
def rebook(
    booking: Booking, effect: Effect, *, by: User | None, at: datetime, reason: str
) -> Booking:
    """Cancel as the effect says and book the new time; returns the new booking.

    The caller holds every lock and has judged the time. What is freed first can be taken again
    by the new session, so 10:00 may become 10:30. A time she holds of the same treatment is
    replaced, as by any new hold (E13).
    """
    if booking.runner is None or effect.starts_at is None or effect.another is None:
        raise too_late(booking)
    therapist = Therapist.objects.filter(pk=effect.therapist_id or 0).first()
    carry_out_cancelling(booking, effect, by=by, at=at, reason=reason)
    held = hold_time(
        variant=booking.variant,
        location=booking.location,
        starts_at=effect.starts_at,
        therapist=therapist,
        hold_key=_key(booking),
        runner=booking.runner,
        at=at,
        source=booking.source,
    )
    return confirm_with_credit(
        booking=held,
        runner=booking.runner,
        by=by,
        at=at,
        lot=CreditLot.objects.get(public_id=effect.another.public_id),
    )


def rebooked(booking: Booking) -> Booking | None:
    """The session that took the place of one moved too late."""
    found = Booking.objects.with_everything().filter(hold_key=_key(booking))
    return found.exclude(state__in=[Booking.State.HELD, Booking.State.EXPIRED]).first()


def _key(booking: Booking) -> str:
    return f"instead-of:{booking.public_id}"
