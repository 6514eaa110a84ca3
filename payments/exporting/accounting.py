"""What QuickBooks and Xero files share: what is asked, the lines behind them, and the writing."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter

from payments.chart import accounts
from payments.days import practice_day
from payments.exporting.defining import Asked
from payments.exporting.guarding import Echo, safe_cell
from payments.models import BalanceTransaction, JournalLine
from payments.money import major

BOM = "\ufeff"
DAY_FORMATS = {"mdy": "%m/%d/%Y", "dmy": "%d/%m/%Y", "iso": "%Y-%m-%d"}


class ExportError(Exception):
    """A file the other program would not take, in words for the bookkeeper.

    `field` says which of the answers is wrong: one of `Options`, or start or end.
    """

    def __init__(self, words: str, *, field: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Options:
    """How the other program wants to be written to. One currency a file: none has a column."""

    currency: str
    days: str = "mdy"
    bom: bool = False
    tax_rate: str = "Tax Exempt"
    most_lines: int = 300  # of a manual journal of Xero; of a bank statement it is fixed

    def day(self, on: date) -> str:
        return on.strftime(DAY_FORMATS[self.days])

    def money(self, minor: int) -> str:
        return f"{major(minor, self.currency):f}"


@dataclass(frozen=True, slots=True)
class Movement:
    """A line of Stripe's balance as a bank statement has it: the sum, then the fee apart."""

    on: date
    minor: int
    payee: str
    description: str
    reference: str


@dataclass(frozen=True, slots=True)
class Posting:
    """One side of a journal line: debits are positive, credits negative."""

    entry: int
    on: date
    code: str
    account: str
    minor: int
    description: str
    name: str


def movements(asked: Asked, currency: str) -> Iterator[Movement]:
    """Together they come to the net of the period, the figure of the reconciliation page."""
    rows = BalanceTransaction.objects.filter(asked.span.within("created_at"), currency=currency)
    for row in rows.order_by("created_at", "id").iterator():
        on, kind = practice_day(row.created_at), row.reporting_category.replace("_", " ")
        description = row.description or kind.capitalize()
        if row.amount_minor or not row.fee_minor:
            yield Movement(on, row.amount_minor, "Stripe", description, row.id)
        if row.fee_minor:
            yield Movement(on, -row.fee_minor, "Stripe", f"Fee: {description}", row.id)


def postings(asked: Asked, currency: str) -> Iterator[Posting]:
    """Every line of the journal, its debit and then its credit, an entry at a time."""
    called = accounts()
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at"), currency=currency)
    ordered = lines.order_by("entry__effective_at", "entry", "pk").select_related(
        "entry", "order__buyer"
    )
    for line in ordered.iterator():
        entry = line.entry
        name = line.order.buyer.name if line.order else ""
        on = practice_day(entry.effective_at)
        for role, minor in ((line.debit, line.amount_minor), (line.credit, -line.amount_minor)):
            found = called[role]
            yield Posting(entry.pk, on, found.code, found.name, minor, entry.description, name)


def journals(rows: Iterable[Posting]) -> Iterator[list[Posting]]:
    """The postings of each entry together."""
    for _, found in groupby(rows, attrgetter("entry")):
        yield list(found)


def text(value: str) -> str:
    """Words on one line that no spreadsheet reads as a formula. Figures never come here."""
    return str(safe_cell(" ".join(value.split())))


def lines_of(
    headers: Iterable[str], rows: Iterable[Iterable[str]], options: Options
) -> Iterator[str]:
    """The file line by line, by RFC 4180."""
    writer = csv.writer(Echo())
    yield (BOM if options.bom else "") + writer.writerow(headers)
    for row in rows:
        yield writer.writerow(row)
