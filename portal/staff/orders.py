"""Everything about one order: what was sold, how it was paid, and what the books say of it."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from payments.chart import accounts
from payments.days import practice_zone
from payments.gifting import GiftState, gift_of
from payments.models import (
    BalanceTransaction,
    Charge,
    CreditLot,
    JournalLine,
    Mismatch,
    Order,
    PaymentAttempt,
    PayoutLine,
    Refund,
)
from payments.refunding.quoting import paid_minor, refunded_minor
from payments.refunding.shown import all_requests
from portal.staff.disputes import disputes_shown, disputes_table
from portal.staff.movements import LotShown, lots_shown
from portal.staff.refunds import refunds_table
from portal.staff.tables import Cell, Column, Table, amount, count, moment, words

ATTEMPT_KIND = {
    PaymentAttempt.Status.PAID: "good",
    PaymentAttempt.Status.FAILED: "bad",
    PaymentAttempt.Status.EXPIRED: "plain",
}
ORDER_KIND = {Order.Status.PAID: "good", Order.Status.OPEN: "warn", Order.Status.CANCELLED: "plain"}


@dataclass(frozen=True, slots=True)
class OrderPage:
    order: Order
    status_kind: str
    lines: Table
    attempts: Table
    money: Table
    lots: tuple[LotShown, ...]
    journal: Table
    mismatches: tuple[Mismatch, ...]
    gift: GiftState | None
    refunds: Table
    disputes: Table
    is_refundable: bool


def order_page(order: Order) -> OrderPage:
    """The story of one order; the number of queries does not grow with it."""
    return OrderPage(
        order=order,
        status_kind=ORDER_KIND[Order.Status(order.status)],
        lines=_lines(order),
        attempts=_attempts(order),
        money=_money(order),
        lots=lots_shown(CreditLot.objects.filter(order_line__order=order)),
        journal=_journal(order),
        mismatches=tuple(order.mismatches.open()),
        gift=gift_of(order),
        refunds=refunds_table(all_requests().filter(order=order), caption="Refunds", of_one=True),
        disputes=disputes_table(
            disputes_shown().filter(charge__attempt__order=order), caption="Disputes", of_one=True
        ),
        is_refundable=order.is_paid and paid_minor(order) > refunded_minor(order),
    )


def order_cell(order: Order | None) -> Cell:
    if order is None:
        return words("No order")
    return words(order.number, reverse("staff:order", args=[order.public_id]))


def _lines(order: Order) -> Table:
    columns = (
        Column("Package"),
        Column("Credits", numeric=True),
        Column("Price", numeric=True),
        Column("Tax inside", numeric=True),
    )
    rows = [
        (
            words(line.name),
            count(line.units),
            amount(line.price_minor, order.currency),
            amount(line.tax_minor, order.currency),
        )
        for line in order.lines.all()
    ]
    return Table("What was sold", columns, rows, currency=order.currency)


def _attempts(order: Order) -> Table:
    columns = (
        Column("Attempt"),
        Column("Started"),
        Column("How"),
        Column("Amount", numeric=True),
        Column("State"),
        Column("At Stripe"),
    )
    rows = [
        (
            words(attempt.number),
            moment(attempt.created_at, practice_zone()),
            words(attempt.get_method_display()),
            amount(attempt.amount_minor, attempt.currency),
            words(
                attempt.get_status_display(),
                kind=ATTEMPT_KIND.get(PaymentAttempt.Status(attempt.status), "info"),
            ),
            words(attempt.stripe_session_id or ""),
        )
        for attempt in order.attempts.all()
    ]
    return Table("Tries to pay", columns, rows, empty="Nobody has tried to pay yet.")


def _money(order: Order) -> Table:
    """Charges and refunds with what Stripe kept and the payout each came with."""
    columns = (
        Column("At Stripe"),
        Column("What"),
        Column("When"),
        Column("Amount", numeric=True),
        Column("Fee", numeric=True),
        Column("Net", numeric=True),
        Column("Payout"),
    )
    charges = Charge.objects.filter(attempt__order=order)
    refunds = Refund.objects.filter(charge__attempt__order=order)
    sources: list[Charge | Refund] = [*charges, *refunds]
    found = BalanceTransaction.objects.filter(source_id__in=[source.pk for source in sources])
    known = {row.source_id: row for row in found.select_related("payout_line")}
    rows = [_money_row(source, known.get(source.pk)) for source in sources]
    return Table("Money at Stripe", columns, rows, empty="No charge yet.", currency=order.currency)


def _money_row(source: Charge | Refund, row: BalanceTransaction | None) -> tuple[Cell, ...]:
    sign = 1 if isinstance(source, Charge) else -1
    what = "Charge" if isinstance(source, Charge) else "Refund"
    waiting = Cell("Not yet known", plain="")
    return (
        words(source.pk),
        words(f"{what}, {source.status}"),
        moment(source.created_at, practice_zone()),
        amount(sign * source.amount_minor, source.currency),
        amount(row.fee_minor, row.currency) if row else waiting,
        amount(row.net_minor, row.currency) if row else waiting,
        payout_cell(row),
    )


def payout_cell(row: BalanceTransaction | None) -> Cell:
    """The payout the transaction came with; the row carries its `payout_line`."""
    line: PayoutLine | None = getattr(row, "payout_line", None)
    if line is None:
        return words("On its way")
    return words(line.payout_id, reverse("staff:payout", args=[line.payout_id]))


def _journal(order: Order) -> Table:
    columns = (
        Column("When"),
        Column("What"),
        Column("Debit"),
        Column("Credit"),
        Column("Amount", numeric=True),
    )
    lines = JournalLine.objects.filter(Q(order=order) | Q(lot__order_line__order=order))
    names = {code: f"{one.code} {one.name}" for code, one in accounts().items()}
    rows = [
        (
            moment(line.entry.effective_at, practice_zone()),
            words(line.entry.description, reverse("staff:journal_entry", args=[line.entry_id])),
            words(names[line.debit]),
            words(names[line.credit]),
            amount(line.amount_minor, line.currency),
        )
        for line in lines.select_related("entry").order_by("entry__effective_at", "pk").distinct()
    ]
    return Table(
        "In the books", columns, rows, empty="Nothing posted yet.", currency=order.currency
    )
