"""Setting up the practice in the Wagtail admin, and what it does not let anybody do."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from accounts.roles import MANAGERS
from payments.models import BookRules, Policy, PromotionCode, Service
from tests.builders import make_lot, make_order, make_policy, make_variant


@pytest.fixture
def manager(client, db):
    user = User.objects.create_user("lea@example.org", name="Lea")
    user.groups.add(Group.objects.get(name=MANAGERS))
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    "name",
    "services lengths packages codes terms entities rules orders events".split(),
)
def test_each_list_opens(manager, name):
    make_lot()

    assert manager.get(reverse(f"practice_{name}:index")).status_code == 200


@pytest.mark.parametrize("name", ["services", "lengths", "packages", "terms"])
def test_what_is_sold_can_be_added_but_not_deleted(manager, name):
    lot = make_lot()
    pk = {
        "services": lambda: Service.objects.get().pk,
        "lengths": lambda: make_variant().pk,
        "packages": lambda: lot.order_line.package.pk,
        "terms": lambda: lot.policy.pk,
    }[name]()

    assert manager.get(reverse(f"practice_{name}:add")).status_code == 200
    assert manager.get(reverse(f"practice_{name}:edit", args=[pk])).status_code == 200
    assert manager.post(reverse(f"practice_{name}:delete", args=[pk])).status_code == 302
    assert Service.objects.count() == 1


def test_an_order_can_be_looked_at_and_nothing_more(manager):
    order = make_order()

    assert (
        order.number
        in manager.get(reverse("practice_orders:inspect", args=[order.pk])).content.decode()
    )
    edited = manager.post(reverse("practice_orders:edit", args=[order.pk]), {"status": "paid"})
    order.refresh_from_db()
    assert edited.status_code == 302
    assert order.status == "open"


def test_terms_in_use_ask_for_a_new_version(manager):
    policy = make_policy()
    make_lot(policy=policy)
    form = {
        "code": "terms",
        "version": 1,
        "effective_from": "2020-01-01",
        "summary": "Never free.",
        "cancel_window_minutes": 1,
        "move_window_minutes": 1440,
        "max_moves": 3,
        "grace_minutes": 5,
        "refund_rule": "pro_rata",
        "expiry_rule": "start_by",
    }
    answer = manager.post(reverse("practice_terms:edit", args=[policy.pk]), form)
    added = manager.post(reverse("practice_terms:add"), form | {"version": 2})

    policy.refresh_from_db()
    assert "Copy them to a new version" in answer.content.decode()
    assert policy.cancel_window_minutes == 1440
    assert added.status_code == 302
    assert Policy.objects.current(date(2026, 1, 1)).first().version == 2


def test_a_code_typed_small_is_kept_in_capitals(manager):
    answer = manager.post(
        reverse("practice_codes:add"),
        {"code": "spring 10", "share_bp": 1000, "amount_minor": 0, "currency": "GBP"}
        | {"most_per_person": 1, "is_active": "on"},
    )
    assert answer.status_code == 302
    assert PromotionCode.objects.get().code == "SPRING10"


def test_a_code_that_takes_nothing_off_is_explained(manager):
    page = manager.post(
        reverse("practice_codes:add"),
        {"code": "nothing", "share_bp": 0, "amount_minor": 0, "currency": "GBP"},
    )
    assert "Give a share off or an amount off" in page.content.decode()
    assert not PromotionCode.objects.exists()


def test_the_rules_of_the_books_are_set_once_and_changed(manager):
    values = {"tax_timing": "redemption", "breakage": "owed"}
    assert manager.post(reverse("practice_rules:add"), values).status_code == 302
    values["tax_timing"] = "sale"
    assert manager.post(reverse("practice_rules:edit", args=[1]), values).status_code == 302
    assert BookRules.current().tax_timing == "sale"


def test_a_price_a_card_cannot_be_charged_is_refused_in_words(manager):
    variant, policy = make_variant(), make_policy()
    page = manager.post(
        reverse("practice_packages:add"),
        {"name": "Five", "code": "five", "units": 5, "validity_days": 365, "valid_from": "purchase"}
        | {"price_minor": 12345, "currency": "KWD", "tax_rate_bp": 0, "variants": [variant.pk]}
        | {"policy": policy.pk, "visibility": "public", "position": 0, "is_active": "on"},
    )
    assert "charged in steps of 10" in page.content.decode()
