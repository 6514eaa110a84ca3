"""Files to take away: exact, safe, the same as the screen, and signed as a pack."""

import csv
import io
import json
import uuid
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import CommandError, call_command

from payments.crediting import expire_due, reserve, use
from payments.exporting import NATIVE, Asked, csv_lines, json_lines
from payments.exporting.packing import make_pack, signature_of
from payments.exporting.verifying import faults_of
from payments.exporting.xlsx import workbook
from payments.models import Refund
from payments.proving import prove
from tests.builders import NOON, make_goodwill, make_lot, make_runner
from tests.payments.test_documents import refund_of
from tests.payments.test_mismatch_codes import charge_of_nobody

pytestmark = pytest.mark.django_db
MARCH = Asked(start=date(2026, 3, 1), end=date(2026, 4, 1))


def hold_and_use(lot, at=NOON):
    booking = uuid.uuid4()
    reserve(
        owner=lot.owner,
        variant=lot.variants.first(),
        booking_id=booking,
        session_on=at.date(),
        by=lot.owner,
        at=at,
        lot=lot,
    )
    use(booking_id=booking, by=None, at=at, effective_at=at, reason="Done")


def read_csv(name, asked=MARCH):
    return list(csv.DictReader(io.StringIO("".join(csv_lines(NATIVE[name], asked)))))


@pytest.fixture
def a_month():
    """A lot of three for 100.00 of which one was used, one of two that expired, a gift of ours."""
    lot = make_lot(make_runner(name="=cmd|' /C calc'!A0"), units=3, price_minor=10000)
    hold_and_use(lot)
    make_lot(make_runner(), units=2, price_minor=6001, validity_days=5)
    make_goodwill(lot.owner, reason="+1 for the wait")
    expire_due(at=NOON + timedelta(days=7))
    return lot


def test_amounts_are_exact_and_have_their_currency(a_month):
    rows = read_csv("credit_ledger")

    assert [(row["kind"], row["value_ex_tax"], row["currency"]) for row in rows] == [
        ("purchase", "100.00", "GBP"),
        ("reserve", "0.00", "GBP"),
        ("use", "33.34", "GBP"),
        ("purchase", "60.01", "GBP"),
        ("goodwill", "0.00", "GBP"),
        ("expire", "60.01", "GBP"),
    ]


@pytest.mark.parametrize(
    ("currency", "price", "written"),
    [("GBP", 10001, "100.01"), ("JPY", 10001, "10001"), ("KWD", 10010, "10.010")],
)
def test_each_currency_has_its_own_places(currency, price, written):
    make_lot(units=1, price_minor=price, currency=currency)

    assert read_csv("lots_as_of")[0]["value_left"] == written
    assert read_csv("journal")[0]["amount"] == written


