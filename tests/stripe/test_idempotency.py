"""Idempotency keys: what a retry after an unknown outcome may rely on."""

import threading
import time

import pytest
import stripe

from tests.stripe.conftest import make_client, order
from tests.stripe.test_errors import raw

KEY = {"idempotency_key": "checkout:41:1"}


def test_the_same_request_again_gives_the_same_session(client):
    first = client.v1.checkout.sessions.create(order(), KEY)
    again = client.v1.checkout.sessions.create(order(), KEY)

    assert again.id == first.id
    assert len(client.v1.checkout.sessions.list().data) == 1
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert first.last_response.headers["Idempotency-Key"] == "checkout:41:1"


def test_other_parameters_under_the_same_key_are_an_error(client):
    client.v1.checkout.sessions.create(order(), KEY)

    with pytest.raises(stripe.IdempotencyError):
        client.v1.checkout.sessions.create(order(amount=100), KEY)
    with pytest.raises(stripe.IdempotencyError):
        client.v1.customers.create({}, KEY)


def test_a_failed_validation_does_not_use_up_the_key(client):
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(order(mode="donation"), KEY)

    assert client.v1.checkout.sessions.create(order(), KEY).status == "open"


@pytest.mark.parametrize("kind", ["429", "409", "500_before", "502"])
def test_what_failed_before_it_began_may_be_tried_again(stripe_server, client, kind):
    stripe_server.fault(kind=kind, path="/v1/checkout")
    with pytest.raises(stripe.StripeError):
        client.v1.checkout.sessions.create(order(), KEY)

    client.v1.checkout.sessions.create(order(), KEY)
    assert len(client.v1.checkout.sessions.list().data) == 1


def test_a_refused_refund_is_remembered(stripe_server, client):
    session = client.v1.checkout.sessions.create(order(1000))
    paid = stripe_server.pay(session.id)["session"]
    wrong = {"payment_intent": paid["payment_intent"], "amount": 2000}
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError, match=r"€20.00.*€10.00"):
            client.v1.refunds.create(wrong, KEY)

    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({**wrong, "amount": 1000}, KEY)


def test_an_error_after_the_effect_is_remembered_too(stripe_server, client):
    stripe_server.fault(kind="500_after", path="/v1/customers")

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.customers.create({"email": "nora@example.com"}, KEY)

    assert len(client.v1.customers.list().data) == 1


def test_the_sdk_gets_through_a_cut_connection_with_one_effect(stripe_server):
    stripe_server.fault(kind="reset_after", path="/v1/customers")
    client = make_client(stripe_server, retries=2)

    made = client.v1.customers.create({"email": "nora@example.com"})

    assert [one.id for one in client.v1.customers.list().data] == [made.id]


def test_a_key_in_use_answers_409(stripe_server):
    stripe_server.fault(kind="slow", path="/v1/customers", seconds=1.0)
    slow = threading.Thread(
        target=raw, args=(stripe_server, "POST", "/v1/customers"), kwargs={"Idempotency_Key": "k"}
    )
    slow.start()
    time.sleep(0.3)

    status, _, body = raw(stripe_server, "POST", "/v1/customers", Idempotency_Key="k")
    slow.join()

    assert (status, body["error"]["code"]) == (409, "idempotency_key_in_use")
    assert raw(stripe_server, "POST", "/v1/customers", Idempotency_Key="k")[0] == 200


def test_after_a_day_a_key_is_forgotten(frozen, client):
    first = client.v1.customers.create({}, KEY)
    frozen.advance("23h")
    assert client.v1.customers.create({}, KEY).id == first.id
    frozen.advance("2h")

    assert client.v1.customers.create({}, KEY).id != first.id


@pytest.mark.parametrize("kind", ["timeout_after", "timeout_before", "garbage", "reset"])
def test_an_unknown_outcome_is_an_error_of_the_sdk(stripe_server, kind):
    stripe_server.fault(kind=kind, path="/v1/customers", seconds=0.6)
    client = make_client(stripe_server, timeout=0.3)

    with pytest.raises((stripe.APIConnectionError, stripe.APIError)):
        client.v1.customers.create({"email": "nora@example.com"})

    time.sleep(0.5)
    happened = kind in ("timeout_after", "garbage")
    assert len(make_client(stripe_server).v1.customers.list().data) == happened
