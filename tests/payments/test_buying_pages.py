"""The pages of buying with a code, as a gift, and of claiming one; and the same by API."""

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from payments.gifting import GiftWish, code_of
from payments.models import CreditLot, Gift, Order, PromotionCode
from tests.builders import make_order, make_package, make_runner, pay_at_the_desk

TO_INES = {
    "gift": "1",
    "to_name": "Ines",
    "to_email": "Ines@Example.org",
    "from_name": "Uncle Ben",
    "message": "Good legs!",
}


@pytest.fixture
def runner(db):
    return make_runner(email="ana@example.org")


@pytest.fixture
def buying(client, runner):
    client.force_login(runner)
    return client


@pytest.fixture
def spring(db):
    return PromotionCode.objects.create(code="SPRING", share_bp=1000)


@pytest.fixture
def gift(runner):
    at = timezone.now()
    wish = GiftWish("Uncle Ben", "Ines", "ines@example.org")
    pay_at_the_desk(make_order(runner, make_package("five"), at=at, gift=wish), at=at)
    return Gift.objects.get()


@pytest.fixture
def ines(client, db):
    person = make_runner("ines@example.org", "Ines")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client.force_login(person)
    return client


def words_of(page) -> str:
    return page.content.decode()


def test_a_code_in_the_address_shows_the_price_with_it(client, spring):
    make_package("five", price_minor=26000)
    page = client.get("/packages/five/buy/?code=spring")

    assert "SPRING takes £26.00 off" in words_of(page)
    assert "£234.00" in words_of(page)
    assert "code%3Dspring" in words_of(page), "signing in loses the code"


def test_a_code_that_does_nothing_says_so_beside_its_field(client, spring):
    make_package("five", price_minor=26000)
    page = client.get("/packages/five/buy/?code=SUMMER")

    assert page.status_code == 200
    assert "We do not know this code" in words_of(page)
    assert "£260.00" in words_of(page)


def test_what_the_page_showed_is_what_the_order_costs(shop_today, runner, spring):
    shop_today.client.force_login(runner)
    make_package("five", price_minor=26000)
    answer = shop_today.client.post("/packages/five/buy/", {"code": "SPRING"})

    assert answer.status_code == 303
    assert Order.objects.get().total_minor == 23400


def test_a_code_that_ends_between_page_and_click_charges_nothing(buying, spring):
    make_package("five", price_minor=26000)
    assert "£234.00" in words_of(buying.get("/packages/five/buy/?code=SPRING"))
    PromotionCode.objects.update(valid_until=timezone.now())

    page = buying.post("/packages/five/buy/", {"code": "SPRING"})

    assert page.status_code == 409
    assert "This code ended on" in words_of(page)
    assert "£260.00" in words_of(page)
    assert not Order.objects.exists()


def test_a_limit_is_said_on_the_page_and_by_the_refusal(buying, runner):
    package = make_package("taster", units=1, price_minor=100, most_per_person=1)
    assert "At most 1 for each person" in words_of(buying.get("/packages/taster/buy/"))
    pay_at_the_desk(make_order(runner, package, at=timezone.now()))

    page = buying.post("/packages/taster/buy/")

    assert page.status_code == 409
    assert "once for each person" in words_of(page)


def test_nothing_to_pay_leads_to_the_receipt(shop_today, runner):
    shop_today.client.force_login(runner)
    PromotionCode.objects.create(code="FREE", share_bp=10000)
    make_package("five")
    assert "Get it now" in words_of(shop_today.client.get("/packages/five/buy/?code=FREE"))

    answer = shop_today.client.post("/packages/five/buy/", {"code": "FREE"})
    page = shop_today.client.get(answer["Location"], follow=True)

    assert "5 credits are ready" in words_of(page)
    assert "nothing to pay" in words_of(page)
    assert CreditLot.objects.get().value_minor == 0


def test_a_gift_is_asked_for_on_the_same_page_and_kept_with_the_order(shop_today, runner):
    shop_today.client.force_login(runner)
    make_package("five")
    assert "Their email address" in words_of(shop_today.client.get("/packages/five/buy/?gift=1"))

    answer = shop_today.client.post("/packages/five/buy/", TO_INES)

    assert answer.status_code == 303
    assert Gift.objects.get().to_email == "ines@example.org"


