"""Reading Stripe's objects into the mirror, in the order the books need them.

Everything here calls Stripe, so never inside a transaction; everything may be repeated.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from payments import stripe_gateway as gateway
from payments.mirroring import (
    keep_balance_transaction,
    keep_charge,
    keep_dispute,
    keep_payout,
    keep_payout_lines,
    keep_refund,
)
from payments.models import BalanceTransaction, Charge, Dispute, PaymentAttempt, Payout
from payments.selling import fulfil
from payments.stripe_objects import BalanceRow, ChargeRow, RefundRow

AT_ONCE = 100  # rows of a transaction
REFUND_CATEGORIES = {"refund", "refund_failure"}
DISPUTE_CATEGORIES = {"dispute", "dispute_reversal"}
SETTLED = (PaymentAttempt.Status.PAID, PaymentAttempt.Status.SURPLUS)


def read_charge(charge_id: str, *, at: datetime) -> None:
    """Know a charge and, when it is there already, what it cost."""
    row = gateway.retrieve_charge(charge_id)
    charge = keep_charge(row, at=at)
    _fulfil_behind(charge, at)
    new = row.balance_transaction_id
    if new and not BalanceTransaction.objects.filter(pk=new).exists():
        keep_balance_transaction(gateway.retrieve_balance_transaction(new), at=at)


def read_balance_transactions(rows: Sequence[BalanceRow], *, at: datetime) -> int:
    """Keep and post the rows that are new, oldest first; how many there were."""
    ids = [row.id for row in rows]
    known = set(BalanceTransaction.objects.filter(pk__in=ids).values_list("pk", flat=True))
    new = sorted((row for row in rows if row.id not in known), key=lambda row: row.created_at)
    for first in range(0, len(new), AT_ONCE):
        _read_some(new[first : first + AT_ONCE], at)
    return len(new)


def _read_some(rows: Sequence[BalanceRow], at: datetime) -> None:
    """Those that need no word of Stripe's are kept in one transaction, the others one by one."""
    paid = [row.source.payment_intent_id for row in rows if isinstance(row.source, ChargeRow)]
    attempts = PaymentAttempt.objects.filter(stripe_payment_intent_id__in=paid, status__in=SETTLED)
    settled = set(attempts.values_list("stripe_payment_intent_id", flat=True))
    quiet: dict[str, ChargeRow] = {
        row.id: row.source
        for row in rows
        if row.reporting_category == "charge"
        and isinstance(row.source, ChargeRow)
        and row.source.payment_intent_id in settled
    }
    with transaction.atomic():
        for row in rows:
            if row.id in quiet:
                keep_charge(quiet[row.id], at=at)
                keep_balance_transaction(row, at=at)
    for row in rows:
        if row.id not in quiet:
            _know_source(row, at)
            keep_balance_transaction(row, at=at)


def read_dispute(dispute_id: str, *, at: datetime) -> Dispute:
    """Know a dispute, the charge behind it and the money it has moved.

    Its money is found by the ids it names: a list by source is empty although there are rows.
    """
    row = gateway.retrieve_dispute(dispute_id)
    if row.charge_id:
        read_charge(row.charge_id, at=at)
    dispute = keep_dispute(row, at=at)
    for transaction_id in row.balance_transaction_ids:
        if not BalanceTransaction.objects.filter(pk=transaction_id).exists():
            keep_balance_transaction(gateway.retrieve_balance_transaction(transaction_id), at=at)
    dispute.refresh_from_db()
    return dispute


def read_payout(payout_id: str, *, at: datetime) -> Payout:
    """Know a payout and, once Stripe has counted it, all that came with it."""
    payout = keep_payout(gateway.retrieve_payout(payout_id), at=at)
    if payout.is_itemisable:
        read_payout_lines(payout, at=at)
    return payout


def read_payout_lines(payout: Payout, *, at: datetime) -> None:
    rows = gateway.list_balance_transactions(payout_id=payout.pk)
    read_balance_transactions(rows, at=at)
    keep_payout_lines(payout, rows, at=at)


def _know_source(row: BalanceRow, at: datetime) -> None:
    """The charge or refund behind a movement, its order fulfilled, before it is posted."""
    if row.reporting_category == "charge" and row.source_id:
        known = Charge.objects.filter(pk=row.source_id, attempt__status__in=SETTLED)
        if not known.exists():
            source = row.source
            found = (
                source if isinstance(source, ChargeRow) else gateway.retrieve_charge(row.source_id)
            )
            _fulfil_behind(keep_charge(found, at=at), at)
    elif row.reporting_category in REFUND_CATEGORIES and row.source_id:
        source = row.source
        keep_refund(
            source if isinstance(source, RefundRow) else gateway.retrieve_refund(row.source_id),
            at=at,
        )
    elif row.reporting_category in DISPUTE_CATEGORIES and row.source_id:
        dispute = gateway.retrieve_dispute(row.source_id)
        if dispute.charge_id and not Charge.objects.filter(pk=dispute.charge_id).exists():
            read_charge(dispute.charge_id, at=at)
        keep_dispute(dispute, at=at)


def _fulfil_behind(charge: Charge, at: datetime) -> None:
    attempt = charge.attempt
    if attempt and attempt.stripe_session_id and attempt.status not in SETTLED:
        fulfil(session_id=attempt.stripe_session_id, at=at)
