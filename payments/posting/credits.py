"""Units become revenue, or their use is taken back."""

from datetime import datetime

from payments.chart import Role
from payments.models import CreditEntry, JournalEntry
from payments.posting.entries import Move, post, turned_round

REVENUE_OF_KIND = {
    CreditEntry.Kind.USE: Role.SESSION_REVENUE,
    CreditEntry.Kind.EXPIRE: Role.BREAKAGE,
}


def post_earned(*, entry: CreditEntry, late: bool, at: datetime) -> JournalEntry | None:
    """A unit was used or has expired: what was owed becomes revenue, on the day it did."""
    role = REVENUE_OF_KIND[CreditEntry.Kind(entry.kind)]
    if late:
        role = Role.LATE_REVENUE
    lot = entry.lot
    return post(
        source=f"credit:{entry.pk}",
        kind="late" if late else entry.kind,
        description=f"{entry.get_kind_display()}: {entry.units} of {lot.name}",
        moves=[
            Move(
                Role.DEFERRED,
                role,
                entry.value_minor,
                lot.order_line.order if lot.order_line else None,
                lot,
                entry.booking_id,
            )
        ],
        currency=lot.currency,
        effective_at=entry.effective_at,
        at=at,
    )


def post_taken_back(*, entry: CreditEntry, at: datetime) -> JournalEntry | None:
    """A use was taken back: what it posted is posted the other way round, dated the same.

    Free units posted nothing, so nothing is turned round.
    """
    earned = JournalEntry.objects.filter(source=f"credit:{entry.reverses_id}").first()
    if earned is None:
        return None
    return post(
        source=f"credit:{entry.pk}",
        kind="taken back",
        description=f"Taken back: {earned.description}",
        moves=turned_round(earned),
        currency=entry.lot.currency,
        effective_at=entry.effective_at,
        at=at,
        reverses=earned,
    )
