"""What moves at Stripe."""

from datetime import datetime

from accounts.models import User
from payments.chart import Role
from payments.models import BalanceTransaction, JournalEntry, JournalLine, Order, Payout
from payments.posting.classifying import classified_as
from payments.posting.entries import Move, post
from payments.posting.exchange import (
    entered_by_exchange,
    post_exchanged,
    post_refund_exchanged,
    refunded_from,
)

REFUNDS = ("refund", "refund_failure")


def post_balance_transaction(
    *, row: BalanceTransaction, order: Order | None, at: datetime
) -> JournalEntry | None:
    """Stripe's balance moved: bring the clearing account to the same figure.

    A charge of an order was posted when the order was paid, so only its fee is left to
    post. Whatever we cannot place goes to an account of its own, never nowhere.
    """
    if row.reporting_category == "charge" and order is not None:
        post_exchanged(row=row, order=order, at=at)
    if row.reporting_category in REFUNDS and order is not None:
        post_refund_exchanged(row=row, order=order, at=at)
    return post(
        source=f"balance:{row.pk}",
        kind=f"stripe {row.reporting_category}"[:24],
        description=f"Stripe {row.reporting_category} {row.source_id or row.pk}",
        moves=_moves_of(row, order),
        currency=row.currency,
        effective_at=row.created_at,
        at=at,
    )


def _moves_of(row: BalanceTransaction, order: Order | None) -> list[Move]:
    clearing, amount = Role.STRIPE_CLEARING, row.amount_minor
    category = row.reporting_category
    if category in {"payout", "payout_reversal"}:
        return []  # posted from the payout itself
    fee_role = Role.DISPUTE_FEES if category.startswith("dispute") else Role.FEES
    fee = Move(fee_role, clearing, row.fee_minor, order)
    if category == "charge" and order is not None:
        return [*entered_by_exchange(row, order), fee]
    if category in REFUNDS:
        return [*refunded_from(row, order), fee]
    if category in {"charge", "partial_capture_reversal"}:
        return [Move(clearing, Role.UNASSIGNED, amount, order), fee]
    if category in {"dispute", "dispute_reversal"}:
        return [Move(clearing, Role.DISPUTES_RECEIVABLE, amount, order), fee]
    if category in {"fee", "network_cost"}:
        return [Move(clearing, Role.FEES, amount, order), fee]
    return [Move(clearing, classified_as(row) or Role.UNCLASSIFIED, amount, order), fee]


def post_assigned(
    *, row: BalanceTransaction, order: Order, by: User | None, at: datetime
) -> JournalEntry | None:
    """A payment of nobody turned out to be for an order: the sale has put it into the clearing
    account, so it leaves where it had waited. Nothing when it had never waited there."""
    waited = JournalLine.objects.filter(
        entry__source=f"balance:{row.pk}", credit=Role.UNASSIGNED.code
    )
    if not waited.exists():
        return None
    if row.currency != order.currency:
        post_exchanged(row=row, order=order, at=at)
    into = Role.STRIPE_CLEARING if row.currency == order.currency else Role.EXCHANGE
    return post(
        source=f"assigned:{row.pk}",
        kind="assigned",
        description=f"Stripe {row.source_id or row.pk} belongs to order {order.number}",
        moves=[Move(Role.UNASSIGNED, into, row.amount_minor, order)],
        currency=row.currency,
        effective_at=row.created_at,
        at=at,
        by=by,
    )


def post_payout(*, payout: Payout, at: datetime) -> JournalEntry | None:
    """Money left Stripe for the bank."""
    return post(
        source=f"payout:{payout.pk}",
        kind="payout",
        description=f"Payout {payout.pk}",
        moves=[Move(Role.BANK_IN_TRANSIT, Role.STRIPE_CLEARING, payout.amount_minor)],
        currency=payout.currency,
        effective_at=payout.created_at,
        at=at,
    )


def post_payout_failed(*, payout: Payout, at: datetime) -> JournalEntry | None:
    """The bank did not take it: it is back in Stripe's balance."""
    return post(
        source=f"payout-failed:{payout.pk}",
        kind="payout failed",
        description=f"Payout {payout.pk} {payout.status}",
        moves=[Move(Role.STRIPE_CLEARING, Role.BANK_IN_TRANSIT, payout.amount_minor)],
        currency=payout.currency,
        effective_at=at,
        at=at,
    )
