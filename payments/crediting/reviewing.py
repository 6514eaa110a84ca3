"""Units that nobody may book with until somebody has looked at their payment (M02, M03, M16)."""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from payments.crediting.ledger import Kind, append, units_in
from payments.days import practice_day
from payments.models import Bucket, CreditEntry, CreditLot


@transaction.atomic
def hold_for_review(
    *, lot: CreditLot, by: User | None, at: datetime, reason: str
) -> CreditEntry | None:
    """Freeze a lot; None when it is frozen already. A session that is booked keeps its unit.

    Staff let it go as any lot that rests (`adjusting.thaw_lot`), with the days it lost.
    """
    lot = CreditLot.objects.select_for_update().get(pk=lot.pk)
    if lot.status == CreditLot.Status.FROZEN:
        return None
    lot.status, lot.frozen_for = CreditLot.Status.FROZEN, CreditLot.FrozenFor.REVIEW
    lot.frozen_on = practice_day(at)
    lot.save(update_fields=["status", "frozen_for", "frozen_on"])
    turn = lot.entries.filter(kind=Kind.FREEZE, source__startswith="review:").count() + 1
    return append(
        lot,
        Kind.FREEZE,
        max(units_in(lot, [Bucket.AVAILABLE]), 0),
        (Bucket.AVAILABLE, Bucket.AVAILABLE),
        source=f"review:freeze:{lot.pk}:{turn}",
        reason=reason,
        by=by,
        at=at,
    )
