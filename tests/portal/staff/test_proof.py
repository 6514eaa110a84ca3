"""The proof page: green, red with its rows, the way down and back up, the pack and the tables."""

import csv
import html
import io
import json
import re
import zipfile
from datetime import UTC, datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payments import polling
from payments.exporting import NATIVE
from payments.exporting.verifying import faults_of
from payments.models import BalanceTransaction, CreditLot, OrderLine, PayoutLine
from scheduling.day import complete
from tests.builders import make_lot, make_package, make_runner
from tests.scheduling.builders import book

MARCH = "from=2026-03-01&to=2026-03-31"
APRIL = datetime(2026, 4, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    """Somebody looks in April; Stripe's clock is the tests' own."""
    with time_machine.travel(APRIL):
        yield


@pytest.fixture
def paid_out(shop, practice):
    """A package bought by card, one session of it done, its money in the bank."""
    package = make_package(units=5, price_minor=26000, variants=[practice.sports_60])
    attempt = shop.paid_checkout(shop.order(make_runner(name="Ana Ortiz"), package))
    shop.handle_all()
    lot = CreditLot.objects.get(order_line__order=attempt.order)
    starts_at = datetime(2026, 3, 11, 10, tzinfo=UTC)
    done = book(practice, lot.owner, starts_at, at=shop.at)
    shop.sandbox.advance("1d")
    complete(booking=done, by=None, at=shop.at)
    shop.sandbox.advance("9d")
    shop.handle_all()
    polling.sweep_balance_transactions(at=shop.at)
    polling.sync_payouts(at=shop.at)
    return lot, done


def test_a_sound_month_is_green_in_every_rule(bookkeeper, paid_out):
    page = bookkeeper.get(f"/staff/proof/?{MARCH}").content.decode()

    assert "Every rule holds" in page
    assert [f"I{number}" for number in range(1, 10)] == sorted(
        set(re.findall(r">\s*(I\d)\s*<", page))
    )
    assert 'value="2026-03-01"' in page
    assert "Europe/London" in page
    assert "Broken" not in page


def test_a_lost_row_turns_its_rule_red_and_is_named_with_its_page(bookkeeper, paid_out):
    line = PayoutLine.objects.get()
    line.delete()

    page = bookkeeper.get(f"/staff/proof/?{MARCH}").content.decode()
    assert "Broken: I2" in page
    section = page[page.index('<section class="stack" id="I2">') :]
    assert f'href="/staff/payouts/{line.payout_id}/"' in section
    assert "it differs from its transactions" in section


def test_other_days_are_not_blamed(bookkeeper, paid_out):
    PayoutLine.objects.get().delete()

    page = bookkeeper.get("/staff/proof/?from=2026-04-01&to=2026-04-20").content.decode()
    assert "Every rule holds" in page


@pytest.mark.parametrize(
    "query", ["from=2026-02-30&to=x", "from=2026-03-31&to=2026-03-01", "from=9999-99-99", ""]
)
def test_days_that_are_none_are_read_as_something_sensible(bookkeeper, db, query):
    assert bookkeeper.get(f"/staff/proof/?{query}").status_code == 200
    assert bookkeeper.get(f"/staff/tables/journal/?{query}").status_code == 200


def links_of(client, url) -> set[str]:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return set(re.findall(r'href="(/staff/[^"#?]+)', answer.content.decode()))


def test_from_the_payout_down_to_the_session_and_back_up(bookkeeper, paid_out):
    lot, done = paid_out
    line = PayoutLine.objects.get()
    order = lot.order_line.order
    payout = f"/staff/payouts/{line.payout_id}/"
    of_order = f"/staff/orders/{order.public_id}/"
    of_lot = f"/staff/lots/{lot.public_id}/"
    session = f"/staff/bookings/{done.public_id}/"
    transaction = f"/staff/transactions/{line.balance_transaction_id}/"

    assert payout in links_of(bookkeeper, f"/staff/proof/?{MARCH}")
    assert {of_order, of_lot, session} <= links_of(bookkeeper, payout)
    assert {of_order, of_lot, session, payout} <= links_of(bookkeeper, transaction)
    assert {of_order, payout, session} <= links_of(bookkeeper, of_lot)
    assert payout in links_of(bookkeeper, of_order)
    assert of_order in links_of(bookkeeper, session)


def test_a_charge_leads_to_its_movement(bookkeeper, paid_out):
    row = BalanceTransaction.objects.get(reporting_category="charge")

    answer = bookkeeper.get(f"/staff/charges/{row.source_id}/")
    assert answer.url == f"/staff/transactions/{row.pk}/"


def test_a_lot_tells_what_the_books_say_of_it(bookkeeper, paid_out):
    lot, _ = paid_out
    page = bookkeeper.get(f"/staff/lots/{lot.public_id}/").content.decode()

    assert "2000 Deferred sessions" in page
    assert "4000 Session revenue" in page
    assert "£52.00" in page


def test_the_pack_is_whole(bookkeeper, paid_out):
    answer = bookkeeper.get(f"/staff/proof/pack/?{MARCH}")
    pack = io.BytesIO(b"".join(answer.streaming_content))

    assert answer["Content-Disposition"] == (
        'attachment; filename="proof-2026-03-01-2026-03-31.zip"'
    )
    assert faults_of(pack) == []
    with zipfile.ZipFile(pack) as found:
        manifest = json.loads(found.read("manifest.json"))
    assert set(manifest["invariants"]) == {f"I{number}" for number in range(1, 10)}
    assert all(manifest["invariants"].values())


# Screen and file ---------------------------------------------------------------------------------
def cells_of(page: str) -> list[list[str]]:
    """The words of the table's rows, without their links."""
    body = page[page.index("<tbody>") : page.index("</tbody>")] if "<tbody>" in page else ""
    return [
        [
            html.unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd] [^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


@pytest.mark.parametrize("name", NATIVE)
def test_the_file_has_the_rows_of_the_screen(bookkeeper, paid_out, name):
    make_lot(make_runner(name="Ben Adeyemi"), units=2, price_minor=6001, at=APRIL.replace(month=3))
    page = bookkeeper.get(f"/staff/tables/{name}/?{MARCH}").content.decode()
    answer = bookkeeper.get(f"/staff/tables/{name}.csv?{MARCH}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))

    shown = cells_of(page)
    assert len(shown) == len(rows)
    for column in NATIVE[name].columns:
        if column.name in {"amount", "value_ex_tax", "closing", "revenue"}:
            place = NATIVE[name].at(column.name) - hidden_before(name, column.name)
            on_screen = [row[place].replace("£", "").replace(",", "") for row in shown]
            assert [cell.replace("\u2212", "-") for cell in on_screen] == [
                row[column.name] for row in rows
            ]


def hidden_before(name: str, column: str) -> int:
    """Columns that carry a key alone are in the file only."""
    keys = {one.key for one in NATIVE[name].columns if one.key}
    names = [one.name for one in NATIVE[name].columns]
    return sum(one in keys for one in names[: names.index(column)])


@pytest.mark.parametrize("kind", ["csv", "json", "xlsx"])
def test_every_table_comes_as_every_kind_of_file(bookkeeper, paid_out, kind):
    for name in NATIVE:
        answer = bookkeeper.get(f"/staff/tables/{name}.{kind}?{MARCH}")
        assert answer.status_code == 200
        assert answer["Content-Disposition"].endswith(f'{name}-2026-03-01-2026-03-31.{kind}"')


def test_a_table_nobody_knows_is_not_found(bookkeeper, db):
    assert bookkeeper.get("/staff/tables/passwords/").status_code == 404
    assert bookkeeper.get("/staff/tables/passwords.csv").status_code == 404


# Cost and access ---------------------------------------------------------------------------------
def queries_of(client, url) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


@pytest.mark.parametrize("url", ["/staff/proof/", "/staff/tables/journal/", "/staff/proof/pack/"])
def test_the_number_of_queries_does_not_grow(bookkeeper, paid_out, url):
    queries_of(bookkeeper, f"{url}?{MARCH}")  # the first look fills the caches of the process
    before = queries_of(bookkeeper, f"{url}?{MARCH}")
    for number in range(20):
        make_lot(units=3, price_minor=9000 + number, at=APRIL.replace(month=3))

    assert OrderLine.objects.count() == 21
    assert queries_of(bookkeeper, f"{url}?{MARCH}") == before


@pytest.mark.parametrize(
    "url",
    ["/staff/proof/", "/staff/proof/pack/", "/staff/tables/journal/", "/staff/tables/journal.csv"],
)
def test_only_those_who_reconcile_may_look(desk, runner_client, url):
    assert desk.get(url).status_code == 403
    assert runner_client.get(url).status_code == 403
