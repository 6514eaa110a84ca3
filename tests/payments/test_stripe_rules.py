"""Key and address of Stripe must fit together, or nothing is sent."""

import pytest

from payments import stripe_gateway as gateway
from payments.stripe_rules import UnsafeStripeSettings, check_stripe_settings, is_live

SAFE = {
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "STRIPE_SECRET_KEY": "sk_test_sandbox_portal",
    "STRIPE_WEBHOOK_SECRETS": ["whsec_x"],
    "STRIPE_SANDBOX_ALLOWED": True,
    "DEBUG": False,
}


def configure(settings, **changes):
    for name, value in (SAFE | changes).items():
        setattr(settings, name, value)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"STRIPE_API_BASE": "http://localhost:8421"},
        {"STRIPE_API_BASE": "http://[::1]:8421"},
        {"STRIPE_SANDBOX_ALLOWED": False, "DEBUG": True},
        {"STRIPE_API_BASE": "", "STRIPE_SECRET_KEY": "sk_live_abc"},
        {"STRIPE_API_BASE": "", "STRIPE_SECRET_KEY": "rk_test_abc"},
    ],
)
def test_safe_settings_pass(settings, changes):
    configure(settings, **changes)
    assert check_stripe_settings(None) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"STRIPE_SECRET_KEY": "sk_live_abc"}, "payments.E001"),
        ({"STRIPE_SECRET_KEY": "sk_test_abc"}, "payments.E001"),
        ({"STRIPE_API_BASE": "http://10.0.0.8:8421"}, "payments.E002"),
        ({"STRIPE_API_BASE": "http://localhost.evil.example"}, "payments.E002"),
        ({"STRIPE_API_BASE": "http://127.0.0.1.evil.example"}, "payments.E002"),
        ({"STRIPE_API_BASE": "nonsense"}, "payments.E002"),
        ({"STRIPE_SANDBOX_ALLOWED": False}, "payments.E003"),
        ({"STRIPE_API_BASE": ""}, "payments.E004"),
        ({"STRIPE_WEBHOOK_SECRETS": []}, "payments.E005"),
    ],
)
def test_unsafe_settings_stop_the_start_and_every_call(settings, changes, code):
    configure(settings, **changes)

    assert [error.id for error in check_stripe_settings(None)] == [code]
    with pytest.raises(UnsafeStripeSettings):
        gateway.retrieve_session("cs_test_1")


@pytest.mark.parametrize(
    ("key", "live"), [("sk_live_a", True), ("rk_live_a", True), ("sk_test_a", False)]
)
def test_live_keys_are_known_by_their_names(settings, key, live):
    settings.STRIPE_SECRET_KEY = key
    assert is_live() is live


@pytest.mark.parametrize("kind", ["500_before", "502", "429", "409", "garbage", "reset"])
def test_every_kind_of_trouble_is_no_answer(shop, kind):
    shop.sandbox.fault(kind=kind, count=1)
    with pytest.raises(gateway.GatewayDown, match="does not answer right now"):
        gateway.list_payouts()


def test_a_wrong_key_is_no_answer_and_an_alarm(shop, settings, caplog):
    settings.STRIPE_SECRET_KEY = "sk_test_sandbox_stale"
    with pytest.raises(gateway.GatewayDown):
        gateway.retrieve_session("cs_test_1")
    assert "does not accept our key" in caplog.text


def test_what_is_not_there_is_a_definite_no(shop):
    with pytest.raises(gateway.GatewayRefused) as refusal:
        gateway.retrieve_session("cs_test_1")
    assert refusal.value.is_missing


def test_jobs_try_again_where_a_page_does_not(shop):
    shop.sandbox.fault(kind="500_before", count=1)
    with gateway.patiently():
        assert gateway.list_payouts() == []
