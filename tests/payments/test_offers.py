"""What pages and the API may show for sale."""

from datetime import timedelta

import pytest

from payments.offers import everything_on_sale, packages_on_sale, services_on_offer
from tests.builders import NOON, make_package, make_service, make_variant

pytestmark = pytest.mark.django_db


def test_a_package_offer_says_price_saving_and_what_it_covers():
    sixty, ninety = make_variant(minutes=60, price_minor=5800), make_variant(minutes=90)
    make_package("five", units=5, price_minor=26000, variants=[ninety, sixty], validity_days=365)

    [offer] = packages_on_sale(at=NOON)

    assert (offer.price_minor, offer.price_each_minor, offer.saving_minor) == (26000, 5200, 3000)
    assert offer.covers == ("Sports massage, 60 minutes", "Sports massage, 90 minutes")
    assert offer.variant_codes == ("sports-60", "sports-90")
    assert offer.validity == "Use within 12 months"
    assert offer.buy_url == "/packages/five/buy/"


def test_a_package_that_saves_nothing_does_not_claim_to():
    make_package(units=2, price_minor=20000)

    assert packages_on_sale(at=NOON)[0].saving_minor == 0


def test_only_public_packages_of_several_sessions_are_listed_without_being_asked_for():
    make_package("ten", units=10, position=2)
    make_package("five", units=5, position=1)
    make_package("single-sports-60", units=1)
    make_package("friends", visibility="private")
    make_package("desk", visibility="hidden")
    make_package("over", on_sale_until=NOON - timedelta(days=1))
    make_package("old", is_active=False)

    assert [offer.code for offer in packages_on_sale(at=NOON)] == ["five", "ten"]
    asked = ["single-sports-60", "friends", "desk", "over", "old", "nothing"]
    found = {offer.code for offer in packages_on_sale(at=NOON, codes=asked)}
    assert found == {"single-sports-60", "friends"}


def test_everything_on_sale_has_single_sessions_too_and_nothing_private():
    make_package("five", units=5, position=1)
    make_package("single-sports-60", units=1, position=2)
    make_package("friends", units=1, visibility="private")
    make_package("desk", visibility="hidden")

    assert [offer.code for offer in everything_on_sale(at=NOON)] == ["five", "single-sports-60"]


def test_the_api_lists_single_sessions_beside_packages(client):
    make_package("five", units=5, price_minor=26000, position=1)
    make_package("single-sports-60", units=1, price_minor=5800, position=2)

    found = client.get("/api/v1/packages/").json()

    assert [(one["code"], one["units"], one["price_minor"]) for one in found] == [
        ("five", 5, 26000),
        ("single-sports-60", 1, 5800),
    ]


def test_a_service_offer_lists_its_lengths_and_the_lowest_price():
    make_variant(minutes=60, price_minor=5800)
    make_variant(minutes=30, price_minor=3400)
    make_variant(minutes=90, price_minor=8200, is_active=False)
    make_variant("race-30", minutes=30, service=make_service("race", "Race care", is_active=False))

    [service] = services_on_offer()

    assert [variant.duration_minutes for variant in service.variants] == [30, 60]
    assert service.from_price_minor == 3400
    assert service.variants[0].name == "Sports massage, 30 minutes"


def test_offers_take_one_query_each(django_assert_num_queries):
    for minutes in (30, 60, 90):
        variant = make_variant(minutes=minutes)
        make_package(units=5, variants=[variant])

    with django_assert_num_queries(1):
        assert len(packages_on_sale(at=NOON)) == 3
    with django_assert_num_queries(1):
        assert len(everything_on_sale(at=NOON)) == 3
    with django_assert_num_queries(1):
        assert len(services_on_offer()) == 1
