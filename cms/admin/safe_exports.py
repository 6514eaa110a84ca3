"""Wagtail's own lists as CSV: it leaves formulas to the reader, we do not.

Its XLSX files mark every text as text already.
"""

from __future__ import annotations

from typing import Any

from wagtail.admin.views.mixins import SpreadsheetExportMixin

from payments.exporting.guarding import safe_cell


def write_safe_row(self: SpreadsheetExportMixin, writer: Any, row: dict[str, Any]) -> Any:
    return writer.writerow(
        {
            field: safe_cell(self.preprocess_field_value(field, value, self.FORMAT_CSV))
            for field, value in row.items()
        }
    )


SpreadsheetExportMixin.write_csv_row = write_safe_row
