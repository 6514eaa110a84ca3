"""The pages of buying, as a runner meets them."""

import pytest
from django.urls import reverse

from payments.attributing import signed
from payments.models import CreditLot, Order, PaymentAttempt
from tests.builders import make_package, make_runner


@pytest.fixture
def runner(db):
    return make_runner(email="ana@example.org")


@pytest.fixture
def buying(client, runner):
    client.force_login(runner)
    return client


def test_the_page_of_a_package_says_price_terms_and_what_it_covers(client, db):
    package = make_package("five", units=5, price_minor=26000)
    page = client.get("/packages/five/buy/")

    assert page.status_code == 200
    for words in ("£260.00", "£52.00", "Sports massage, 60 minutes", package.policy.summary):
        assert words in page.content.decode()
    assert "next=%2Fpackages%2Ffive%2Fbuy%2F" in page.content.decode()


def test_a_package_not_on_sale_has_no_page(client, db):
    make_package("old", is_active=False)

    assert client.get("/packages/old/buy/").status_code == 404
    assert client.post("/packages/old/buy/").status_code == 404


def test_buying_signed_out_leads_to_signing_in(client, db):
    make_package("five")
    answer = client.post("/packages/five/buy/")

    assert answer.status_code == 302
    assert "next=/packages/five/buy/" in answer["Location"]
    assert not Order.objects.exists()


def test_buying_leads_to_the_card_page_once(shop_today, runner):
    shop_today.client.force_login(runner)
    make_package("five")
    first = shop_today.client.post("/packages/five/buy/", {"via": signed(41)})
    again = shop_today.client.post("/packages/five/buy/")

    assert first.status_code == 303
    assert first["Location"] == again["Location"]
    assert first["Location"].startswith(shop_today.sandbox.url)
    assert Order.objects.get().article_id == 41


def test_stripe_down_is_said_kindly_and_loses_nothing(shop_today, runner):
    shop_today.client.force_login(runner)
    make_package("five")
    shop_today.sandbox.fault(kind="500_before", path="/v1/checkout", count=1)

    page = shop_today.client.post("/packages/five/buy/")

    assert page.status_code == 503
    assert "Nothing was taken and your time is held" in page.content.decode()
    assert shop_today.client.post("/packages/five/buy/").status_code == 303
    assert Order.objects.count() == 1


def back(attempt, session_id=None):
    address = reverse("payments:order_return", args=[attempt.order.public_id])
    return f"{address}?session_id={session_id or attempt.stripe_session_id}"


def test_coming_back_after_paying_grants_without_a_webhook(shop, runner):
    shop.client.force_login(runner)
    attempt = shop.paid_checkout(shop.order(runner))

    page = shop.client.get(back(attempt), follow=True)

    assert page.redirect_chain == [(attempt.order.get_absolute_url(), 302)]
    assert "5 credits are ready." in page.content.decode()
    assert attempt.order.number in page.content.decode()
    assert CreditLot.objects.count() == 1


def test_coming_back_without_paying_grants_nothing(shop, runner):
    shop.client.force_login(runner)
    attempt = shop.checkout(shop.order(runner))

    page = shop.client.get(back(attempt))

    assert "being confirmed" in page.content.decode()
    assert page["Refresh"].startswith("3; url=")
    assert not CreditLot.objects.exists()


@pytest.mark.parametrize("forged", ["cs_test_invented", "", "x" * 3000])
def test_a_forged_return_asks_nobody_and_grants_nothing(shop, runner, forged):
    shop.client.force_login(runner)
    attempt = shop.paid_checkout(shop.order(runner))
    asked = len(shop.sandbox.log())
    address = reverse("payments:order_return", args=[attempt.order.public_id])

    page = shop.client.get(address, {"session_id": forged})

    assert page.status_code == 200
    assert len(shop.sandbox.log()) == asked
    assert not CreditLot.objects.exists()


def test_another_orders_paid_session_pays_for_nothing_here(shop, runner):
    shop.client.force_login(runner)
    cheap = shop.paid_checkout(shop.order(runner, make_package(units=1, price_minor=100)))
    dear = shop.checkout(shop.order(runner, make_package(units=10, price_minor=50000)))

    shop.client.get(back(dear, cheap.stripe_session_id))

    dear.order.refresh_from_db()
    assert not dear.order.is_paid


def test_stripe_down_on_the_way_back_keeps_the_page_looking(shop, runner):
    shop.client.force_login(runner)
    attempt = shop.paid_checkout(shop.order(runner))
    shop.sandbox.fault(kind="500_before", path="/v1/checkout", count=1)

    page = shop.client.get(back(attempt))

    assert "being confirmed" in page.content.decode()
    assert shop.client.get(back(attempt)).status_code == 302


def test_somebody_elses_order_does_not_exist(shop, runner):
    shop.client.force_login(runner)
    attempt = shop.checkout(shop.order(make_runner()))
    public_id = attempt.order.public_id

    for name in ("order", "order_return"):
        assert shop.client.get(reverse(f"payments:{name}", args=[public_id])).status_code == 404
    assert shop.client.post(reverse("payments:checkout", args=[public_id])).status_code == 404


def test_an_open_order_can_be_paid_later(shop_today, runner):
    shop_today.client.force_login(runner)
    order = shop_today.order(runner)

    page = shop_today.client.get(order.get_absolute_url())
    on = shop_today.client.post(reverse("payments:checkout", args=[order.public_id]))

    assert "not paid yet" in page.content.decode()
    assert on.status_code == 303
    assert order.attempts.get().status == PaymentAttempt.Status.OPEN


def test_a_receipt_shows_the_tax_of_the_sale(shop, runner):
    shop.client.force_login(runner)
    attempt = shop.paid_checkout(
        shop.order(runner, make_package(price_minor=24000, tax_rate_bp=2000))
    )
    page = shop.client.get(back(attempt), follow=True).content.decode()

    assert "£240.00" in page
    assert "Includes £40.00 VAT at 20% on £200.00." in page
    assert "Paid by card" in page


def test_a_receipt_names_the_seller_as_the_foot_of_the_page_does(shop, runner, settings):
    settings.PRACTICE = settings.PRACTICE | {"address_lines": ["1 Finish Line", "Bath"]}
    shop.client.force_login(runner)
    attempt = shop.paid_checkout(shop.order(runner))

    page = shop.client.get(back(attempt), follow=True).content.decode()

    receipt, foot = page.split("</article>", 1)
    assert "1 Finish Line<br>Bath" in receipt
    assert "1 Finish Line<br>Bath" in foot
