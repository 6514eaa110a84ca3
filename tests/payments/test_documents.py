"""Receipts and credit notes: gapless, frozen, one for each cause, by mail once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from accounts import outbox
from accounts.models import Message
from payments.documents import (
    DocumentError,
    issue_credit_note,
    issue_missing,
    issue_receipt,
    receipt_of,
    refund_came_back,
    refund_was_settled,
    selling_entity,
    send_again,
)
from payments.models import Document, LegalEntity, Order, RefundPart, RefundRequest
from payments.receipts import on_paper
from payments.selling import fulfil
from tests.builders import NOON, make_lot, make_order, make_package, make_runner, make_staff
from tests.builders import pay_at_the_desk as pay

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)


def paid_order(**values) -> Order:
    return make_lot(**values).order_line.order


def refund_of(order: Order, amount_minor: int, *, units: int = 1, number: int = 1, **values):
    """A refund that was paid back, with the units of the order's lot that it took."""
    lot = order.lines.get().lot
    request = RefundRequest.objects.create(
        order=order,
        attempt=order.attempts.get(status="paid"),
        number=number,
        amount_minor=amount_minor,
        currency=order.currency,
        requested_by=make_staff(),
        requested_at=LATER,
        idempotency_key=f"refund:{order.pk}:{number}",
        **{"method": "cash", "status": "succeeded", "settled_at": LATER} | values,
    )
    value, tax = lot.value_minor // lot.units, lot.tax_minor // lot.units
    RefundPart.objects.create(
        request=request, lot=lot, units=units, value_minor=value * units, tax_minor=tax * units
    )
    return request


def test_each_paid_order_has_the_next_number():
    orders = [paid_order() for _ in range(3)]

    assert [receipt_of(order).label for order in orders] == ["R-00001", "R-00002", "R-00003"]


def test_an_order_is_documented_once_however_often_asked():
    order = make_order()
    pay(order)

    again = [issue_receipt(order=order, at=LATER) for _ in range(5)]

    assert {document.pk for document in again} == {receipt_of(order).pk}
    assert Message.objects.filter(kind="receipt").count() == 1


def test_there_is_no_receipt_before_the_payment():
    with pytest.raises(DocumentError):
        issue_receipt(order=make_order(), at=NOON)


def test_a_sale_that_is_undone_takes_its_number_with_it():
    """Numbers have no gap, also when what they were for was rolled back."""
    order = make_order()
    with transaction.atomic():
        pay(order)
        transaction.set_rollback(True)

    assert receipt_of(paid_order()).number == 1


def test_it_says_who_what_and_how_with_the_tax_by_rate():
    LegalEntity.objects.create(
        code="ltd", name="Runners Ltd", tax_number="GB 123", address="1 Track", is_default=True
    )
    order = paid_order(
        owner=make_runner("ana@example.org"), price_minor=24000, tax_rate_bp=2000, name="Five"
    )

    paper = on_paper(receipt_of(order))

    assert (paper.seller_name, paper.buyer_name) == ("Runners Ltd", "Ana Ortiz")
    assert paper.seller_lines == ("1 Track", "VAT number GB 123")
    assert [(line.what, line.amount_minor) for line in paper.lines] == [("Five", 24000)]
    assert paper.tax_lines == ("Includes £40.00 VAT at 20% on £200.00.",)
    assert paper.settled == "Paid by cash."
    assert paper.order == order.number


def test_later_names_and_prefixes_change_nothing_on_it():
    order = paid_order()
    before = on_paper(receipt_of(order))

    LegalEntity.objects.update(name="New name", receipt_prefix="X-", tax_number="new")
    order.buyer.name = "Somebody Else"
    order.buyer.save()
    order.lines.get().package.name = "Renamed"
    order.lines.get().package.save()

    assert on_paper(receipt_of(order)) == before
    assert receipt_of(order).label == "R-00001"


@pytest.mark.parametrize("change", [{"total_minor": 1}, {"content": {}}, {"number": 7}])
def test_the_database_refuses_to_change_one(change):
    receipt = receipt_of(paid_order())

    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=receipt.pk).update(**change)


def test_the_database_refuses_a_gap():
    first = receipt_of(paid_order())
    order = make_order()

    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.create(
            entity=first.entity,
            kind="receipt",
            number=3,
            order=order,
            total_minor=0,
            tax_minor=0,
            content={},
            issued_at=NOON,
        )


