"""What a table is: named columns with a type, and one query that makes its rows.

Screen, CSV, JSON and XLSX are all written from one definition, so none can know a row or a figure
the others do not (F9).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum, auto
from typing import Any
from zoneinfo import ZoneInfo

from payments.days import practice_zone, start_of
from payments.invariants import Span

Row = tuple[Any, ...]


class Kind(Enum):
    """How a value is written. Only text may hold what somebody typed."""

    TEXT = auto()
    NUMBER = auto()
    AMOUNT = auto()  # minor units of the currency of its row
    DAY = auto()
    MOMENT = auto()  # in a file two columns: in UTC, and on the clock of the practice
    YES_NO = auto()


@dataclass(frozen=True, slots=True)
class Column:
    """`subject` says which page shows what the cell names, `key` which column holds its key."""

    name: str
    kind: Kind = Kind.TEXT
    subject: str = ""
    key: str = ""

    @property
    def label(self) -> str:
        return self.name.removesuffix("_at").removesuffix("_on").replace("_", " ").capitalize()


def text(name: str, subject: str = "", key: str = "") -> Column:
    return Column(name, Kind.TEXT, subject, key)


def number(name: str) -> Column:
    return Column(name, Kind.NUMBER)


def amount(name: str) -> Column:
    return Column(name, Kind.AMOUNT)


def day(name: str) -> Column:
    return Column(name, Kind.DAY)


def moment(name: str) -> Column:
    return Column(name, Kind.MOMENT)


def yes_no(name: str) -> Column:
    return Column(name, Kind.YES_NO)


CURRENCY = text("currency")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whole days of the practice: from the first moment of `start` to that of `end`."""

    start: date | None
    end: date

    @property
    def zone(self) -> ZoneInfo:
        return practice_zone()

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    @property
    def until(self) -> datetime:
        return start_of(self.end, self.zone)

    @property
    def span(self) -> Span:
        return Span(start_of(self.start, self.zone) if self.start else None, self.until)


@dataclass(frozen=True, slots=True)
class Export:
    """A table with a name of its own. `rows` come in a stable order, each as long as `columns`.

    Amounts need a column `currency` beside them.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Callable[[Asked], Iterable[Row]]

    def read(self, asked: Asked) -> Iterator[Row]:
        return iter(self.rows(asked))

    def at(self, name: str) -> int:
        """Where the column of this name stands."""
        return next(place for place, column in enumerate(self.columns) if column.name == name)

    def currency_of(self, row: Row) -> str:
        return str(row[self.at(CURRENCY.name)])

    @property
    def amounts(self) -> list[int]:
        """Where the amounts stand."""
        return [at for at, column in enumerate(self.columns) if column.kind == Kind.AMOUNT]
