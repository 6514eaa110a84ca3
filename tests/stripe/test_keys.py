"""Restricted keys: what is not allowed is 403 and names what is missing."""

import pytest
import stripe

from payments.sandbox.api import ENDPOINTS
from payments.sandbox.control_client import SandboxRefused
from payments.sandbox.keys import RESOURCES
from tests.stripe.conftest import make_client, order

KEY = "rk_test_sandbox_portal"
OF_THE_PORTAL = (
    *("checkout_session_write", "payment_intent_read", "charge_read", "refund_write"),
    *("dispute_write", "balance_read", "payout_read", "event_read", "customer_write"),
)


def test_a_restricted_key_is_unknown_until_it_is_registered(stripe_server):
    client = make_client(stripe_server, key=KEY)
    with pytest.raises(stripe.AuthenticationError):
        client.v1.balance.retrieve()

    stripe_server.allow_key(KEY, "balance_read")

    assert client.v1.balance.retrieve().object == "balance"


def test_what_is_missing_is_named(stripe_server):
    stripe_server.allow_key(KEY, "charge_read")
    v1 = make_client(stripe_server, key=KEY).v1

    assert v1.charges.list().data == []
    with pytest.raises(stripe.PermissionError, match="rak_refund_write") as caught:
        v1.refunds.create({"charge": "ch_1"})
    assert caught.value.http_status == 403
    assert KEY not in str(caught.value)
    with pytest.raises(stripe.PermissionError, match="rak_account_read"):
        v1.accounts.retrieve_current()


def test_writing_includes_reading_but_not_the_other_way(stripe_server):
    stripe_server.allow_key(KEY, "customer_write", "event_read")
    v1 = make_client(stripe_server, key=KEY).v1

    made = v1.customers.create({"email": "nora@example.com"})

    assert v1.customers.retrieve(made.id).id == made.id
    stripe_server.allow_key(KEY, "customer_read")
    with pytest.raises(stripe.PermissionError, match="rak_customer_write"):
        v1.customers.update(made.id, {"name": "Nora"})
    with pytest.raises(stripe.PermissionError, match="rak_event_read"):
        v1.events.list()


def test_the_permissions_of_the_portal_are_enough_to_sell(stripe_server):
    stripe_server.allow_key(KEY, *OF_THE_PORTAL)
    v1 = make_client(stripe_server, key=KEY).v1

    session = v1.checkout.sessions.create(order())
    stripe_server.pay(session.id)
    intent = v1.checkout.sessions.retrieve(session.id).payment_intent

    assert v1.refunds.create({"payment_intent": intent}).status == "succeeded"


def test_a_refusal_does_not_use_up_the_idempotency_key(stripe_server):
    stripe_server.allow_key(KEY, "customer_read")
    v1, once = make_client(stripe_server, key=KEY).v1, {"idempotency_key": "customer:7"}
    with pytest.raises(stripe.PermissionError):
        v1.customers.create({}, once)

    stripe_server.allow_key(KEY, "customer_write")

    assert v1.customers.create({}, once).id


@pytest.mark.parametrize(
    ("key", "permission"),
    [("sk_test_sandbox_two", "charge_read"), ("rk_live_x", "charge_read"), (KEY, "charge_eat")],
)
def test_a_key_of_another_kind_is_not_taken(stripe_server, key, permission):
    with pytest.raises(SandboxRefused):
        stripe_server.allow_key(key, permission)


def test_every_endpoint_belongs_to_a_permission():
    names = {endpoint.template.removeprefix("/v1/").partition("/")[0] for endpoint in ENDPOINTS}

    assert names == set(RESOURCES)
