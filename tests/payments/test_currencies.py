"""Currencies without, with two and with three decimals, and amounts that are odd or nothing."""

import pytest
from django.core.exceptions import ValidationError

from payments.invariants import breaches
from payments.models import CreditLot, Mismatch, Order, PaymentAttempt, PromotionCode
from payments.money import can_be_charged, charge_step, major
from payments.selling import AlreadyPaid, NotForSale, TooLittle, fulfil
from portal.templatetags.portal_ui import money
from tests.builders import make_order, make_package, make_runner, make_variant


@pytest.mark.parametrize(
    ("minor", "currency", "written", "shown"),
    [
        (5180, "GBP", "51.80", "£51.80"),
        (5180, "JPY", "5180", "JP¥5,180"),
        (5180, "KWD", "5.180", "KWD5.180"),
        (518000, "ISK", "5180.00", "ISK5,180"),
        (518000, "UGX", "5180.00", "UGX5,180"),
        (51800, "HUF", "518.00", "HUF518.00"),
        (51800, "TWD", "518.00", "NT$518.00"),
    ],
)
def test_an_amount_is_the_number_stripe_counts_and_written_as_people_do(
    minor, currency, written, shown
):
    assert str(major(minor, currency)) == written
    assert money(minor, currency) == shown


@pytest.mark.parametrize(
    ("currency", "step", "good", "bad"),
    [("KWD", 10, 12340, 12345), ("ISK", 100, 518000, 518050), ("UGX", 100, 100, 1)],
)
def test_what_a_card_cannot_be_charged_is_not_sold(db, currency, step, good, bad):
    assert charge_step(currency) == step
    assert can_be_charged(good, currency)
    package = make_package(price_minor=bad, currency=currency)
    with pytest.raises(NotForSale):
        make_order(package=package)
    with pytest.raises(ValidationError):
        package.clean()


@pytest.mark.parametrize(
    ("currency", "price", "values"),
    [
        ("JPY", 10000, [3334, 3333, 3333]),
        ("KWD", 100000, [33334, 33333, 33333]),
        ("ISK", 1000000, [333334, 333333, 333333]),
        ("GBP", 10000, [3334, 3333, 3333]),
    ],
)
def test_three_sessions_for_a_hundred_are_bought_paid_and_add_up(shop, currency, price, values):
    variant = make_variant(f"in-{currency.lower()}", currency=currency)
    package = make_package(units=3, price_minor=price, currency=currency, variants=[variant])
    order = shop.order(package=package)
    attempt = shop.paid_checkout(order)

    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    lot = CreditLot.objects.get()
    session = shop.sandbox.events("checkout.session.completed")[0]["data"]["object"]
    assert (session["amount_total"], session["currency"]) == (price, currency.lower())
    assert (lot.unit_values, lot.currency) == (values, currency)
    assert not Mismatch.objects.exists()
    assert breaches() == []


def test_a_share_off_leaves_what_a_card_can_be_charged(db):
    PromotionCode.objects.create(code="THIRD", share_bp=3333)
    variant = make_variant("in-kwd", currency="KWD")
    package = make_package(price_minor=10000, currency="KWD", variants=[variant])
    order = make_order(package=package, code="THIRD")

    assert order.total_minor == 6660  # 6.667 dinars, down to what can be charged
    assert order.discount_minor == 3340


def test_too_little_for_a_card_is_said_and_takes_nothing(shop):
    order = shop.order(package=make_package(price_minor=10))
    with pytest.raises(TooLittle, match="too little to pay by card"):
        shop.checkout(order)
    assert PaymentAttempt.objects.get().status == "failed"


def test_an_order_keeps_its_terms_while_its_session_is_open(shop):
    package = make_package(units=5, price_minor=26000)
    order = shop.order(package=package)
    attempt = shop.checkout(order)
    package.price_minor, package.units, package.is_active = 99900, 1, False
    package.save()
    shop.sandbox.pay(attempt.stripe_session_id)

    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    lot = CreditLot.objects.get()
    assert (lot.units, lot.value_minor) == (5, 26000)
    assert not Mismatch.objects.exists()


def test_two_tabs_share_one_session_and_pay_once(shop):
    buyer, package = make_runner(), make_package()
    one, other = shop.order(buyer, package), shop.order(buyer, package)
    first = shop.paid_checkout(one)
    second = shop.checkout(other)
    assert second == first  # the other tab shows the same page
    fulfil(session_id=first.stripe_session_id, at=shop.at)

    with pytest.raises(AlreadyPaid):
        shop.checkout(other)
    assert CreditLot.objects.count() == 1


def test_a_second_payment_of_one_order_is_kept_apart_for_staff(shop):
    order = shop.order()
    first = shop.paid_checkout(order)
    fulfil(session_id=first.stripe_session_id, at=shop.at)
    # Another tab had a session of its own, from before ours was known.
    PaymentAttempt.objects.filter(pk=first.pk).update(status="failed", paid_at=None)
    Order.objects.filter(pk=order.pk).update(status="open", paid_at=None)
    second = shop.paid_checkout(order)
    Order.objects.filter(pk=order.pk).update(status="paid", paid_at=shop.at)

    fulfil(session_id=second.stripe_session_id, at=shop.at)

    second.refresh_from_db()
    found = Mismatch.objects.get(code="M05")
    assert second.status == "surplus"
    assert (found.amount_minor, found.currency) == (26000, "GBP")
    assert CreditLot.objects.count() == 1
