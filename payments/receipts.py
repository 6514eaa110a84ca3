"""What a receipt says: read from the frozen terms of the order, never from today's prices."""

from dataclasses import dataclass
from datetime import date

from babel.numbers import format_currency
from django.conf import settings

from payments.days import practice_day
from payments.models import Order, PaymentAttempt, Refund
from payments.money import major


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    what: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptRefund:
    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A paid order on paper; amounts in minor units, tax included."""

    number: str
    on: date
    seller_name: str
    seller_lines: tuple[str, ...]
    buyer_name: str
    currency: str
    lines: tuple[ReceiptLine, ...]
    vat_words: str
    total_minor: int
    paid_by: str
    refunds: tuple[ReceiptRefund, ...]


PAID_BY = {
    PaymentAttempt.Method.CARD: "card",
    PaymentAttempt.Method.CASH: "cash",
    PaymentAttempt.Method.TERMINAL: "card at the desk",
    PaymentAttempt.Method.TRANSFER: "bank transfer",
    PaymentAttempt.Method.NONE: "a promotion: nothing to pay",
}


def receipt_of(order: Order) -> Receipt:
    """The receipt of a paid order; four queries."""
    lines = list(order.lines.order_by("pk"))
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID).first()
    refunds = Refund.objects.filter(charge__attempt__order=order, status="succeeded")
    if order.paid_at is None:
        raise ValueError("There is no receipt before the payment.")
    return Receipt(
        number=order.number,
        on=practice_day(order.paid_at),
        seller_name=settings.PRACTICE["name"],
        seller_lines=(*settings.PRACTICE["address_lines"], settings.PRACTICE["email"]),
        buyer_name=order.buyer.name or order.buyer.email,
        currency=order.currency,
        lines=tuple(ReceiptLine(line.name, line.price_minor) for line in lines),
        vat_words=_tax_words(order.currency, sum(line.tax_minor for line in lines)),
        total_minor=order.total_minor,
        paid_by=PAID_BY[PaymentAttempt.Method(paid.method)] if paid else "card",
        refunds=tuple(
            ReceiptRefund(practice_day(refund.created_at), refund.amount_minor)
            for refund in refunds.order_by("created_at")
        ),
    )


def _tax_words(currency: str, tax_minor: int) -> str:
    if not tax_minor:
        return "No VAT is charged."
    return f"Includes {format_currency(major(tax_minor, currency), currency, locale='en_GB')} VAT."
