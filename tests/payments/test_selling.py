"""Orders, the hosted checkout, and credits that come once whatever arrives."""

import uuid
from datetime import timedelta

import pytest

from payments import selling
from payments.models import CreditLot, JournalEntry, Mismatch, Order, PaymentAttempt
from payments.sandbox.control_client import SandboxRefused
from payments.selling import (
    AlreadyPaid,
    NotForSale,
    OrderClosed,
    PaymentsUnavailable,
    end_checkout,
    fulfil,
    place_order,
)
from payments.signals import checkout_ended, order_paid
from payments.wallets import wallet
from tests.builders import NOON, make_order, make_package, make_runner


@pytest.fixture
def heard():
    """What the apps above were told, in order."""
    news: list[str] = []

    def paid(sender, order, lots, at, **kwargs):
        news.append(f"paid {order.number} {len(lots)}")

    def ended(sender, order, at, **kwargs):
        news.append(f"ended {order.number}")

    order_paid.connect(paid)
    checkout_ended.connect(ended)
    yield news
    order_paid.disconnect(paid)
    checkout_ended.disconnect(ended)


def test_an_order_keeps_the_terms_it_was_sold_under(db):
    package = make_package(units=5, price_minor=24000, tax_rate_bp=2000)
    order = make_order(package=package)

    package.price_minor, package.units = 99900, 1
    package.save()
    line = Order.objects.get(pk=order.pk).lines.get()

    assert (line.price_minor, line.tax_minor, line.units) == (24000, 4000, 5)
    assert order.number == f"MFR-{order.pk:06d}"


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"visibility": "hidden"},
        {"on_sale_from": NOON + timedelta(minutes=1)},
        {"on_sale_until": NOON},
    ],
)
def test_what_is_not_on_sale_cannot_be_ordered(db, values):
    with pytest.raises(NotForSale):
        make_order(package=make_package(**values))


def test_a_double_click_is_one_order(db):
    buyer, package = make_runner(), make_package()
    first = place_order(buyer=buyer, package=package, at=NOON)
    again = place_order(buyer=buyer, package=package, at=NOON + timedelta(seconds=1))
    tomorrow = place_order(buyer=buyer, package=package, at=NOON + timedelta(days=1))

    assert again == first
    assert tomorrow != first


def test_the_checkout_is_opened_once_and_knows_nothing_personal(shop):
    order = shop.order()
    first = shop.checkout(order)
    again = shop.checkout(order)

    assert again == first
    assert first.status == PaymentAttempt.Status.OPEN
    assert first.url.startswith(shop.sandbox.url)
    [made] = [entry for entry in shop.sandbox.log() if entry["method"] == "POST"]
    assert made["path"] == "/v1/checkout/sessions"
    assert made["idempotency_key"].startswith(f"checkout:{order.number}:1")


def test_paying_grants_the_credits_and_posts_the_sale(shop, heard):
    order = shop.order()
    attempt = shop.paid_checkout(order)

    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    order.refresh_from_db()
    [lot] = wallet(order.buyer, on=shop.at.date()).lots
    assert (lot.available, lot.units) == (5, 5)
    assert order.is_paid
    assert heard == [f"paid {order.number} 1"]
    assert JournalEntry.objects.get().source == f"sale:{order.pk}"


def test_fulfilling_twice_changes_nothing(shop, heard):
    attempt = shop.paid_checkout()
    for _ in range(3):
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert CreditLot.objects.count() == 1
    assert len(heard) == 1


def test_an_unpaid_session_grants_nothing(shop, heard):
    attempt = shop.checkout(shop.order())

    order = fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert order is not None
    assert not order.is_paid
    assert not CreditLot.objects.exists()
    assert heard == []


def test_a_declined_card_leaves_the_checkout_open_for_another(shop):
    order = shop.order()
    attempt = shop.checkout(order)
    refused = shop.sandbox.pay(attempt.stripe_session_id, card="4000000000000002")
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)
    assert not CreditLot.objects.exists()

    shop.sandbox.pay(attempt.stripe_session_id)
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    order.refresh_from_db()
    assert refused["outcome"] == "declined"
    assert order.is_paid
    assert CreditLot.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_minor": 1}, "M03"),
        ({"currency": "EUR"}, "M03"),
        ({"livemode": True}, "M21"),
    ],
)
def test_a_payment_that_differs_from_the_order_grants_nothing(shop, change, code):
    attempt = shop.paid_checkout()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(**change)

    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert not CreditLot.objects.exists()
    assert Mismatch.objects.get().code == code


