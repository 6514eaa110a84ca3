"""The thin mirror of Stripe's objects: kept by id, so the same news twice changes nothing.

Balance transactions are what the books are made from; they are kept whatever their category.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from payments.disputing.following import CATEGORIES as DISPUTE_CATEGORIES
from payments.disputing.following import OPEN as DISPUTE_OPEN
from payments.disputing.following import follow as follow_dispute
from payments.disputing.following import is_backwards
from payments.disputing.reporting import report_dispute
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import (
    BalanceTransaction,
    Charge,
    Dispute,
    Order,
    PaymentAttempt,
    Payout,
    PayoutLine,
    Refund,
)
from payments.models.stripe import PAYOUT_CATEGORIES
from payments.posting import (
    classified_as,
    post_balance_transaction,
    post_payout,
    post_payout_failed,
)
from payments.refunding.following import follow as follow_refund
from payments.refunding.following import needs_units, rank_of, request_behind
from payments.stripe_objects import BalanceRow, ChargeRow, DisputeRow, PayoutRow, RefundRow

KNOWN_CATEGORIES = {
    "charge",
    "refund",
    "refund_failure",
    "dispute",
    "dispute_reversal",
    "fee",
    "network_cost",
    "partial_capture_reversal",
    *PAYOUT_CATEGORIES,
}
PAYOUT_LOST = ("failed", "canceled")


@transaction.atomic
def keep_charge(row: ChargeRow, *, at: datetime) -> Charge:
    """Keep a charge; one that succeeded without an order of ours is put before staff."""
    attempt = _attempt_of(row)
    charge, _made = Charge.objects.update_or_create(
        pk=row.id,
        defaults={
            "attempt": attempt,
            "payment_intent_id": row.payment_intent_id,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "amount_refunded_minor": row.amount_refunded_minor,
            "status": row.status,
            "livemode": row.livemode,
            "created_at": row.created_at,
        },
    )
    if row.balance_transaction_id and not charge.balance_transaction_id:
        charge.balance_transaction_id = row.balance_transaction_id
        charge.save(update_fields=["balance_transaction_id"])
    if row.status == "succeeded" and attempt is None:
        open_mismatch(
            "M01",
            about=row.payment_intent_id or row.id,
            at=at,
            amount_minor=row.amount_minor,
            currency=row.currency,
            details={"charge": row.id, **_named_by(row)},
        )
    elif attempt is not None:
        about = row.payment_intent_id or row.id
        settle_mismatch("M01", about=about, at=at, resolution="The order was found.")
    return charge


def _attempt_of(row: ChargeRow) -> PaymentAttempt | None:
    attempts = PaymentAttempt.objects.all()
    if row.payment_intent_id and (
        found := attempts.filter(stripe_payment_intent_id=row.payment_intent_id).first()
    ):
        return found
    try:
        wanted = uuid.UUID(str(row.metadata.get("attempt", "")))
    except ValueError:
        return None
    return attempts.filter(public_id=wanted).first()


def _named_by(row: ChargeRow) -> dict[str, str]:
    """The order and the buyer a payment itself names: what a best guess is made from."""
    order = Order.objects.filter(number=str(row.metadata.get("order", ""))).first()
    if order is not None:
        return {"order": order.number}
    buyer = User.objects.filter(email__iexact=row.email).first() if row.email else None
    return {"buyer": str(buyer.public_id)} if buyer else {}


def link_charges(attempt: PaymentAttempt) -> None:
    """Charges that came before we knew which payment intent is ours."""
    if attempt.stripe_payment_intent_id:
        Charge.objects.filter(
            payment_intent_id=attempt.stripe_payment_intent_id, attempt=None
        ).update(attempt=attempt)


@transaction.atomic
def keep_refund(row: RefundRow, *, at: datetime) -> Refund:
    """Keep a refund and bring its request to where it is; one nobody asked for here is put
    before staff, to choose the credits it covers. Older news than what is known changes nothing.
    """
    charge = Charge.objects.filter(pk=row.charge_id).select_related("attempt__order").first()
    refund, made = Refund.objects.select_for_update().get_or_create(
        pk=row.id, defaults=_refund_values(row, charge)
    )
    if not made and rank_of(row.status) >= rank_of(refund.status):
        for name, value in _refund_values(row, charge).items():
            setattr(refund, name, value)
        refund.save()
    request = request_behind(
        refund.pk, metadata=row.metadata, charge=charge, amount_minor=row.amount_minor
    )
    if request is not None:
        follow_refund(refund, request, at=at)
    else:
        _tell_of_external(refund, at)
    return refund


def _refund_values(row: RefundRow, charge: Charge | None) -> dict[str, Any]:
    return {
        "charge": charge,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "status": row.status,
        "reason": row.reason,
        "failure_reason": row.failure_reason,
        "pending_reason": row.pending_reason,
        "failure_balance_transaction_id": row.failure_balance_transaction_id,
        "livemode": charge.livemode if charge else False,
        "created_at": row.created_at,
        "balance_transaction_id": row.balance_transaction_id,
    }


def _tell_of_external(refund: Refund, at: datetime) -> None:
    attempt = refund.charge.attempt if refund.charge else None
    if needs_units(refund):
        open_mismatch(
            "M07",
            about=refund.pk,
            at=at,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            order=attempt.order if attempt else None,
            details={"charge": refund.charge_id or "", "status": refund.status},
        )
        return
    settle_mismatch("M07", about=refund.pk, at=at, resolution="The refund did not happen.")
    if refund.status == "succeeded" and attempt and refund.amount_minor == attempt.amount_minor:
        about = attempt.idempotency_key
        settle_mismatch("M05", about=about, at=at, resolution="The second payment went back.")


@transaction.atomic
def keep_dispute(row: DisputeRow, *, at: datetime) -> Dispute:
    """Keep a dispute and do what it calls for: see `disputing.following`."""
    charge = Charge.objects.filter(pk=row.charge_id).first()
    values = {
        "charge": charge,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "status": row.status,
        "reason": row.reason,
        "livemode": row.livemode,
        "created_at": row.created_at,
        "evidence_due_at": row.evidence_due_at,
        "balance_transaction_ids": list(row.balance_transaction_ids),
    }
    dispute, made = Dispute.objects.select_for_update().get_or_create(pk=row.id, defaults=values)
    if not made and not is_backwards(dispute.status, row.status):
        for name, value in values.items():
            setattr(dispute, name, value)
        dispute.save()
    if charge is not None:
        charge.is_disputed = dispute.status in {*DISPUTE_OPEN, "lost"}
        charge.save(update_fields=["is_disputed"])
    follow_dispute(dispute, at=at)
    report_dispute(dispute, at=at)
    return dispute


@transaction.atomic
def keep_balance_transaction(row: BalanceRow, *, at: datetime) -> BalanceTransaction:
    """Keep a movement of Stripe's balance and post it, each once by its id.

    A charge must have been kept, and its session fulfilled, before: see `reading`.
    """
    kept, made = BalanceTransaction.objects.get_or_create(
        pk=row.id,
        defaults={
            "amount_minor": row.amount_minor,
            "fee_minor": row.fee_minor,
            "net_minor": row.net_minor,
            "currency": row.currency,
            "reporting_category": row.reporting_category,
            "type": row.type,
            "source_id": row.source_id,
            "description": row.description,
            "created_at": row.created_at,
            "available_at": row.available_at,
            "fee_details": row.fee_details,
            "exchange_rate": row.exchange_rate,
        },
    )
    if not made:
        return kept
    Charge.objects.filter(pk=row.source_id, balance_transaction_id=None).update(
        balance_transaction_id=row.id
    )
    post_balance_transaction(row=kept, order=_order_behind(kept), at=at)
    if row.reporting_category in DISPUTE_CATEGORIES:
        for dispute in Dispute.objects.filter(pk=row.source_id):
            follow_dispute(dispute, at=at)
    if row.reporting_category not in KNOWN_CATEGORIES and classified_as(kept) is None:
        open_mismatch(
            "M14",
            about=row.id,
            at=at,
            amount_minor=row.amount_minor,
            currency=row.currency,
            details={"category": row.reporting_category, "type": row.type},
        )
    return kept


def _order_behind(row: BalanceTransaction) -> Order | None:
    """The order a movement belongs to, for a charge only once its sale is posted."""
    if row.reporting_category in DISPUTE_CATEGORIES:
        behind = Charge.objects.filter(disputes=row.source_id)
    elif row.reporting_category in {"refund", "refund_failure"}:
        behind = Charge.objects.filter(refunds=row.source_id)
    else:
        return _sold_order(row.source_id)
    charge = behind.select_related("attempt__order").first()
    return charge.attempt.order if charge and charge.attempt else None


def _sold_order(source_id: str) -> Order | None:
    """The order whose sale has put this very charge into the clearing account already."""
    charge = Charge.objects.filter(pk=source_id).select_related("attempt__order").first()
    if charge is None or charge.attempt is None:
        return None
    if charge.attempt.status != PaymentAttempt.Status.PAID:
        return None
    return charge.attempt.order


@transaction.atomic
def keep_payout(row: PayoutRow, *, at: datetime) -> Payout:
    """Keep a payout and post it, back again when the bank did not take it."""
    payout, _made = Payout.objects.update_or_create(
        pk=row.id,
        defaults={
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "status": row.status,
            "automatic": row.automatic,
            "arrival_on": row.arrival_on,
            "created_at": row.created_at,
            "reconciliation_status": row.reconciliation_status,
            "livemode": row.livemode,
        },
    )
    post_payout(payout=payout, at=at)
    if payout.status in PAYOUT_LOST:
        post_payout_failed(payout=payout, at=at)
    if not payout.automatic:
        open_mismatch(
            "M13",
            about=payout.pk,
            at=at,
            amount_minor=payout.amount_minor,
            currency=payout.currency,
        )
    return payout


@transaction.atomic
def keep_payout_lines(payout: Payout, rows: Iterable[BalanceRow], *, at: datetime) -> None:
    """Keep what was in a payout, its own row left out; say so when it does not add up.

    What another payout that failed brought back is among it.
    """
    inside = [
        row
        for row in rows
        if not (row.reporting_category == "payout" and row.source_id == payout.pk)
    ]
    ids = [row.id for row in inside]
    known = set(BalanceTransaction.objects.filter(pk__in=ids).values_list("pk", flat=True))
    for row in inside:
        if row.id not in known:
            keep_balance_transaction(row, at=at)
    PayoutLine.objects.bulk_create(
        [PayoutLine(payout=payout, balance_transaction_id=pk) for pk in ids],
        ignore_conflicts=True,  # a transaction is in one payout, says the database
    )
    payout.itemised_at = payout.itemised_at or at
    payout.save(update_fields=["itemised_at"])
    residual = payout.amount_minor - sum(row.net_minor for row in inside)
    if residual:
        open_mismatch(
            "M11",
            about=payout.pk,
            at=at,
            amount_minor=residual,
            currency=payout.currency,
        )
    else:
        settle_mismatch("M11", about=payout.pk, at=at, resolution="It adds up now.")
