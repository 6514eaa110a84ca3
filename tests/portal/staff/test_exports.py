"""Accounting exports: asked for on the page, seen to be equal, taken away, the same by API."""

import csv
import io
import zipfile
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from payments.exporting import quickbooks, xero
from payments.exporting.programs import FILES
from payments.models import BalanceTransaction, CreditEntry, Payout
from tests.builders import make_lot, make_runner
from tests.payments.test_accounting_exports import AT, make_entry, make_movement

pytestmark = pytest.mark.django_db
PAGE, DOWNLOAD = "/staff/exports/", "/staff/exports/download/"
MARCH = {"first": "2026-03-01", "last": "2026-03-31"}
HEADERS = {
    "quickbooks-bank-3": quickbooks.BANK_THREE,
    "quickbooks-bank-4": quickbooks.BANK_FOUR,
    "quickbooks-journal": quickbooks.JOURNAL,
    "xero-bank": xero.BANK,
    "xero-journal": xero.JOURNAL,
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel("2026-04-20 12:00 +0000"):
        yield


@pytest.fixture
def march():
    """A charge, a refund and a payout at Stripe; two entries in the journal."""
    make_movement(1)
    make_movement(2, amount=-8980, fee=0, description="Refund")
    BalanceTransaction.objects.create(
        id="txn_out",
        amount_minor=-30000,
        fee_minor=0,
        net_minor=-30000,
        currency="GBP",
        reporting_category="payout",
        type="payout",
        created_at=AT,
        available_at=AT,
    )
    Payout.objects.create(
        pk="po_1",
        amount_minor=30000,
        status="paid",
        automatic=True,
        arrival_on=AT,
        created_at=AT,
    )
    make_entry(1)
    make_entry(2, description="Sold again", minor=8980)


def text_of(response) -> str:
    return b"".join(response.streaming_content).decode()


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text_of(response))))


def plain(table) -> list[list[str]]:
    return [[cell.in_file for cell in row] for row in table.rows]


@pytest.mark.parametrize("code", FILES)
def test_a_file_is_seen_and_then_taken_away(bookkeeper, march, code):
    page = bookkeeper.get(PAGE, MARCH | {"file": code})
    preview = page.context["preview"]
    assert page.status_code == 200
    assert f"{DOWNLOAD}?first=2026-03-01" in page.content.decode()

    response = bookkeeper.get(DOWNLOAD, MARCH | {"file": code})
    header, *rows = rows_of(response)

    assert response.streaming
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    name = f"{code}-2026-03-01-2026-03-31-GBP.csv"
    assert response["Content-Disposition"] == f'attachment; filename="{name}"'
    assert tuple(header) == HEADERS[code] == tuple(c.label for c in preview.rows.columns)
    assert plain(preview.rows) == rows
    assert preview.lines == len(rows) == 4


@pytest.mark.parametrize("code", ["quickbooks-bank-3", "quickbooks-bank-4", "xero-bank"])
def test_a_bank_file_comes_to_the_figure_of_the_reconciliation_page(bookkeeper, march, code):
    page = bookkeeper.get(PAGE, MARCH | {"file": code})
    books = bookkeeper.get("/staff/reconciliation/?month=2026-03").context["page"].books
    left = books.taken_minor - books.refunded_minor - books.fees_minor - books.paid_out_minor

    [row] = plain(page.context["preview"].sums)

    assert row[1:] == ["45.88", f"{Decimal(left) / 100:.2f}", "0.00"]
    assert "Equal" in page.content.decode()
    assert 'href="/staff/reconciliation/?month=2026-03"' in page.content.decode()


@pytest.mark.parametrize("code", ["quickbooks-journal", "xero-journal"])
def test_a_journal_changes_what_is_owed_as_the_reconciliation_page_says(bookkeeper, code):
    make_lot(make_runner())
    opened = CreditEntry.objects.latest("pk")
    make_movement()

    page = bookkeeper.get(PAGE, MARCH | {"file": code})
    sums = plain(page.context["preview"].sums)

    owed = f"{Decimal(opened.value_minor) / 100:.2f}"
    assert sums == [
        ["Debits less credits", "0.00", "0.00", "0.00"],
        ["Change of what we owe in sessions", owed, owed, "0.00"],
    ]
    assert opened.value_minor > 0


def test_a_file_that_is_not_what_the_screen_says_is_marked(bookkeeper, march):
    Payout.objects.update(amount_minor=29999)

    page = bookkeeper.get(PAGE, MARCH | {"file": "xero-bank"})

    assert plain(page.context["preview"].sums)[0][3] == "-0.01"
    assert "disagree" in page.content.decode()


