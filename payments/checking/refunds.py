"""Money that went back or is claimed back: M07 to M10."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from payments.checking.rules import Finder, Finding
from payments.disputing.following import INQUIRY, order_of
from payments.disputing.following import OPEN as OPEN_DISPUTES
from payments.disputing.reporting import trouble_with
from payments.models import Dispute, Mismatch, Refund, RefundRequest
from payments.refunding.following import needs_units

REFUND_IS_LATE = timedelta(days=5)
STANDS = ("succeeded", "pending", "requires_action")
FAILED = ("failed", "canceled")


def refund_without_units(at: datetime) -> Iterable[Finding]:
    """M07: made at Stripe, and nobody has said which credits it covers."""
    made_there = Refund.objects.filter(request=None, status__in=STANDS)
    for refund in _with_order(made_there):
        if needs_units(refund):
            yield _finding(refund)


def refund_stuck(at: datetime) -> Iterable[Finding]:
    """M08: on its way for more than five days, or it did not arrive.

    One that failed has failed for good: it is asked about until somebody has answered.
    """
    late = Q(status__in=["pending", "requires_action"], created_at__lt=at - REFUND_IS_LATE)
    for refund in _with_order(Refund.objects.filter(late)):
        yield _finding(refund)
    failed = Refund.objects.filter(status__in=FAILED).exclude(pk__in=_answered("M08"))
    for refund in _with_order(failed):
        yield _finding(refund)
    never_sent = RefundRequest.objects.filter(status__in=FAILED, stripe_refund=None)
    for request in never_sent.select_related("order"):
        about = str(request.public_id)
        if not _answered("M08").filter(about=about).exists():
            yield Finding(
                about,
                request.amount_minor,
                request.currency,
                request.order,
                details={"status": request.status, "why": request.trouble[:200]},
            )


def _answered(code: str) -> QuerySet[Mismatch, str]:
    """What somebody has closed of a code, by what it was about."""
    closed = Mismatch.objects.filter(code=code).exclude(resolved_by=None)
    return closed.values_list("about", flat=True)


def refunded_more(at: datetime) -> Iterable[Finding]:
    """M09: a refund of more units than are left waits for a second person; or one that was made
    at Stripe took more than its credits were worth."""
    for proposed in Mismatch.objects.open().filter(code="M09").select_related("order"):
        if "proposed_by_id" in proposed.details:
            yield Finding(proposed.about, proposed.amount_minor, proposed.currency, proposed.order)
    worth = Coalesce(Sum(F("parts__value_minor") + F("parts__tax_minor")), 0)
    made_there = RefundRequest.objects.standing().filter(origin=RefundRequest.Origin.EXTERNAL)
    above = made_there.annotate(excess=F("amount_minor") - worth).filter(excess__gt=0)
    for request in above.select_related("order"):
        about = f"refund:{request.public_id}"
        if _answered("M09").filter(about=about).exists():
            continue
        excess: int = getattr(request, "excess", 0)
        yield Finding(
            about,
            excess,
            request.currency,
            request.order,
            details={"refunded": request.amount_minor, "worth": request.amount_minor - excess},
        )


def dispute_unguarded(at: datetime) -> Iterable[Finding]:
    """M10: units can still be used, or the answer is due within three days. A warning of the
    bank is no dispute yet; it stays until somebody has answered."""
    waiting = Dispute.objects.filter(status__in=[*OPEN_DISPUTES, *INQUIRY])
    for dispute in waiting.select_related("charge__attempt__order"):
        if what := trouble_with(dispute, at):
            yield Finding(
                dispute.pk,
                dispute.amount_minor,
                dispute.currency,
                order_of(dispute),
                details={
                    "charge": dispute.charge_id or "",
                    "status": dispute.status,
                    "what": what,
                },
            )
    known = Dispute.objects.values("pk")
    for warned in Mismatch.objects.open().filter(code="M10").exclude(about__in=known):
        yield Finding(warned.about, warned.amount_minor, warned.currency, warned.order)


def _with_order(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    return refunds.select_related("charge__attempt__order")


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
