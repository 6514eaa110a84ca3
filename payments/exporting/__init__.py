"""Tables to take away: one definition each, written as CSV, JSON and XLSX (docs/proof.md)."""

from payments.exporting.defining import Asked, Column, Export, Kind, Row
from payments.exporting.files import NATIVE
from payments.exporting.writing import csv_lines, json_lines

__all__ = ["NATIVE", "Asked", "Column", "Export", "Kind", "Row", "csv_lines", "json_lines"]
