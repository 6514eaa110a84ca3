"""Units become revenue or expire, or their use is taken back."""

from datetime import datetime

from payments.chart import Role
from payments.models import BookRules, CreditEntry, JournalEntry
from payments.posting.entries import Move, post, turned_round
from payments.posting.taxes import tax_falls


def post_earned(*, entry: CreditEntry, late: bool, at: datetime) -> JournalEntry | None:
    """A unit was used or has expired: what was owed goes where it belongs, on the day it did.

    With a session, tax that waited for it falls due. With an expiry nothing was supplied: what
    waited goes the way of the price (docs/books.md).
    """
    if entry.kind == CreditEntry.Kind.EXPIRE:
        role = tax_to = _role_of_expired()
    else:
        role = Role.LATE_REVENUE if late else Role.SESSION_REVENUE
        tax_to = Role.TAX_PAYABLE
    lot = entry.lot
    order = lot.order_line.order if lot.order_line else None
    return post(
        source=f"credit:{entry.pk}",
        kind="late" if late else entry.kind,
        description=f"{entry.get_kind_display()}: {entry.units} of {lot.name}",
        moves=[
            Move(Role.DEFERRED, role, entry.value_minor, order, lot, entry.booking_id),
            *tax_falls(entry, tax_to),
        ],
        currency=lot.currency,
        effective_at=entry.occurred_at or entry.effective_at,
        at=at,
    )


def _role_of_expired() -> Role:
    keeps = BookRules.current().breakage == BookRules.Breakage.REVENUE
    return Role.BREAKAGE if keeps else Role.UNCLAIMED


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
        effective_at=entry.occurred_at or entry.effective_at,
        at=at,
        reverses=earned,
    )
