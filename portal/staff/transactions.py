"""Stripe's balance transactions, each with the order, the lot and the sessions behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse

from payments.days import practice_zone
from payments.models import (
    BalanceTransaction,
    Charge,
    CreditEntry,
    CreditLot,
    Dispute,
    Order,
    Refund,
)
from payments.reconciling import FEES, REFUNDED, TAKEN, BlindPayout, at_stripe
from portal.staff.lots import lot_url
from portal.staff.orders import order_cell, payout_cell
from portal.staff.periods import Period
from portal.staff.sessions import session_cell, sessions_by_id
from portal.staff.tables import Cell, Column, Table, amount, moment, several, words
from scheduling.models import Booking

COLUMNS = (
    Column("When", whole=True),
    Column("What"),
    Column("Amount", numeric=True),
    Column("Fee", numeric=True),
    Column("Net", numeric=True),
    Column("Order", whole=True),
    Column("Runner", whole=True),
    Column("Lot", whole=True),
    Column("Sessions", whole=True),
)
CATEGORY_WORDS = {
    "charge": "Payment",
    "refund": "Refund",
    "refund_failure": "Refund that failed",
    "dispute": "Dispute",
    "dispute_reversal": "Dispute won",
    "fee": "Stripe fee",
    "network_cost": "Card network fee",
    "payout": "Payout",
    "payout_reversal": "Payout that failed",
}
# A use that was taken back leaves the credit with its session.
HELD_OR_USED = (CreditEntry.Kind.RESERVE, CreditEntry.Kind.USE, CreditEntry.Kind.REVERSE)


@dataclass(slots=True)
class _Behind:
    """What stands behind some transactions; filled with one query for each kind of thing."""

    orders: dict[str, Order] = field(default_factory=dict)
    lots: dict[int, list[CreditLot]] = field(default_factory=dict)
    bookings: dict[int, list[UUID]] = field(default_factory=dict)
    sessions: dict[UUID, Booking] = field(default_factory=dict)


def transactions_table(
    transactions: Iterable[BalanceTransaction],
    *,
    caption: str,
    currency: str,
    empty: str = "",
    with_payout: bool = True,
) -> Table:
    """A row a transaction (with its `payout_line`, selected by the caller)."""
    rows = list(transactions)
    behind = _behind(rows)
    columns = [*COLUMNS, *([Column("Payout")] if with_payout else []), Column("Transaction")]
    cells = [
        (*_row(row, behind), *([payout_cell(row)] if with_payout else []), words(row.pk))
        for row in rows
    ]
    return Table(
        caption,
        columns,
        cells,
        empty=empty or "No transactions.",
        currency=currency,
    )


def _row(row: BalanceTransaction, behind: _Behind) -> Sequence[Cell]:
    order = behind.orders.get(row.source_id)
    lots = behind.lots.get(order.pk, []) if order else []
    booking_ids = [booking for lot in lots for booking in behind.bookings.get(lot.pk, [])]
    return (
        moment(row.created_at, practice_zone()),
        words(CATEGORY_WORDS.get(row.reporting_category, row.reporting_category)),
        amount(row.amount_minor, row.currency),
        amount(row.fee_minor, row.currency),
        amount(row.net_minor, row.currency),
        order_cell(order) if order else words(""),
        _runner(order),
        several([words(lot.name, lot_url(lot)) for lot in lots]),
        several([session_cell(booking, behind.sessions) for booking in booking_ids]),
    )


def _runner(order: Order | None) -> Cell:
    if order is None:
        return words("")
    return words(order.buyer, reverse("staff:runner", args=[order.buyer.public_id]))


def _behind(rows: Sequence[BalanceTransaction]) -> _Behind:
    behind = _Behind(orders=_orders_by_source(row.source_id for row in rows))
    lots = CreditLot.objects.filter(order_line__order__in=set(behind.orders.values()))
    for lot in lots.select_related("order_line__order", "owner"):
        if lot.order_line:
            behind.lots.setdefault(lot.order_line.order_id, []).append(lot)
    behind.bookings = _bookings_by_lot(lot.pk for lots in behind.lots.values() for lot in lots)
    ids = (booking for bookings in behind.bookings.values() for booking in bookings)
    behind.sessions = sessions_by_id(ids)
    return behind


def _orders_by_source(source_ids: Iterable[str]) -> dict[str, Order]:
    """The order behind a charge, a refund or a dispute, by Stripe's id of it."""
    ids = set(source_ids)
    found: dict[str, Order] = {}
    charges = Charge.objects.filter(pk__in=ids).select_related("attempt__order__buyer")
    for charge in charges:
        if charge.attempt:
            found[charge.pk] = charge.attempt.order
    for model in (Refund, Dispute):
        others = model.objects.filter(pk__in=ids - found.keys())
        for other in others.select_related("charge__attempt__order__buyer"):
            if other.charge and other.charge.attempt:
                found[other.pk] = other.charge.attempt.order
    return found


