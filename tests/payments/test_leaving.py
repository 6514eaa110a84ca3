"""What sales take away when a person is erased, and what the database lets them (G6)."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.erasing import GRACE, ask_for_erasure, erase_due, open_request
from payments import stripe_gateway
from payments.leaving import forget_at_stripe, take_buyer_off, without_people
from payments.models import CreditLot, Document, Gift, StripeEvent
from tests.builders import NOON, make_lot, make_order, make_runner, pay_at_the_desk

LATER = NOON + GRACE


@pytest.fixture
def ana(db):
    runner = make_runner("ana@example.org", "Ana Ortiz")
    make_lot(runner, units=1)
    return runner


def event(person, customer="cus_41"):
    return StripeEvent.objects.create(
        pk="evt_1",
        type="checkout.session.completed",
        payload={"data": {"object": {"id": "cs_1", "customer": customer, "x": person.email}}},
        received_at=NOON,
        status="done",
    )


# the papers --------------------------------------------------------------------------------
def test_of_a_paper_the_buyer_can_be_taken_away(ana):
    paper = Document.objects.get()
    said = paper.content

    take_buyer_off(paper, name=False)
    assert Document.objects.get().content["buyer"] == {"name": "Ana Ortiz", "email": ""}
    take_buyer_off(Document.objects.get(), name=True)
    take_buyer_off(Document.objects.get(), name=True)

    assert Document.objects.get().content == said | {"buyer": {"name": "", "email": ""}}


@pytest.mark.parametrize(
    "change",
    [
        {"content": {"buyer": {"name": "Bo", "email": ""}}},
        {"content": {"buyer": {"name": "", "email": "bo@example.org"}}},
        {"content": {"buyer": {}}},
        {"content": {"total_minor": 1}},
        {"content": {"order": ""}},
        {"total_minor": 1},
        {"number": 7},
        {"issued_at": NOON + timedelta(days=1)},
    ],
)
def test_nothing_else_of_a_paper_changes(ana, change):
    paper = Document.objects.get()
    new = {
        name: paper.content | value if name == "content" else value
        for name, value in change.items()
    }

    with pytest.raises(IntegrityError, match="append_only"), transaction.atomic():
        Document.objects.filter(pk=paper.pk).update(**new)
    with (
        pytest.raises(IntegrityError, match="append_only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM payments_document")

    assert Document.objects.get().content == paper.content


# gifts -------------------------------------------------------------------------------------
def test_a_gift_she_took_is_emptied_though_her_address_changed(ana):
    order = make_order(at=NOON)
    gift = Gift.objects.create(
        order=order, from_name="Bo", to_name="Ana", to_email="ana@old.example", message="Run!"
    )
    pay_at_the_desk(order, at=NOON)
    Gift.objects.filter(pk=gift.pk).update(
        claimed_by=ana, claimed_at=NOON, claimed_lot=CreditLot.objects.get(owner=ana)
    )

    ask_for_erasure(person=ana, by=ana, at=NOON, gives_up_credits=True)
    assert erase_due(at=LATER) == 1

    gift.refresh_from_db()
    assert (gift.to_name, gift.message, gift.from_name) == ("", "", "Bo")
    assert gift.to_email.endswith("erased.invalid")
    assert gift.claimed_by == ana


# Stripe ------------------------------------------------------------------------------------
def test_what_stripe_said_loses_whom_it_is_about():
    said = {
        "id": "ch_1",
        "amount": 5800,
        "billing_details": {"name": "Ana Ortiz"},
        "items": [{"receipt_email": "x", "note": "for ANA@example.org"}, 3, None],
    }

    assert without_people(said, ["ana@example.org"]) == {
        "id": "ch_1",
        "amount": 5800,
        "billing_details": None,
        "items": [{"receipt_email": None, "note": ""}, 3, None],
    }


def test_a_customer_at_stripe_is_forgotten_first_and_tried_again(ana, monkeypatch):
    event(ana)
    asked = []

    def down(customer):
        asked.append(customer)
        raise stripe_gateway.GatewayDown

    monkeypatch.setattr(stripe_gateway, "delete_customer", down)
    ask_for_erasure(person=ana, by=ana, at=NOON, gives_up_credits=True)
    with pytest.raises(ExceptionGroup):
        erase_due(at=LATER)
    assert open_request(ana) is not None

    monkeypatch.setattr(stripe_gateway, "delete_customer", asked.append)
    assert erase_due(at=LATER) == 1

    assert asked == ["cus_41", "cus_41"]
    assert "ana@example.org" not in json.dumps(StripeEvent.objects.get().payload)


def test_the_customer_is_gone_at_the_local_stripe(ana, shop):
    customers = stripe_gateway._client().v1.customers
    event(ana, customer=customers.create({"email": ana.email, "name": ana.name}).id)

    forget_at_stripe(ana, NOON)
    forget_at_stripe(ana, NOON)  # gone already is as good

    assert customers.list().data == []
