"""Promotion codes: what they take off, for whom, how often, and when they are free again."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from payments.invariants import breaches
from payments.models import CreditLot, JournalEntry, PaymentAttempt, PromotionCode, PromotionUse
from payments.selling import OrderClosed, end_checkout, end_forgotten, fulfil, place_order
from payments.selling_errors import (
    CodeEnded,
    CodeForOthers,
    CodeNotYet,
    CodeUsedByYou,
    CodeUsedUp,
    UnknownCode,
)
from tests.builders import NOON, make_order, make_package, make_runner, pay_at_the_desk


def make_code(code="SPRING", **values) -> PromotionCode:
    if "amount_minor" not in values:
        values.setdefault("share_bp", 1000)
    return PromotionCode.objects.create(code=code, **values)


@pytest.mark.parametrize(
    ("values", "price", "off"),
    [
        ({"share_bp": 1000}, 26000, 2600),
        ({"share_bp": 1000}, 26005, 2601),  # half up: 2600.5
        ({"share_bp": 3333}, 10000, 3333),
        ({"amount_minor": 500}, 26000, 500),
        ({"amount_minor": 99900}, 26000, 26000),
        ({"share_bp": 10000}, 26000, 26000),
    ],
)
def test_what_a_code_takes_off(db, values, price, off):
    make_code(**values)
    order = make_order(package=make_package(price_minor=price, tax_rate_bp=2000), code=" spring ")

    line = order.lines.get()
    assert (order.total_minor, order.discount_minor) == (price - off, off)
    assert (line.list_price_minor, line.discount_minor, line.price_minor) == (
        price,
        off,
        price - off,
    )
    assert line.tax_minor == round((price - off) / 6)
    assert order.promotion.code == "SPRING"


def test_the_cents_of_a_reduced_package_add_up_over_its_sessions(db):
    make_code(share_bp=1234)
    [lot] = pay_at_the_desk(
        make_order(package=make_package(units=3, price_minor=10000), code="SPRING")
    )

    assert lot.unit_values == [2922, 2922, 2922]
    assert lot.value_minor == 8766
    assert breaches() == []


@pytest.mark.parametrize(
    ("values", "refusal", "words"),
    [
        ({"is_active": False}, UnknownCode, "do not know"),
        ({"valid_from": NOON + timedelta(days=1)}, CodeNotYet, "from 11 March 2026"),
        ({"valid_until": NOON}, CodeEnded, "ended on 10 March 2026"),
        ({"most_uses": 0}, CodeUsedUp, "as often as it can be"),
        ({"most_per_person": 0}, CodeUsedByYou, "already"),
        ({"amount_minor": 500, "currency": "EUR"}, CodeForOthers, "not for this package"),
    ],
)
def test_each_refusal_says_why_and_orders_nothing(db, values, refusal, words):
    make_code(**values)
    buyer = make_runner()
    with pytest.raises(refusal, match=words):
        make_order(buyer, code="SPRING")
    assert not buyer.orders.exists()


def test_a_word_nobody_gave_out_is_no_code(db):
    with pytest.raises(UnknownCode):
        make_order(code="NOPE")


def test_a_code_for_some_packages_is_for_those(db):
    chosen, other = make_package(), make_package()
    make_code().packages.set([chosen])

    assert make_order(package=chosen, code="spring").discount_minor
    with pytest.raises(CodeForOthers):
        make_order(package=other, code="spring")


def test_one_use_is_for_one_person(db):
    make_code(most_uses=1)
    make_order(code="SPRING")
    with pytest.raises(CodeUsedUp):
        make_order(code="SPRING")


def test_each_person_may_use_it_once(db):
    make_code()
    buyer = make_runner()
    pay_at_the_desk(make_order(buyer, code="SPRING"))
    with pytest.raises(CodeUsedByYou):
        make_order(buyer, code="SPRING")
    assert make_order(code="SPRING").discount_minor


def test_an_order_given_up_frees_its_use(db):
    make_code(most_uses=1)
    order = make_order(code="SPRING")

    end_checkout(order=order, at=NOON)

    assert not PromotionUse.objects.exists()
    assert make_order(code="SPRING").discount_minor


def test_an_order_nobody_goes_on_to_pay_frees_its_use_in_time(shop):
    make_code(most_uses=2)
    forgotten = shop.order(code="SPRING")
    being_paid = shop.order(code="SPRING")
    shop.checkout(being_paid)

    assert end_forgotten(at=shop.at + timedelta(minutes=59)) == 0
    assert end_forgotten(at=shop.at + timedelta(minutes=61)) == 1

    forgotten.refresh_from_db()
    assert forgotten.status == "cancelled"
    assert PromotionUse.objects.get().order == being_paid


def test_a_double_click_with_a_code_is_one_order_and_one_use(db):
    make_code()
    buyer, package = make_runner(), make_package()
    orders = {place_order(buyer=buyer, package=package, at=NOON, code="SPRING") for _ in range(3)}
    without = place_order(buyer=buyer, package=package, at=NOON)

    assert len(orders) == 1
    assert without not in orders
    assert PromotionUse.objects.count() == 1


def test_the_second_basket_with_a_code_closes_the_first_before_it_opens(shop):
    make_code()
    buyer = make_runner()
    first = shop.order(buyer, code="SPRING")
    left_open = shop.checkout(first)
    second = shop.order(buyer, make_package(units=10, price_minor=50000), code="SPRING")

    shop.checkout(second)

    first.refresh_from_db()
    left_open.refresh_from_db()
    assert (first.status, left_open.status) == ("cancelled", "expired")
    assert list(PromotionUse.objects.values_list("order", flat=True)) == [second.pk]
    with pytest.raises(OrderClosed):
        shop.checkout(first)


def test_nothing_to_pay_asks_nobody_and_grants_at_once(shop):
    make_code(share_bp=10000)
    order = shop.order(code="SPRING")

    attempt = shop.checkout(order)
    again = shop.checkout(order)

    order.refresh_from_db()
    [lot] = CreditLot.objects.all()
    assert again == attempt
    assert (attempt.method, attempt.status, attempt.amount_minor) == ("none", "paid", 0)
    assert attempt.url == "https://portal.example/return/"
    assert order.is_paid
    assert lot.unit_values == [0, 0, 0, 0, 0]
    assert not JournalEntry.objects.exists()
    assert not [call for call in shop.sandbox.log() if call["path"].startswith("/v1/checkout")]
    assert breaches() == []


def test_a_package_that_costs_nothing_is_settled_the_same_way(shop):
    shop.checkout(shop.order(package=make_package(units=1, price_minor=0)))

    assert PaymentAttempt.objects.get().method == "none"
    assert CreditLot.objects.get().units == 1
    assert breaches() == []


def test_money_that_comes_late_counts_the_use_again(shop):
    make_code(most_uses=1)
    order = shop.order(code="SPRING")
    attempt = shop.paid_checkout(order)
    type(order).objects.filter(pk=order.pk).update(status="cancelled")
    PromotionUse.objects.all().delete()

    fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert PromotionUse.objects.get().order == order


def test_a_code_is_kept_in_capitals_and_takes_one_thing_off(db):
    code = PromotionCode(code=" win ter", share_bp=500)
    code.clean()
    assert code.code == "WINTER"
    with pytest.raises(ValidationError):
        PromotionCode(code="X", share_bp=500, amount_minor=5).clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_code("BOTH", share_bp=500, amount_minor=5)
