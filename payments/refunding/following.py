"""What becomes of a refund: only forwards, whoever tells it, however often and in which order."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from payments.crediting import return_units
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import Charge, CreditEntry, Order, PaymentAttempt, Refund, RefundRequest
from payments.posting.refunds import post_refund_undone
from payments.refunding.letters import owe_failed, owe_refunded
from payments.signals import refund_failed, refund_settled

Status = RefundRequest.Status
SAID: dict[str, str] = {
    "pending": Status.PENDING,
    "requires_action": Status.PENDING,
    "succeeded": Status.SUCCEEDED,
    "failed": Status.FAILED,
    "canceled": Status.CANCELED,
}
UNDONE = (Status.FAILED, Status.CANCELED)
# A succeeded refund may still fail; one that failed stays so, a new one is a new request.
RANK = {Status.REQUESTED: 0, Status.PENDING: 1, Status.SUCCEEDED: 2}
LAST = 3


def rank_of(status: str) -> int:
    """How far a refund is, by its status here or at Stripe; unknown words are no progress."""
    known = SAID.get(status, status)
    return LAST if known in UNDONE else RANK.get(Status(known), 0) if known in Status else 0


def request_behind(
    refund_id: str, *, metadata: Mapping[str, Any], charge: Charge | None, amount_minor: int
) -> RefundRequest | None:
    """The request of ours a refund at Stripe carries out: the one that it names (never by amount).

    What names a request of another charge, of another amount, or one that has its refund
    already, is not that request's: people look at it.
    """
    if linked := RefundRequest.objects.filter(stripe_refund_id=refund_id).first():
        return linked
    try:
        wanted = uuid.UUID(str(metadata.get("refund_request_id", "")))
    except ValueError:
        return None
    request = RefundRequest.objects.filter(public_id=wanted, stripe_refund=None).first()
    if request is None or charge is None or charge.attempt_id != request.attempt_id:
        return None
    return request if request.amount_minor == amount_minor else None


@transaction.atomic
def follow(refund: Refund, request: RefundRequest, *, at: datetime) -> RefundRequest:
    """Bring the request to where its refund at Stripe is."""
    Order.objects.select_for_update().get(pk=request.order_id)
    request = RefundRequest.objects.select_for_update().get(pk=request.pk)
    if request.stripe_refund_id is None:
        request.stripe_refund = refund
        request.next_try_at = None
        request.save(update_fields=["stripe_refund", "next_try_at"])
    said = SAID.get(refund.status)
    if said is None or rank_of(said) <= rank_of(request.status):
        return request
    if said in UNDONE:
        return undone(request, said, trouble=refund.failure_reason, at=at)
    if said == Status.SUCCEEDED:
        return settled(request, at=at)
    request.status = said
    request.save(update_fields=["status"])
    return request


@transaction.atomic
def settled(request: RefundRequest, *, at: datetime) -> RefundRequest:
    """The money has left; the caller holds the order's lock."""
    request.status, request.settled_at = Status.SUCCEEDED, at
    request.next_try_at = None
    request.save(update_fields=["status", "settled_at", "next_try_at"])
    if request.attempt.status == PaymentAttempt.Status.SURPLUS:
        about = request.attempt.idempotency_key
        settle_mismatch("M05", about=about, at=at, resolution=_("The second payment went back."))
    refund_settled.send(sender=RefundRequest, request=request, at=at)
    owe_refunded(request, at=at)
    return request


@transaction.atomic
def undone(request: RefundRequest, status: str, *, trouble: str, at: datetime) -> RefundRequest:
    """It did not happen, or was undone: units and books are as if nobody had asked (M08)."""
    request.status, request.settled_at = status, at
    request.trouble, request.next_try_at = trouble[:500], None
    request.save(update_fields=["status", "settled_at", "trouble", "next_try_at"])
    taken = CreditEntry.objects.filter(source__startswith=f"refund:{request.pk}:")
    for entry in taken.order_by("lot_id"):
        reason = _("Refund %(number)s of order %(order)s did not arrive") % {
            "number": request.number,
            "order": request.order.number,
        }
        return_units(taken=entry, reason=reason, by=None, at=at)
    post_refund_undone(request=request, at=at)
    open_mismatch(
        "M08",
        about=request.stripe_refund_id or str(request.public_id),
        at=at,
        amount_minor=request.amount_minor,
        currency=request.currency,
        order=request.order,
        details={"status": status, "why": trouble[:200]},
    )
    refund_failed.send(sender=RefundRequest, request=request, at=at)
    if request.stripe_refund_id:  # else nobody was told that money was coming
        owe_failed(request, at=at)
    return request


def needs_units(refund: Refund) -> bool:
    """Whether people must say which credits a refund of nobody here covers (M07)."""
    if rank_of(refund.status) == LAST:
        return False
    attempt = refund.charge.attempt if refund.charge else None
    return attempt is None or attempt.status != PaymentAttempt.Status.SURPLUS
