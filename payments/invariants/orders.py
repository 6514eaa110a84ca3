"""I5: what an order costs is what its lines say, what was paid, what was granted and posted.

What is owed in sessions is compared with the books by I8; here the rest of a sale's posting: the
money's account, the tax that is due, and lines without credits.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Coalesce, Concat

from payments.chart import Role
from payments.invariants.base import ALWAYS, Breach, Sides, Span, side_by_side, total
from payments.invariants.documents import papers_at_fault
from payments.models import (
    CreditLot,
    JournalEntry,
    JournalLine,
    Order,
    OrderLine,
    PaymentAttempt,
    TaxTiming,
)
from payments.posting import MONEY_OF_METHOD

SALE = "sale:"
OWED_IN_SESSIONS = {Role.DEFERRED.code, Role.TAX_DEFERRED.code}
OF_A_SALE = OWED_IN_SESSIONS | {Role.TAX_PAYABLE.code, Role.TOP_UPS.code}
Fault = tuple[str, int]


class _Lot(NamedTuple):
    value_minor: int
    currency: str
    owner: int


class _Payment(NamedTuple):
    amount_minor: int
    currency: str
    paid_at: datetime
    method: str


class _Posted(NamedTuple):
    debit: str
    credit: str
    amount_minor: int
    currency: str
    order: int | None
    at: datetime


@dataclass(slots=True)
class _Found:
    """What the other tables say of one order."""

    lines: list[OrderLine] = field(default_factory=list)
    lots: dict[int, _Lot] = field(default_factory=dict)
    payments: list[_Payment] = field(default_factory=list)
    posted: list[_Posted] = field(default_factory=list)


def orders_add_up(span: Span = ALWAYS) -> list[Breach]:
    """I5: an order's total is that of its lines; a paid one's is its payment, and its lots, its
    tax and its other lines; the books took it so, and its papers say so."""
    found = _found(span)
    return [
        *(
            Breach("I5", order.number, what, by, "order", str(order.public_id), order.currency)
            for order in _orders(span).iterator()
            for what, by in _faults(order, found[order.pk])
        ),
        *_of_no_order(span),
        *papers_at_fault(span),
    ]


def totals_and_lots(span: Span) -> list[Sides]:
    """What paid orders cost, and what their lots, their tax and other lines come to."""
    paid = Order.objects.filter(span.within("paid_at"), status=Order.Status.PAID).order_by()
    lines = OrderLine.objects.filter(order__in=paid.values("pk")).order_by()
    columns = ("kind", "price_minor", "tax_minor", "order__currency", "lot__unit_values")
    parts: dict[str, int] = defaultdict(int)
    for kind, price, tax, currency, values in lines.values_list(*columns).iterator():
        is_package = kind == OrderLine.Kind.PACKAGE
        parts[currency] += tax + sum(values or []) if is_package else price
    totals = paid.values_list("currency").annotate(cost=total("total_minor"))
    return side_by_side("Paid orders", dict(totals), parts)


# What belongs to an order -------------------------------------------------------------------
def _orders(span: Span) -> "QuerySet[Order]":
    return Order.objects.filter(span.within("placed_at", "paid_at")).order_by("placed_at", "pk")


def _found(span: Span) -> dict[int, _Found]:
    """One query for each table, whatever the number of orders."""
    found: dict[int, _Found] = defaultdict(_Found)
    orders = _orders(span).order_by()
    for line in OrderLine.objects.filter(order__in=orders.values("pk")).iterator():
        found[line.order_id].lines.append(line)
    lots = CreditLot.objects.filter(order_line__order__in=orders.values("pk")).order_by()
    of_lots = ("order_line__order", "order_line", "unit_values", "currency", "owner")
    for order, line_id, values, currency, owner in lots.values_list(*of_lots).iterator():
        found[order].lots[line_id] = _Lot(sum(values), currency, owner)
    paid = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PAID).order_by()
    paid = paid.filter(order__in=orders.values("pk"))
    of_payments = ("amount_minor", "currency", "paid_at", "method")
    for order, *payment in paid.values_list("order", *of_payments).iterator():
        found[order].payments.append(_Payment(*payment))
    for source, *posted in _sale_lines(orders).iterator():
        found[int(source.removeprefix(SALE))].posted.append(_Posted(*posted))
    return found


def _sale_lines(orders: "QuerySet[Order]") -> "QuerySet[JournalLine, Any]":
    source = Concat(Value(SALE), Cast("pk", CharField()))
    lines = JournalLine.objects.filter(entry__source__in=orders.annotate(s=source).values("s"))
    return lines.order_by().values_list(
        "entry__source",
        "debit",
        "credit",
        "amount_minor",
        "currency",
        "order",
        Coalesce("entry__occurred_at", "entry__effective_at"),
    )


# What may be wrong with it ------------------------------------------------------------------
def _faults(order: Order, found: _Found) -> Iterator[Fault]:
    if by := order.total_minor - sum(line.price_minor for line in found.lines):
        yield "the lines differ from the total", by
    if by := order.discount_minor - sum(line.discount_minor for line in found.lines):
        yield "the lines' discounts differ from the order's", by
    if not order.is_paid:
        if found.lots or found.payments or found.posted:
            yield "it is not paid, and has credits, a payment or a posting", 0
        return
    yield from _faults_of_payment(order, found)
    yield from _faults_of_lots(order, found)
    yield from _faults_of_posting(order, found)


def _faults_of_payment(order: Order, found: _Found) -> Iterator[Fault]:
    if by := order.total_minor - sum(payment.amount_minor for payment in found.payments):
        yield "what was paid differs from the total", by
    elif len(found.payments) != 1:
        yield "it is paid without one payment that says so", 0
    elif (found.payments[0].currency, found.payments[0].paid_at) != (order.currency, order.paid_at):
        yield "the payment is in another currency, or of another moment", 0


def _faults_of_lots(order: Order, found: _Found) -> Iterator[Fault]:
    tax = sum(line.tax_minor for line in found.lines if _has_units(line))
    others = sum(line.price_minor for line in found.lines if not _has_units(line))
    lots = sum(lot.value_minor for lot in found.lots.values())
    if by := order.total_minor - lots - tax - others:
        yield "the lots and the tax differ from the total", by
    if found.lots.keys() != {line.pk for line in found.lines if _has_units(line)}:
        yield "a line has no lot, or a lot is of no line", 0
    expected = (order.currency, order.buyer_id)
    if any((lot.currency, lot.owner) != expected for lot in found.lots.values()):
        yield "a lot is in another currency, or somebody else's", 0


def _has_units(line: OrderLine) -> bool:
    return line.kind == OrderLine.Kind.PACKAGE


def _faults_of_posting(order: Order, found: _Found) -> Iterator[Fault]:
    """All of it but what is owed in sessions, which is compared lot by lot (I8)."""
    lines = [line for line in found.lines if _has_units(line)]
    owed = sum(line.price_minor - _tax_due(line) for line in lines)
    rest = [one for one in found.posted if one.credit not in OWED_IN_SESSIONS]
    if by := order.total_minor - owed - sum(one.amount_minor for one in rest):
        yield "the books took another amount for tax and other lines", by
    money = {_account_of(payment.method) for payment in found.payments}
    where = {(order.pk, order.currency, order.paid_at)}
    if any(
        {one.debit} != money
        or one.credit not in OF_A_SALE
        or {(one.order, one.currency, one.at)} != where
        for one in found.posted
    ):
        yield "the books took it to another account, order, currency or moment", 0


def _tax_due(line: OrderLine) -> int:
    return line.tax_minor if line.tax_timing == TaxTiming.SALE else 0


def _account_of(method: str) -> str:
    role = MONEY_OF_METHOD.get(PaymentAttempt.Method(method))
    return role.code if role else ""


# Rows without an order ----------------------------------------------------------------------
def _of_no_order(span: Span) -> Iterator[Breach]:
    lines = OrderLine.objects.filter(~Exists(Order.objects.filter(pk=OuterRef("order_id"))))
    for line in lines:
        yield Breach("I5", f"line {line.pk}", "its order is not there", line.price_minor)
    entries = JournalEntry.objects.filter(
        span.within("effective_at"), source__startswith=SALE
    ).order_by()
    sales = {
        int(source.removeprefix(SALE)): pk for pk, source in entries.values_list("pk", "source")
    }
    unknown = sales.keys() - set(_orders(span).order_by().values_list("pk", flat=True))
    if unknown:  # or of another day, which is told by the order itself
        unknown -= set(Order.objects.filter(pk__in=unknown).values_list("pk", flat=True))
    for order in sorted(unknown):
        about, entry = f"{SALE}{order}", str(sales[order])
        yield Breach("I5", about, "its order is not there", 0, "journal", entry)
