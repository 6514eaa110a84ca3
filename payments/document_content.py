"""What a receipt or a credit note says, as plain JSON: written once, when it is given out."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from payments.days import practice_day
from payments.models import (
    Document,
    LegalEntity,
    Order,
    OrderLine,
    PaymentAttempt,
    RefundPart,
    RefundRequest,
)

Content = dict[str, Any]
Method = PaymentAttempt.Method
PAID_BY = {
    Method.CARD: "card",
    Method.CASH: "cash",
    Method.TERMINAL: "card at the desk",
    Method.TRANSFER: "bank transfer",
    Method.NONE: "nothing to pay",
}


def receipt_content(*, order: Order, entity: LegalEntity, number: int, at: datetime) -> Content:
    """A paid order on paper; amounts in minor units, tax included in them."""
    if order.paid_at is None:
        raise ValueError("There is no receipt before the payment.")
    paid = order.attempts.filter(status=PaymentAttempt.Status.PAID).first()
    lines = [_sold(line) for line in order.lines.order_by("pk")]
    return _paper(entity.receipt_prefix, number, order, entity, lines, order.total_minor, at) | {
        "kind": Document.Kind.RECEIPT.value,
        "paid_on": practice_day(order.paid_at).isoformat(),
        "paid_by": PAID_BY[Method(paid.method)] if paid else PAID_BY[Method.NONE],
        "reference": paid.reference if paid else "",
        "discount_minor": order.discount_minor,
    }


def credit_note_content(
    *,
    request: RefundRequest,
    receipt: Document,
    entity: LegalEntity,
    number: int,
    at: datetime,
) -> Content:
    """What was paid back, and the receipt it corrects; amounts positive, as they came back."""
    parts = request.parts.select_related("lot__order_line").order_by("pk")
    lines = [_paid_back(part) for part in parts]
    if rest := request.amount_minor - sum(line["amount_minor"] for line in lines):
        # The terms may give back more or less than the units were worth.
        lines.append(_line("Difference by the terms of sale", 0, rest, 0, 0))
    order, total = request.order, request.amount_minor
    return _paper(entity.credit_note_prefix, number, order, entity, lines, total, at) | {
        "kind": Document.Kind.CREDIT_NOTE.value,
        "paid_on": practice_day(request.settled_at or at).isoformat(),
        "paid_by": PAID_BY[Method(request.method)],
        "reference": "",
        "discount_minor": 0,
        "corrects": receipt.label,
    }


def taken_back_content(
    *, note: Document, entity: LegalEntity, number: int, at: datetime
) -> Content:
    """The money of a credit note came back to us: the same with every amount turned round."""
    says: Content = note.content
    lines = [
        line | {"amount_minor": -line["amount_minor"], "tax_minor": -line["tax_minor"]}
        for line in says["lines"]
    ]
    day = practice_day(at).isoformat()
    return says | {
        "number": f"{entity.credit_note_prefix}{number:05d}",
        "on": day,
        "paid_on": day,
        "lines": lines,
        "taxes": _taxes(lines),
        "tax_minor": -says["tax_minor"],
        "total_minor": -says["total_minor"],
        "corrects": note.label,
    }


def _paper(
    prefix: str,
    number: int,
    order: Order,
    entity: LegalEntity,
    lines: Sequence[Content],
    total_minor: int,
    at: datetime,
) -> Content:
    """What both kinds say."""
    return {
        "number": f"{prefix}{number:05d}",
        "on": practice_day(at).isoformat(),
        "order": order.number,
        "seller": {
            "name": entity.name,
            "lines": [line for line in (*entity.address.splitlines(), entity.email) if line],
            "tax_number": entity.tax_number,
        },
        "buyer": {"name": order.buyer.name, "email": order.buyer.email},
        "currency": order.currency,
        "lines": list(lines),
        "taxes": _taxes(lines),
        "tax_minor": sum(line["tax_minor"] for line in lines),
        "total_minor": total_minor,
    }


def _sold(line: OrderLine) -> Content:
    return _line(line.name, line.units, line.price_minor, line.tax_minor, line.tax_rate_bp)


def _paid_back(part: RefundPart) -> Content:
    sold = part.lot.order_line
    rate = sold.tax_rate_bp if sold else 0
    gross = part.value_minor + part.tax_minor
    return _line(part.lot.name, part.units, gross, part.tax_minor, rate)


def _line(what: str, units: int, amount_minor: int, tax_minor: int, rate_bp: int) -> Content:
    return {
        "what": what,
        "units": units,
        "amount_minor": amount_minor,
        "tax_minor": tax_minor,
        "tax_rate_bp": rate_bp,
    }


def _taxes(lines: Iterable[Content]) -> list[Content]:
    """The tax inside, by rate, the highest first; a rate of nothing is not named."""
    taxed = sorted(
        (line for line in lines if line["tax_rate_bp"]), key=lambda line: -line["tax_rate_bp"]
    )
    return [
        _tax(rate_bp, list(group))
        for rate_bp, group in groupby(taxed, key=lambda line: line["tax_rate_bp"])
    ]


def _tax(rate_bp: int, lines: list[Content]) -> Content:
    tax = sum(line["tax_minor"] for line in lines)
    gross = sum(line["amount_minor"] for line in lines)
    return {"rate_bp": rate_bp, "net_minor": gross - tax, "tax_minor": tax}
