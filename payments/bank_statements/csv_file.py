"""CSV, which every bank writes its own way: the columns are guessed by their names, or told."""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from io import StringIO
from typing import Any

from payments.bank_statements.lines import StatementError, StatementLine, amount_of, one_line

SEARCHED = 30  # rows among which the header is looked for
SAMPLE = 5
DELIMITERS = ",;\t|"
# What banks call their columns: HSBC, Barclays, Lloyds, NatWest, Santander, Monzo, Starling, Wise,
# Revolut, Sparkasse, N26, ING, and the exports of bookkeeping programs.
NAMES: dict[str, tuple[str, ...]] = {
    "day": (
        "booking date", "transaction date", "date completed (utc)", "completed date", "date",
        "posting date", "posted date", "buchungstag", "buchung", "buchungsdatum", "datum",
        "value date", "date operation", "fecha",
    ),
    "amount": (
        "amount", "amount (gbp)", "amount (eur)", "transaction amount", "betrag", "betrag (eur)",
        "value", "net amount", "montant", "importe", "bedrag", "bedrag (eur)",
    ),
    "paid_in": (
        "paid in", "money in", "credit amount", "credit", "credits", "deposit", "deposits",
        "receipts", "haben",
    ),
    "paid_out": (
        "paid out", "money out", "debit amount", "debit", "debits", "withdrawal", "withdrawals",
        "payments", "soll",
    ),
    "text": (
        "transaction description", "description", "narrative", "details", "memo", "counter party",
        "counterparty", "payee", "name", "verwendungszweck", "buchungstext", "payment details",
        "libelle", "concepto",
    ),
    "reference": (
        "reference", "payment reference", "transaction id", "id", "transferwise id",
        "kundenreferenz", "reference number", "notes and #tags",
    ),
    "currency": ("currency", "waehrung", "währung", "payment currency", "account currency"),
    "account": ("account number", "account", "iban", "auftragskonto", "account name"),
}  # fmt: skip
DAY_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%d-%b-%Y", "%d %B %Y", "%d.%m.%Y", "%d.%m.%y",
)  # fmt: skip
DAY_FIRST = ("%d/%m/%Y", "%d/%m/%y", "%d-%m-%Y", "%d-%m-%y")
MONTH_FIRST = ("%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%m-%d-%y")
AROUND_FIGURES = re.compile(r"[\s'£€$¥]|^[A-Z]{3}\b|\b[A-Z]{3}$")  # a sign or code of a currency
FIGURES = re.compile(r"[-+(]*[\d.,]+[-)]?")


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what, by its header; one amount with a sign, or one in and one out."""

    day: str = ""
    amount: str = ""
    paid_in: str = ""
    paid_out: str = ""
    text: str = ""
    reference: str = ""
    currency: str = ""
    account: str = ""
    month_first: bool = False

    @property
    def is_enough(self) -> bool:
        return bool(self.day and (self.amount or self.paid_in or self.paid_out))


class ColumnsUnknown(StatementError):
    """The header does not say which column is which: a person has to."""

    def __init__(
        self, headers: Sequence[str], sample: Sequence[Sequence[str]], guess: Columns
    ) -> None:
        super().__init__("We do not know this bank's columns. Say which is which.")
        self.headers = tuple(headers)
        self.sample = tuple(tuple(row) for row in sample)
        self.guess = guess


def read_csv(content: bytes, currency: str, columns: Columns | None) -> list[StatementLine]:
    """The rows under the header as lines; ``currency`` where no column names it."""
    rows = _rows(_decoded(content))
    at, guess = _header(rows)
    headers = [cell.strip() for cell in rows[at]]
    body = [row for row in rows[at + 1 :] if any(cell.strip() for cell in row)]
    wanted = columns or guess
    known = {*headers, ""}
    told = (wanted.day, wanted.amount, wanted.paid_in, wanted.paid_out, wanted.text)
    if not wanted.is_enough or not known.issuperset((*told, wanted.reference, wanted.currency)):
        raise ColumnsUnknown(headers, body[:SAMPLE], guess)
    return _lines(headers, body, wanted, currency)


def _decoded(content: bytes) -> str:
    """The text, in whichever of the usual encodings it is."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise StatementError("This is no statement we can read. We read CSV, OFX and CAMT.053.")


