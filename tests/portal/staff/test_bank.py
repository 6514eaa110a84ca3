"""The bank page and its API: import, match, undo, set aside, and what a bad file gets."""

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments.models import BankImport, BankLine, Payout
from tests.payments.bank_statements import files

pytestmark = pytest.mark.django_db


def upload(content: bytes, name: str = "bank.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def csv(*rows: str) -> bytes:
    return "\n".join(["Date,Amount,Description", *rows]).encode()


@pytest.fixture
def payout():
    return Payout.objects.create(
        pk="po_1",
        amount_minor=120410,
        status="paid",
        automatic=True,
        arrival_on=date(2026, 11, 3),
        created_at=datetime(2026, 10, 30, 9, tzinfo=UTC),
    )


@pytest.fixture(autouse=True)
def _in_november():
    with time_machine.travel(datetime(2026, 11, 9, 9, tzinfo=UTC)):
        yield


def test_a_file_is_imported_and_its_line_matched_with_one_button(bookkeeper, payout):
    told = bookkeeper.post("/staff/bank/", {"file": upload(files.HSBC)}, follow=True)
    assert "2 new lines from bank.csv." in told.content.decode()
    line = BankLine.objects.get(amount_minor=120410)
    assert f'action="/staff/bank/lines/{line.pk}/match/"' in told.content.decode()

    bookkeeper.post("/staff/bank/matches/")

    line.refresh_from_db()
    assert line.payout == payout
    assert "po_1" in bookkeeper.get("/staff/bank/?show=matched").content.decode()


def test_a_match_is_chosen_undone_and_a_line_set_aside(bookkeeper, payout):
    bookkeeper.post("/staff/bank/", {"file": upload(files.HSBC)})
    line = BankLine.objects.get(amount_minor=120410)
    page = f"/staff/bank/lines/{line.pk}/"
    assert "po_1" in bookkeeper.get(page).content.decode()

    bookkeeper.post(f"{page}match/", {"payout": "po_1"})
    assert "Undo the match" in bookkeeper.get(page).content.decode()
    bookkeeper.post(f"{page}undoing/")
    refused = bookkeeper.post(f"{page}aside/", {"because": ""})
    assert refused.status_code == 422
    bookkeeper.post(f"{page}aside/", {"because": "A gift"})

    line.refresh_from_db()
    assert (line.payout, line.set_aside_because) == (None, "A gift")
    assert "A gift" in bookkeeper.get("/staff/bank/?show=aside").content.decode()
    told = bookkeeper.post(f"{page}match/", {"payout": "po_1"}, follow=True)
    assert "Take it back first" in told.content.decode()
    bookkeeper.post(f"{page}aside/", {"back": "yes"})
    assert BankLine.objects.unmatched().filter(pk=line.pk).exists()


def test_columns_nobody_knows_are_asked_for_and_then_read(bookkeeper):
    asked = bookkeeper.post("/staff/bank/", {"file": upload(files.UNKNOWN)}, follow=True)
    assert "Which column is which?" in asked.content.decode()
    assert not BankImport.objects.exists()

    refused = bookkeeper.post("/staff/bank/columns/", {"text": "Wozu"})
    assert "Choose the column with the day." in refused.content.decode()
    wrong = bookkeeper.post("/staff/bank/columns/", {"day": "Wozu", "amount": "Wieviel"})
    assert "cannot read the days" in wrong.content.decode()
    bookkeeper.post("/staff/bank/columns/", {"day": "When", "amount": "Wieviel", "text": "Wozu"})

    assert BankLine.objects.count() == 2
    gone = bookkeeper.get("/staff/bank/columns/", follow=True)
    assert "not here any more" in gone.content.decode()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This file is empty."),
        (b"\x00\x01\x02" * 50, "no statement we can read"),
        (files.BOMB, "defines entities"),
        (files.CAMT_02[:-30], "broken"),
        (csv("2026-12-31,5.00,x"), "still to come"),
        (csv("2026-11-03,5.00,x", "2026-11-03,oops,x"), "Line 2 has an amount"),
        (b"x" * (5 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_a_bad_file_gets_a_sentence_and_writes_nothing(bookkeeper, content, says):
    answer = bookkeeper.post("/staff/bank/", {"file": upload(content)})

    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not BankImport.objects.exists()


def test_no_file_is_said(bookkeeper):
    assert "Choose a file." in bookkeeper.post("/staff/bank/", {}).content.decode()


def test_a_payout_is_marked_as_arrived(bookkeeper, payout):
    page = "/staff/payouts/po_1/arrival/"
    assert "Is it in the bank?" in bookkeeper.get(page).content.decode()
    assert bookkeeper.post(page, {"on": "2026-12-24"}).status_code == 422

    bookkeeper.post(page, {"on": "2026-11-03"})

    assert BankLine.objects.get().payout == payout


def test_the_page_costs_the_same_with_more_lines(bookkeeper, payout):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            bookkeeper.get("/staff/bank/")
        return len(queries)

    bookkeeper.post("/staff/bank/", {"file": upload(csv("2026-11-03,1204.10,STRIPE"))})
    before = cost()
    rows = (f"2026-11-03,1204.10,STRIPE {row}" for row in range(20))
    bookkeeper.post("/staff/bank/", {"file": upload(csv(*rows))})
    assert cost() == before


def test_only_those_who_reconcile_see_the_bank(desk, payout):
    bookless = desk.post("/api/v1/staff/bank/imports/", {"file": upload(files.HSBC)})
    assert bookless.status_code == 404
    assert desk.get("/staff/bank/").status_code == 403
    assert desk.post("/staff/bank/", {"file": upload(files.HSBC)}).status_code == 403
    assert not BankImport.objects.exists()


def test_the_api_does_the_same(bookkeeper, payout):
    def post(path: str, **values):
        return bookkeeper.post(f"/api/v1/staff/{path}", values, content_type="application/json")

    first = bookkeeper.post("/api/v1/staff/bank/imports/", {"file": upload(files.HSBC)})
    again = bookkeeper.post("/api/v1/staff/bank/imports/", {"file": upload(files.HSBC)})
    assert (first.status_code, first.json()["new"], again.json()["new"]) == (201, 2, 0)
    asked = bookkeeper.post("/api/v1/staff/bank/imports/", {"file": upload(files.UNKNOWN)})
    assert (asked.status_code, asked.json()["code"]) == (422, "columns_unknown")
    assert asked.json()["headers"] == ["When", "Wieviel", "Wozu"]
    bad = bookkeeper.post("/api/v1/staff/bank/imports/", {"file": upload(files.BOMB)})
    assert (bad.status_code, bad.json()["code"]) == (422, "statement_error")

    lines = {one["amount_minor"]: one for one in bookkeeper.get("/api/v1/staff/bank/lines/").json()}
    assert (lines[120410]["payouts"], lines[120410]["sure"]) == (["po_1"], True)
    path = f"bank/lines/{lines[120410]['id']}"
    assert post(f"{path}/match/", payout="po_1").json()["payout"] == "po_1"
    assert bookkeeper.delete(f"/api/v1/staff/{path}/match/").json()["payout"] is None
    assert post("bank/matches/").json() == {"matched": 1}
    refused = post(f"{path}/aside/", because="Rent")
    assert (refused.status_code, refused.json()["code"]) == (409, "line_taken")
    rent = f"bank/lines/{lines[-90000]['id']}"
    assert post(f"{rent}/aside/", because="Rent").json()["set_aside_because"] == "Rent"
    assert post(f"{rent}/aside/").json()["set_aside_because"] == ""
    assert post("payouts/po_1/arrival/", on="2026-11-03").json()["payout"] == "po_1"
