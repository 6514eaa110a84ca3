"""The books: what each happening posts, by rule, once (docs/books.md has the table).

Every function may be called again with the same cause: the first entry stands.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from payments.chart import Role
from payments.models import (
    BalanceTransaction,
    CreditEntry,
    CreditLot,
    JournalEntry,
    JournalLine,
    Order,
    OrderLine,
    PaymentAttempt,
    Payout,
)


@dataclass(frozen=True, slots=True)
class Move:
    """An amount to debit to one role and credit to another; a negative one turns them round."""

    debit: Role
    credit: Role
    amount_minor: int
    order: Order | None = None
    lot: CreditLot | None = None
    booking_id: uuid.UUID | None = None


MONEY_OF_METHOD = {
    PaymentAttempt.Method.CARD: Role.STRIPE_CLEARING,
    PaymentAttempt.Method.CASH: Role.CASH_DRAWER,
    PaymentAttempt.Method.TERMINAL: Role.TERMINAL_CLEARING,
    PaymentAttempt.Method.TRANSFER: Role.BANK,
}


@transaction.atomic
def post(
    *,
    source: str,
    kind: str,
    description: str,
    moves: Iterable[Move],
    currency: str,
    effective_at: datetime,
    at: datetime,
    reverses: JournalEntry | None = None,
) -> JournalEntry | None:
    """Write one entry because of `source`; amounts in minor units of `currency`.

    A source that has posted returns its first entry. Nothing to move: no entry, None.
    """
    wanted = [move for move in moves if move.amount_minor]
    if not wanted:
        return None
    earlier: JournalEntry | None = JournalEntry.objects.filter(source=source).first()
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            entry = JournalEntry.objects.create(
                source=source,
                kind=kind,
                description=description[:200],
                effective_at=effective_at,
                posted_at=at,
                reverses=reverses,
            )
    except IntegrityError:  # somebody else posted it between our look and our write
        return JournalEntry.objects.get(source=source)
    JournalLine.objects.bulk_create(_line(entry, move, currency) for move in wanted)
    return entry


def _line(entry: JournalEntry, move: Move, currency: str) -> JournalLine:
    debit, credit = move.debit, move.credit
    if move.amount_minor < 0:
        debit, credit = credit, debit
    return JournalLine(
        entry=entry,
        debit=debit.code,
        credit=credit.code,
        amount_minor=abs(move.amount_minor),
        currency=currency,
        order=move.order,
        lot=move.lot,
        booking_id=move.booking_id,
    )


def post_sale(
    *,
    order: Order,
    sold: Sequence[tuple[OrderLine, CreditLot]],
    method: str,
    at: datetime,
) -> JournalEntry | None:
    """Money came in; sessions are owed for the price without tax, the tax to the state."""
    money = MONEY_OF_METHOD[PaymentAttempt.Method(method)]
    moves = []
    for line, lot in sold:
        moves.append(Move(money, Role.DEFERRED, line.net_minor, order, lot))
        moves.append(Move(money, Role.TAX_PAYABLE, line.tax_minor, order))
    return post(
        source=f"sale:{order.pk}",
        kind="sale",
        description=f"Order {order.number} paid",
        moves=moves,
        currency=order.currency,
        effective_at=at,
        at=at,
    )


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
        moves=[
            Move(
                Role.called(line.credit),
                Role.called(line.debit),
                line.amount_minor,
                line.order,
                line.lot,
                line.booking_id,
            )
            for line in earned.lines.select_related("order", "lot")
        ],
        currency=entry.lot.currency,
        effective_at=entry.effective_at,
        at=at,
        reverses=earned,
    )


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
    if category in {"charge", "refund", "partial_capture_reversal"}:
        return [Move(clearing, Role.UNASSIGNED, amount, order), fee]
    if category == "refund_failure":
        return [Move(clearing, Role.REFUNDS_OWED, amount, order), fee]
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
