"""A payment that Stripe settles in another currency than the order's: both are kept.

The sale brought the order's currency into the clearing account; Stripe's balance has another.
The first leaves through the exchange account, the second enters through it, so the clearing
account agrees with Stripe in each currency and the exchange account shows what was changed.
"""

from datetime import datetime

from payments.chart import Role
from payments.models import BalanceTransaction, JournalEntry, Order, Refund
from payments.posting.entries import Move, post
from payments.posting.refunds import account_of_refund


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


def refunded_from(row: BalanceTransaction, order: Order | None) -> list[Move]:
    """What a refund took out of Stripe's balance, out of what is owed for it; or by exchange."""
    account = account_of_refund(row.source_id)
    if order is not None and row.currency != order.currency:
        account = Role.EXCHANGE
    return [Move(Role.STRIPE_CLEARING, account, row.amount_minor, order)]


def post_refund_exchanged(
    *, row: BalanceTransaction, order: Order, at: datetime
) -> JournalEntry | None:
    """The order's own currency is owed no more: it was paid back through the exchange."""
    refund = Refund.objects.filter(pk=row.source_id).first()
    if refund is None or row.currency == order.currency:
        return None
    back = -1 if row.amount_minor > 0 else 1  # a refund that failed comes back
    return post(
        source=f"exchanged:{row.pk}",
        kind="exchange",
        description=f"Refund of order {order.number}: {order.currency} to {row.currency}",
        moves=[
            Move(account_of_refund(refund.pk), Role.EXCHANGE, back * refund.amount_minor, order)
        ],
        currency=order.currency,
        effective_at=row.created_at,
        at=at,
    )
