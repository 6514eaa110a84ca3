"""The files another program imports: which there are, and one of them made ready to hand out."""

import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO

from payments.exporting import quickbooks, xero
from payments.exporting.accounting import ExportError, Options
from payments.exporting.defining import Asked
from payments.models import BalanceTransaction, JournalLine
from payments.money import DEFAULT_CURRENCY

FIRST_YEAR, LAST_YEAR = 2000, 2999
FEWEST_LINES = 2  # a journal has at least two
IN_MEMORY = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class File:
    """`plus` less `minus` is the amount of a row; a journal says its account in `account`."""

    code: str
    program: str
    title: str
    days: str
    parts: Callable[[Asked, Options], Iterable[Iterator[str]]]
    plus: str
    minus: str = ""
    account: str = ""

    @property
    def is_journal(self) -> bool:
        return bool(self.account)


def _alone(
    make: Callable[[Asked, Options], Iterator[str]],
) -> Callable[[Asked, Options], Iterable[Iterator[str]]]:
    """QuickBooks names no limit: its file is never cut."""
    return lambda asked, options: [make(asked, options)]


FILES = {
    file.code: file
    for file in (
        File(
            "quickbooks-bank-3",
            "QuickBooks",
            "Bank statement, 3 columns",
            "mdy",
            _alone(quickbooks.bank_three),
            "Amount",
        ),
        File(
            "quickbooks-bank-4",
            "QuickBooks",
            "Bank statement, 4 columns",
            "mdy",
            _alone(quickbooks.bank_four),
            "Credit",
            "Debit",
        ),
        File(
            "quickbooks-journal",
            "QuickBooks",
            "Journal",
            "mdy",
            _alone(quickbooks.journal),
            "Debits",
            "Credits",
            "AccountName",
        ),
        File("xero-bank", "Xero", "Bank statement", "dmy", xero.bank, "Amount"),
        File(
            "xero-journal",
            "Xero",
            "Manual journals",
            "dmy",
            xero.journal,
            "*Amount",
            account="*AccountCode",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is handed out: one CSV, or several in a ZIP. The lines can be read once."""

    name: str
    parts: list[Iterator[str]]

    @property
    def filename(self) -> str:
        return f"{self.name}.{'csv' if len(self.parts) == 1 else 'zip'}"


def prepare(*, file: File, asked: Asked, options: Options) -> Prepared:
    """The file of these days. What can be wrong with it is found here, before its first line.

    Raises:
        ExportError: the days are none or empty, or the program would not take the file.
    """
    _refuse_odd_days(asked)
    if options.most_lines < FEWEST_LINES:
        raise ExportError("A journal has at least two lines.", field="most_lines")
    if not _has_rows(file, asked, options.currency):
        what = "nothing was posted" if file.is_journal else "no money moved at Stripe"
        raise ExportError(f"In these days {what} in {options.currency}.", field="start")
    name = f"{file.code}-{asked.start}-{asked.last_day}-{options.currency}"
    return Prepared(name, list(file.parts(asked, options)))


def _refuse_odd_days(asked: Asked) -> None:
    for day, field in ((asked.start, "start"), (asked.end, "end")):
        if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ExportError("That day is too far away.", field=field)
    if asked.start and asked.end <= asked.start:
        raise ExportError("The last day is before the first.", field="end")


def _has_rows(file: File, asked: Asked, currency: str) -> bool:
    if file.is_journal:
        lines = JournalLine.objects.filter(asked.span.within("entry__effective_at"))
        return lines.filter(currency=currency).exists()
    moved = BalanceTransaction.objects.filter(asked.span.within("created_at"), currency=currency)
    return moved.exists()


def zipped(prepared: Prepared) -> IO[bytes]:
    """All parts in one archive, numbered, from its first byte."""
    out: IO[bytes] = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - handed to the caller
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, lines in enumerate(prepared.parts, 1):
            with archive.open(f"{prepared.name}-{number}.csv", "w") as part:
                for line in lines:
                    part.write(line.encode())
    out.seek(0)
    return out


def currencies() -> list[str]:
    """Those there is something to export in, the practice's own first."""
    found = {DEFAULT_CURRENCY}
    for model in (BalanceTransaction, JournalLine):
        found |= set(model.objects.order_by().values_list("currency", flat=True).distinct())  # type: ignore[attr-defined]
    return sorted(found, key=lambda one: (one != DEFAULT_CURRENCY, one))
