"""Opening and closing what a person must look at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import User
from payments.models import Mismatch, Order
from payments.money import DEFAULT_CURRENCY


@dataclass(frozen=True, slots=True)
class Rule:
    """What a code means and what to do first.

    What is seen `once` per subject is not asked again after a person has answered: it stays
    as it happened, so its rule would find it for ever.
    """

    title: str
    action: str
    severity: str
    once: bool = False


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
    "M06": Rule(
        "Paid after the time was let go", "Keep it as a credit or refund it.", NOTICE, once=True
    ),
    "M07": Rule("Refunded, credits untouched", "Choose which credits it covers.", WARNING),
    "M08": Rule("Refund stuck or failed", "Ask the runner for another way to be paid.", WARNING),
    "M09": Rule("Refund of more credits than are unused", "Look at it and agree, or not.", WARNING),
    "M10": Rule("Dispute needs you", "Freeze the credits and answer in time.", CRITICAL),
    "M11": Rule("Payout does not add up", "Read its transactions again.", CRITICAL),
    "M12": Rule(
        "Payout not seen in the bank",
        "Import the bank's statement, or say that it arrived.",
        WARNING,
    ),
    "M13": Rule(
        "Payout that cannot be itemised", "Switch to automatic payouts.", NOTICE, once=True
    ),
    "M14": Rule("Unknown kind of Stripe movement", "Say what it is.", WARNING),
    "M15": Rule("Money not paid out after 14 days", "Look for a reserve at Stripe.", NOTICE),
    "M16": Rule("Credits do not add up", "Look at the entries of the lot.", CRITICAL),
    "M17": Rule("Credit and session do not agree", "Release the credit or attach it.", WARNING),
    "M18": Rule("Session over, nobody said how it went", "Mark it done or missed.", NOTICE),
    "M19": Rule("Session over, nobody paid", "Take payment, give a credit, or cancel.", WARNING),
    "M20": Rule("Expired credits still available", "Run the expiry job.", WARNING),
    "M21": Rule("Test object beside a live one", "Leave it out and look for the cause.", CRITICAL),
    "M22": Rule("Webhooks are missing", "Ask Stripe, and look at the endpoint there.", WARNING),
    "M23": Rule(
        "Learnt after the books were closed",
        "Posted in the open period; nothing else.",
        NOTICE,
        once=True,
    ),
    "M24": Rule(
        "Tax is not that of its rate", "Compare the line with its terms.", WARNING, once=True
    ),
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
    """Put something before a person, once for as long as it is open.

    What was resolved and fails again is opened anew; the resolution before stays as it was.
    """
    seen = Mismatch.objects.filter(code=code, about=about)
    existing = seen.order_by("status").first()  # open before resolved
    if existing is not None and (existing.status == Mismatch.Status.OPEN or RULES[code].once):
        return existing
    open_ones = seen.open()
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


def settle_mismatch(
    code: str, *, about: str, at: datetime, resolution: str, by: User | None = None
) -> int:
    """Close what has settled itself, or was settled by an act; the number closed, zero or one."""
    return (
        Mismatch.objects.open()
        .filter(code=code, about=about)
        .update(
            status=Mismatch.Status.RESOLVED,
            resolution=resolution,
            resolved_by=by,
            resolved_at=at,
        )
    )
