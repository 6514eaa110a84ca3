"""Units change hands: out of one runner's lot, into a new one of somebody else."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from payments.crediting.errors import CreditError, NoCredit
from payments.crediting.ledger import Kind, Worth, append, lock_wallet, next_worth, units_in
from payments.models import Bucket, CreditLot
from payments.money import next_values
from payments.posting import post_transferred


@transaction.atomic
def transfer_units(
    *,
    lot: CreditLot,
    units: int,
    to: User,
    reason: str,
    by: User | None,
    at: datetime,
    source: str,
) -> CreditLot:
    """Move free units of a lot to a new lot of `to`, which it returns.

    Value, tax, first and last day, variants and terms move along. `source` names the cause: a
    repeat with it returns the first lot.

    Raises:
        NoCredit: fewer than `units` are free in the lot; nothing is written.
        CreditError: the lot is frozen, or is hers already.
    """
    lock_wallet(lot.owner)
    if earlier := CreditLot.objects.filter(entries__source=f"{source}:in").first():
        return earlier
    lot = CreditLot.objects.select_for_update().get(pk=lot.pk)
    _require_movable(lot, units, to)
    worth = next_worth(lot, units)
    received = _lot_for(to, lot, units, worth, at)
    out = append(
        lot,
        Kind.TRANSFER,
        units,
        (Bucket.AVAILABLE, Bucket.TRANSFERRED),
        worth=worth,
        source=f"{source}:out",
        reason=reason,
        by=by,
        at=at,
    )
    into = append(
        received,
        Kind.TRANSFER,
        units,
        (Bucket.ISSUED, Bucket.AVAILABLE),
        worth=worth,
        source=f"{source}:in",
        reason=reason,
        by=by,
        at=at,
    )
    post_transferred(out=out, into=into, at=at)
    return received


def _require_movable(lot: CreditLot, units: int, to: User) -> None:
    if to.pk == lot.owner_id:
        raise CreditError(_("These credits are theirs already."))
    if lot.status != CreditLot.Status.ACTIVE:
        raise CreditError(_("These credits are frozen."))
    free = units_in(lot, [Bucket.AVAILABLE])
    if units < 1 or units > free:
        raise NoCredit(
            ngettext(
                "%(count)s credit of this package is free to be transferred.",
                "%(count)s credits of this package are free to be transferred.",
                free,
            )
            % {"count": free}
        )


def _lot_for(to: User, lot: CreditLot, units: int, worth: Worth, at: datetime) -> CreditLot:
    received = CreditLot.objects.create(
        owner=to,
        name=lot.name,
        units=units,
        unit_values=next_values(worth.value_minor, units, units),
        tax_minor=worth.tax_minor,
        transferred_from=lot,
        currency=lot.currency,
        starts_on=lot.starts_on,
        expires_on=lot.expires_on,
        granted_at=at,
        policy_id=lot.policy_id,
        is_goodwill=lot.is_goodwill,
    )
    received.variants.set(lot.variants.all())
    return received