def test_moments_are_told_by_two_clocks_and_days_by_iso():
    make_lot(at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    july = Asked(start=date(2026, 7, 1), end=date(2026, 8, 1))

    [row] = read_csv("journal", july)
    assert row["effective_at_utc"] == "2026-06-30T23:30:00Z"
    assert row["effective_at_local"] == "2026-07-01T00:30:00+01:00"
    assert read_csv("journal", Asked(date(2026, 6, 1), date(2026, 7, 1))) == []


def test_text_is_never_a_formula_and_a_minus_stays_a_number(a_month):
    lines = read_csv("credit_ledger")
    assert lines[0]["runner"] == "'=cmd|' /C calc'!A0"
    assert lines[4]["reason"] == "'+1 for the wait"

    by_package = {row["package"]: row for row in read_csv("liability_rollforward")}
    assert by_package["3 sessions"]["used"] == "-33.34"


def test_what_was_left_at_the_end_is_what_rolled_forward(a_month):
    left = sum(Decimal(row["value_left"]) for row in read_csv("lots_as_of"))
    rolled = read_csv("liability_rollforward")

    assert left == Decimal("66.66") == sum(Decimal(row["closing"]) for row in rolled)
    for row in rolled:
        changes = ("opening", "sold", "used", "expired", "refunded", "adjusted")
        assert sum(Decimal(row[name]) for name in changes) == Decimal(row["closing"])


def test_revenue_tells_expiry_apart(a_month):
    assert [(row["on"], row["kind"], row["revenue"]) for row in read_csv("revenue")] == [
        ("2026-03-10", "session", "33.34"),
        ("2026-03-16", "breakage", "60.01"),
    ]


def test_refunds_of_one_moment_are_told_wherever_they_were_made(a_month):
    order = a_month.order_line.order
    ours = refund_of(order, 2000)
    Refund.objects.create(
        pk="re_1",
        charge=charge_of_nobody(order, attempt=ours.attempt),
        amount_minor=1000,
        currency="GBP",
        status="succeeded",
        livemode=False,
        created_at=ours.requested_at,
    )

    assert {row["refund"] for row in read_csv("refunds")} == {str(ours.public_id), "re_1"}


@pytest.mark.parametrize("name", NATIVE)
def test_json_has_the_rows_of_the_csv(a_month, name):
    rows = json.loads("".join(json_lines(NATIVE[name], MARCH)))

    assert len(rows) == len(read_csv(name))
    for as_json, as_csv in zip(rows, read_csv(name), strict=True):
        assert list(as_json) == list(as_csv)


@pytest.mark.parametrize("name", NATIVE)
def test_each_file_is_read_in_a_fixed_number_of_queries(
    a_month, name, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        list(NATIVE[name].read(MARCH))


def test_a_workbook_has_figures_and_days_and_runs_nothing(a_month):
    sheet = openpyxl.load_workbook(io.BytesIO(workbook(NATIVE["credit_ledger"], MARCH))).active
    rows = list(sheet.iter_rows())
    column = {cell.value: place for place, cell in enumerate(rows[0])}
    first = rows[1]

    assert first[column["runner"]].value == "=cmd|' /C calc'!A0"
    assert first[column["runner"]].data_type == "s"
    assert first[column["value_ex_tax"]].value == 100
    assert first[column["effective_at_utc"]].value == datetime(2026, 3, 10, 12)  # noqa: DTZ001
    assert len(rows) == 7


# the pack -----------------------------------------------------------------------------------
def packed():
    proof = prove(start=MARCH.start, end=MARCH.end, at=NOON)
    return make_pack(asked=MARCH, proof=proof, at=NOON)


def with_changed(pack, name, change):
    """The pack with one of its files changed, or left out where `change` returns None."""
    out = io.BytesIO()
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            body = old.read(info)
            body = change(body) if info.filename == name else body
            if body is not None:
                new.writestr(info.filename, body)
    return out


def test_a_pack_has_every_file_and_proves_itself(a_month, tmp_path, capsys):
    pack = packed()
    file = tmp_path / "pack.zip"
    file.write_bytes(pack.read())

    with zipfile.ZipFile(file) as found:
        manifest = json.loads(found.read("manifest.json"))
        names = {name for name in found.namelist() if name.endswith(".csv")}
    assert names == {f"{name}.csv" for name in NATIVE}
    assert manifest["zone"] == "Europe/London"
    assert manifest["invariants"]["I8"] is True
    assert manifest["files"]["credit_ledger.csv"]["totals"]["GBP"]["value_ex_tax"] == "253.36"
    call_command("verify_pack", file)
    assert "whole" in capsys.readouterr().out


def lie_and_add_up(body):
    """A manifest that says what the file says after it was changed, but was signed before."""
    manifest = json.loads(body)
    manifest["made_at"] = "2026-05-01T00:00:00+00:00"
    return json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("credit_ledger.csv", lambda body: body.replace(b"33.34", b"33.33"), "SHA-256"),
        ("credit_ledger.csv", lambda body: body.replace(b"33.34", b"33.33"), "totals"),
        ("journal.csv", lambda body: body + body.splitlines()[-1] + b"\r\n", "rows"),
        ("json/journal.json", lambda body: body.replace(b"GBP", b"EUR"), "SHA-256"),
        ("proof.json", lambda body: body.replace(b"true", b"false"), "SHA-256"),
        ("payouts.csv", lambda _: None, "missing"),
        ("manifest.json", lie_and_add_up, "signature"),
        ("manifest.json", lambda _: None, "not a pack"),
        ("manifest.json", lambda _: b"[]", "not a pack"),
    ],
)
def test_whatever_was_changed_in_a_pack_is_told(a_month, tmp_path, name, change, words):
    changed = with_changed(packed(), name, change)
    assert any(words in fault for fault in faults_of(changed))

    file = tmp_path / "pack.zip"
    file.write_bytes(changed.getvalue())
    with pytest.raises(CommandError, match=words):
        call_command("verify_pack", file)


def test_a_pack_signed_with_another_key_is_not_ours(a_month, settings):
    pack = packed()
    settings.SECRET_KEY = "another"

    assert faults_of(pack) == ["The signature does not fit the manifest."]


def test_the_signature_covers_all_of_the_manifest():
    assert signature_of({"a": 1, "signature": "x"}) == signature_of({"a": 1})
    assert signature_of({"a": 1}) != signature_of({"a": 2})
