"""Money taken at the desk: the same order, lots and books, once, and never beside Stripe."""

import uuid
from dataclasses import replace

import pytest

from payments import stripe_gateway as gateway
from payments.balances import balance_of
from payments.chart import Role
from payments.desk_selling import (
    CheckoutStillOpen,
    NotADeskMethod,
    TooLittleCash,
    change_due,
    sell_at_desk,
    take_payment,
)
from payments.documents import receipt_of
from payments.invariants import breaches
from payments.models import CreditLot, Mismatch, Order, Package, PaymentAttempt
from payments.receipts import on_paper
from payments.sandbox.control_client import SandboxRefused
from payments.selling import AlreadyPaid, NotForSale, end_checkout, fulfil
from tests.builders import NOON, make_order, make_package, make_runner, make_staff

pytestmark = pytest.mark.django_db
Method = PaymentAttempt.Method


def sell(**values) -> Order:
    return sell_at_desk(
        **{
            "buyer": values.get("buyer") or make_runner(),
            "package": values.get("package") or make_package(),
            "method": "cash",
            "by": values.get("by") or make_staff(),
            "at": NOON,
            "key": uuid.uuid4(),
        }
        | values
    )


@pytest.mark.parametrize(
    ("method", "account", "words"),
    [
        ("cash", Role.CASH_DRAWER, "Paid by cash (A 17)."),
        ("terminal", Role.TERMINAL_CLEARING, "Paid by card at the desk (A 17)."),
        ("transfer", Role.BANK, "Paid by bank transfer (A 17)."),
    ],
)
def test_a_sale_at_the_desk_is_a_sale(method, account, words):
    runner, staff = make_runner(), make_staff()

    order = sell(buyer=runner, by=staff, method=method, reference=" A 17 ")

    attempt = order.attempts.get()
    assert order.is_paid
    assert (attempt.status, attempt.recorded_by, attempt.reference) == ("paid", staff, "A 17")
    assert CreditLot.objects.of(runner).get().units == 5
    assert balance_of(account, currency="GBP") == 26000
    assert on_paper(receipt_of(order)).settled == words
    assert breaches() == []


def test_a_double_click_sells_once():
    once = {"buyer": make_runner(), "package": make_package(), "key": uuid.uuid4()}

    assert sell(**once) == sell(**once)
    assert Order.objects.count() == CreditLot.objects.count() == 1


def test_the_next_sale_of_the_same_is_another_one():
    again = {"buyer": make_runner(), "package": make_package()}

    assert sell(**again) != sell(**again)
    assert CreditLot.objects.count() == 2


def test_hidden_packages_are_sold_at_the_desk_only():
    hidden = make_package(visibility=Package.Visibility.HIDDEN)

    assert sell(package=hidden).is_paid
    with pytest.raises(NotForSale):
        make_order(package=hidden)


@pytest.mark.parametrize(
    ("values", "refused"),
    [
        ({"method": "card"}, NotADeskMethod),
        ({"method": "none"}, NotADeskMethod),
        ({"method": ""}, NotADeskMethod),
        ({"tendered_minor": 25999}, TooLittleCash),
    ],
)
def test_a_refusal_writes_nothing(values, refused):
    with pytest.raises(refused):
        sell(**values)

    assert not Order.objects.exists()


def test_a_package_off_sale_is_not_sold():
    with pytest.raises(NotForSale):
        sell(package=make_package(is_active=False))


@pytest.mark.parametrize(("tendered", "change"), [(None, 0), (26000, 0), (30000, 4000)])
def test_the_change_is_worked_out(tendered, change):
    assert sell(tendered_minor=tendered).is_paid
    assert change_due(total_minor=26000, tendered_minor=tendered) == change


def test_an_open_checkout_ends_before_cash_is_taken(shop):
    order = shop.order()
    attempt = shop.checkout(order)

    paid = take_payment(order=order, method="cash", by=make_staff(), at=shop.at, key=uuid.uuid4())

    assert paid.is_paid
    with pytest.raises(SandboxRefused, match="expired"):
        shop.sandbox.pay(attempt.stripe_session_id)
    attempt.refresh_from_db()
    assert attempt.status == PaymentAttempt.Status.EXPIRED
    shop.handle_all()  # Stripe tells that the session expired, after the fact
    order.refresh_from_db()
    assert order.is_paid
    assert not Mismatch.objects.exists()
    assert breaches() == []


def test_paid_online_already_it_is_not_paid_again(shop):
    """She has paid in her browser, and the portal does not know it yet."""
    attempt = shop.paid_checkout()
    order = attempt.order

    with pytest.raises(AlreadyPaid):
        take_payment(order=order, method="cash", by=make_staff(), at=shop.at, key=uuid.uuid4())

    order.refresh_from_db()
    assert order.is_paid
    assert [one.method for one in order.attempts.all()] == [Method.CARD]
    assert CreditLot.objects.count() == 1
    assert not Mismatch.objects.exists()


def test_nothing_is_taken_while_stripe_is_silent(shop):
    order = shop.order()
    attempt = shop.checkout(order)
    shop.sandbox.fault(kind="500_before", path="/v1/checkout", count=1)

    with pytest.raises(CheckoutStillOpen, match="Take no money yet"):
        take_payment(order=order, method="cash", by=make_staff(), at=shop.at, key=uuid.uuid4())

    attempt.refresh_from_db()
    assert attempt.status == PaymentAttempt.Status.OPEN
    assert not CreditLot.objects.exists()


def test_the_news_of_the_ended_session_may_come_first(shop):
    """The webhook gives the order up between our call and our write; the money is still welcome."""
    order = shop.order()
    attempt = shop.checkout(order)
    end_checkout(order=order, at=shop.at)
    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED

    take_payment(order=order, method="terminal", by=make_staff(), at=shop.at, key=uuid.uuid4())
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    order.refresh_from_db()
    assert order.is_paid
    assert not Mismatch.objects.exists()


def test_an_order_waiting_for_the_bank_takes_no_second_payment(shop, monkeypatch):
    """A direct debit is complete at once and paid days later."""
    order = shop.order()
    attempt = shop.checkout(order)
    session = gateway.retrieve_session(attempt.stripe_session_id)
    debit = replace(session, status="complete", payment_intent_status="processing")
    monkeypatch.setattr(gateway, "retrieve_session", lambda _: debit)
    monkeypatch.setattr(gateway, "expire_session", refuse)

    with pytest.raises(AlreadyPaid, match="on its way"):
        take_payment(order=order, method="cash", by=make_staff(), at=shop.at, key=uuid.uuid4())

    assert not CreditLot.objects.exists()


def refuse(session_id: str):
    raise gateway.GatewayRefused(gateway.stripe.InvalidRequestError("It is complete.", None))
