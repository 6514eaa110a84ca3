"""Opening and closing what a person must look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from payments.models import Mismatch, Order
from payments.money import DEFAULT_CURRENCY


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means and what to do first."""

    title: str
    action: str
    severity: str


CRITICAL, WARNING, NOTICE = (
    Mismatch.Severity.CRITICAL,
    Mismatch.Severity.WARNING,
    Mismatch.Severity.NOTICE,
)
RULES: dict[str, Rule] = {
    "M01": Rule(
        "Paid at Stripe, unknown here",
        "Link it to an order, make an order for it, or refund it.",
        CRITICAL,
    ),
    "M02": Rule("Paid here, no charge at Stripe", "Look the payment up at Stripe.", CRITICAL),
    "M03": Rule("Payment differs from the order", "Compare them; no credit was granted.", CRITICAL),
    "M04": Rule("Order paid, credits missing", "Grant them again: it happens once.", CRITICAL),
    "M05": Rule("Two payments for one order", "Refund the later one.", CRITICAL),
    "M06": Rule("Paid after the time was let go", "Keep it as a credit or refund it.", NOTICE),
    "M07": Rule("Refunded, credits untouched", "Choose which credits it covers.", WARNING),
    "M08": Rule("Refund stuck or failed", "Ask the runner for another way to be paid.", WARNING),
    "M10": Rule("Dispute without frozen credits", "Freeze them and answer in time.", CRITICAL),
    "M11": Rule("Payout does not add up", "Read its transactions again.", CRITICAL),
    "M12": Rule(
        "Payout not seen in the bank",
        "Import the bank's statement, or say that it arrived.",
        WARNING,
    ),
    "M13": Rule("Payout that cannot be itemised", "Switch to automatic payouts.", NOTICE),
    "M14": Rule("Unknown kind of Stripe movement", "Say what it is.", WARNING),
    "M15": Rule("Money not paid out after 14 days", "Look for a reserve at Stripe.", NOTICE),
    "M16": Rule("Credits do not add up", "Look at the entries of the lot.", CRITICAL),
    "M19": Rule("Session over, nobody paid", "Take payment, give a credit, or cancel.", WARNING),
    "M20": Rule("Expired credits still available", "Run the expiry job.", WARNING),
    "M21": Rule("Test object beside a live one", "Leave it out and look for the cause.", CRITICAL),
    "M22": Rule("Webhooks are missing", "Look at the webhook endpoint at Stripe.", WARNING),
}


def open_mismatch(
    code: str,
    *,
    about: str,
    at: datetime,
    amount_minor: int = 0,
    currency: str = DEFAULT_CURRENCY,
    order: Order | None = None,
    details: dict[str, Any] | None = None,
) -> Mismatch:
    """Put something before a person, once for as long as it is open."""
    open_ones = Mismatch.objects.open().filter(code=code, about=about)
    if existing := open_ones.first():
        return existing
    try:
        with transaction.atomic():
            return Mismatch.objects.create(
                code=code,
                severity=RULES[code].severity,
                about=about,
                amount_minor=amount_minor,
                currency=currency,
                order=order,
                details=details or {},
                first_seen_at=at,
            )
    except IntegrityError:  # opened by another worker meanwhile
        return open_ones.get()


def settle_mismatch(code: str, *, about: str, at: datetime, resolution: str) -> int:
    """Close what has settled itself; the number closed, zero or one."""
    return (
        Mismatch.objects.open()
        .filter(code=code, about=about)
        .update(status=Mismatch.Status.RESOLVED, resolution=resolution, resolved_at=at)
    )
