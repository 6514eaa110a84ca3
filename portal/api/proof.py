"""The proof by API: every invariant of a period, and the tables behind it."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from accounts.api import signed_in
from payments.exporting import TABLES, Asked
from payments.exporting.writing import headers, plain
from payments.proving import as_data, prove
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)


class FiguresOut(Schema):
    """Two figures that must be one: minor units of ``currency``, or counts where it is empty."""

    what: str
    left: int
    right: int
    currency: str


class BreachOut(Schema):
    """A row that breaks the rule; ``subject`` and ``key`` say what it is."""

    about: str
    what: str
    difference: int
    subject: str
    key: str
    currency: str


class InvariantOut(Schema):
    code: str
    title: str
    rule: str
    holds: bool
    left: str
    right: str
    figures: list[FiguresOut]
    breaches: list[BreachOut]


class ProofOut(Schema):
    """Whole days of ``zone``, the last one not included."""

    start: date | None
    end: date
    zone: str
    computed_at: str
    holds: bool
    invariants: list[InvariantOut]


class TableOut(Schema):
    """Rows as in the file of this name; amounts are exact decimals."""

    name: str
    columns: list[str]
    rows: list[list[str | int | bool | None]]


@router.get("/proof/", response=ProofOut, operation_id="read_proof")
def read_proof(request: HttpRequest, end: date, start: date | None = None) -> Any:
    """I1 to I9 for the days from ``start`` to the one before ``end``."""
    require_bookkeeper(request)
    return as_data(prove(start=start, end=end, at=timezone.now()))


@router.get("/tables/{name}/", response=TableOut, operation_id="read_table")
def read_table(request: HttpRequest, name: str, end: date, start: date | None = None) -> Any:
    """A table of the proof pack, or a money report, for the same days."""
    require_bookkeeper(request)
    if name not in TABLES:
        raise Http404
    export, asked = TABLES[name], Asked(start, end)
    rows = [plain(export, row, asked) for row in export.read(asked)]
    return {"name": name, "columns": headers(export), "rows": rows}
