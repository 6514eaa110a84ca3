"""Stripe is asked to pay back: after the commit, with one key, until there is an answer."""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from payments import stripe_gateway as gateway
from payments.mirroring import keep_refund
from payments.models import Order, PaymentAttempt, RefundRequest
from payments.refunding.following import undone
from payments.stripe_gateway import GatewayDown, GatewayRefused
from payments.stripe_objects import RefundRow

log = logging.getLogger(__name__)

KEY_LIVES = timedelta(hours=23)  # Stripe forgets idempotency keys after a day
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=2)
LEASE = timedelta(minutes=5)
Status = RefundRequest.Status


def send(request: RefundRequest, *, at: datetime) -> RefundRequest:
    """Ask Stripe for the refund of a request that waits for it. Anything else comes back as it is.

    Nothing raised: without an answer it waits for the job, refused it has failed and its units
    are back.
    """
    if request.method != PaymentAttempt.Method.CARD or request.status != Status.REQUESTED:
        return request
    try:
        row = _asked(request, at)
    except GatewayRefused as refusal:
        log.warning("Stripe refused %s: %s", request.idempotency_key, refusal)
        return _refused(request, str(refusal), at)
    except GatewayDown as problem:
        return _postponed(request, problem.detail, at)
    if row is None:
        return _refused(request, _("Stripe never heard of it."), at)
    keep_refund(row, at=at)
    request.refresh_from_db()
    return request


def _asked(request: RefundRequest, at: datetime) -> RefundRow | None:
    """The refund at Stripe; None when the key is too old to ask again and there is none."""
    charge = request.attempt.charges.filter(status="succeeded").order_by("created_at").first()
    if charge is None:
        raise GatewayDown("the charge is not known yet")
    name = str(request.public_id)
    if at - request.requested_at >= KEY_LIVES:
        rows = gateway.list_refunds(charge_id=charge.pk)
        return next((row for row in rows if row.metadata.get("refund_request_id") == name), None)
    return gateway.create_refund(
        charge_id=charge.pk,
        amount_minor=request.amount_minor,
        metadata={"refund_request_id": name, "order": request.order.number},
        idempotency_key=request.idempotency_key,
    )


def _waiting(request: RefundRequest) -> RefundRequest | None:
    """The request under its order's lock, if it still waits for Stripe's first word."""
    Order.objects.select_for_update().get(pk=request.order_id)
    locked = RefundRequest.objects.select_for_update().get(pk=request.pk)
    waits = locked.status == Status.REQUESTED and locked.stripe_refund_id is None
    return locked if waits else None


@transaction.atomic
def _refused(request: RefundRequest, why: str, at: datetime) -> RefundRequest:
    waiting = _waiting(request)
    if waiting is not None:
        return undone(waiting, Status.FAILED, trouble=why, at=at)
    request.refresh_from_db()  # a webhook was here first
    return request


@transaction.atomic
def _postponed(request: RefundRequest, why: str, at: datetime) -> RefundRequest:
    waiting = _waiting(request)
    if waiting is None:
        request.refresh_from_db()
        return request
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(waiting.tries, 10))
    waiting.tries += 1
    waiting.next_try_at, waiting.trouble = at + wait, why[:500]
    waiting.save(update_fields=["tries", "next_try_at", "trouble"])
    return waiting


def send_due(*, at: datetime, limit: int = 50) -> int:
    """Ask again for those that wait; how many there were. A periodic job."""
    waiting = RefundRequest.objects.filter(
        status=Status.REQUESTED, method=PaymentAttempt.Method.CARD, next_try_at__lte=at
    )
    asked = 0
    with gateway.patiently():
        for request in waiting.select_related("order", "attempt").order_by("next_try_at")[:limit]:
            mine = waiting.filter(pk=request.pk).update(next_try_at=at + LEASE)
            if mine:
                send(request, at=at)
                asked += 1
    return asked
