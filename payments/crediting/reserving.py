"""A booking's unit: set aside, given back, used, and the use taken back."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.closing import is_closed
from payments.crediting.beginning import begin
from payments.crediting.choosing import choose_lot, wanted_lot
from payments.crediting.errors import AlreadyUsed, PeriodClosed
from payments.crediting.ledger import (
    Kind,
    Worth,
    append,
    last_of,
    lock_wallet,
    next_worth,
    settled_or_lock,
)
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot, ServiceVariant
from payments.posting import (
    post_earned,
    post_taken_back,
    post_top_up_earned,
    post_top_up_taken_back,
)


@transaction.atomic
def reserve(
    *,
    owner: User,
    variant: ServiceVariant,
    booking_id: uuid.UUID,
    session_on: date,
    by: User | None,
    at: datetime,
    lot: CreditLot | None = None,
    reason: str = "",
) -> CreditEntry:
    """Set one unit aside for a booking whose session starts on `session_on`.

    A booking that holds a unit keeps it, so a retry costs nothing. With `lot`, only that one.
    `reason` is for what is not booked yet.

    Raises:
        NoCredit, OnlyExpiredCredit: nothing is written.
        AlreadyUsed: the session is over and paid.
    """
    lock_wallet(owner)
    last = last_of(booking_id)
    if last is not None and last.to_bucket == Bucket.RESERVED:
        return last
    if last is not None and last.kind == Kind.USE:
        raise AlreadyUsed(_("This booking has used its credit."))
    chosen = (
        choose_lot(owner=owner, variant=variant, session_on=session_on, at=at)
        if lot is None
        else wanted_lot(lot, owner=owner, variant=variant, session_on=session_on, at=at)
    )
    turn = CreditEntry.objects.of_booking(booking_id).filter(kind=Kind.RESERVE).count() + 1
    return append(
        chosen,
        Kind.RESERVE,
        1,
        (Bucket.AVAILABLE, Bucket.RESERVED),
        source=f"reserve:{booking_id}:{turn}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def release(*, booking_id: uuid.UUID, by: User | None, at: datetime, reason: str) -> CreditEntry:
    """Give the booking's unit back to its owner, once; a repeat returns the first return.

    A lot past its last day takes the unit back too, and the expiry job ends it there.

    Raises:
        NotReserved: the booking never held a unit, or has used it.
    """
    taken = settled_or_lock(booking_id, Kind.RELEASE)
    if taken.kind == Kind.RELEASE:
        return taken
    return append(
        taken.lot,
        Kind.RELEASE,
        1,
        (Bucket.RESERVED, Bucket.AVAILABLE),
        source=f"settle:{taken.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def use(
    *,
    booking_id: uuid.UUID,
    by: User | None,
    at: datetime,
    effective_at: datetime,
    reason: str,
    late: bool = False,
) -> CreditEntry:
    """Use the booking's unit up and earn its value on `effective_at`; a repeat changes nothing.

    `late` books the revenue as that of late cancellations and missed sessions.

    Raises:
        NotReserved: the booking never held a unit, or gave it back.
    """
    taken = settled_or_lock(booking_id, Kind.USE)
    if taken.kind == Kind.USE:
        return taken
    entry = append(
        taken.lot,
        Kind.USE,
        1,
        (Bucket.RESERVED, Bucket.USED),
        worth=next_worth(taken.lot, 1),
        source=f"settle:{taken.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
        effective_at=effective_at,
    )
    post_earned(entry=entry, late=late, at=at)
    post_top_up_earned(entry=entry, late=late, at=at)
    if not late:
        begin(entry, at=at)
    return entry


@transaction.atomic
def take_back_use(
    *, booking_id: uuid.UUID, by: User | None, at: datetime, reason: str
) -> CreditEntry | None:
    """Undo the booking's use: it holds its unit again, the books stand as before (E18, B10).

    Both corrections are dated as what they correct, so the day nets to nothing. None when the
    booking has used no unit; a repeat returns the first correction.

    Raises:
        PeriodClosed: the use lies in a period whose books are closed.
    """
    last = last_of(booking_id)
    if last is not None:
        CreditLot.objects.select_for_update().get(pk=last.lot_id)
        last = last_of(booking_id)
    if last is None or last.kind not in {Kind.USE, Kind.REVERSE}:
        return None
    if last.kind == Kind.REVERSE:
        return last
    if is_closed(last.effective_at):
        raise PeriodClosed(_("The books of that day are closed. Give a credit instead."))
    entry = append(
        last.lot,
        Kind.REVERSE,
        last.units,
        (Bucket.USED, Bucket.RESERVED),
        worth=Worth(last.value_minor, last.tax_minor),
        source=f"reverse:{last.pk}",
        booking_id=booking_id,
        reason=reason,
        by=by,
        at=at,
        effective_at=last.effective_at,
        reverses=last,
    )
    post_taken_back(entry=entry, at=at)
    post_top_up_taken_back(entry=entry, at=at)
    return entry


def holds_credit(booking_id: uuid.UUID) -> bool:
    """Whether a unit is set aside for the booking now; if not, it is due to pay, or settled."""
    return reserved_lot(booking_id) is not None


def reserved_lot(booking_id: uuid.UUID) -> CreditLot | None:
    """Where the unit belongs that is set aside for a booking now; None when there is none."""
    last = last_of(booking_id)
    return last.lot if last is not None and last.to_bucket == Bucket.RESERVED else None


def where_unit_is(booking_id: uuid.UUID) -> str | None:
    """The bucket the booking's unit is in now: available again is returned. None: it had none.

    What came back to a lot that was over is expired, as the next run of the job has it at last.
    """
    last = last_of(booking_id)
    if last is None:
        return None
    return Bucket.EXPIRED if came_back_too_late(last) else last.to_bucket


def came_back_too_late(last: CreditEntry) -> bool:
    """Whether the last movement of a booking returned its unit to a lot that was over (P7)."""
    is_over = last.lot.is_active and last.lot.expires_on < practice_day(last.posted_at)
    return last.kind == Kind.RELEASE and is_over
