"""Receipts and credit notes as pages and mails show them: read from what was frozen, only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency

from payments.models import Document
from payments.money import major

TITLES = {Document.Kind.RECEIPT: "Receipt", Document.Kind.CREDIT_NOTE: "Credit note"}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    what: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class ReceiptRefund:
    """A credit note of the same order."""

    number: str
    on: date
    amount_minor: int
    url: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A document on paper; amounts in minor units, tax included."""

    title: str
    number: str
    on: date
    order: str
    seller_name: str
    seller_lines: tuple[str, ...]
    buyer_name: str
    currency: str
    lines: tuple[ReceiptLine, ...]
    tax_lines: tuple[str, ...]
    total_minor: int
    settled: str
    corrects: str
    refunds: tuple[ReceiptRefund, ...] = ()


def on_paper(document: Document, refunds: Iterable[ReceiptRefund] = ()) -> Receipt:
    """The document as it was given out. No query; ``refunds`` is what came back since."""
    says: dict[str, Any] = document.content
    seller, currency = says["seller"], says["currency"]
    tax_number = [f"VAT number {seller['tax_number']}"] if seller["tax_number"] else []
    return Receipt(
        title=TITLES[Document.Kind(document.kind)],
        number=says["number"],
        on=date.fromisoformat(says["on"]),
        order=says["order"],
        seller_name=seller["name"],
        seller_lines=(*seller["lines"], *tax_number),
        buyer_name=says["buyer"]["name"] or says["buyer"]["email"],
        currency=currency,
        lines=tuple(ReceiptLine(line["what"], line["amount_minor"]) for line in says["lines"]),
        tax_lines=tuple(_tax_words(tax, currency) for tax in says["taxes"] if tax["tax_minor"])
        or ("No VAT is charged.",),
        total_minor=says["total_minor"],
        settled=_settled(document.kind, says),
        corrects=says.get("corrects", ""),
        refunds=tuple(refunds),
    )


def _tax_words(tax: dict[str, int], currency: str) -> str:
    amount = format_currency(major(tax["tax_minor"], currency), currency, locale="en_GB")
    net = format_currency(major(tax["net_minor"], currency), currency, locale="en_GB")
    percent = f"{(Decimal(tax['rate_bp']) / 100).normalize():f}"
    return f"Includes {amount} VAT at {percent}% on {net}."


def _settled(kind: str, says: dict[str, Any]) -> str:
    """How the money went, in a sentence."""
    if kind == Document.Kind.CREDIT_NOTE and says["total_minor"] < 0:
        return "The money did not arrive and is with us again."
    if kind == Document.Kind.CREDIT_NOTE:
        return f"Paid back by {says['paid_by']}."
    if not says["total_minor"]:
        return "There was nothing to pay."
    reference = f" ({says['reference']})" if says["reference"] else ""
    return f"Paid by {says['paid_by']}{reference}."
