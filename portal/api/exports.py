"""Files for QuickBooks and Xero by API: the same bytes as from the staff page."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router

from accounts.api import signed_in
from payments.exporting import Asked
from payments.exporting.accounting import Options
from payments.exporting.programs import FILES, prepare
from payments.money import DEFAULT_CURRENCY
from portal.accounting_files import file_response
from portal.api.books import require_bookkeeper

router = Router(tags=["staff"], auth=signed_in)
Code = Literal[
    "quickbooks-bank-3", "quickbooks-bank-4", "quickbooks-journal", "xero-bank", "xero-journal"
]
TEXT = {"schema": {"type": "string"}}
BYTES = {"schema": {"type": "string", "format": "binary"}}
FOUND = {
    "description": "One CSV, or a ZIP of several",
    "content": {"text/csv": TEXT, "application/zip": BYTES},
}


@router.get(
    "/exports/{file}/",
    operation_id="download_accounting_export",
    openapi_extra={"responses": {200: FOUND}},
)
def download(
    request: HttpRequest,
    file: Code,
    start: date,
    end: date,
    currency: str = DEFAULT_CURRENCY,
    days: Literal["", "mdy", "dmy", "iso"] = "",
    bom: bool = False,
    tax_rate: str = "Tax Exempt",
    most_lines: int = 300,
) -> Any:
    """The days from ``start`` to the one before ``end``. Without ``days`` as the program wants.

    ``tax_rate`` and ``most_lines`` count for Xero's manual journals alone. What cannot be made is
    refused as ``export_error`` with the ``field`` to put right.
    """
    require_bookkeeper(request)
    wanted = FILES[file]
    options = Options(
        currency, days=days or wanted.days, bom=bom, tax_rate=tax_rate, most_lines=most_lines
    )
    return file_response(prepare(file=wanted, asked=Asked(start, end), options=options))
