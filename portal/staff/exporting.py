"""An accounting export before it is taken away: its first rows, and what they come to."""

import csv
from dataclasses import dataclass
from decimal import Decimal

from payments.chart import Role, accounts
from payments.exporting import Asked
from payments.exporting.accounting import BOM, text
from payments.exporting.programs import File, Prepared
from payments.money import minor
from payments.reconciling import Reconciliation, summary
from portal.staff.asking import address
from portal.staff.periods import Period, month, one_day
from portal.staff.tables import Column, Table, amount, words

ROWS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Preview:
    """The file read again as the other program will read it, beside the reconciliation screen."""

    rows: Table
    lines: int
    files: int
    sums: Table
    is_equal: bool
    screen_url: str


@dataclass(slots=True)
class _Tally:
    """Exact sums of the rows as written; `deferred` is the account of sessions to come."""

    lines: int = 0
    debits: Decimal = Decimal(0)
    credits: Decimal = Decimal(0)
    deferred: Decimal = Decimal(0)


def preview_of(*, file: File, prepared: Prepared, asked: Asked, currency: str) -> Preview:
    """A fixed number of queries. The lines of `prepared` are used up."""
    tally, shown = _Tally(), list[list[str]]()
    account = _deferred(file)
    header: list[str] = []
    for part in prepared.parts:
        reader = csv.reader(part)
        header = [name.removeprefix(BOM) for name in next(reader)]
        for row in reader:
            _count(tally, dict(zip(header, row, strict=True)), file, account)
            if len(shown) < ROWS_SHOWN:
                shown.append(row)
    books = summary(start=asked.start, end=asked.end, zone=asked.zone, currency=currency)
    pairs = [
        (what, minor(sum_of, currency), other) for what, sum_of, other in _pairs(file, tally, books)
    ]
    return Preview(
        rows=_rows(file, header, shown),
        lines=tally.lines,
        files=len(prepared.parts),
        sums=_sums(pairs, currency),
        is_equal=all(here == there for _, here, there in pairs),
        screen_url=_screen(asked),
    )


def _deferred(file: File) -> str:
    """How a journal names the account of sessions to come."""
    if not file.is_journal:
        return ""
    found = accounts()[Role.DEFERRED.code]
    return text(found.code if file.program == "Xero" else found.name)


def _count(tally: _Tally, row: dict[str, str], file: File, account: str) -> None:
    signed = Decimal(row[file.plus] or 0) - Decimal(row.get(file.minus) or 0)
    tally.lines += 1
    tally.debits += max(signed, Decimal(0))
    tally.credits += max(-signed, Decimal(0))
    if file.is_journal and row[file.account] == account:
        tally.deferred += signed


def _pairs(file: File, tally: _Tally, books: Reconciliation) -> list[tuple[str, Decimal, int]]:
    """What is compared: the figure of the file, and the screen's in minor units."""
    if file.is_journal:
        change = books.credits.closing_minor - books.credits.opening_minor
        return [
            ("Debits less credits", tally.debits - tally.credits, 0),
            ("Change of what we owe in sessions", -tally.deferred, change),
        ]
    moved = books.taken_minor - books.refunded_minor - books.fees_minor + books.other_minor
    left = moved - books.paid_out_minor
    what = "Taken, less refunds, fees and payouts, and other"
    return [(what, tally.debits - tally.credits, left)]


def _rows(file: File, header: list[str], shown: list[list[str]]) -> Table:
    numeric = {file.plus, file.minus}
    return Table(
        "First rows of the file",
        [Column(name, numeric=name in numeric) for name in header],
        [[words(cell) for cell in row] for row in shown],
    )


def _sums(pairs: list[tuple[str, int, int]], currency: str) -> Table:
    columns = (
        Column("What"),
        Column("In the file", numeric=True),
        Column("On the reconciliation page", numeric=True),
        Column("Apart", numeric=True),
    )
    rows = [
        (words(what), *(amount(one, currency) for one in (here, there, here - there)))
        for what, here, there in pairs
    ]
    return Table("Sums", columns, rows)


def _screen(asked: Asked) -> str:
    """The reconciliation page of the same days, where it has one: a day or a month."""
    if asked.start is None:
        return ""
    period = Period(asked.start, asked.end)
    known = period in (one_day(asked.start), month(asked.start))
    return address("reconciliation", month=period.code) if known else ""