def test_unasked_it_is_last_month_and_no_file_yet(bookkeeper):
    page = bookkeeper.get(PAGE)

    assert page.status_code == 200
    assert 'value="2026-03-01"' in page.content.decode()
    assert 'value="2026-03-31"' in page.content.decode()
    assert DOWNLOAD not in page.content.decode()


ERRORS = [
    ({"first": "nonsense"}, "first", "Choose the first day."),
    ({"last": ""}, "last", "Choose the last day."),
    ({"last": "2026-02-01"}, "last", "The last day is before the first."),
    ({"first": "0001-01-01"}, "first", "That day is too far away."),
    ({"last": "9999-12-31"}, "last", "That day is too far away."),
    ({"first": "2025-01-01", "last": "2025-01-31"}, "first", "no money moved at Stripe in GBP"),
    ({"file": "sage"}, "file", "Choose a file."),
    ({"currency": "XXX"}, "currency", "Choose a currency."),
    ({"days": "ymd"}, "days", "Choose how days are written."),
    ({"most_lines": "1"}, "most_lines", "A journal has at least two lines."),
    ({"most_lines": "many"}, "most_lines", "as a whole number"),
    ({"file": "xero-journal", "tax_rate": " "}, "tax_rate", "Say what Xero calls the tax rate"),
    ({"file": "xero-journal", "most_lines": "3"}, "most_lines", "4 lines, more than the 3"),
]


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
@pytest.mark.parametrize(("wrong", "field", "words"), ERRORS)
def test_what_cannot_be_made_is_said_at_its_field(bookkeeper, march, address, wrong, field, words):
    make_entry(3, lines=2)
    kept = {"file": "xero-bank", "tax_rate": "Zero rated", "most_lines": "250"}

    page = bookkeeper.get(address, MARCH | kept | wrong)
    form = page.context["form"]

    assert page.status_code == 422
    assert list(form.errors) == [field]
    assert words in form.errors[field][0]
    assert f'id="id_{field}_error"' in page.content.decode()
    assert {name: form[name].value() for name in kept} == kept | {
        name: value for name, value in wrong.items() if name in kept
    }


def test_days_in_which_nothing_was_posted_have_no_journal(bookkeeper):
    make_movement()

    page = bookkeeper.get(PAGE, MARCH | {"file": "quickbooks-journal"})

    assert page.status_code == 422
    assert "In these days nothing was posted in GBP." in page.content.decode()


def test_more_than_xero_takes_comes_as_numbered_files_in_a_zip(bookkeeper):
    for number in range(3):
        make_entry(number)  # two lines each
    query = MARCH | {"file": "xero-journal", "most_lines": "4"}

    page = bookkeeper.get(PAGE, query)
    response = bookkeeper.get(DOWNLOAD, query)
    name = "xero-journal-2026-03-01-2026-03-31-GBP"

    assert "6 rows in 2 files, together in a ZIP" in page.content.decode()
    assert response["Content-Type"] == "application/zip"
    assert f'filename="{name}.zip"' in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))) as archive:
        assert archive.namelist() == [f"{name}-1.csv", f"{name}-2.csv"]
        parts = [archive.read(one).decode().splitlines() for one in archive.namelist()]
    assert [len(lines) for lines in parts] == [5, 3]
    assert {lines[0] for lines in parts} == {",".join(xero.JOURNAL)}


@pytest.mark.parametrize(("entries", "kind"), [(2, "text/csv"), (3, "application/zip")])
def test_a_full_file_is_still_one(bookkeeper, entries, kind):
    for number in range(entries):
        make_entry(number)

    response = bookkeeper.get(DOWNLOAD, MARCH | {"file": "xero-journal", "most_lines": "4"})

    assert response["Content-Type"].startswith(kind)


@pytest.mark.parametrize(
    ("code", "days", "written"),
    [
        ("quickbooks-bank-3", "", "03/05/2026"),
        ("xero-bank", "", "05/03/2026"),
        ("quickbooks-bank-3", "dmy", "05/03/2026"),
        ("xero-bank", "iso", "2026-03-05"),
    ],
)
def test_days_are_written_as_the_program_wants_or_as_asked(bookkeeper, march, code, days, written):
    rows = rows_of(bookkeeper.get(DOWNLOAD, MARCH | {"file": code, "days": days}))

    assert {row[0] for row in rows[1:]} == {written}


