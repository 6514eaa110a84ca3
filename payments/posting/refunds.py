"""Money goes back: what was owed in sessions is owed in money, until it has left.

A refund of ours: Deferred and tax against Refunds owed when it is asked for, Refunds owed
against the money when that leaves. One made at Stripe: the money left first, out of Receipts
and refunds to assign, and its units fill that account again. Either way the account between
comes back to nothing.
"""

from collections.abc import Iterable
from datetime import datetime

from payments.chart import Role
from payments.models import (
    CreditEntry,
    JournalEntry,
    Order,
    OrderLine,
    PaymentAttempt,
    RefundRequest,
    TaxTiming,
)
from payments.posting.entries import Move, post, turned_round
from payments.posting.sales import MONEY_OF_METHOD
from payments.posting.top_ups import top_up_to

TAX_ROLE = {TaxTiming.SALE: Role.TAX_PAYABLE, TaxTiming.REDEMPTION: Role.TAX_DEFERRED}


def units_to(
    account: Role, taken: Iterable[tuple[CreditEntry, OrderLine]], order: Order
) -> list[Move]:
    """Units that left their lots: what they were sold for is owed by `account` instead."""
    moves = []
    for entry, line in taken:
        tax = TAX_ROLE[TaxTiming(line.tax_timing)]
        moves.append(Move(Role.DEFERRED, account, entry.value_minor, order, entry.lot))
        moves.append(Move(tax, account, entry.tax_minor, order, entry.lot))
    return moves


def post_refund_requested(
    *, request: RefundRequest, taken: Iterable[tuple[CreditEntry, OrderLine]], at: datetime
) -> JournalEntry | None:
    """The units are gone, the money is owed; what differs is ours to bear, or to keep."""
    account, order = _between(request), request.order
    moves = units_to(account, taken, order)
    if request.attempt.status != PaymentAttempt.Status.SURPLUS:
        beyond = request.amount_minor - sum(move.amount_minor for move in moves)
        moves += top_up_to(account, order, beyond)
    difference = request.amount_minor - sum(move.amount_minor for move in moves)
    if request.attempt.status == PaymentAttempt.Status.SURPLUS:
        moves.append(Move(Role.UNASSIGNED, account, difference, order))  # nothing was sold for it
    elif difference > 0:
        moves.append(Move(Role.GOODWILL_COST, account, difference, order))
    elif difference < 0:
        moves.append(Move(account, Role.SUSPENSE_REVENUE, -difference, order))
    return post(
        source=f"refund:{request.pk}",
        kind="refund",
        description=f"Refund {request.number} of order {order.number}",
        moves=moves,
        currency=request.currency,
        effective_at=request.requested_at,
        at=at,
        by=request.requested_by,
        reason=request.reason,
    )


def post_refund_paid(*, request: RefundRequest, at: datetime) -> JournalEntry | None:
    """Money that left by hand: out of the drawer, by the terminal, by the bank."""
    money = MONEY_OF_METHOD[PaymentAttempt.Method(request.method)]
    return post(
        source=f"refund-paid:{request.pk}",
        kind="refund paid",
        description=f"Refund {request.number} of order {request.order.number} paid",
        moves=[Move(Role.REFUNDS_OWED, money, request.amount_minor, request.order)],
        currency=request.currency,
        effective_at=at,
        at=at,
        by=request.requested_by,
    )


def post_refund_undone(*, request: RefundRequest, at: datetime) -> JournalEntry | None:
    """The money did not leave, or came back: sessions are owed again instead of money."""
    asked = JournalEntry.objects.filter(source=f"refund:{request.pk}").first()
    if asked is None:
        return None
    return post(
        source=f"refund-undone:{request.pk}",
        kind="refund undone",
        description=f"Undone: {asked.description}",
        moves=turned_round(asked),
        currency=request.currency,
        effective_at=at,
        at=at,
        reverses=asked,
    )


def account_of_refund(refund_id: str) -> Role:
    """What the money of a refund at Stripe is taken from: owed by us, or not known what for."""
    ours = RefundRequest.objects.filter(
        stripe_refund_id=refund_id, origin=RefundRequest.Origin.PORTAL
    )
    return Role.REFUNDS_OWED if ours.exists() else Role.UNASSIGNED


def _between(request: RefundRequest) -> Role:
    external = request.origin == RefundRequest.Origin.EXTERNAL
    return Role.UNASSIGNED if external else Role.REFUNDS_OWED
