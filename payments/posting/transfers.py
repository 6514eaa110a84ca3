"""Credits change hands: what is owed goes from one lot to another, by way of an account between."""

from datetime import datetime

from payments.chart import Role
from payments.models import CreditEntry, JournalEntry, TaxTiming
from payments.posting.entries import Move, post


def post_transferred(*, out: CreditEntry, into: CreditEntry, at: datetime) -> JournalEntry | None:
    """Units left one lot and came into another: the amount owed stays, its lot changes.

    Tax that waits for the session moves along; tax posted at the sale is the state's already.
    """
    line = out.lot.bought_line
    order = line.order if line else None
    owed = [(Role.DEFERRED, out.value_minor)]
    if line and line.tax_timing == TaxTiming.REDEMPTION:
        owed.append((Role.TAX_DEFERRED, out.tax_minor))
    return post(
        source=f"credit:{out.pk}",
        kind="transfer",
        description=f"Transferred: {out.units} of {out.lot.name}",
        moves=[
            move
            for role, amount in owed
            for move in (
                Move(role, Role.CREDIT_TRANSFERS, amount, order, out.lot),
                Move(Role.CREDIT_TRANSFERS, role, amount, order, into.lot),
            )
        ],
        currency=out.lot.currency,
        effective_at=out.effective_at,
        at=at,
    )
