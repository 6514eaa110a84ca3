"""Units that were paid back leave the lot; if the money does not arrive, they come back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.crediting.expiring import expire_lot
from payments.crediting.ledger import Kind, Worth, append, next_worth
from payments.crediting.returning import extend_for_return
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot

TIME_TO_USE = timedelta(days=30)  # for units that come back after their last day


def take_back_units(
    *, lot: CreditLot, units: int, source: str, reason: str, by: User | None, at: datetime
) -> CreditEntry:
    """Take free units out of a lot the caller has locked: they can be booked no more."""
    return append(
        lot,
        Kind.REFUND,
        units,
        (Bucket.AVAILABLE, Bucket.REFUNDED),
        worth=next_worth(lot, units),
        source=source,
        reason=reason,
        by=by,
        at=at,
    )


@transaction.atomic
def return_units(*, taken: CreditEntry, reason: str, by: User | None, at: datetime) -> CreditEntry:
    """Give back what a refund or a lost dispute took, once; a repeat returns the first return.

    Units whose last day has passed meanwhile get another month: the runner has had neither
    money nor session.
    """
    lot = CreditLot.objects.select_for_update().get(pk=taken.lot_id)
    earlier: CreditEntry | None = CreditEntry.objects.filter(reverses=taken).first()
    if earlier is not None:
        return earlier
    today = practice_day(at)
    if lot.status == CreditLot.Status.ACTIVE and lot.expires_on < today:
        expire_lot(lot.pk, at)
    returned = append(
        lot,
        Kind.REVERSE,
        taken.units,
        (Bucket.REFUNDED, Bucket.AVAILABLE),
        worth=Worth(taken.value_minor, taken.tax_minor),
        source=f"reverse:{taken.pk}",
        reason=reason,
        by=by,
        at=at,
        reverses=taken,
    )
    if lot.expires_on < today:
        extend_for_return(lot.pk, today + TIME_TO_USE, returned, _("The refund failed"))
    return returned
