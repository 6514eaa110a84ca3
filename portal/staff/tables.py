"""Tables that are the same on the screen and in the file.

A page builds one `Table`; the template shows it and `downloads.csv_of` writes it, so neither
can know a row the other does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self
from zoneinfo import ZoneInfo

from portal.templatetags.portal_ui import NOT_BREAKING, minor_plain, money

NOTHING = "\N{EM DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Column:
    """`whole` words stay on one line."""

    label: str
    numeric: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What people read and, where it differs, what a program reads (`plain`).

    A cell of several things has them as `parts`, each with its own link.
    """

    text: str
    url: str = ""
    kind: str = ""
    plain: str | None = None
    parts: "tuple[Cell, ...]" = ()

    @property
    def in_file(self) -> str:
        return self.text if self.plain is None else self.plain


@dataclass(frozen=True, slots=True)
class Table:
    caption: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""
    currency: str = ""

    def page(self, number: int, size: int) -> Self:
        """The rows of one page, numbered from 1."""
        start = (number - 1) * size
        return replace(self, rows=self.rows[start : start + size])


def words(text: object, url: str = "", kind: str = "") -> Cell:
    return Cell(str(text) or NOTHING, url, kind, plain=str(text))


def amount(minor: int, currency: str, url: str = "") -> Cell:
    """An amount of minor units: £51.80 on the screen, 51.80 in the file."""
    return Cell(money(minor, currency), url, plain=minor_plain(minor, currency))


def count(number: int, url: str = "") -> Cell:
    return Cell(f"{number:,}".replace("-", MINUS), url, plain=str(number))


def moment(at: datetime | None, zone: ZoneInfo) -> Cell:
    """An instant on the clock of `zone`; in the file with its offset."""
    if at is None:
        return Cell(NOTHING, plain="")
    local = at.astimezone(zone)
    text = f"{local.day} {local:%b %Y, %H:%M}".replace(" ", NOT_BREAKING)
    return Cell(text, plain=local.isoformat(timespec="seconds"))


def day(on: date | None) -> Cell:
    if on is None:
        return Cell(NOTHING, plain="")
    return Cell(f"{on.day} {on:%b %Y}".replace(" ", NOT_BREAKING), plain=on.isoformat())


def several(parts: "Sequence[Cell]", none: str = NOTHING) -> Cell:
    """A cell that lists things; in the file they stand beside each other."""
    in_file = "; ".join(part.in_file for part in parts)
    return Cell("" if parts else none, parts=tuple(parts), plain=in_file)
