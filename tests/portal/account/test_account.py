"""The runner's own pages."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from scheduling.booking import confirm_with_credit, hold_time
from scheduling.cancelling import cancel_booking
from tests.builders import make_goodwill, make_lot, make_runner
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
    assert "Hello Ana" in text
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
    assert [(row[1], row[5], row[6]) for row in rows] == [
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
    assert cost() <= few <= 25
