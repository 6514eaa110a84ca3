"""The inbox of Stripe's events: stored first, handled after, again until it worked.

An event only says where to look: the object is read from Stripe anew, so order, age and
repetition of events do not matter.
"""

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from payments import stripe_gateway as gateway
from payments.disputing.reporting import warn_of_fraud
from payments.mirroring import keep_refund
from payments.models import StripeEvent
from payments.reading import read_charge, read_dispute, read_payout
from payments.selling import fulfil
from payments.stripe_objects import EventRow
from payments.stripe_rules import is_live

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 12  # with the waits below: about three days, as long as Stripe itself tries
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(hours=12)
LEASE = timedelta(minutes=5)  # after which a worker that never came back is given up
Status = StripeEvent.Status
Handler = Callable[[str, datetime], None]


def store(event: EventRow, *, signed: bool, at: datetime) -> StripeEvent | None:
    """Keep an event once, by its id. None when we have it already.

    An event of another account or mode is kept as foreign, one of a type we have no use for
    as ignored; neither is handled.
    """
    status = Status.PENDING
    if event.livemode != is_live() or event.account not in {"", settings.STRIPE_ACCOUNT_ID}:
        status = Status.FOREIGN
    elif event.type not in HANDLERS:
        status = Status.IGNORED
    if event.api_version != settings.STRIPE_API_VERSION:
        log.warning("Event %s speaks version %s of Stripe's API", event.id, event.api_version)
    try:
        with transaction.atomic():
            return StripeEvent.objects.create(
                pk=event.id,
                type=event.type,
                api_version=event.api_version,
                livemode=event.livemode,
                payload=event.payload,
                signature_verified=signed,
                received_at=at,
                status=status,
            )
    except IntegrityError:
        return None


def handle(event_id: str, *, at: datetime) -> StripeEvent:
    """Do what the event calls for, unless that is done. Failure is noted and tried again later.

    Calls Stripe: never inside a transaction.
    """
    event = _leased(event_id, at)
    if event is None:
        return StripeEvent.objects.get(pk=event_id)
    try:
        with gateway.patiently():
            HANDLERS[event.type](event.object_id, at)
    except Exception as problem:
        log.warning("Event %s (%s) failed: %r", event.pk, event.type, problem)
        return _failed(event, traceback.format_exc(limit=8), at)
    event.status, event.processed_at = Status.DONE, at
    event.error, event.next_attempt_at = "", None
    event.save(update_fields=["status", "processed_at", "error", "next_attempt_at"])
    return event


def _leased(event_id: str, at: datetime) -> StripeEvent | None:
    """The event, ours alone for a while; None when it is settled or in other hands."""
    with transaction.atomic():
        event = StripeEvent.objects.select_for_update().due(at).filter(pk=event_id).first()
        if event is None:
            return None
        event.attempts += 1
        event.next_attempt_at = at + LEASE
        event.save(update_fields=["attempts", "next_attempt_at"])
        return event


def _failed(event: StripeEvent, error: str, at: datetime) -> StripeEvent:
    event.error = error[-4000:]
    if event.attempts >= MOST_ATTEMPTS:
        event.status, event.next_attempt_at = Status.FAILED, None
    else:
        wait = min(LONGEST_WAIT, FIRST_WAIT * 4 ** (event.attempts - 1))
        event.next_attempt_at = at + wait
    event.save(update_fields=["status", "error", "next_attempt_at"])
    return event


def retry_due(*, at: datetime, limit: int = 100) -> int:
    """Handle the events whose time has come, in order of arrival; how many there were."""
    due = StripeEvent.objects.due(at).order_by("received_at", "pk")
    ids = list(due.values_list("pk", flat=True)[:limit])
    for event_id in ids:
        handle(event_id, at=at)
    return len(ids)


def replay(event_id: str, *, at: datetime) -> StripeEvent:
    """Handle an event again, whatever became of it: for staff. Its effects happen once."""
    StripeEvent.objects.filter(pk=event_id).exclude(
        status__in=[Status.FOREIGN, Status.IGNORED]
    ).update(status=Status.PENDING, attempts=0, next_attempt_at=None)
    return handle(event_id, at=at)


# what each type calls for --------------------------------------------------------------------
def _session(object_id: str, at: datetime) -> None:
    fulfil(session_id=object_id, at=at)


def _charge(object_id: str, at: datetime) -> None:
    read_charge(object_id, at=at)


def _refund(object_id: str, at: datetime) -> None:
    row = gateway.retrieve_refund(object_id)
    if row.charge_id:
        read_charge(row.charge_id, at=at)
    keep_refund(row, at=at)


def _dispute(object_id: str, at: datetime) -> None:
    read_dispute(object_id, at=at)


def _fraud_warning(object_id: str, at: datetime) -> None:
    warn_of_fraud(object_id, at=at)


def _payout(object_id: str, at: datetime) -> None:
    read_payout(object_id, at=at)


HANDLERS: dict[str, Handler] = {
    "checkout.session.completed": _session,
    "checkout.session.async_payment_succeeded": _session,
    "checkout.session.async_payment_failed": _session,
    "checkout.session.expired": _session,
    "charge.updated": _charge,
    "charge.refunded": _charge,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.updated": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.funds_reinstated": _dispute,
    "payout.paid": _payout,
    "payout.failed": _payout,
    "payout.reconciliation_completed": _payout,
    "radar.early_fraud_warning.created": _fraud_warning,
}
