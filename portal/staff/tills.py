"""The till page's table: a row for each person, the same on the screen, on paper and as a file."""

from collections.abc import Sequence
from datetime import date

from payments.cashing_up import Till
from portal.staff.tables import Cell, Column, Table, amount, day, words

COLUMNS = (
    Column("Day", whole=True),
    Column("Person"),
    Column("Cash taken", numeric=True),
    Column("Cash paid back", numeric=True),
    Column("Should be there", numeric=True),
    Column("Counted", numeric=True),
    Column("Difference", numeric=True),
    Column("Card terminal", numeric=True),
    Column("Bank transfer", numeric=True),
    Column("Currency"),
    Column("Note"),
)


def tills_table(tills: Sequence[Till], on: date) -> Table:
    return Table(
        f"Cash-up of {on.day} {on:%B %Y}",
        COLUMNS,
        [_row(till) for till in tills],
        empty="Nobody took money at the desk that day.",
    )


def _row(till: Till) -> tuple[Cell, ...]:
    counted, money = till.counted, till.currency
    not_yet = Cell("Not yet", plain="")
    return (
        day(till.on),
        words(till.person),
        amount(till.cash_minor, money),
        amount(till.cash_back_minor, money),
        amount(till.expected_minor, money),
        amount(counted.counted_minor, money) if counted else not_yet,
        amount(counted.counted_minor - till.expected_minor, money) if counted else not_yet,
        amount(till.terminal_minor, money),
        amount(till.transfer_minor, money),
        words(money),
        words(counted.note if counted else ""),
    )
