"""Money that went back or is claimed back: M07 to M10."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from payments.checking.rules import Finder, Finding
from payments.models import CreditLot, Dispute, Order, Refund, RefundRequest

REFUND_IS_LATE = timedelta(days=5)
EVIDENCE_IS_NEAR = timedelta(days=3)
STANDS = ("succeeded", "pending", "requires_action")
FAILED = ("failed", "canceled")
OPEN_DISPUTE = (
    "needs_response",
    "under_review",
    "warning_needs_response",
    "warning_under_review",
)
ASKS_US = ("needs_response", "warning_needs_response")


def refund_without_units(at: datetime) -> Iterable[Finding]:
    """M07: made at Stripe, and nobody has said which credits it covers."""
    made_there = Refund.objects.filter(request=None, status__in=STANDS)
    for refund in _with_order(made_there):
        if _is_of_surplus(refund):
            continue
        yield _finding(refund)


def refund_stuck(at: datetime) -> Iterable[Finding]:
    """M08: on its way for more than five days, or it did not arrive."""
    late = Q(status__in=["pending", "requires_action"], created_at__lt=at - REFUND_IS_LATE)
    for refund in _with_order(Refund.objects.filter(late | Q(status__in=FAILED))):
        if refund.status in FAILED and _was_made_again(refund):
            continue
        yield _finding(refund)


def _was_made_again(refund: Refund) -> bool:
    """Another refund of the same charge and amount has gone out since."""
    later = Refund.objects.filter(charge=refund.charge, amount_minor=refund.amount_minor)
    return later.filter(status__in=STANDS, created_at__gte=refund.created_at).exists()


def refunded_more(at: datetime) -> Iterable[Finding]:
    """M09: more money went back than its units were worth."""
    worth = Coalesce(Sum(F("parts__value_minor") + F("parts__tax_minor")), 0)
    standing = RefundRequest.objects.standing().annotate(excess=F("amount_minor") - worth)
    for request in standing.filter(excess__gt=0).select_related("order"):
        excess: int = getattr(request, "excess", 0)
        yield Finding(
            f"refund:{request.public_id}",
            excess,
            request.currency,
            request.order,
            details={"refunded": request.amount_minor, "worth": request.amount_minor - excess},
        )


def dispute_unguarded(at: datetime) -> Iterable[Finding]:
    """M10: units can still be used, or the answer is due within three days."""
    disputes = Dispute.objects.filter(status__in=OPEN_DISPUTE).select_related(
        "charge__attempt__order"
    )
    for dispute in disputes:
        order = _order_of_dispute(dispute)
        near = (
            dispute.status in ASKS_US
            and dispute.evidence_sent_at is None
            and dispute.evidence_due_at is not None
            and dispute.evidence_due_at < at + EVIDENCE_IS_NEAR
        )
        if near or (order is not None and usable_lots(order)):
            yield Finding(
                dispute.pk,
                dispute.amount_minor,
                dispute.currency,
                order,
                details={"reason": dispute.reason, "status": dispute.status},
            )


def usable_lots(order: Order) -> list[CreditLot]:
    """Lots of an order from which a session could still be booked."""
    return list(CreditLot.objects.active().filter(order_line__order=order).with_available())


def _order_of_dispute(dispute: Dispute) -> Order | None:
    attempt = dispute.charge.attempt if dispute.charge else None
    return attempt.order if attempt else None


def _with_order(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    return refunds.select_related("charge__attempt__order")


def _is_of_surplus(refund: Refund) -> bool:
    """A second payment granted nothing, so its refund covers no credits."""
    attempt = refund.charge.attempt if refund.charge else None
    return attempt is not None and attempt.status == attempt.Status.SURPLUS


def _finding(refund: Refund) -> Finding:
    attempt = refund.charge.attempt if refund.charge else None
    return Finding(
        refund.pk,
        refund.amount_minor,
        refund.currency,
        attempt.order if attempt else None,
        details={
            "charge": refund.charge_id or "",
            "status": refund.status,
            "why": refund.failure_reason or refund.pending_reason,
        },
    )


RULES: dict[str, Finder] = {
    "M07": refund_without_units,
    "M08": refund_stuck,
    "M09": refunded_more,
    "M10": dispute_unguarded,
}
