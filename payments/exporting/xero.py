"""Files Xero takes as they are: bank statements and manual journals, cut where it stops (D7)."""

from collections.abc import Iterator
from itertools import islice

from payments.exporting.accounting import (
    ExportError,
    Movement,
    Options,
    Posting,
    journals,
    lines_of,
    movements,
    postings,
    text,
)
from payments.exporting.defining import Asked

BANK = ("Date", "Amount", "Payee", "Description", "Reference")
JOURNAL = (
    "*Narration",
    "*Date",
    "Description",
    "*AccountCode",
    "*TaxRate",
    "*Amount",
    "TrackingName1",
    "TrackingOption1",
    "TrackingName2",
    "TrackingOption2",
)
MOST_BANK_LINES = 1000


def bank(asked: Asked, options: Options) -> Iterator[Iterator[str]]:
    """Statements of at most a thousand lines; one without any when nothing moved."""
    rows = movements(asked, options.currency)
    part = list(islice(rows, MOST_BANK_LINES))
    yield _bank_file(part, options)
    while part := list(islice(rows, MOST_BANK_LINES)):
        yield _bank_file(part, options)


def _bank_file(part: list[Movement], options: Options) -> Iterator[str]:
    return lines_of(BANK, [_bank_row(row, options) for row in part], options)


def _bank_row(row: Movement, options: Options) -> tuple[str, ...]:
    return (
        options.day(row.on),
        options.money(row.minor),
        text(row.payee),
        text(row.description),
        text(row.reference),
    )


def journal(asked: Asked, options: Options) -> Iterator[Iterator[str]]:
    """Manual journals in files of at most `most_lines`; no journal is in two of them."""
    if not options.tax_rate.strip():
        words = "Say what Xero calls the tax rate, for instance Tax Exempt."
        raise ExportError(words, field="tax_rate")
    part: list[Posting] = []
    for entry in journals(postings(asked, options.currency)):
        if len(entry) > options.most_lines:
            raise ExportError(
                f"Journal {entry[0].entry} has {len(entry)} lines, more than the"
                f" {options.most_lines} a file may have. Raise the limit.",
                field="most_lines",
            )
        if len(part) + len(entry) > options.most_lines:
            yield _journal_file(part, options)
            part = []
        part += entry
    yield _journal_file(part, options)


def _journal_file(part: list[Posting], options: Options) -> Iterator[str]:
    return lines_of(JOURNAL, [_journal_row(row, options) for row in part], options)


def _journal_row(row: Posting, options: Options) -> tuple[str, ...]:
    """The number makes each narration its own: Xero joins lines of one narration and day."""
    return (
        text(f"{row.description} ({row.entry})"),
        options.day(row.on),
        text(row.name),
        text(row.code),
        text(options.tax_rate),
        options.money(row.minor),
        *("", "", "", ""),
    )
