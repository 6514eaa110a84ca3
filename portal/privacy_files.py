"""What a person takes away: one zip with everything as JSON, and each table as CSV."""

import csv
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse

from accounts.exporting import Rows, as_data
from accounts.models import User
from payments.exporting.guarding import safe_cell

ABOUT = """Everything we hold about you, made on {on}.

everything.json holds all of it for programs. Each .csv file is one table of it, for a spreadsheet.
What each table is, why we keep it and for how long stands on the page "Data and privacy" of your
account. Moments are in UTC; amounts are in the currency's smallest unit, such as pence.
"""


def export_file(person: User, found: Sequence[Rows], *, at: datetime) -> HttpResponse:
    """The zip as a download."""
    response = HttpResponse(_packed(person, found, at=at), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="your-data-{at:%Y-%m-%d}.zip"'
    return response


def _packed(person: User, found: Sequence[Rows], *, at: datetime) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("about.txt", ABOUT.format(on=f"{at:%d %B %Y}"))
        data = as_data(person, found, at=at)
        pack.writestr("everything.json", json.dumps(data, indent=2, ensure_ascii=False))
        for rows in found:
            pack.writestr(f"{rows.name}.csv", table_csv(rows))
    return out.getvalue()


def table_csv(rows: Rows) -> str:
    """RFC 4180, safe to open in a spreadsheet; what has parts is written as JSON."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(rows.columns)
    for row in rows.rows:
        writer.writerow([safe_cell(_plain(value)) for value in row])
    return out.getvalue()


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
