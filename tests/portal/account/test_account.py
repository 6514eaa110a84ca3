"""The runner's own pages."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payments.crediting import reserved_lot
from scheduling.booking import confirm_with_credit, hold_time
from scheduling.cancelling import cancel_booking
from scheduling.day import complete
from tests.builders import make_goodwill, make_lot, make_runner, make_staff
from tests.practice import Practice, open_practice

PAGES = ("/account/", "/account/sessions/", "/account/credits/", "/account/orders/")


@pytest.fixture
def practice(db) -> Practice:
    return open_practice()


@pytest.fixture
def runner(practice):
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def her(runner) -> Client:
    client = Client()
    client.force_login(runner)
    return client


def bought(practice, runner, units=5):
    return make_lot(
        runner,
        units=units,
        variants=[practice.variant],
        name=f"{units} of 60",
        at=datetime.now(UTC) - timedelta(days=1),
    )


def book(practice, runner, days: int = 5, hour: int = 10):
    at = datetime.now(UTC)
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(days), hour),
        therapist=practice.imre,
        hold_key="",
        runner=runner,
        at=at,
    )
    return confirm_with_credit(booking=held, runner=runner, by=runner, at=at)


@pytest.mark.parametrize("address", [*PAGES, "/account/credits/statement.csv"])
def test_signed_out_people_sign_in_and_come_back(client, db, address):
    assert client.get(address).url == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", PAGES)
def test_somebody_new_finds_kind_empty_pages(her, address):
    answer = her.get(address)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert 'href="/packages/"' in text or 'href="/book/"' in text


def test_the_account_shows_credits_the_next_session_and_the_same_again(her, practice, runner):
    lot = bought(practice, runner)
    book(practice, runner)
    text = her.get("/account/").content.decode()
    assert "Hello <bdi>Ana</bdi>" in text
    assert "4 credits left" in text
    assert 'aria-label="4 of 5 credits left"' in text
    assert f'Use by <time datetime="{lot.expires_on:%Y-%m-%d}"' in text
    assert "Next session" in text
    assert "Deep tissue, 60 minutes, with Imre" in text
    assert text.count('name="slot"') == 3


def test_the_same_again_is_two_taps(her, practice, runner):
    bought(practice, runner)
    book(practice, runner)
    same = her.get("/account/").context["same"]
    held = her.post(
        "/book/hold/",
        same.hidden | {"slot": same.slots[0].value},
        HTTP_SEC_FETCH_SITE="same-origin",
    )
    confirmed = her.post(held.url.replace("check/", "confirmation/"))
    assert "3 credits left" in her.get(confirmed.url).content.decode()


def test_the_same_again_is_not_offered_when_its_therapist_left(her, practice, runner):
    bought(practice, runner)
    book(practice, runner)
    practice.imre.is_active = False
    practice.imre.save()
    assert her.get("/account/").context["same"] is None


def test_nothing_of_others_is_shown(her, practice, runner):
    eve = make_runner("eve@example.org", "Eve")
    bought(practice, eve)
    booking = book(practice, eve)
    for page in (*PAGES, "/account/credits/statement.csv"):
        text = b"".join(her.get(page)).decode()
        assert str(booking.public_id) not in text
        assert "5 of 60" not in text
        assert "MFR-" not in text


def test_the_statement_has_each_movement_with_its_reason_and_what_was_left(her, practice, runner):
    bought(practice, runner)
    booking = book(practice, runner)
    cancel_booking(booking=booking, by=runner, at=datetime.now(UTC))
    make_goodwill(runner, variants=[practice.variant], at=datetime.now(UTC), reason="We ran late.")
    page = her.get("/account/credits/")
    rows = [[cell.in_file for cell in row] for row in page.context["table"].rows]
    assert [(row[1] or row[0], row[5], row[6]) for row in rows] == [
        ("Closing balance", "", "6"),
        ("Given by us", "1", "6"),
        ("Credit returned", "1", "5"),
        ("Session booked", "-1", "4"),
        ("Bought", "5", "5"),
        ("Opening balance", "", "0"),
    ]
    assert (rows[1][3], rows[1][4]) == ("We ran late.", "Sam Reed")
    assert rows[2][4] == "You"
    assert 'href="/orders/' in page.content.decode()


def test_the_statement_downloads_as_csv_that_no_spreadsheet_runs(her, practice, runner):
    bought(practice, runner)
    make_goodwill(runner, variants=[practice.variant], reason='=HYPERLINK("http://x")')
    text = her.get("/account/credits/statement.csv").content.decode()
    closing, *rows, opening = csv.DictReader(io.StringIO(text))
    assert len(rows) == 2
    assert any(row["Why"].startswith("'=HYPERLINK") for row in rows)
    assert sum(int(row["Change"]) for row in rows) == 6
    assert (closing["Left"], opening["Left"]) == ("6", "0")


@pytest.mark.parametrize("number", ["2", "999", "0", "-1", "x", "9" * 400])
def test_long_statements_have_pages(her, practice, runner, number, monkeypatch):
    monkeypatch.setattr("portal.account.statement.PAGE", 2)
    bought(practice, runner)
    booking = book(practice, runner)
    cancel_booking(booking=booking, by=runner, at=datetime.now(UTC))
    answer = her.get(f"/account/credits/?page={number}")
    assert answer.status_code == 200
    assert answer.context["page"].paginator.num_pages == 2


def test_receipts_are_listed_and_lead_to_their_page(her, practice, runner):
    lot = bought(practice, runner)
    order = lot.order_line.order
    text = her.get("/account/orders/").content.decode()
    assert order.number in text
    assert "£260.00" in text
    assert her.get(order.get_absolute_url()).status_code == 200


def test_the_account_leads_to_the_receipt_of_what_was_bought_and_to_all(her, practice, runner):
    order = bought(practice, runner).order_line.order
    text = her.get("/account/").content.decode()
    for name in ("history", "receipts"):
        section = text.split(f'id="{name}"')[1].split("</section>")[0]
        assert f'href="{order.get_absolute_url()}"' in section, name
    assert 'href="/account/orders/">All receipts' in section
    assert "£260.00" in section


def test_the_account_says_what_was_used_of_each_lot(her, practice, runner):
    bought(practice, runner)
    done, _ = book(practice, runner), book(practice, runner, days=6)
    complete(booking=done, by=make_staff(), at=done.ends_at)
    text = her.get("/account/").content.decode()
    assert "3 of 5 left, 1 set aside for what is booked, 1 used." in text


def test_sessions_to_come_and_before_are_listed(her, practice, runner):
    bought(practice, runner)
    kept, given_up = book(practice, runner), book(practice, runner, days=6)
    cancel_booking(booking=given_up, by=runner, at=datetime.now(UTC))
    answer = her.get("/account/sessions/")
    assert list(answer.context["coming"]) == [kept]
    assert list(answer.context["page"].object_list) == [given_up]
    assert "Cancelled in time" in answer.content.decode()


@pytest.mark.parametrize("address", [*PAGES, "/account/credits/statement.csv"])
def test_a_page_costs_the_same_queries_with_more_to_show(her, practice, runner, address):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            b"".join(her.get(address))
        return len(queries)

    bought(practice, runner, units=9)
    for days in (3, 4, 5):
        book(practice, runner, days=days)
    her.get(address)  # the first visit of a session writes that it began
    few = cost()
    bought(practice, runner, units=3)
    for days in range(6, 12):
        book(practice, runner, days=days)
    assert cost() <= few <= 29


# the statement of a month -----------------------------------------------------------------------


def shown_rows(answer):
    return [[cell.in_file for cell in row] for row in answer.context["table"].rows]


def test_a_month_opens_with_what_the_month_before_closed_with(her, practice, runner):
    now = datetime.now(UTC)
    last_month = now.replace(day=1, hour=12) - timedelta(days=3)
    make_lot(runner, units=5, variants=[practice.variant], at=last_month)
    make_goodwill(runner, variants=[practice.variant], at=now, reason="We ran late.")
    before, this = f"{last_month:%Y-%m}", f"{now:%Y-%m}"

    pages = [her.get(f"/account/credits/?month={month}") for month in (before, this)]

    assert [page.context["statement"].opening for page in pages] == [0, 5]
    assert [page.context["statement"].closing for page in pages] == [5, 6]
    for month, page in zip((before, this), pages, strict=True):
        file = her.get(f"/account/credits/statement.csv?month={month}")
        assert f"credits-{month}.csv" in file["Content-Disposition"]
        _, *rows = csv.reader(io.StringIO(file.content.decode()))
        assert rows == shown_rows(page)
        assert f'href="/account/credits/statement.csv?month={month}"' in page.content.decode()


@pytest.mark.parametrize("month", ["", "x", "2026-13", "9999-12", "2026-00", "0001-01", "2026-1"])
def test_an_odd_month_breaks_nothing(her, practice, runner, month):
    bought(practice, runner)
    for address in ("/account/credits/", "/account/credits/statement.csv"):
        assert her.get(address, {"month": month}).status_code == 200


def test_where_the_credits_are_adds_up(her, practice, runner):
    bought(practice, runner)
    book(practice, runner)
    [row] = her.get("/account/credits/").context["lots"].rows

    units, *parts = [int(cell.in_file) for cell in row[1:8]]
    assert units == sum(parts) == 5
    assert parts[:2] == [4, 1]


def test_the_api_tells_the_same_statement(her, practice, runner):
    bought(practice, runner)
    book(practice, runner)
    month = f"{datetime.now(UTC):%Y-%m}"
    whole = her.get("/api/v1/credits/statement/").json()
    part = her.get(f"/api/v1/credits/statement/?month={month}").json()

    assert (whole["opening"], whole["closing"]) == (0, 4)
    assert [line["what"] for line in whole["lines"]] == ["Session booked", "Bought"]
    assert part["closing"] == 4
    assert her.get("/api/v1/credits/statement/?month=2026-13").status_code == 422
    own = her.get("/api/v1/credits/").json()
    assert own["held"] == own["lots"][0]["available"] == 4


def test_she_chooses_the_package_that_pays(her, practice, runner):
    first = bought(practice, runner)
    second = make_lot(
        runner,
        variants=[practice.variant],
        name="The later one",
        validity_days=700,
        at=datetime.now(UTC) - timedelta(days=1),
    )
    held = hold_time(
        variant=practice.variant,
        location=practice.location,
        starts_at=practice.on(practice.day(5), 10),
        therapist=practice.imre,
        hold_key="",
        runner=runner,
        at=datetime.now(UTC),
    )
    address = f"/book/{held.public_id}/check/"
    page = her.get(address).content.decode()
    assert page.index(str(first.public_id)) < page.index(str(second.public_id))

    her.post(address.replace("check", "confirmation"), {"lot": second.public_id})

    assert reserved_lot(held.public_id) == second
