"""What moves at Stripe."""

from datetime import datetime

from payments.chart import Role
from payments.models import BalanceTransaction, JournalEntry, Order, Payout
from payments.posting.entries import Move, post
from payments.posting.refunds import account_of_refund


def post_balance_transaction(
    *, row: BalanceTransaction, order: Order | None, at: datetime
) -> JournalEntry | None:
    """Stripe's balance moved: bring the clearing account to the same figure.

    A charge of an order was posted when the order was paid, so only its fee is left to
    post. Whatever we cannot place goes to an account of its own, never nowhere.
    """
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
        return [fee]
    if category in {"refund", "refund_failure"}:
        return [Move(clearing, account_of_refund(row.source_id), amount, order), fee]
    if category in {"charge", "partial_capture_reversal"}:
        return [Move(clearing, Role.UNASSIGNED, amount, order), fee]
    if category in {"dispute", "dispute_reversal"}:
        return [Move(clearing, Role.DISPUTES_RECEIVABLE, amount, order), fee]
    if category in {"fee", "network_cost"}:
        return [Move(clearing, Role.FEES, amount, order), fee]
    return [Move(clearing, Role.UNCLASSIFIED, amount, order), fee]


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
