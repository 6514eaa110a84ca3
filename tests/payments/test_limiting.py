"""How often one person may buy, also with two tabs and money that comes late."""

import pytest
from allauth.account.models import EmailAddress

from payments.models import IntroductoryPurchase, Mismatch, Order
from payments.selling import fulfil
from payments.selling_errors import IntroductoryUsed, LimitReached, NotForSale, NotVerified
from tests.builders import make_order, make_package, make_runner, pay_at_the_desk


def proved_runner():
    runner = make_runner()
    EmailAddress.objects.create(user=runner, email=runner.email, verified=True, primary=True)
    return runner


def test_a_package_with_a_limit_is_refused_once_it_is_reached(db):
    buyer, package = make_runner(), make_package(most_per_person=2)
    for _ in range(2):
        pay_at_the_desk(make_order(buyer, package))

    with pytest.raises(LimitReached, match="2 times"):
        make_order(buyer, package)
    assert make_order(package=package).pk
    assert make_order(buyer, make_package()).pk


def test_of_two_tabs_only_one_can_pay(shop):
    buyer, package = make_runner(), make_package(most_per_person=1)
    first = shop.order(buyer, package)
    old = shop.checkout(first)
    package.price_minor += 1000  # so that the second tab is another order
    package.save()
    second = shop.order(buyer, package)

    shop.paid_checkout(second)

    old.refresh_from_db()
    assert old.status == "expired"


def test_a_tab_that_was_paid_meanwhile_ends_the_other(shop):
    buyer, package = make_runner(), make_package(most_per_person=1)
    attempt = shop.paid_checkout(shop.order(buyer, package))
    package.price_minor += 1000
    package.save()
    second = shop.order(buyer, package)

    with pytest.raises(LimitReached):
        shop.checkout(second)

    second.refresh_from_db()
    attempt.refresh_from_db()
    assert (second.status, attempt.status) == ("cancelled", "paid")


def test_an_introductory_offer_is_once_for_each_person_among_all_of_them(db):
    buyer = proved_runner()
    order = make_order(buyer, make_package(is_introductory=True))
    pay_at_the_desk(order)

    assert IntroductoryPurchase.objects.get(person=buyer).order == order
    with pytest.raises(IntroductoryUsed, match="once for each person"):
        make_order(buyer, make_package(is_introductory=True))
    assert make_order(buyer, make_package()).pk


def test_an_introductory_offer_wants_a_proved_address_or_the_desk(db):
    buyer, package = make_runner(), make_package(is_introductory=True)
    with pytest.raises(NotVerified):
        make_order(buyer, package)
    assert make_order(buyer, package, at_desk=True).pk


def test_two_introductory_offers_in_two_tabs_leave_one_open(shop):
    buyer = proved_runner()
    first = shop.order(buyer, make_package(is_introductory=True))
    old = shop.checkout(first)
    second = shop.order(buyer, make_package(is_introductory=True))

    shop.paid_checkout(second)

    old.refresh_from_db()
    assert old.status == "expired"


def test_a_second_one_paid_all_the_same_keeps_its_credits_and_is_told_to_staff(shop):
    buyer = proved_runner()
    first = shop.order(buyer, make_package(is_introductory=True))
    attempts = [shop.paid_checkout(first)]
    # Given up here, though its card page had taken the money: nobody told us yet.
    Order.objects.filter(pk=first.pk).update(status="cancelled")
    second = shop.order(buyer, make_package(is_introductory=True))
    attempts.append(shop.paid_checkout(second))
    for attempt in attempts:
        fulfil(session_id=attempt.stripe_session_id, at=shop.at)

    assert buyer.credit_lots.count() == 2
    assert IntroductoryPurchase.objects.filter(person=buyer).count() == 1
    found = Mismatch.objects.get(about=f"introductory:{second.number}")
    assert found.order == second
    assert found.amount_minor == second.total_minor


def test_hidden_packages_are_sold_at_the_desk_only(db):
    package = make_package(visibility="hidden")
    with pytest.raises(NotForSale):
        make_order(package=package)
    assert make_order(package=package, at_desk=True).pk