def _bookings_by_lot(lot_ids: Iterable[int]) -> dict[int, list[UUID]]:
    """Sessions that hold or used a credit of a lot: what its last movement for them says."""
    entries = CreditEntry.objects.filter(lot__in=list(lot_ids), booking_id__isnull=False)
    last: dict[tuple[int, UUID], str] = {}
    for lot_id, booking_id, kind in entries.order_by("pk").values_list("lot", "booking_id", "kind"):
        if booking_id is not None:
            last[lot_id, booking_id] = kind
    found: dict[int, list[UUID]] = {}
    for (lot_id, booking_id), kind in last.items():
        if kind in HELD_OR_USED:
            found.setdefault(lot_id, []).append(booking_id)
    return found


# What each figure of the equation is made of ---------------------------------------------------
@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the equation with the rows behind it; `total_minor` is the figure again."""

    title: str
    total_minor: int
    rows: list[BalanceTransaction]
    closed: list[BlindPayout]  # payouts we cannot look into: they count against what is on its way


TITLES = {
    "taken": "Taken",
    "refunded": "Refunded",
    "fees": "Fees",
    "other": "Disputes and other movements",
    "opening": "On its way at the start",
    "on-its-way": "On its way at the end",
}
OF_FEES = Q(reporting_category__in=FEES) | ~Q(fee_minor=0)


def figure(name: str, period: Period, currency: str) -> Figure:
    """The rows behind one figure of a period's equation. Raises KeyError for an unknown name."""
    title = TITLES[name]
    if name == "opening":
        return _waiting(title, period.starts_at, currency)
    if name == "on-its-way":
        return _waiting(title, period.ends_at, currency)
    rows = list(_of_period(period, currency).filter(_wanted(name)))
    return Figure(title, sum(_share(name, row) for row in rows), rows, [])


def _wanted(name: str) -> Q:
    if name == "fees":
        return OF_FEES
    if name == "other":
        return ~Q(reporting_category__in=TAKEN | REFUNDED | FEES)
    return Q(reporting_category__in={"taken": TAKEN, "refunded": REFUNDED}[name])


def _share(name: str, row: BalanceTransaction) -> int:
    """What one row adds to the figure."""
    if name == "fees":
        own = row.amount_minor if row.reporting_category in FEES else 0
        return row.fee_minor - own
    return -row.amount_minor if name == "refunded" else row.amount_minor


def _of_period(period: Period, currency: str) -> QuerySet[BalanceTransaction]:
    rows = _moved(currency).filter(created_at__lt=period.ends_at)
    return rows.filter(created_at__gte=period.starts_at) if period.starts_at else rows


def _moved(currency: str) -> QuerySet[BalanceTransaction]:
    rows = BalanceTransaction.objects.money_movements().filter(currency=currency)
    return rows.select_related("payout_line")


def _waiting(title: str, until: datetime | None, currency: str) -> Figure:
    """At Stripe just before a moment: in no payout yet, less the payouts nobody can open."""
    if until is None:
        return Figure(title, 0, [], [])
    waiting, taken_blindly = at_stripe(until, currency)
    rows, closed = list(waiting.select_related("payout_line")), list(taken_blindly)
    total = sum(row.net_minor for row in rows) - sum(payout.taken_minor for payout in closed)
    return Figure(title, total, rows, closed)
