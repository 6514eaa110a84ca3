"""The practice gives a unit back, and time to use it."""

import uuid
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.expiring import expire_lot
from payments.crediting.ledger import Kind, append, lock_wallet, settled_or_lock, units_in
from payments.crediting.reserving import release, reserve
from payments.days import in_words, practice_day
from payments.models import Bucket, CreditEntry, CreditLot, ServiceVariant


@transaction.atomic
def give_back(
    *, booking_id: uuid.UUID, until: date, by: User | None, at: datetime, reason: str
) -> CreditEntry:
    """Release the booking's unit and let its lot last until `until` at least (B9).

    Units of the lot whose last day is over are ended first, as the job would have: the unit
    comes back, and wakes no others. A repeat returns the first return.

    Raises:
        NotReserved: the booking never held a unit, or has used it.
    """
    taken = settled_or_lock(booking_id, Kind.RELEASE)
    lot = taken.lot
    if taken.kind == Kind.RELEASE:
        return taken
    if lot.status == CreditLot.Status.ACTIVE and lot.expires_on < practice_day(at):
        expire_lot(lot.pk, at)
    returned = release(booking_id=booking_id, by=by, at=at, reason=reason)
    if lot.expires_on < until:
        extend_for_return(lot.pk, until, returned, reason)
    return returned


@transaction.atomic
def release_ended(
    *, booking_id: uuid.UUID, by: User | None, at: datetime, reason: str
) -> CreditEntry:
    """Release the unit of a booking whose lot is over: it ends at once, as the job would end it
    (P7). A repeat returns the first return.

    Raises:
        NotReserved: the booking never held a unit, or has used it.
    """
    returned = release(booking_id=booking_id, by=by, at=at, reason=reason)
    lot = returned.lot
    if lot.is_active and lot.expires_on < practice_day(at):
        expire_lot(lot.pk, at)
    return returned


@transaction.atomic
def reassign(
    *,
    owner: User,
    variant: ServiceVariant,
    booking_id: uuid.UUID,
    session_on: date,
    lot: CreditLot,
    by: User | None,
    at: datetime,
    reason: str,
) -> CreditEntry:
    """Release the booking's unit and reserve one of `lot` instead, both or neither (P3).

    Raises:
        NotReserved: the booking holds no unit.
        NoCredit: `lot` cannot pay for it.
    """
    lock_wallet(owner)
    release_ended(booking_id=booking_id, by=by, at=at, reason=reason)
    return reserve(
        owner=owner,
        variant=variant,
        booking_id=booking_id,
        session_on=session_on,
        by=by,
        at=at,
        lot=lot,
        reason=reason,
    )


def extend_for_return(lot_id: int, until: date, returned: CreditEntry, why: str) -> CreditEntry:
    """A new last day, and the entry that shows it: the units stay where they are."""
    lot = CreditLot.objects.select_for_update().get(pk=lot_id)
    before, lot.expires_on = lot.expires_on, until
    lot.save(update_fields=["expires_on"])
    return append(
        lot,
        Kind.EXTEND,
        units_in(lot, [Bucket.AVAILABLE]),
        (Bucket.AVAILABLE, Bucket.AVAILABLE),
        source=f"extend:{returned.pk}",
        booking_id=returned.booking_id,
        last_days=(before, until),
        reason=_("%(why)s: ends %(until)s instead of %(before)s")
        % {"why": why, "until": in_words(until), "before": in_words(before)},
        by=returned.actor,
        at=returned.posted_at,
    )
