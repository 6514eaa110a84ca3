"""Webhooks that are late, spoilt, foreign, of another version, or signed with two secrets."""

import json

import pytest
import stripe

from payments.sandbox import API_VERSION
from payments.sandbox.control_client import SandboxRefused
from tests.stripe.conftest import order
from tests.stripe.test_webhooks import FOUR, buy

OLD, NEW = "whsec_sandbox_portal", "whsec_the_next_one"
COMPLETED = "checkout.session.completed"


def verified(headers, body, secret=OLD):
    return stripe.Webhook.construct_event(body, headers.get("Stripe-Signature"), secret)


def the_spoilt_one(inbox):
    """Headers and body of the first delivery about the session, and those of what came else."""
    came = [inbox.got.get() for _ in range(inbox.got.qsize())]
    about = [one for one in came if COMPLETED in one[1] or not one[1].rstrip().endswith("}")]
    return about[0]


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("wrong_secret", stripe.SignatureVerificationError),
        ("unsigned", stripe.SignatureVerificationError),
        ("stale", stripe.SignatureVerificationError),
        ("malformed", ValueError),
    ],
)
def test_what_nobody_should_accept_and_what_comes_after(frozen, client, inbox, kind, error):
    frozen.delivery_fault(kind, of="checkout.*")
    inbox.status = 400
    buy(frozen, client)
    with pytest.raises(error):
        verified(*the_spoilt_one(inbox))

    inbox.status = 200
    frozen.advance("6m")

    again = [inbox.got.get() for _ in range(inbox.got.qsize())]
    assert COMPLETED in {verified(*one).type for one in again}


def test_a_delay_lets_the_others_overtake(frozen, client, inbox):
    frozen.delivery_fault("delay", of="payment_intent.created")
    buy(frozen, client)
    assert [event["type"] for event in inbox.waiting()] == FOUR[1:]

    frozen.advance(9)
    assert FOUR[0] not in [event["type"] for event in inbox.waiting()]
    frozen.advance(1)

    assert [event["type"] for event in inbox.waiting()] == [FOUR[0]]


def test_a_fault_strikes_as_often_as_it_was_told(frozen, client, inbox):
    frozen.delivery_fault("delay", count=2, seconds=60)
    buy(frozen, client)

    assert [event["type"] for event in inbox.waiting()] == FOUR[2:]
    frozen.delivery_fault("malformed")
    frozen.clear_faults()
    frozen.advance("2m")
    assert [event["type"] for event in inbox.waiting()][:2] == ["charge.updated", FOUR[0]]
    for wrong in ({"kind": "eaten"}, {"kind": "delay", "count": -1}):
        with pytest.raises(SandboxRefused):
            frozen.delivery_fault(**wrong)


def test_while_a_secret_is_rolled_both_verify(frozen, client, inbox):
    frozen.roll_webhook_secret(NEW, "24h")
    try:
        client.v1.customers.create({})
        frozen.advance(1)
        headers, body = inbox.next()
        assert headers["Stripe-Signature"].count("v1=") == 2
        assert verified(headers, body, OLD).id == verified(headers, body, NEW).id

        frozen.advance("24h")
        client.v1.customers.create({})
        frozen.advance(1)
        headers, body = inbox.next()
        assert verified(headers, body, NEW)
        with pytest.raises(stripe.SignatureVerificationError):
            verified(headers, body, OLD)
    finally:
        frozen.set_webhook_url(inbox.url, OLD)


def test_an_endpoint_gets_events_in_its_own_version(frozen, client, inbox):
    client.v1.webhook_endpoints.create(
        {
            "url": inbox.url + "older",
            "enabled_events": [COMPLETED],
            "api_version": "2026-05-27.dahlia",
        }
    )
    buy(frozen, client)

    versions = {event["api_version"] for event in inbox.waiting() if event["type"] == COMPLETED}
    assert versions == {API_VERSION, "2026-05-27.dahlia"}
    frozen.settings(webhook_api_version="2026-09-30.endive")
    frozen.emit("invoice.paid")
    assert [event["api_version"] for event in inbox.waiting()] == ["2026-09-30.endive"]


def test_an_event_keeps_the_version_of_its_creation(frozen, client):
    frozen.settings(account_api_version="2026-08-26.dahlia")
    client.v1.customers.create({})
    frozen.settings(account_api_version=API_VERSION)
    client.v1.customers.create({})

    newer, older = client.v1.events.list({"type": "customer.created"}).data
    assert (newer.api_version, older.api_version) == (API_VERSION, "2026-08-26.dahlia")
    for wrong in ({"account_api_version": "2031-01-01"}, {"webhook_api_version": "x"}):
        with pytest.raises(SandboxRefused, match=r"2026-05-27\.dahlia"):
            frozen.settings(**wrong)


def test_events_out_of_nothing(frozen, client, inbox):
    session = client.v1.checkout.sessions.create(order())
    frozen.emit("martian.landed", session.id)
    frozen.emit("payout.paid", livemode=True, account="acct_other", api_version="2020-08-27")

    unknown, foreign = inbox.waiting()
    assert unknown["data"]["object"]["id"] == session.id
    assert (foreign["livemode"], foreign["account"]) == (True, "acct_other")
    assert foreign["api_version"] == "2020-08-27"
    assert "_version_stays" not in json.dumps(foreign)
