"""Receipts and credit notes for staff and runner: found, opened, printed, sent again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Message
from payments.documents import issue_credit_note, receipt_of
from payments.models import Document
from tests.builders import make_lot, make_runner
from tests.payments.test_documents import LATER, refund_of
from tests.portal.staff.conftest import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_runner("ana@example.org")


@pytest.fixture
def order(ana):
    return make_lot(ana).order_line.order


def numbers(client, **query) -> list[str]:
    table = client.get("/staff/documents/", query).context["table"]
    return [row[0].text for row in table.rows]


def test_they_are_found_by_number_order_name_and_kind(desk, order):
    make_lot(make_runner(name="Ben Adeyemi"))
    issue_credit_note(request=refund_of(order, 5200), at=LATER)

    assert numbers(desk) == ["C-00001", "R-00002", "R-00001"]
    assert numbers(desk, kind="credit_note") == ["C-00001"]
    assert numbers(desk, q="adeyemi") == ["R-00002"]
    assert numbers(desk, q=order.number) == ["C-00001", "R-00001"]
    assert numbers(desk, q="r-00002") == ["R-00002"]
    assert numbers(desk, q="%") == []


def test_one_is_opened_and_sent_again(desk, order):
    receipt = receipt_of(order)
    page = desk.get(f"/staff/documents/{receipt.pk}/").content.decode()
    assert "R-00001" in page
    assert "£260.00" in page

    for _ in range(2):
        desk.post(f"/staff/documents/{receipt.pk}/mail/")

    assert Message.objects.get(kind="receipt").to_email == "ana@example.org"


def test_the_file_counts_credit_notes_the_other_way(bookkeeper, order):
    issue_credit_note(request=refund_of(order, 5200), at=LATER)
    text = bookkeeper.get("/staff/documents.csv").content.decode()

    assert "-52.00" in text
    assert "260.00" in text


def test_the_list_costs_the_same_with_more(desk, ana):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get("/staff/documents/")
        return len(queries)

    make_lot(ana)
    cost()  # the first look warms what is kept between requests
    before = cost()
    for _ in range(4):
        make_lot()
    assert cost() == before


def test_a_runner_sees_her_receipt_and_what_came_back(order, ana):
    note = issue_credit_note(request=refund_of(order, 5200), at=LATER)
    her = signed_in(ana)

    receipt = her.get(order.get_absolute_url()).content.decode()
    assert note.get_absolute_url() in receipt
    assert "credit note C-00001" in receipt
    page = her.get(note.get_absolute_url()).content.decode()
    assert "Corrects R-00001" in page
    listed = her.get("/account/orders/").content.decode()
    assert "R-00001" in listed
    assert note.get_absolute_url() in listed


def test_nobody_else_sees_it(order):
    note = issue_credit_note(request=refund_of(order, 5200), at=LATER)
    other = signed_in(make_runner())

    assert other.get(note.get_absolute_url()).status_code == 404
    assert other.get(f"/api/v1/orders/{order.public_id}/documents/").status_code == 404
    assert other.get("/api/v1/staff/documents/").status_code == 404
    assert other.get("/staff/documents/").status_code == 403


def test_the_api_shows_a_runner_hers_and_the_desk_all(order, ana, desk):
    issue_credit_note(request=refund_of(order, 5200), at=LATER)

    hers = signed_in(ana).get(f"/api/v1/orders/{order.public_id}/documents/").json()
    assert [(one["kind"], one["number"], one["total_minor"]) for one in hers] == [
        ("receipt", "R-00001", 26000),
        ("credit_note", "C-00001", 5200),
    ]
    listed = desk.get("/api/v1/staff/documents/?limit=1").json()
    assert [one["number"] for one in listed] == ["C-00001"]
    older = desk.get(f"/api/v1/staff/documents/?before={listed[0]['id']}").json()
    assert [one["number"] for one in older] == ["R-00001"]
    pk = Document.objects.get(kind="receipt").pk
    assert desk.get(f"/api/v1/staff/documents/{pk}/").json()["order"] == order.number
    sent = desk.post(f"/api/v1/staff/documents/{pk}/mail/")
    assert sent.json() == {"to": "ana@example.org"}
