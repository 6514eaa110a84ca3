"""Files QuickBooks Online takes as they are: a bank statement and a journal (D7)."""

from collections.abc import Iterator

from payments.exporting.accounting import Options, lines_of, movements, postings, text
from payments.exporting.defining import Asked

BANK_THREE = ("Date", "Description", "Amount")
BANK_FOUR = ("Date", "Description", "Credit", "Debit")
JOURNAL = (
    "JournalNo",
    "JournalDate",
    "AccountName",
    "Debits",
    "Credits",
    "Description",
    "Name",
)


def bank_three(asked: Asked, options: Options) -> Iterator[str]:
    """Signed: money in is positive."""
    rows = (
        (options.day(row.on), text(row.description), options.money(row.minor))
        for row in movements(asked, options.currency)
    )
    return lines_of(BANK_THREE, rows, options)


def bank_four(asked: Asked, options: Options) -> Iterator[str]:
    """Money in and money out in columns of their own, both positive."""
    rows = (
        (options.day(row.on), text(row.description), *_sides(row.minor, options))
        for row in movements(asked, options.currency)
    )
    return lines_of(BANK_FOUR, rows, options)


def journal(asked: Asked, options: Options) -> Iterator[str]:
    """Balanced by JournalNo. Accounts go by name, `Parent:Child` where the chart says so."""
    rows = (
        (
            str(row.entry),
            options.day(row.on),
            text(row.account),
            *_sides(row.minor, options),
            text(row.description),
            text(row.name),
        )
        for row in postings(asked, options.currency)
    )
    return lines_of(JOURNAL, rows, options)


def _sides(minor: int, options: Options) -> tuple[str, str]:
    """The figure where it is positive, or without its sign where it is negative."""
    if minor < 0:
        return "", options.money(-minor)
    return options.money(minor), ""
