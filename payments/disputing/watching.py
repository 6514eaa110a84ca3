"""Disputes no webhook told of, and deadlines that come near. A periodic job; calls Stripe."""

from datetime import datetime, timedelta

from payments import stripe_gateway as gateway
from payments.disputing.following import CLOSED, follow
from payments.models import Dispute, StripeCursor
from payments.reading import read_dispute

OVERLAP = timedelta(days=7)
FIRST_LOOK = timedelta(days=120)  # a buyer may ask that long
NAME = "disputes"


def watch_disputes(*, at: datetime) -> int:
    """Read new disputes and those that are not decided; how many."""
    with gateway.patiently():
        cursor = StripeCursor.objects.filter(pk=NAME).first()
        since = (cursor.read_until_at if cursor else at - FIRST_LOOK) - OVERLAP
        ids = {row.id for row in gateway.list_disputes(created_since=since)}
        open_ones = Dispute.objects.exclude(status__in=CLOSED)
        ids |= set(open_ones.values_list("pk", flat=True))
        for dispute_id in sorted(ids):
            read_dispute(dispute_id, at=at)
    StripeCursor.objects.update_or_create(pk=NAME, defaults={"read_until_at": at})
    for dispute in Dispute.objects.filter(status="lost"):
        follow(dispute, at=at)  # units that came free since
    return len(ids)
