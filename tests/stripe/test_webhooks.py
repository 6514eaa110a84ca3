"""Deliveries over real HTTP: signed, retried, held, shuffled, doubled, dropped."""

import json
import time

import pytest
import stripe

from payments.sandbox import API_VERSION
from tests.stripe.conftest import order
from tests.stripe.test_errors import raw

FOUR = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


def buy(sandbox, client):
    session = client.v1.checkout.sessions.create(order())
    sandbox.pay(session.id)
    return session


def test_the_sdk_accepts_the_signature(stripe_server, client, inbox):
    session = buy(stripe_server, client)

    for _ in range(4):
        headers, body = inbox.next()
        event = stripe.Webhook.construct_event(
            body, headers["Stripe-Signature"], stripe_server.webhook_secret
        )
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(body, headers["Stripe-Signature"], "whsec_other")
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(
                body.replace("evt_", "evt_x"),
                headers["Stripe-Signature"],
                stripe_server.webhook_secret,
            )
    assert event.type == "checkout.session.completed"
    assert event.data.object.id == session.id
    assert event.api_version == API_VERSION


def test_before_means_that_they_are_there_when_the_payment_answers(stripe_server, client, inbox):
    buy(stripe_server, client)

    assert [event["type"] for event in inbox.waiting()] == FOUR
    assert [event["pending_webhooks"] for event in stripe_server.events()] == [0, 0, 0, 0]


def test_after_means_a_little_later(stripe_server, client, inbox):
    stripe_server.deliver("after")
    buy(stripe_server, client)

    assert inbox.waiting() == []
    assert [json.loads(inbox.next()[1])["type"] for _ in FOUR] == FOUR


def test_never_means_that_only_polling_helps(stripe_server, client, inbox):
    stripe_server.deliver("never")
    buy(stripe_server, client)
    stripe_server.advance("1m")
    time.sleep(0.4)

    assert inbox.waiting() == []
    missed = client.v1.events.list({"delivery_success": False, "types": FOUR})
    assert sorted(event.type for event in missed.data) == sorted(FOUR)


def test_a_refused_delivery_comes_again_with_the_same_id_and_a_new_signature(
    stripe_server, client, inbox
):
    inbox.status = 500
    buy(stripe_server, client)
    refused = inbox.waiting()
    assert all(event["pending_webhooks"] == 1 for event in stripe_server.events())
    inbox.status = 200
    stripe_server.advance("6m")

    again = [event for event in inbox.waiting() if event["type"] in FOUR]
    assert [event["id"] for event in again] == [event["id"] for event in refused]
    assert all(event["pending_webhooks"] == 0 for event in stripe_server.events())


def test_it_gives_up_after_four_attempts(frozen, client, inbox):
    inbox.status = 302
    buy(frozen, client)
    for _ in range(6):
        frozen.advance("3h")

    event = frozen.events("checkout.session.completed")[0]
    assert event["pending_webhooks"] == 1
    [delivery] = event["deliveries"]
    assert (delivery["state"], delivery["attempts"], delivery["status"]) == ("failed", 4, 302)


def test_an_endpoint_that_is_down_is_noted_not_fatal(frozen, client):
    frozen.set_webhook_url("http://127.0.0.1:9/")
    frozen.deliver("before")
    buy(frozen, client)

    [delivery] = frozen.events("charge.succeeded")[0]["deliveries"]
    assert delivery["attempts"] == 1
    assert "refused" in delivery["note"]


@pytest.mark.parametrize("order_name", ["", "reverse"])
def test_held_deliveries_wait_and_come_in_the_order_asked_for(
    stripe_server, client, inbox, order_name
):
    stripe_server.hold()
    buy(stripe_server, client)
    assert inbox.waiting() == []

    stripe_server.release(order=order_name)

    wanted = FOUR[::-1] if order_name else FOUR
    assert [event["type"] for event in inbox.waiting()][:4] == wanted


def test_release_by_hand_in_any_order(stripe_server, client, inbox):
    stripe_server.hold()
    buy(stripe_server, client)
    events = {event["type"]: event["id"] for event in stripe_server.events()}
    chosen = [events[FOUR[3]], events[FOUR[0]]]

    assert stripe_server.release(chosen) == 2
    assert [event["id"] for event in inbox.waiting()] == chosen


def test_duplicates_twins_and_lost_ones(stripe_server, client, inbox):
    stripe_server.hold()
    buy(stripe_server, client)
    event = stripe_server.events("checkout.session.completed")[0]
    stripe_server.drop(event["id"])
    stripe_server.hold(False)
    stripe_server.release()
    assert event["id"] not in [one["id"] for one in inbox.waiting()]

    stripe_server.duplicate(event["id"])
    stripe_server.duplicate(event["id"])
    stripe_server.twin(event["id"])

    came = [one for one in inbox.waiting() if one["type"] == "checkout.session.completed"]
    assert [one["id"] == event["id"] for one in came] == [True, True, False]
    assert came[2]["data"] == came[0]["data"]


def test_an_endpoint_gets_only_what_it_subscribed_to(stripe_server, client, inbox):
    stripe_server.set_webhook_url(None)
    made = client.v1.webhook_endpoints.create(
        {"url": inbox.url, "enabled_events": ["charge.succeeded"], "api_version": API_VERSION}
    )
    buy(stripe_server, client)

    headers, body = inbox.next()
    stripe.Webhook.construct_event(body, headers["Stripe-Signature"], made.secret)
    assert inbox.waiting() == []
    assert not hasattr(client.v1.webhook_endpoints.retrieve(made.id), "secret")

    client.v1.webhook_endpoints.update(made.id, {"disabled": True})
    buy(stripe_server, client)
    assert inbox.waiting() == []
    assert client.v1.webhook_endpoints.delete(made.id).deleted
    assert client.v1.webhook_endpoints.list().data == []


def test_events_say_which_request_caused_them(stripe_server, client):
    made = client.v1.customers.create({}, {"idempotency_key": "customer:7"})

    [event] = client.v1.events.list({"type": "customer.*"}).data
    assert event.data.object.id == made.id
    assert event.request.id == made.last_response.request_id
    assert event.request.idempotency_key == "customer:7"


def test_an_unknown_order_of_the_control_room_is_explained(stripe_server):
    status, _, body = raw(stripe_server, "POST", "/_sandbox/events", "wat=1")

    assert status == 400
    assert "release" in body["error"]
