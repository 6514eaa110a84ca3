"""What a person takes away: one zip with everything as JSON, and each table as CSV."""

import csv
import json
import zipfile
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

from django.http import HttpResponse

from accounts.exporting import Rows, as_data, export_of
from accounts.models import User
from payments.exporting.guarding import safe_cell
from scheduling.treating import may_read_health

ABOUT = """Everything we hold about you, made on {on}.

everything.json holds all of it for programs. Each .csv file is one table of it, for a spreadsheet.
What each table is, why we keep it and for how long stands on the page "Data and privacy" of your
account. Moments are in UTC; amounts are in the currency's smallest unit, such as pence.
"""


WITHOUT_HEALTH = """
What is about your health is not in this file: whoever made it for you may not read that. It is in
the file you make yourself on the page "Data and privacy", and your therapist can give it to you.
"""


def holds_health(person: User, *, by: User, at: datetime) -> bool:
    """Whether an export that `by` makes has what is about the person's health."""
    return by == person or may_read_health(by, person, at=at)


def export_data(person: User, *, by: User, at: datetime) -> dict[str, Any]:
    """Everything about the person that is `by`'s to take away, for JSON."""
    health = holds_health(person, by=by, at=at)
    found = export_of(person, by=by, at=at, reads_health=health)
    return as_data(person, found, at=at, left_out=[] if health else ["health"])


def export_for(person: User, *, by: User, at: datetime) -> HttpResponse:
    """The same as a file."""
    health = holds_health(person, by=by, at=at)
    found = export_of(person, by=by, at=at, reads_health=health)
    return export_file(person, found, at=at, left_out=[] if health else ["health"])


def export_file(
    person: User, found: Sequence[Rows], *, at: datetime, left_out: Sequence[str] = ()
) -> HttpResponse:
    """The zip as a download."""
    packed = _packed(person, found, at=at, left_out=left_out)
    response = HttpResponse(packed, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="your-data-{at:%Y-%m-%d}.zip"'
    return response


def _packed(person: User, found: Sequence[Rows], *, at: datetime, left_out: Sequence[str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        about = ABOUT.format(on=f"{at:%d %B %Y}") + (WITHOUT_HEALTH if left_out else "")
        pack.writestr("about.txt", about)
        data = as_data(person, found, at=at, left_out=left_out)
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
