"""What comes from Stripe: unknown kinds (M14), test beside live (M21), silence (M22)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F

from payments.checking.rules import Finder, Finding
from payments.mirroring import KNOWN_CATEGORIES
from payments.models import BalanceTransaction, Charge, Classification, Mismatch, StripeEvent

SILENCE = timedelta(hours=24)
DOOR = "webhooks"


def unknown_kind(at: datetime) -> Iterable[Finding]:
    """M14."""
    known = set(Classification.objects.values_list("reporting_category", "type"))
    rows = BalanceTransaction.objects.exclude(reporting_category__in=KNOWN_CATEGORIES)
    for row in rows:
        if (row.reporting_category, row.type) not in known:
            yield Finding(
                row.pk,
                row.amount_minor,
                row.currency,
                details={"category": row.reporting_category, "type": row.type},
            )


def test_beside_live(at: datetime) -> Iterable[Finding]:
    """M21: a charge of one mode that an order of the other refers to; or a session that was."""
    charges = Charge.objects.exclude(attempt=None).exclude(livemode=F("attempt__livemode"))
    for charge in charges.select_related("attempt__order"):
        if charge.attempt is not None:
            yield Finding(charge.pk, charge.amount_minor, charge.currency, charge.attempt.order)
    for seen in Mismatch.objects.open().filter(code="M21", about__startswith="cs_"):
        yield Finding(seen.about, seen.amount_minor, seen.currency)


def webhooks_missing(at: datetime) -> Iterable[Finding]:
    """M22: for a day nothing came through the door, though asking Stripe brought events.

    After a person looked at it, only what is found by asking from then on counts.
    """
    since = at - SILENCE
    last = Mismatch.objects.filter(code="M22", about=DOOR).exclude(resolved_at=None)
    seen_at: datetime | None = (
        last.order_by("-resolved_at").values_list("resolved_at", flat=True).first()
    )
    recent = StripeEvent.objects.filter(received_at__gt=since, received_at__lte=at)
    if recent.filter(signature_verified=True).exists():
        return
    asked = recent.filter(received_at__gt=seen_at) if seen_at else recent
    if missed := asked.count():
        yield Finding(DOOR, details={"events": missed})


RULES: dict[str, Finder] = {
    "M14": unknown_kind,
    "M21": test_beside_live,
    "M22": webhooks_missing,
}