def test_a_gift_to_nobody_is_asked_again_and_keeps_what_was_typed(buying):
    make_package("five")
    page = buying.post("/packages/five/buy/", TO_INES | {"to_email": "ines"})

    assert page.status_code == 422
    assert "Enter an email address" in words_of(page)
    assert "Good legs!" in words_of(page)
    assert not Order.objects.exists()


def test_the_buyer_sees_how_far_the_gift_is_and_sends_it_again(buying, gift):
    page = words_of(buying.get(gift.order.get_absolute_url()))
    assert "Sent to ines@example.org" in page
    assert "Nobody has claimed it yet" in page
    Gift.objects.update(sent_at=gift.sent_at - timezone.timedelta(hours=1))

    sending = f"/orders/{gift.order.public_id}/gift/"
    page = buying.post(sending, {"to_email": "Mara@example.org"}, follow=True)

    assert "Sent to mara@example.org" in words_of(page)


def test_somebody_elses_gift_cannot_be_sent(client, gift):
    client.force_login(make_runner())
    sending = f"/orders/{gift.order.public_id}/gift/"
    assert client.post(sending, {"to_email": "me@example.org"}).status_code == 404


def test_the_link_of_the_mail_asks_to_sign_in_and_then_claims(client, gift):
    page = words_of(client.get(f"/gifts/{gift.public_id}/?code={code_of(gift)}"))
    assert "A gift from Uncle Ben" in page
    assert "Sign in to claim it" in page
    assert "ines@example.org" not in page


def test_claiming_on_the_page(ines, gift):
    address = f"/gifts/{gift.public_id}/"
    form = words_of(ines.get(f"{address}?code={code_of(gift)}"))
    wrong = ines.post(address, {"code": "AAAA"})
    page = ines.post(address, {"code": code_of(gift)}, follow=True)

    assert code_of(gift) in form
    assert wrong.status_code == 409
    assert "The code is not the one" in words_of(wrong)
    assert "It is yours" in words_of(page)
    assert CreditLot.objects.filter(owner__email="ines@example.org").exists()


# by API --------------------------------------------------------------------------------------
def test_a_price_with_a_code_by_api(client, spring):
    make_package("five", price_minor=26000)
    asked = client.get("/api/v1/packages/five/price/?code=spring")
    refused = client.get("/api/v1/packages/five/price/?code=winter")

    assert asked.json() == {
        "code": "SPRING",
        "list_price_minor": 26000,
        "discount_minor": 2600,
        "price_minor": 23400,
        "currency": "GBP",
    }
    assert (refused.status_code, refused.json()["code"]) == (409, "unknown_code")


def test_buying_for_nothing_and_for_somebody_else_by_api(shop_today, runner, settings):
    client = shop_today.client
    client.force_login(runner)
    make_package("five", price_minor=0)
    wanted = {
        "package": "five",
        "success_url": f"{settings.SITE_URL}/done/",
        "cancel_url": f"{settings.SITE_URL}/back/",
        "gift": {"from_name": "Ben", "to_name": "Ines", "to_email": "Ines@example.org"},
    }
    answer = client.post("/api/v1/orders/", wanted, content_type="application/json")
    wrong = wanted | {"gift": wanted["gift"] | {"to_email": "ines"}}
    refused = client.post("/api/v1/orders/", wrong, content_type="application/json")

    made = answer.json()
    assert answer.status_code == 201
    assert (made["status"], made["checkout_url"]) == ("paid", None)
    assert made["gift"]["to_email"] == "ines@example.org"
    assert refused.status_code == 422


def test_claiming_and_sending_again_by_api(ines, runner, gift):
    address = f"/api/v1/gifts/{gift.public_id}/"
    shown = ines.get(address).json()
    claimed = ines.post(
        f"{address}claim/", {"code": code_of(gift)}, content_type="application/json"
    )
    ines.force_login(runner)
    again = ines.post(
        f"/api/v1/orders/{gift.order.public_id}/gift/",
        {"to_email": "ines@example.org"},
        content_type="application/json",
    )

    assert (shown["from_name"], shown["may_be_claimed"]) == ("Uncle Ben", True)
    assert claimed.json()["units"] == 5
    assert (again.status_code, again.json()["code"]) == (409, "not_to_be_sent")
