"""Refunds that wait too long, and those no webhook told of. Periodic jobs; all call Stripe."""

from datetime import datetime, timedelta

from payments import stripe_gateway as gateway
from payments.mirroring import keep_refund
from payments.mismatching import open_mismatch, settle_mismatch
from payments.models import Charge, Mismatch, Refund, StripeCursor
from payments.reading import read_charge
from payments.stripe_objects import RefundRow

TOO_LONG = timedelta(days=5)
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
    report_waiting(at=at)
    return len(rows)


def keep_with_charge(row: RefundRow, *, at: datetime) -> Refund:
    """Keep a refund, its charge known before."""
    if row.charge_id and not Charge.objects.filter(pk=row.charge_id).exists():
        read_charge(row.charge_id, at=at)
    return keep_refund(row, at=at)


def report_waiting(*, at: datetime) -> int:
    """M08 for each refund that is on its way for more than five days; how many there are."""
    late = Refund.objects.filter(
        status__in=["pending", "requires_action"], created_at__lt=at - TOO_LONG
    ).select_related("charge__attempt__order")
    for refund in late:
        attempt = refund.charge.attempt if refund.charge else None
        open_mismatch(
            "M08",
            about=refund.pk,
            at=at,
            amount_minor=refund.amount_minor,
            currency=refund.currency,
            order=attempt.order if attempt else None,
            details={"status": refund.status, "why": refund.pending_reason},
        )
    still = set(late.values_list("pk", flat=True))
    settled = Mismatch.objects.open().filter(
        code="M08", details__status__in=["pending", "requires_action"]
    )
    for mismatch in settled.exclude(about__in=still):
        done = Refund.objects.filter(pk=mismatch.about, status="succeeded").exists()
        if done:
            settle_mismatch("M08", about=mismatch.about, at=at, resolution="It has arrived.")
    return len(still)
