"""A table as text: CSV by RFC 4180, and JSON. Streamed, exact, the same rows in the same order."""

import csv
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from payments.exporting.defining import Asked, Column, Export, Kind, Row
from payments.exporting.guarding import Echo, safe_cell
from payments.money import major


def headers(export: Export) -> list[str]:
    return [name for column in export.columns for name in _names(column)]


def _names(column: Column) -> list[str]:
    if column.kind == Kind.MOMENT:
        return [f"{column.name}_utc", f"{column.name}_local"]
    return [column.name]


def plain(export: Export, row: Row, asked: Asked) -> list[str | int | bool | None]:
    """A row as programs read it: amounts as exact decimals, days and moments as ISO."""
    currency = export.currency_of(row)
    cells: list[str | int | bool | None] = []
    for column, value in zip(export.columns, row, strict=True):
        cells += _plain(column, value, currency, asked)
    return cells


def _plain(
    column: Column, value: Any, currency: str, asked: Asked
) -> list[str | int | bool | None]:
    if column.kind == Kind.MOMENT:
        return [None, None] if value is None else _on_two_clocks(value, asked)
    if value is None:
        return [None]
    match column.kind:
        case Kind.AMOUNT:
            return [f"{major(value, currency):f}"]
        case Kind.NUMBER | Kind.YES_NO:
            return [value]
        case Kind.DAY:
            return [value.isoformat()]
        case _:
            return [str(value)]


def _on_two_clocks(at: datetime, asked: Asked) -> list[str | int | bool | None]:
    utc = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return [utc, at.astimezone(asked.zone).isoformat(timespec="seconds")]


def csv_lines(export: Export, asked: Asked, rows: Iterable[Row] | None = None) -> Iterator[str]:
    """The file line by line, the headers first."""
    writer = csv.writer(Echo())
    typed = [column for column in export.columns for _ in _names(column)]
    yield writer.writerow(headers(export))
    for row in export.read(asked) if rows is None else rows:
        cells = zip(typed, plain(export, row, asked), strict=True)
        yield writer.writerow([_cell(column, value) for column, value in cells])


def _cell(column: Column, value: Any) -> Any:
    if column.kind == Kind.TEXT:
        return safe_cell(value)
    if column.kind == Kind.YES_NO and value is not None:
        return "yes" if value else "no"
    return value


def json_lines(export: Export, asked: Asked, rows: Iterable[Row] | None = None) -> Iterator[str]:
    """An array of objects, one a line; amounts are strings, so that no reader rounds them."""
    names = headers(export)
    before = "[\n"
    for row in export.read(asked) if rows is None else rows:
        found = dict(zip(names, plain(export, row, asked), strict=True))
        yield before + json.dumps(found, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"
