"""A table as an Excel workbook: figures as figures, days as days, and text as nothing but text."""

from collections.abc import Iterable
from datetime import UTC
from io import BytesIO
from typing import Any

from babel.numbers import get_currency_precision
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from payments.exporting.defining import Asked, Column, Export, Kind, Row
from payments.exporting.writing import headers
from payments.money import major

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SHEET_NAME = 31


def workbook(export: Export, asked: Asked, rows: Iterable[Row] | None = None) -> bytes:
    """The table as the bytes of an .xlsx file, written row by row."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(export.name[:LONGEST_SHEET_NAME])
    sheet.freeze_panes = "A2"
    sheet.append([_header(sheet, name) for name in headers(export)])
    for row in export.read(asked) if rows is None else rows:
        sheet.append(_cells(sheet, export, row, asked))
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _header(sheet: WriteOnlyWorksheet, name: str) -> WriteOnlyCell:
    cell = _text(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cells(
    sheet: WriteOnlyWorksheet, export: Export, row: Row, asked: Asked
) -> list[WriteOnlyCell]:
    currency = export.currency_of(row)
    return [
        cell
        for column, value in zip(export.columns, row, strict=True)
        for cell in _of(sheet, column, value, currency, asked)
    ]


def _of(
    sheet: WriteOnlyWorksheet, column: Column, value: Any, currency: str, asked: Asked
) -> list[WriteOnlyCell]:
    if column.kind == Kind.MOMENT:
        zones = (UTC, asked.zone)
        # Excel knows no zones: the header says whose clock it is.
        clocks = [value and value.astimezone(zone).replace(tzinfo=None) for zone in zones]
        return [_formatted(sheet, at, "yyyy-mm-dd hh:mm:ss") for at in clocks]
    if value is None:
        return [WriteOnlyCell(sheet)]
    match column.kind:
        case Kind.AMOUNT:
            places = get_currency_precision(currency)
            shape = f"#,##0.{'0' * places}" if places else "#,##0"
            return [_formatted(sheet, major(value, currency), shape)]
        case Kind.DAY:
            return [_formatted(sheet, value, "yyyy-mm-dd")]
        case Kind.NUMBER | Kind.YES_NO:
            return [WriteOnlyCell(sheet, value)]
        case _:
            return [_text(sheet, str(value))]


def _formatted(sheet: WriteOnlyWorksheet, value: Any, shape: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = shape
    return cell


def _text(sheet: WriteOnlyWorksheet, value: str) -> WriteOnlyCell:
    """Text stays text: without this, what starts with = would be run."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    return cell
