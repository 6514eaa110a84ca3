"""The page of the reports of a month's end, and each of them on the screen and as a file."""

import csv
import io
import re
from datetime import UTC, datetime

import pytest
import time_machine

from payments.attributing import Source
from payments.exporting import NATIVE, REPORTS
from scheduling.day import complete
from tests.builders import make_lot, make_order, make_package, make_runner, pay_at_the_desk
from tests.portal.staff.test_proof import APRIL, cells_of
from tests.scheduling.builders import book

MARCH = "from=2026-03-01&to=2026-03-31"
THURSDAY_10 = datetime(2026, 3, 12, 10, tzinfo=UTC)
PAGE = "/staff/reports/money/"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(APRIL):
        yield


def test_every_report_is_there_for_the_days_asked_for(bookkeeper, db):
    page = bookkeeper.get(f"{PAGE}?{MARCH}").content.decode()

    numbers = {row[0] for row in cells_of(page)}
    assert {str(number) for number in range(1, 14)} <= numbers
    links = re.findall(r'href="(/staff/tables/[^"]+)"', page)
    assert all(link.endswith("?from=2026-03-01&amp;to=2026-03-31") for link in links)
    opened = {re.sub(r"[?].*", "", link) for link in links}
    for name in REPORTS:
        assert {
            f"/staff/tables/{name}/",
            f"/staff/tables/{name}.csv",
            f"/staff/tables/{name}.xlsx",
        } <= opened
    for address in opened:
        assert bookkeeper.get(f"{address}?{MARCH}").status_code == 200, address
    assert "/staff/tables/journal/" in opened


def test_unasked_it_is_this_month(bookkeeper, db):
    page = bookkeeper.get(PAGE).content.decode()
    assert 'value="2026-04-01"' in page
    assert 'value="2026-04-20"' in page


@pytest.mark.parametrize("url", ["/staff/reports/", "/staff/reconciliation/?month=2026-03"])
def test_the_books_lead_to_it(bookkeeper, db, url):
    assert PAGE in bookkeeper.get(url).content.decode()


def test_all_time_stays_all_time(bookkeeper, db):
    page = bookkeeper.get("/staff/reconciliation/?month=all").content.decode()
    assert f"{PAGE}?from=2000-01-01&amp;to=2026-04-20" in page


def test_the_desk_is_not_led_where_it_may_not_go(desk, db):
    assert PAGE not in desk.get("/staff/reports/").content.decode()
    assert desk.get(PAGE).status_code == 403


@pytest.fixture
def sold(practice):
    """A package bought from an article, one session of it done; another bought as well."""
    package = make_package(units=5, price_minor=26000, variants=[practice.sports_60])
    order = make_order(package=package, source=Source(41, "/blog/sore-calves/", "Sore calves"))
    [lot] = pay_at_the_desk(order)
    done = book(practice, lot.owner, THURSDAY_10, at=order.placed_at)
    complete(booking=done, by=None, at=done.ends_at)
    make_lot(make_runner(), units=2, price_minor=6001, tax_rate_bp=2000)


@pytest.mark.parametrize("name", REPORTS)
def test_the_file_has_the_figures_of_the_screen(bookkeeper, sold, name):
    query = "from=2026-03-01&to=2026-12-31"
    page = bookkeeper.get(f"/staff/tables/{name}/?{query}").content.decode()
    answer = bookkeeper.get(f"/staff/tables/{name}.csv?{query}")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))

    def figures(row: list[str]) -> list[str]:
        plain = [cell.replace("\N{MINUS SIGN}", "-") for cell in row]
        plain = [cell.replace("£", "").replace(",", "") for cell in plain]
        return [cell for cell in plain if re.fullmatch(r"-?\d+(\.\d\d)?", cell)]

    assert [figures(row) for row in cells_of(page)] == [figures(row) for row in rows[1:]]


def test_a_client_reads_them_too(bookkeeper, sold):
    answer = bookkeeper.get("/api/v1/staff/tables/articles/?start=2026-03-01&end=2027-01-01")

    assert answer.json()["columns"][0] == "article"
    assert ["/blog/sore-calves/", "GBP", 1, "260.00", 5, 1] in answer.json()["rows"]


def test_the_pack_keeps_to_the_native_files():
    assert not set(NATIVE) & set(REPORTS)
