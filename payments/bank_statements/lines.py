"""A line of a statement, whatever the file it came in, and what makes one fit to keep."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from payments.money import minor

MOST_LINES = 20_000
MOST_MINOR = 10**15
FIRST_YEAR, LAST_YEAR = 2000, 2999
CURRENCY = re.compile(r"[A-Z]{3}")


class StatementError(Exception):
    """A file that cannot be read as a statement; says why."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """Money in is positive; minor units."""

    booked_on: date
    amount_minor: int
    currency: str
    text: str
    reference: str
    account: str = ""


def require_sound(lines: list[StatementLine]) -> list[StatementLine]:
    """The lines, if all of them can be kept.

    Raises:
        StatementError: none is there, or one says what no bank says.
    """
    if not lines:
        raise StatementError("There is no booked line in this file.")
    if len(lines) > MOST_LINES:
        raise StatementError("There are too many lines in this file. Export a shorter time.")
    for number, line in enumerate(lines, start=1):
        if not CURRENCY.fullmatch(line.currency):
            raise StatementError(f"Line {number} has no currency that we know: {line.currency}.")
        if abs(line.amount_minor) > MOST_MINOR:
            raise StatementError(f"The amount in line {number} is too large to be true.")
        if not FIRST_YEAR <= line.booked_on.year <= LAST_YEAR:
            raise StatementError(f"The day in line {number} cannot be right: {line.booked_on}.")
    return lines


def amount_of(text: str, currency: str, number: int) -> int:
    """Minor units of an amount with a dot before its decimals.

    Raises:
        StatementError: it is none, or has more places than its currency.
    """
    try:
        amount = Decimal(text)
        if not amount.is_finite():
            raise InvalidOperation
        return minor(amount, currency)
    except (InvalidOperation, ValueError) as wrong:
        shown = text[:30]
        raise StatementError(f"Line {number} has an amount we cannot read: {shown}.") from wrong


def day_of(text: str, number: int) -> date:
    """A day from text that begins with YYYY-MM-DD or YYYYMMDD.

    Raises:
        StatementError: it does not.
    """
    plain = text.strip()[:10]
    try:
        return date.fromisoformat(plain if "-" in plain else plain[:8])
    except ValueError as wrong:
        raise StatementError(f"Line {number} has a day we cannot read: {plain}.") from wrong


def one_line(*words: str | None) -> str:
    """Words beside each other without repetition and line ends."""
    found = [" ".join(word.split()) for word in words if word and word.strip()]
    return " ".join(dict.fromkeys(found))
