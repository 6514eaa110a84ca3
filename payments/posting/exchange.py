"""A payment that Stripe settles in another currency than the order's: both are kept.

The sale brought the order's currency into the clearing account; Stripe's balance has another.
The first leaves through the exchange account, the second enters through it, so the clearing
account agrees with Stripe in each currency and the exchange account shows what was changed.
"""

from datetime import datetime

from payments.chart import Role
from payments.models import BalanceTransaction, JournalEntry, Order
from payments.posting.entries import Move, post


def entered_by_exchange(row: BalanceTransaction, order: Order) -> list[Move]:
    """What came into Stripe's balance for the order, when that is another currency's money."""
    if row.currency == order.currency:
        return []
    return [Move(Role.STRIPE_CLEARING, Role.EXCHANGE, row.amount_minor, order)]


def post_exchanged(*, row: BalanceTransaction, order: Order, at: datetime) -> JournalEntry | None:
    """The order's own currency leaves the clearing account: Stripe never had it."""
    if row.currency == order.currency:
        return None
    rate = f" at {row.exchange_rate}" if row.exchange_rate else ""
    return post(
        source=f"exchanged:{row.pk}",
        kind="exchange",
        description=f"Order {order.number}: {order.currency} to {row.currency}{rate}",
        moves=[Move(Role.EXCHANGE, Role.STRIPE_CLEARING, order.total_minor, order)],
        currency=order.currency,
        effective_at=row.created_at,
        at=at,
    )
