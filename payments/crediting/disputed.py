"""Units of a payment that its buyer disputes: nobody books with them until it is decided."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from payments.crediting.ledger import Kind, append, units_in
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot
from payments.models.credits import EntryQuerySet

FrozenFor = CreditLot.FrozenFor
WITHIN = (Bucket.AVAILABLE, Bucket.AVAILABLE)


@transaction.atomic
def freeze_for_dispute(*, lot: CreditLot, dispute_id: str, at: datetime) -> CreditEntry | None:
    """Freeze a lot, whatever it was frozen for before; None when this dispute has done it.

    A session that is booked keeps its unit.
    """
    lot = CreditLot.objects.select_for_update().get(pk=lot.pk)
    if lot.frozen_for == FrozenFor.DISPUTE:
        return None
    turn = _freezes(lot).count() + 1
    before = lot.frozen_for
    lot.status, lot.frozen_for = CreditLot.Status.FROZEN, FrozenFor.DISPUTE
    lot.frozen_on = lot.frozen_on or practice_day(at)
    lot.save(update_fields=["status", "frozen_for", "frozen_on"])
    return append(
        lot,
        Kind.FREEZE,
        units_in(lot, [Bucket.AVAILABLE]),
        WITHIN,
        # What it was frozen for comes last, to be put back when the dispute is over.
        source=f"dispute:{dispute_id}:freeze:{lot.pk}:{turn}:{before}",
        reason=_("The payment is disputed."),
        at=at,
    )


@transaction.atomic
def thaw_after_dispute(*, lot: CreditLot, dispute_id: str, at: datetime) -> CreditEntry | None:
    """Let a lot be what it was before a dispute froze it; None when none has."""
    lot = CreditLot.objects.select_for_update().get(pk=lot.pk)
    freezes = _freezes(lot)
    frozen = freezes.order_by("-pk").first()
    if frozen is None or lot.frozen_for != FrozenFor.DISPUTE:
        return None
    before = frozen.source.rpartition(":")[2]
    lot.frozen_for = before
    if not before:
        lot.status, lot.frozen_on = CreditLot.Status.ACTIVE, None
    lot.save(update_fields=["status", "frozen_for", "frozen_on"])
    return append(
        lot,
        Kind.THAW,
        units_in(lot, [Bucket.AVAILABLE]),
        WITHIN,
        source=f"dispute:{dispute_id}:thaw:{lot.pk}:{freezes.count()}",
        reason=_("The dispute is over."),
        at=at,
    )


def _freezes(lot: CreditLot) -> EntryQuerySet:
    return lot.entries.filter(kind=Kind.FREEZE, source__startswith="dispute:")
