"""Payouts: the list, and one opened into everything that came with it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import BigIntegerField, Count, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django_stubs_ext import WithAnnotations

from payments.days import practice_zone
from payments.models import BalanceTransaction, Payout
from payments.reconciling import BlindPayout
from portal.staff.tables import Cell, Column, Table, amount, count, day, moment, words
from portal.staff.transactions import transactions_table

COLUMNS = (
    Column("Payout"),
    Column("Made"),
    Column("In the bank"),
    Column("State"),
    Column("Transactions", numeric=True),
    Column("Amount", numeric=True),
    Column("Residual", numeric=True),
)
STATUS_KIND = {"paid": "good", "failed": "bad", "canceled": "plain"}
STATUS_WORDS = {
    "paid": "Paid",
    "pending": "Waiting",
    "in_transit": "On its way",
    "failed": "Failed",
    "canceled": "Cancelled",
}


class Contents(TypedDict):
    line_count: int
    line_net_minor: int


if TYPE_CHECKING:
    PayoutRow = WithAnnotations[Payout, Contents]
else:
    PayoutRow = Payout


@dataclass(frozen=True, slots=True)
class PayoutPage:
    """A payout with its transactions; amounts in minor units of its currency."""

    payout: Payout
    status: Cell
    gross_minor: int
    fees_minor: int
    net_minor: int
    residual_minor: int
    terms: list[dict[str, Any]]
    transactions: Table

    @property
    def holds(self) -> bool:
        return self.residual_minor == 0


def payout_page(payout: Payout) -> PayoutPage:
    """Everything in the payout, and what is left unexplained: the residual, which must be 0."""
    rows = list(
        BalanceTransaction.objects.filter(payout_line__payout=payout)
        .select_related("payout_line")
        .order_by("created_at", "pk")
    )
    net = sum(row.net_minor for row in rows)
    return PayoutPage(
        payout=payout,
        status=status_cell(payout),
        gross_minor=sum(row.amount_minor for row in rows),
        fees_minor=sum(row.fee_minor for row in rows),
        net_minor=net,
        residual_minor=payout.amount_minor - net,
        terms=_terms(rows, payout),
        transactions=transactions_table(
            rows,
            caption=f"Transactions of {payout.pk}",
            currency=payout.currency,
            with_payout=False,
            empty=(
                "Stripe has not said yet what is inside."
                if payout.automatic
                else "Made by hand, so Stripe cannot say what is inside."
            ),
        ),
    )


def _terms(rows: Sequence[BalanceTransaction], payout: Payout) -> list[dict[str, Any]]:
    """amounts - fees = payout, for the equation component."""
    amounts = sum(row.amount_minor for row in rows)
    fees = sum(row.fee_minor for row in rows)
    return [
        {"label": "Payments and refunds", "amount_minor": amounts, "operator": ""},
        {"label": "Fees", "amount_minor": fees, "operator": "-"},
        {"label": "Paid out", "amount_minor": payout.amount_minor, "operator": "="},
    ]


def payouts_table(payouts: Iterable[PayoutRow], *, caption: str, currency: str) -> Table:
    return Table(
        caption,
        COLUMNS,
        [_row(payout) for payout in payouts],
        empty="No payout was made in this month.",
        currency=currency,
    )


def with_contents() -> QuerySet[PayoutRow]:
    """Payouts with the number and the net sum of their transactions, one query for all."""
    net = Sum("lines__balance_transaction__net_minor")
    made = Payout.objects.order_by("-created_at", "-pk")
    return made.annotate(
        line_count=Count("lines"),
        line_net_minor=Coalesce(net, Value(0), output_field=BigIntegerField()),
    )


def _row(payout: PayoutRow) -> tuple[Cell, ...]:
    return (
        words(payout.pk, reverse("staff:payout", args=[payout.pk])),
        moment(payout.created_at, practice_zone()),
        day(payout.arrival_on),
        status_cell(payout),
        count(payout.line_count),
        amount(payout.amount_minor, payout.currency),
        residual_cell(payout, payout.line_net_minor),
    )


def residual_cell(payout: Payout, net_minor: int) -> Cell:
    """Always a figure once the payout is itemised: 0.00 is the answer people look for."""
    if not payout.itemised_at:
        return words("Not itemised yet")
    return amount(payout.amount_minor - net_minor, payout.currency)


def status_cell(payout: Payout) -> Cell:
    kind = STATUS_KIND.get(payout.status, "info")
    return words(STATUS_WORDS.get(payout.status, payout.status), kind=kind)


def closed_table(payouts: Sequence[BlindPayout], *, currency: str) -> Table:
    """Payouts whose contents nobody knows: each counts against what is on its way."""
    rows = [
        (
            words(payout.pk, reverse("staff:payout", args=[payout.pk])),
            moment(payout.created_at, practice_zone()),
            amount(-payout.taken_minor, payout.currency),
        )
        for payout in payouts
    ]
    columns = (Column("Payout"), Column("Made"), Column("Amount", numeric=True))
    return Table("Less: payouts not itemised yet", columns, rows, currency=currency)
