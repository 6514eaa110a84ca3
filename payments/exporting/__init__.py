"""Tables to take away: one definition each, written as CSV, JSON and XLSX (docs/proof.md)."""

from payments.exporting.defining import Asked, Column, Export, Kind, Row
from payments.exporting.files import NATIVE
from payments.exporting.reports import REPORTS
from payments.exporting.writing import csv_lines, json_lines

# Every table that can be looked at and taken away by its name.
TABLES = NATIVE | REPORTS

__all__ = [
    "NATIVE",
    "REPORTS",
    "TABLES",
    "Asked",
    "Column",
    "Export",
    "Kind",
    "Row",
    "csv_lines",
    "json_lines",
]