def test_the_mark_for_excel_is_in_the_file_and_not_on_the_page(bookkeeper, march):
    query = MARCH | {"file": "xero-journal", "bom": "on", "tax_rate": "Zero rated"}

    assert "\ufeff" not in bookkeeper.get(PAGE, query).content.decode()
    file = text_of(bookkeeper.get(DOWNLOAD, query))
    assert file.startswith("\ufeff*Narration")
    assert ",Zero rated," in file
    assert "\ufeff" not in text_of(bookkeeper.get(DOWNLOAD, MARCH))


@pytest.mark.parametrize("code", FILES)
def test_a_formula_somebody_typed_is_words_in_the_file(bookkeeper, code):
    make_movement(description="=HYPERLINK(1)")
    make_entry(description="=HYPERLINK(1)")

    file = text_of(bookkeeper.get(DOWNLOAD, MARCH | {"file": code}))

    assert "'=HYPERLINK(1)" in file
    assert ",=" not in file
    assert "\n=" not in file


def test_another_currency_has_a_file_of_its_own(bookkeeper, march):
    row = make_movement(9, amount=5000, fee=0)
    BalanceTransaction.objects.filter(pk=row.pk).update(currency="EUR")

    response = bookkeeper.get(DOWNLOAD, MARCH | {"currency": "EUR"})

    assert [one[2] for one in rows_of(response)[1:]] == ["50.00"]


@pytest.mark.parametrize("address", [PAGE, DOWNLOAD])
def test_only_who_keeps_the_books_gets_them(client, desk, editor, runner_client, march, address):
    for stranger in (desk, editor, runner_client):
        assert stranger.get(address, MARCH).status_code == 403
    assert client.get(address, MARCH).status_code == 302


def test_reports_and_reconciliation_lead_here(bookkeeper, desk):
    link = f'href="{PAGE}"'
    for address in ("/staff/reports/", "/staff/reconciliation/"):
        assert link in bookkeeper.get(address).content.decode()
    assert link not in desk.get("/staff/reports/").content.decode()


@pytest.mark.parametrize("code", FILES)
def test_the_page_costs_as_many_queries_whatever_has_happened(bookkeeper, march, code):
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert bookkeeper.get(PAGE, MARCH | {"file": code}).status_code == 200
        return len(found)

    cost()
    before = cost()
    for number in range(10, 40):
        make_movement(number)
        make_entry(number)

    assert cost() == before


# By API ----------------------------------------------------------------------------------------
API = "/api/v1/staff/exports"
DAYS = {"start": "2026-03-01", "end": "2026-04-01"}


@pytest.mark.parametrize("code", FILES)
def test_the_api_gives_the_same_file(bookkeeper, march, code):
    by_page = bookkeeper.get(DOWNLOAD, MARCH | {"file": code})
    by_api = bookkeeper.get(f"{API}/{code}/", DAYS)

    assert by_api["Content-Type"] == by_page["Content-Type"]
    assert by_api["Content-Disposition"] == by_page["Content-Disposition"]
    assert text_of(by_api) == text_of(by_page)


@pytest.mark.parametrize(
    ("code", "wrong", "said", "field"),
    [
        ("xero-bank", {"end": "2026-03-01"}, "export_error", "end"),
        ("xero-bank", {"start": "0001-01-01"}, "export_error", "start"),
        ("xero-bank", {"end": "9999-12-31"}, "export_error", "end"),
        ("xero-bank", {"currency": "EUR"}, "export_error", "start"),
        ("xero-journal", {"tax_rate": ""}, "export_error", "tax_rate"),
        ("xero-journal", {"most_lines": "3"}, "export_error", "most_lines"),
        ("xero-journal", {"most_lines": "0"}, "export_error", "most_lines"),
        ("sage", {}, "invalid", None),
        ("xero-bank", {"days": "ymd"}, "invalid", None),
    ],
)
def test_the_api_says_what_is_wrong_before_it_answers(bookkeeper, march, code, wrong, said, field):
    make_entry(3, lines=2)

    response = bookkeeper.get(f"{API}/{code}/", DAYS | wrong)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert (response.json()["code"], response.json().get("field")) == (said, field)


def test_to_others_the_operation_does_not_exist(client, desk, march):
    assert desk.get(f"{API}/xero-bank/", DAYS).status_code == 404
    assert client.get(f"{API}/xero-bank/", DAYS).status_code == 401


def test_the_address_is_the_one_of_the_page():
    assert reverse("staff:exports") == PAGE
    assert reverse("staff:exports_file") == DOWNLOAD