def _rows(text: str) -> list[list[str]]:
    head = "\n".join(text.splitlines()[:SEARCHED])
    delimiter = max(DELIMITERS, key=head.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=False))
    except csv.Error as broken:
        raise StatementError("This file is broken: a quote is never closed.") from broken
    found = [row for row in rows if row]
    if len(found) < 2 or max(len(row) for row in found[:SEARCHED]) < 2:
        raise StatementError("This is no statement we can read. We read CSV, OFX and CAMT.053.")
    return found


def _header(rows: Sequence[Sequence[str]]) -> tuple[int, Columns]:
    """The row that names the most columns we know; banks write some lines before it."""
    best = max(range(min(len(rows) - 1, SEARCHED)), key=lambda at: (_known(rows[at]), -at))
    return best, _guess(rows[best])


def _known(row: Iterable[str]) -> int:
    names = {name for names in NAMES.values() for name in names}
    return sum(_plain(cell) in names for cell in row)


def _plain(cell: str) -> str:
    return " ".join(cell.strip().strip('"').casefold().split())


def _guess(headers: Sequence[str]) -> Columns:
    by_name = {_plain(header): header.strip() for header in headers}
    found: dict[str, Any] = {
        field: next((by_name[name] for name in names if name in by_name), "")
        for field, names in NAMES.items()
    }
    if found["amount"]:
        found["paid_in"] = found["paid_out"] = ""
    return replace(Columns(), **found)


def _lines(
    headers: Sequence[str], body: Sequence[Sequence[str]], wanted: Columns, currency: str
) -> list[StatementLine]:
    place = {header: number for number, header in reversed(list(enumerate(headers)))}

    def cell(row: Sequence[str], name: str) -> str:
        at = place.get(name, len(row)) if name else len(row)
        return row[at].strip() if at < len(row) else ""

    comma = _has_decimal_comma(
        cell(row, name) for row in body for name in (wanted.amount, wanted.paid_in, wanted.paid_out)
    )
    days = _days([cell(row, wanted.day) for row in body], wanted.month_first)
    found = []
    for number, (row, day) in enumerate(zip(body, days, strict=True), start=1):
        money = (cell(row, wanted.currency) or currency).upper()
        figures = [
            (cell(row, wanted.amount), 1),
            (cell(row, wanted.paid_in), 1),
            (cell(row, wanted.paid_out), -1),
        ]
        typed = [(text, sign) for text, sign in figures if text]
        if not typed:
            raise StatementError(f"Line {number} has no amount.")
        found.append(
            StatementLine(
                booked_on=day,
                amount_minor=sum(_amount(text, sign, comma, money, number) for text, sign in typed),
                currency=money,
                text=one_line(cell(row, wanted.text)),
                reference=one_line(cell(row, wanted.reference)),
                account=cell(row, wanted.account),
            )
        )
    return found


def _has_decimal_comma(figures: Iterable[str]) -> bool:
    """Whether 1.234,56 is meant, not 1,234.56: by the mark before the last one or two figures."""
    marks = [
        match.group(1) for figure in figures if (match := re.search(r"([.,])\d{1,2}\D*$", figure))
    ]
    return marks.count(",") > marks.count(".")


def _amount(text: str, sign: int, comma: bool, currency: str, number: int) -> int:
    plain = AROUND_FIGURES.sub("", text.replace("\N{MINUS SIGN}", "-"))
    if not FIGURES.fullmatch(plain):
        raise StatementError(f"Line {number} has an amount we cannot read: {text[:30]}.")
    plain = plain.replace(".", "").replace(",", ".") if comma else plain.replace(",", "")
    negative = plain.startswith(("-", "(")) or plain.endswith("-")
    minor = amount_of(plain.strip("-+()"), currency, number)
    if sign < 0:
        return -minor  # money out, whether the bank writes a minus there or not
    return -minor if negative else minor


def _days(texts: Sequence[str], month_first: bool) -> list[date]:
    """All days by one format; where day and month could be either, the day comes first."""
    usual = (*MONTH_FIRST, *DAY_FIRST) if month_first else (*DAY_FIRST, *MONTH_FIRST)
    plain = [text.split("T")[0].strip() for text in texts]
    plain = [re.sub(r"\s+\d{1,2}:\d{2}(:\d{2})?.*$", "", text) for text in plain]
    for pattern in (*DAY_FORMATS, *usual):
        try:
            return [datetime.strptime(text, pattern).date() for text in plain]  # noqa: DTZ007 - days
        except ValueError:
            continue
    raise StatementError(f"We cannot read the days of this file, such as {plain[0][:20]}.")
