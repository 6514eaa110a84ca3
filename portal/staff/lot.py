"""One lot: where it came from, where each credit is, and what the books say of it."""

from dataclasses import dataclass

from django.db.models import Q

from payments.chart import accounts
from payments.days import practice_zone
from payments.models import Charge, CreditLot, JournalLine, PayoutLine
from portal.staff.links import address_of
from portal.staff.movements import LotShown, lots_shown
from portal.staff.tables import Cell, Column, Table, amount, moment, several, words


@dataclass(frozen=True, slots=True)
class LotPage:
    lot: CreditLot
    shown: LotShown
    whence: Table
    journal: Table


def lot_page(lot: CreditLot) -> LotPage:
    """Everything about one lot; the number of queries does not grow with it."""
    [shown] = lots_shown(CreditLot.objects.filter(pk=lot.pk))
    return LotPage(lot, shown, _whence(lot), _journal(lot))


def _whence(lot: CreditLot) -> Table:
    """Up: the order, the payment, its payout; sideways: lots it came from and went to."""
    order = lot.order_line.order if lot.order_line else None
    charges = Charge.objects.filter(attempt__order=order, status="succeeded") if order else []
    payouts = PayoutLine.objects.filter(
        balance_transaction__source_id__in=[charge.pk for charge in charges]
    )
    others = CreditLot.objects.filter(Q(transferred_from=lot) | Q(transferred_to=lot))
    rows: list[tuple[Cell, Cell]] = [
        (words("Owner"), words(lot.owner, address_of("runner", lot.owner.public_id))),
        (
            words("Order"),
            words(order.number, address_of("order", order.public_id)) if order else words(""),
        ),
        (words("Charges"), several([words(charge.pk) for charge in charges])),
        (
            words("Payouts"),
            several(
                [words(line.payout_id, address_of("payout", line.payout_id)) for line in payouts]
            ),
        ),
        (
            words("Passed on"),
            several([words(other.name, address_of("lot", other.public_id)) for other in others]),
        ),
        (words("Sold for, without tax"), amount(lot.value_minor, lot.currency)),
        (words("Tax on it"), amount(lot.tax_minor, lot.currency)),
    ]
    return Table("Where it comes from", (Column("What"), Column("Which")), rows)


def _journal(lot: CreditLot) -> Table:
    names = {code: f"{account.code} {account.name}" for code, account in accounts().items()}
    lines = JournalLine.objects.filter(lot=lot).select_related("entry")
    columns = (
        Column("When"),
        Column("What"),
        Column("Debit"),
        Column("Credit"),
        Column("Amount", numeric=True),
    )
    rows = [
        (
            moment(line.entry.effective_at, practice_zone()),
            words(line.entry.description, address_of("journal", line.entry_id)),
            words(names.get(line.debit, line.debit)),
            words(names.get(line.credit, line.credit)),
            amount(line.amount_minor, line.currency),
        )
        for line in lines.order_by("entry__effective_at", "pk")
    ]
    return Table("In the books", columns, rows, empty="Nothing posted yet.", currency=lot.currency)
