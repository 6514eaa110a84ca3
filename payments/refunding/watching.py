"""Refunds no webhook told of, and what became of those on their way. A periodic job."""

from datetime import datetime, timedelta

from payments import stripe_gateway as gateway
from payments.mirroring import keep_refund
from payments.models import Charge, Refund, StripeCursor
from payments.reading import read_charge
from payments.stripe_objects import RefundRow

OVERLAP = timedelta(days=7)
FIRST_LOOK = timedelta(days=90)
NAME = "refunds"


def watch_refunds(*, at: datetime) -> int:
    """Learn of refunds made elsewhere and of what became of those on their way; how many."""
    with gateway.patiently():
        cursor = StripeCursor.objects.filter(pk=NAME).first()
        since = (cursor.read_until_at if cursor else at - FIRST_LOOK) - OVERLAP
        rows = gateway.list_refunds(created_since=since)
        listed = {row.id for row in rows}
        waiting = Refund.objects.filter(status__in=["pending", "requires_action"])
        rows += [
            gateway.retrieve_refund(pk)
            for pk in waiting.exclude(pk__in=listed).values_list("pk", flat=True)
        ]
        for row in rows:
            keep_with_charge(row, at=at)
    StripeCursor.objects.update_or_create(pk=NAME, defaults={"read_until_at": at})
    return len(rows)


def keep_with_charge(row: RefundRow, *, at: datetime) -> Refund:
    """Keep a refund, its charge known before."""
    if row.charge_id and not Charge.objects.filter(pk=row.charge_id).exists():
        read_charge(row.charge_id, at=at)
    return keep_refund(row, at=at)
