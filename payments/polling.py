"""The safety net: what webhooks should have told us, asked for again and again.

Periodic jobs, each safe to repeat and to run beside itself. All of them call Stripe.
"""

import logging
from datetime import datetime, timedelta

from payments import inbox
from payments import stripe_gateway as gateway
from payments.mirroring import keep_payout
from payments.models import PaymentAttempt, StripeCursor, StripeEvent
from payments.reading import read_balance_transactions, read_payout_lines
from payments.selling import end_checkout, fulfil

log = logging.getLogger(__name__)

EVENTS_OVERLAP = timedelta(minutes=15)
BALANCE_OVERLAP = PAYOUT_OVERLAP = timedelta(days=7)
FIRST_LOOK = timedelta(days=29)  # Stripe keeps events for thirty
UNKNOWN_FATE = timedelta(hours=1)
YOUNG = timedelta(minutes=2)  # too fresh for the net: the webhook deserves a chance


def poll_events(*, at: datetime) -> int:
    """Store and handle events that no webhook brought; how many there were."""
    with gateway.patiently():
        since = _read_until("events", at - FIRST_LOOK) - EVENTS_OVERLAP
        events = gateway.list_events(created_since=since)
    ids = [event.id for event in events]
    known = set(StripeEvent.objects.filter(pk__in=ids).values_list("pk", flat=True))
    missed = [event for event in events if event.id not in known]
    for event in missed:
        inbox.store(event, signed=False, at=at)
    _advance("events", at)
    for event in missed:
        inbox.handle(event.id, at=at)
    return len(missed)


def poll_open_orders(*, at: datetime) -> int:
    """Ask Stripe about every payment we still wait for; how many there were."""
    waiting = PaymentAttempt.objects.live().filter(method=PaymentAttempt.Method.CARD)
    asked = 0
    with gateway.patiently():
        for attempt in waiting.due_a_look(at - YOUNG).select_related("order"):
            if attempt.stripe_session_id:
                fulfil(session_id=attempt.stripe_session_id, at=at)
            elif attempt.created_at < at - UNKNOWN_FATE:
                end_checkout(order=attempt.order, at=at)
            else:
                continue
            asked += 1
    return asked


def sweep_balance_transactions(*, at: datetime) -> int:
    """Keep and post every movement of Stripe's balance that is new; how many there were.

    Charges learn here what they cost even when no event ever said so.
    """
    with gateway.patiently():
        last = StripeCursor.objects.filter(pk="balance").first()
        since = last.read_until_at - BALANCE_OVERLAP if last else None
        rows = gateway.list_balance_transactions(created_since=since)
        new = read_balance_transactions(rows, at=at)
    _advance("balance", at)
    return new


def sync_payouts(*, at: datetime) -> int:
    """Keep payouts and, once Stripe has counted them, their lines; how many were read."""
    with gateway.patiently():
        last = StripeCursor.objects.filter(pk="payouts").first()
        since = last.read_until_at - PAYOUT_OVERLAP if last else None
        payouts = [keep_payout(row, at=at) for row in gateway.list_payouts(arriving_since=since)]
        waiting = [one for one in payouts if one.is_itemisable and one.itemised_at is None]
        for payout in waiting:
            read_payout_lines(payout, at=at)
    _advance("payouts", at)
    return len(payouts)


def _read_until(name: str, otherwise: datetime) -> datetime:
    cursor = StripeCursor.objects.filter(pk=name).first()
    return cursor.read_until_at if cursor else otherwise


def _advance(name: str, at: datetime) -> None:
    cursor, made = StripeCursor.objects.get_or_create(pk=name, defaults={"read_until_at": at})
    if not made and cursor.read_until_at < at:
        cursor.read_until_at = at
        cursor.save(update_fields=["read_until_at"])
