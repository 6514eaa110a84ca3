"""No file we hand out holds a cell that a spreadsheet would run, whatever people are called."""

import csv
import re
from io import BytesIO, StringIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook
from wagtail.images.models import Image

from cms.pages.base import BasePage
from payments.exporting.guarding import safe_cell
from payments.exporting.programs import FILES
from tests.portal.hardening.routes import routes
from tests.portal.hardening.world import World, make_world

BACKEND = "django.contrib.auth.backends.ModelBackend"
HOSTILE = '=HYPERLINK("https://evil.example","Ana")'
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
NUMBER = re.compile(r"[-+]?[\d.,]+%?")
MONTH = {"start": "2020-01-01", "end": "2100-01-01", "month": "all"}


@pytest.mark.parametrize("start", STARTS)
def test_a_word_that_starts_like_a_formula_is_told_to_be_text(start):
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"
    assert safe_cell(-5) == -5
    assert safe_cell("Ana =1") == "Ana =1"


@pytest.fixture
def world(db) -> World:
    """Everybody and everything is named to do harm."""
    world = make_world()
    for person in (world.runner, world.staff):
        person.name = HOSTILE
        person.save()
    BasePage.objects.filter(depth__gte=2).update(title=HOSTILE, draft_title=HOSTILE)
    Image.objects.update(title=HOSTILE)
    return world


def test_no_file_of_the_portal_or_of_wagtail_can_run(world):
    client = Client()
    client.force_login(world.staff, backend=BACKEND)
    files, harmed = [], []
    for path, query in _addresses(world):
        answer = client.get(path, query)
        if answer.status_code == 200 and (cells := _cells(answer)) is not None:
            files.append(path)
            harmed += [f"{path} {query}: {one!r}" for one in cells if _runs(one)]

    assert harmed == []
    # The walk has met the files that name people and pages, with the names in them.
    assert len(files) >= 30
    assert {"/staff/documents.csv", "/admin/reports/site-history/", "/admin/users/"} <= set(files)


def _addresses(world: World) -> list[tuple[str, dict[str, str]]]:
    today = timezone.localdate().isoformat()
    dates = MONTH | {"on": today, "day": today}
    shapes = routes()
    lists = [
        (world.path(route), {"export": kind})
        for route in shapes
        if route.shape.startswith("/admin/") and not route.parts
        for kind in ("csv", "xlsx")
        if not re.search(r"/(?:add|create|multiple|delete|sprite|logout)", route.shape)
    ]
    ours = [
        (world.path(route), dates)
        for route in shapes
        if re.search(r"\.csv$|csv|exports/|\.xlsx", route.shape)
    ]
    tables = [
        (f"/staff/tables/{name}.{kind}", dates) for name in _tables() for kind in ("csv", "xlsx")
    ]
    programs = [(f"/api/v1/staff/exports/{code}/", MONTH) for code in FILES]
    return [*lists, *ours, *tables, *programs]


def _tables() -> list[str]:
    from portal.staff.views.proof import TABLES

    return sorted(TABLES)


def _cells(answer) -> list[str] | None:
    """Every cell of a spreadsheet, as it would be read; None if it is none."""
    kind = answer.headers.get("Content-Type", "")
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    if kind.startswith("text/csv"):
        return [cell for row in csv.reader(StringIO(body.decode("utf-8-sig"))) for cell in row]
    if "spreadsheetml" in kind:
        sheets = load_workbook(BytesIO(body)).worksheets
        cells = [cell for sheet in sheets for row in sheet.iter_rows() for cell in row]
        return [f"={cell.value}" for cell in cells if cell.data_type == "f"]
    return None


def _runs(cell: str) -> bool:
    return cell.startswith(STARTS) and not NUMBER.fullmatch(cell)
