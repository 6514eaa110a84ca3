"""Who may open which page: each page, each kind of person."""

import re

import pytest
from django.urls import reverse

from payments.models import BankImport, BankLine, Document, Mismatch, Payout, StripeEvent
from scheduling.models import TimeOff
from tests.builders import NOON, make_lot, make_runner, make_staff
from tests.scheduling.builders import TUESDAY_9, TUESDAY_10, book, make_runner_with_credits

EVERYBODY = (
    "staff:home",
    "staff:runners",
    "staff:runner",
    "staff:booking",
    "staff:reports",
    "staff:report_file",
)
DESK = (
    "staff:day",
    "staff:week",
    "staff:why",
    "staff:waitlist",
    "staff:walk_in",
    "staff:blocks",
    "staff:block",
    "staff:no_show",
    "staff:cancellation",
    "staff:take_back",
    "staff:turnaround",
    "staff:move",
    "staff:verdict",
)
TAKINGS = ("staff:sale", "staff:session_sale", "staff:order_payment")
MONEY = (
    "staff:sold",
    "staff:till",
    "staff:till_file",
    "staff:documents",
    "staff:document",
    "staff:order",
)
BOOKS = (
    "staff:bank",
    "staff:bank_line",
    "staff:documents_file",
    "staff:payout_arrival",
    "staff:reconciliation",
    "staff:transactions",
    "staff:transactions_file",
    "staff:credit_movements",
    "staff:credit_movements_file",
    "staff:lots",
    "staff:lots_file",
    "staff:payout",
    "staff:payout_file",
    "staff:mismatches",
    "staff:mismatch",
    "staff:events",
    "staff:exports",
    "staff:money_reports",
    "staff:invariants",
)
POSTS = (
    "staff:arrival",
    "staff:completion",
    "staff:pay_with_credit",
    "staff:client_flags",
    "staff:replay",
    "staff:document_mail",
    "staff:bank_match",
    "staff:bank_match_sure",
    "staff:bank_unmatch",
    "staff:bank_aside",
)
QUERY = {
    "staff:transactions": "?of=taken",
    "staff:transactions_file": "?of=taken",
    "staff:credit_movements": "?what=sold",
    "staff:credit_movements_file": "?what=sold",
    "staff:verdict": "?to=2026-12-01T12:00Z",
}


@pytest.fixture
def address(practice):
    """The address of a page by its name, of things that exist."""
    runner = make_runner_with_credits(practice=practice)
    booking = book(practice, runner)
    lot = make_lot(make_runner())
    payout = Payout.objects.create(
        pk="po_1", amount_minor=100, status="paid", automatic=True, arrival_on=NOON, created_at=NOON
    )
    mismatch = Mismatch.objects.create(code="M11", about="po_1", first_seen_at=NOON)
    event = StripeEvent.objects.create(
        pk="evt_1", type="payout.paid", payload={}, received_at=NOON, status="foreign"
    )
    block = TimeOff.objects.create(
        kind="blocked", therapist=practice.imre, starts_at=TUESDAY_9, ends_at=TUESDAY_10
    )
    arguments = {
        "staff:runner": [runner.public_id],
        "staff:booking": [booking.public_id],
        "staff:client_flags": [runner.public_id],
        "staff:report_file": ["sessions"],
        "staff:block": [block.pk],
        "staff:payout": [payout.pk],
        "staff:payout_file": [payout.pk],
        "staff:order": [lot.order_line.order.public_id],
        "staff:mismatch": [mismatch.pk],
        "staff:replay": [event.pk],
        "staff:sale": [runner.public_id],
        "staff:session_sale": [booking.public_id],
        "staff:order_payment": [lot.order_line.order.public_id],
        "staff:sold": [lot.order_line.order.public_id],
        "staff:document": [Document.objects.latest("pk").pk],
        "staff:document_mail": [Document.objects.latest("pk").pk],
        "staff:payout_arrival": [payout.pk],
    }
    line = BankLine.objects.create(
        imported=BankImport.objects.create(
            format="csv", sha256="x", imported_at=NOON, imported_by=make_staff()
        ),
        booked_on=NOON,
        amount_minor=100,
        fingerprint="x",
    )
    of_line = ("bank_line", "bank_match", "bank_unmatch", "bank_aside")
    arguments |= {f"staff:{name}": [line.pk] for name in of_line}
    of_booking = (
        "arrival completion no_show cancellation take_back turnaround pay_with_credit move verdict"
    )
    arguments |= {f"staff:{name}": [booking.public_id] for name in of_booking.split()}
    return lambda name: reverse(name, args=arguments.get(name, [])) + QUERY.get(name, "")


@pytest.mark.parametrize("name", EVERYBODY + DESK + TAKINGS + MONEY + BOOKS)
def test_signed_out_people_are_sent_to_sign_in(client, address, name):
    response = client.get(address(name))

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=/staff/")


@pytest.mark.parametrize("name", EVERYBODY + DESK + TAKINGS + MONEY + BOOKS)
def test_editors_and_runners_see_no_staff_page(editor, runner_client, address, name):
    assert editor.get(address(name)).status_code == 403
    assert runner_client.get(address(name)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_nobody_else_may_act(client, editor, runner_client, address, name):
    assert editor.post(address(name)).status_code == 403
    assert runner_client.post(address(name)).status_code == 403
    assert client.post(address(name)).status_code == 302


@pytest.mark.parametrize("name", EVERYBODY + DESK + TAKINGS + MONEY)
def test_the_desk_opens_its_pages(desk, address, name):
    assert desk.get(address(name)).status_code == 200


@pytest.mark.parametrize("name", BOOKS)
def test_the_desk_sees_no_books(desk, address, name):
    assert desk.get(address(name)).status_code == 403


@pytest.mark.parametrize("name", EVERYBODY + MONEY + BOOKS)
def test_the_bookkeeper_opens_the_books(bookkeeper, address, name):
    assert bookkeeper.get(address(name)).status_code == 200


@pytest.mark.parametrize("name", DESK + TAKINGS)
def test_the_bookkeeper_does_not_run_the_day(bookkeeper, address, name):
    assert bookkeeper.get(address(name)).status_code == 403


@pytest.mark.parametrize("name", POSTS)
def test_acts_do_not_happen_by_opening_an_address(manager, address, name):
    assert manager.get(address(name)).status_code == 405


def test_a_staff_page_is_never_kept_by_a_cache(desk, address):
    assert "no-store" in desk.get(address("staff:day"))["Cache-Control"]


def test_a_board_whose_reader_was_signed_out_reloads_the_whole_page(client, address):
    response = client.get(address("staff:day"), headers={"HX-Request": "true"})

    assert response["HX-Refresh"] == "true"
    assert b"<form" not in response.content


def row_of_money(page) -> list[str]:
    found = page.content.decode().partition('aria-label="Money">')[2].partition("</nav>")[0]
    return re.findall(r">([^<>]+)</a>", found)


def test_the_pages_about_money_have_a_row_of_their_own_of_what_one_may_open(desk, bookkeeper):
    books, till = bookkeeper.get("/staff/reconciliation/"), desk.get("/staff/till/")

    assert row_of_money(books)[0] == "Reconciliation"
    assert {"Proof", "Bank", "Exports"} < set(row_of_money(books))
    assert row_of_money(till) == [
        "Cash\N{NON-BREAKING HYPHEN}up",
        "Receipts",
        "Refunds",
        "Disputes",
    ]
    assert row_of_money(desk.get("/staff/day/")) == []