def test_a_paid_session_of_nobody_is_shown_to_staff(shop):
    attempt = shop.paid_checkout()
    PaymentAttempt.objects.all().delete()

    assert fulfil(session_id=attempt.stripe_session_id, at=shop.at) is None

    assert Mismatch.objects.get().code == "M01"


def test_a_session_that_does_not_exist_is_nothing(shop):
    assert fulfil(session_id="cs_test_invented", at=shop.at) is None
    assert not Mismatch.objects.exists()


@pytest.mark.parametrize("kind", ["500_before", "reset"])
def test_stripe_down_says_so_and_the_next_try_goes_on_with_the_same_key(shop, kind):
    order = shop.order()
    shop.sandbox.fault(kind=kind, path="/v1/checkout", count=1)
    with pytest.raises(PaymentsUnavailable, match="Nothing was taken"):
        shop.checkout(order)
    assert order.attempts.get().status == PaymentAttempt.Status.CREATED

    attempt = shop.checkout(order)

    assert attempt.number == 1
    assert attempt.status == PaymentAttempt.Status.OPEN


def test_an_answer_lost_after_the_effect_opens_no_second_session(shop):
    order = shop.order()
    shop.sandbox.fault(kind="reset_after", path="/v1/checkout", count=1)
    with pytest.raises(PaymentsUnavailable):
        shop.checkout(order)

    attempt = shop.checkout(order)
    shop.sandbox.pay(attempt.stripe_session_id)
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    order.refresh_from_db()
    assert order.is_paid
    assert order.attempts.count() == 1


def test_an_expired_session_ends_the_order_and_says_so_once(shop, heard):
    order = shop.order()
    attempt = shop.checkout(order)
    shop.sandbox.advance("50m")
    for _ in range(2):
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    order.refresh_from_db()
    assert order.status == Order.Status.CANCELLED
    assert heard == [f"ended {order.number}"]
    with pytest.raises(OrderClosed):
        shop.checkout(order)


def test_giving_up_closes_the_session(shop, heard):
    order = shop.order()
    attempt = shop.checkout(order)

    end_checkout(order=order, at=shop.at)
    end_checkout(order=order, at=shop.at)

    attempt.refresh_from_db()
    assert attempt.status == PaymentAttempt.Status.EXPIRED
    assert order.status == Order.Status.CANCELLED
    assert heard == [f"ended {order.number}"]
    with pytest.raises(SandboxRefused, match="expired"):
        shop.sandbox.pay(attempt.stripe_session_id)


def test_giving_up_what_was_paid_meanwhile_fulfils_it(shop, heard):
    order = shop.order()
    shop.paid_checkout(order)

    end_checkout(order=order, at=shop.at)

    order.refresh_from_db()
    assert order.is_paid
    assert heard == [f"paid {order.number} 1"]


def test_a_second_payment_of_a_paid_order_is_kept_apart(shop):
    order = shop.order()
    attempt = shop.checkout(order)
    fulfil(session_id=shop.paid_checkout(order).stripe_session_id, at=shop.at)
    order.refresh_from_db()
    second = PaymentAttempt.objects.create(
        order=order,
        number=2,
        amount_minor=order.total_minor,
        idempotency_key="checkout:second",
        created_at=shop.at,
    )

    assert selling.settle(order=order, attempt=second, at=shop.at) == []

    assert attempt.order.lines.get().lot.units == 5
    assert CreditLot.objects.count() == 1
    assert Mismatch.objects.get().code == "M05"


def test_a_paid_order_cannot_be_paid_again(shop):
    order = shop.order()
    attempt = shop.paid_checkout(order)
    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    with pytest.raises(AlreadyPaid):
        shop.checkout(order)


def test_another_choice_for_the_same_booking_closes_the_first(shop):
    booking, buyer = uuid.uuid4(), make_runner()
    single = shop.order(buyer, make_package(units=1, price_minor=5800), reserved_for=booking)
    first = shop.checkout(single)
    five = shop.order(buyer, make_package(units=5), reserved_for=booking)

    shop.checkout(five)

    first.refresh_from_db()
    single.refresh_from_db()
    assert first.status == PaymentAttempt.Status.EXPIRED
    assert single.status == Order.Status.CANCELLED
