"""Money comes in for an order."""

from collections.abc import Sequence
from datetime import datetime

from payments.chart import Role
from payments.models import CreditLot, JournalEntry, Order, OrderLine, PaymentAttempt
from payments.posting.entries import Move, post
from payments.posting.taxes import tax_role

MONEY_OF_METHOD = {
    PaymentAttempt.Method.CARD: Role.STRIPE_CLEARING,
    PaymentAttempt.Method.CASH: Role.CASH_DRAWER,
    PaymentAttempt.Method.TERMINAL: Role.TERMINAL_CLEARING,
    PaymentAttempt.Method.TRANSFER: Role.BANK,
}


def post_sale(
    *,
    order: Order,
    sold: Sequence[tuple[OrderLine, CreditLot]],
    method: str,
    at: datetime,
) -> JournalEntry | None:
    """Money came in; sessions are owed for the price without tax, the tax to the state.

    The tax is owed at once, or waits for the sessions, as the line says.
    """
    money = MONEY_OF_METHOD[PaymentAttempt.Method(method)]
    moves = []
    for line, lot in sold:
        moves.append(Move(money, Role.DEFERRED, line.net_minor, order, lot))
        moves.append(Move(money, tax_role(line), line.tax_minor, order, lot))
    return post(
        source=f"sale:{order.pk}",
        kind="sale",
        description=f"Order {order.number} paid",
        moves=moves,
        currency=order.currency,
        effective_at=at,
        at=at,
    )
