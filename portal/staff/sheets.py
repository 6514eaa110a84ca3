"""Tables of `payments.exporting` on the screen: the rows of the file, with links."""

from collections.abc import Sequence
from typing import Any

from payments.exporting import Asked, Column, Export, Kind, Row
from portal.staff import tables
from portal.staff.links import address_of
from portal.staff.tables import Cell, Table

NUMERIC = (Kind.AMOUNT, Kind.NUMBER)


def sheet(export: Export, rows: Sequence[Row], asked: Asked) -> Table:
    """The rows as people read them; columns that only carry a key are left to the file."""
    keys = {column.key for column in export.columns if column.key}
    shown = [place for place, column in enumerate(export.columns) if column.name not in keys]
    columns = [export.columns[place] for place in shown]
    return Table(
        export.title,
        [tables.Column(column.label, numeric=column.kind in NUMERIC) for column in columns],
        [
            [_cell(export, export.columns[place], row[place], row, asked) for place in shown]
            for row in rows
        ],
        empty="Nothing in this period.",
    )


def _cell(export: Export, column: Column, value: Any, row: Row, asked: Asked) -> Cell:
    if value is None:
        return Cell(tables.NOTHING, plain="")
    match column.kind:
        case Kind.AMOUNT:
            return tables.amount(value, export.currency_of(row))
        case Kind.NUMBER:
            return tables.count(value)
        case Kind.DAY:
            return tables.day(value)
        case Kind.MOMENT:
            return tables.moment(value, asked.zone)
        case Kind.YES_NO:
            return tables.words("Yes" if value else "No")
        case _:
            key = row[export.at(column.key)] if column.key else value
            return tables.words(value, address_of(column.subject, key))
