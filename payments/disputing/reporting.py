"""What of a dispute a person must look at now (M10)."""

from datetime import datetime, timedelta

from django.db.models import Q

from payments.disputing.following import INQUIRY, OPEN, order_of
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import Charge, CreditLot, Dispute, StripeEvent
from payments.money import DEFAULT_CURRENCY
from payments.refunding.units import lots_of

DUE_SOON = timedelta(days=3)


def report_dispute(dispute: Dispute, *, at: datetime) -> None:
    """Open M10 while units of a disputed order are not frozen, or evidence is due in three days."""
    what = trouble_with(dispute, at)
    if not what:
        settle_mismatch("M10", about=dispute.pk, at=at, resolution="Nothing is left to do.")
        return
    open_mismatch(
        "M10",
        about=dispute.pk,
        at=at,
        amount_minor=dispute.amount_minor,
        currency=dispute.currency,
        order=order_of(dispute),
        details={"charge": dispute.charge_id or "", "status": dispute.status, "what": what},
    )


def trouble_with(dispute: Dispute, at: datetime) -> str:
    """What needs a person, in a few words; empty when nothing does."""
    order = order_of(dispute)
    if dispute.status in OPEN and order is not None:
        frozen = Q(frozen_for=CreditLot.FrozenFor.DISPUTE)
        lots = CreditLot.objects.filter(pk__in=[lot.pk for lot in lots_of(order)])
        if lots.exclude(frozen).with_available().exists():
            return "Its credits are not frozen"
    waits = dispute.status in (*OPEN, *INQUIRY) and dispute.evidence_sent_at is None
    due = dispute.evidence_due_at
    if waits and due is not None and due < at + DUE_SOON:
        return "Evidence is due"
    return ""


def warn_of_fraud(warning_id: str, *, at: datetime) -> None:
    """A bank suspects fraud in a charge: put before staff, who may still pay back in time.

    The event is the only place that tells of it, and what it says of the charge never changes.
    """
    event = StripeEvent.objects.filter(
        type="radar.early_fraud_warning.created", payload__data__object__id=warning_id
    ).first()
    said = event.payload["data"]["object"] if event else {}
    charge = Charge.objects.filter(pk=said.get("charge") or "").first()
    open_mismatch(
        "M10",
        about=warning_id,
        at=at,
        amount_minor=charge.amount_minor if charge else 0,
        currency=charge.currency if charge else DEFAULT_CURRENCY,
        order=charge.attempt.order if charge and charge.attempt else None,
        details={
            "what": "The bank suspects fraud. Pay back before it becomes a dispute, or write.",
            "charge": said.get("charge") or "",
            "kind": said.get("fraud_type") or "",
        },
    )
