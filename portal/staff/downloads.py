"""Files to take away: the rows of a table as CSV, safe to open in a spreadsheet."""

import csv
from io import StringIO

from django.http import HttpResponse

from payments.exporting.guarding import safe_cell
from portal.staff.tables import Cell, Column, Table


def csv_of(table: Table) -> str:
    """The table as RFC 4180 text; amounts and days plain, the currency in a column of its own."""
    out = StringIO()
    writer = csv.writer(out)
    extra = ["Currency"] if table.currency else []
    writer.writerow([column.label for column in table.columns] + extra)
    for row in table.rows:
        cells = [_safe(column, cell) for column, cell in zip(table.columns, row, strict=True)]
        writer.writerow(cells + ([table.currency] if table.currency else []))
    return out.getvalue()


def _safe(column: Column, cell: Cell) -> str:
    return cell.in_file if column.numeric else str(safe_cell(cell.in_file))


def csv_file(table: Table, name: str) -> HttpResponse:
    """The table as a download called `name`.csv."""
    response = HttpResponse(csv_of(table), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