def test_an_order_for_nothing_has_a_receipt_too():
    order = make_order(package=make_package(price_minor=0))
    pay(order)

    paper = on_paper(receipt_of(order))

    assert paper.total_minor == 0
    assert paper.settled == "There was nothing to pay."


def test_the_seller_of_the_order_has_numbers_of_its_own():
    paid_order()
    other = LegalEntity.objects.create(code="other", name="Other Ltd", receipt_prefix="O-")
    order = make_order()
    Order.objects.filter(pk=order.pk).update(sold_by=other)
    order.refresh_from_db()
    pay(order)

    assert receipt_of(order).label == "O-00001"


def test_the_first_seller_comes_from_the_settings(settings):
    entity = selling_entity()

    assert entity.name == settings.PRACTICE["name"]
    assert "3 Harbour Yard" in entity.address
    assert selling_entity() == entity


def test_a_refund_has_a_credit_note_that_names_the_receipt():
    order = paid_order(price_minor=24000, tax_rate_bp=2000)
    request = refund_of(order, 4800)

    refund_was_settled(request=request, at=LATER)
    again = issue_credit_note(request=request, at=LATER)

    paper = on_paper(again)
    assert (paper.number, paper.corrects, paper.total_minor) == ("C-00001", "R-00001", 4800)
    assert paper.tax_lines == ("Includes £8.00 VAT at 20% on £40.00.",)
    assert paper.settled == "Paid back by cash."
    assert Document.objects.credit_notes().count() == 1
    assert Message.objects.filter(kind="credit_note").count() == 1


def test_what_the_terms_keep_is_a_line_of_its_own():
    order = paid_order(price_minor=26000)

    paper = on_paper(issue_credit_note(request=refund_of(order, 4000), at=LATER))

    assert [line.amount_minor for line in paper.lines] == [5200, -1200]
    assert paper.total_minor == 4000


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_failed_has_none(status):
    request = refund_of(paid_order(), 5200, status=status)

    refund_was_settled(request=request, at=LATER)

    assert not Document.objects.credit_notes().exists()
    with pytest.raises(DocumentError):
        issue_credit_note(request=request, at=LATER)


def test_money_that_comes_back_to_us_takes_the_credit_note_back():
    order = paid_order(price_minor=24000, tax_rate_bp=2000)
    request = refund_of(order, 4800)
    note = issue_credit_note(request=request, at=LATER)

    for _ in range(2):
        refund_came_back(request=request, at=LATER)

    again = Document.objects.credit_notes().get(number=2)
    assert (again.corrects, again.total_minor, again.tax_minor) == (note, -4800, -800)
    assert on_paper(again).settled == "The money did not arrive and is with us again."
    assert Document.objects.credit_notes().count() == 2


def test_the_job_documents_what_was_paid_before_there_were_documents(monkeypatch):
    monkeypatch.setattr("payments.selling.issue_receipt", lambda **_: None)
    old = [paid_order(at=NOON + timedelta(days=day)) for day in (2, 1)]
    refund_of(old[0], 5200)

    assert issue_missing(at=LATER) == 3
    assert issue_missing(at=LATER) == 0
    assert [receipt_of(order).number for order in old] == [2, 1]
    assert not Message.objects.filter(kind__in=["receipt", "credit_note"]).exists()


def test_the_mail_brings_it_once_also_when_paid_through_five_doors(shop):
    attempt = shop.paid_checkout()
    for _ in range(5):
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    for _ in range(2):
        outbox.send_due(at=shop.at)

    [sent] = [one for one in mail.outbox if one.subject.startswith("Receipt")]
    assert sent.subject == "Receipt R-00001"
    assert sent.to == [attempt.order.buyer.email]
    for form in (sent.body, sent.alternatives[0][0]):
        assert "£260.00" in form
        assert "Paid by card." in form
        assert attempt.order.get_absolute_url() in form


def test_staff_send_it_again_once_a_minute():
    receipt, staff = receipt_of(paid_order()), make_staff()
    for seconds in (0, 10, 70):
        send_again(document=receipt, by=staff, at=LATER + timedelta(seconds=seconds))

    assert Message.objects.filter(kind="receipt", about=str(receipt.pk)).count() == 2
