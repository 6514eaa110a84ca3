"""Cards, sessions and the events they cause."""

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from tests.stripe.conftest import order

DECLINES = [
    ("4000000000000002", "card_declined", "generic_decline"),
    ("4000000000009995", "card_declined", "insufficient_funds"),
    ("4000000000000069", "expired_card", "expired_card"),
    ("4000000000000127", "incorrect_cvc", "incorrect_cvc"),
    ("4000000000000119", "processing_error", "processing_error"),
    ("4000008400001629", "card_declined", "generic_decline"),
]


def kinds(sandbox):
    """Event types, oldest first."""
    return [event["type"] for event in reversed(sandbox.events())]


def test_a_good_card_pays_and_tells_it_in_order(frozen, client):
    session = client.v1.checkout.sessions.create(order(customer_email="nora@example.com"))
    assert session.payment_intent is None
    assert session.url == f"{frozen.url}/c/pay/{session.id}"

    reply = frozen.pay(session.id)

    assert reply["outcome"] == "paid"
    assert reply["redirect"] == f"https://shop.example/thanks?session={session.id}"
    session = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["line_items", "payment_intent.latest_charge"]}
    )
    assert (session.status, session.payment_status, session.url) == ("complete", "paid", None)
    assert session.customer_details.email == "nora@example.com"
    assert session.line_items.data[0].description == "5 × 60 minutes"
    assert session.payment_intent.metadata["order"] == "41"
    assert session.payment_intent.latest_charge.amount == 31500
    assert session.payment_intent.latest_charge.balance_transaction is None
    assert kinds(frozen) == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


@pytest.mark.parametrize(("card", "code", "decline_code"), DECLINES)
def test_a_declined_card_leaves_the_session_open(stripe_server, client, card, code, decline_code):
    session = client.v1.checkout.sessions.create(order())

    reply = stripe_server.pay(session.id, card=card)

    assert (reply["outcome"], reply["code"]) == ("declined", code)
    assert (reply["session"]["status"], reply["session"]["payment_status"]) == ("open", "unpaid")
    intent = client.v1.payment_intents.retrieve(
        reply["session"]["payment_intent"], {"expand": ["latest_charge"]}
    )
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.decline_code == decline_code
    assert intent.latest_charge.status == "failed"
    assert kinds(stripe_server)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_second_card_pays_the_same_intent(stripe_server, client):
    session = client.v1.checkout.sessions.create(order())
    declined = stripe_server.pay(session.id, card="4000000000000002")["session"]
    paid = stripe_server.pay(session.id)["session"]

    assert paid["payment_intent"] == declined["payment_intent"]
    assert kinds(stripe_server).count("payment_intent.created") == 1
    charges = client.v1.charges.list({"payment_intent": paid["payment_intent"]})
    assert sorted(charge.status for charge in charges.data) == ["failed", "succeeded"]


@pytest.mark.parametrize("card", ["4000002760003184", "4000000000003220"])
def test_a_card_that_asks_pays_when_it_is_confirmed(stripe_server, client, card):
    session = client.v1.checkout.sessions.create(order())

    asked = stripe_server.pay(session.id, card=card, confirm="leave")
    assert asked["outcome"] == "to_confirm"
    assert kinds(stripe_server)[-1] == "payment_intent.requires_action"
    assert stripe_server.pay(session.id, card=card)["outcome"] == "paid"


def test_a_confirmation_that_fails_takes_nothing(stripe_server, client):
    session = client.v1.checkout.sessions.create(order())

    reply = stripe_server.pay(session.id, card="4000002760003184", confirm="fail")

    assert reply["code"] == "payment_intent_authentication_failure"
    assert reply["session"]["status"] == "open"
    assert client.v1.charges.list().data == []


def test_paying_twice_is_refused_and_takes_once(stripe_server, client):
    session = client.v1.checkout.sessions.create(order())
    stripe_server.pay(session.id)

    with pytest.raises(SandboxRefused, match="complete"):
        stripe_server.pay(session.id)

    assert len(client.v1.charges.list().data) == 1


def test_nothing_to_pay_needs_no_intent(stripe_server, client):
    session = client.v1.checkout.sessions.create(order(0))
    reply = stripe_server.pay(session.id)

    assert reply["session"]["payment_status"] == "no_payment_required"
    assert reply["session"]["payment_intent"] is None
    assert kinds(stripe_server) == ["checkout.session.completed"]


def test_only_test_cards_are_known(stripe_server, client):
    session = client.v1.checkout.sessions.create(order())

    with pytest.raises(SandboxRefused, match="test cards"):
        stripe_server.pay(session.id, card="4111111111111111")


def test_a_session_expires_by_the_clock(frozen, client):
    session = client.v1.checkout.sessions.create(order(expires_at=frozen.now() + 1800))
    frozen.advance("29m")
    assert client.v1.checkout.sessions.retrieve(session.id).status == "open"

    frozen.advance("1m")

    session = client.v1.checkout.sessions.retrieve(session.id)
    assert (session.status, session.url) == ("expired", None)
    assert kinds(frozen) == ["checkout.session.expired"]
    with pytest.raises(SandboxRefused, match="expired"):
        frozen.pay(session.id)


def test_expiring_works_once_and_never_after_paying(stripe_server, client):
    session = client.v1.checkout.sessions.create(order())
    assert client.v1.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        client.v1.checkout.sessions.expire(session.id)

    paid = client.v1.checkout.sessions.create(order())
    stripe_server.pay(paid.id)
    with pytest.raises(stripe.InvalidRequestError, match="complete"):
        client.v1.checkout.sessions.expire(paid.id)


def test_sessions_are_listed_newest_first_with_filters_and_cursors(frozen, client):
    made = []
    for _ in range(5):
        made.insert(0, client.v1.checkout.sessions.create(order()).id)
        frozen.advance(60)
    frozen.pay(made[0])

    page = client.v1.checkout.sessions.list({"limit": 2})
    assert [one.id for one in page.data] == made[:2]
    assert page.has_more
    rest = client.v1.checkout.sessions.list({"limit": 10, "starting_after": made[1]})
    assert [one.id for one in rest.data] == made[2:]
    assert not rest.has_more
    back = client.v1.checkout.sessions.list({"limit": 2, "ending_before": made[3]})
    assert [one.id for one in back.data] == made[1:3]
    done = client.v1.checkout.sessions.list({"status": "complete"})
    assert [one.id for one in done.data] == made[:1]
    oldest = client.v1.checkout.sessions.retrieve(made[4]).created
    late = client.v1.checkout.sessions.list({"created": {"gt": oldest}})
    assert [one.id for one in late.data] == made[:4]
    assert [one.id for one in page.auto_paging_iter()] == made


def test_customers_are_kept_and_changed(stripe_server, client):
    nora = client.v1.customers.create({"email": "nora@example.com", "metadata": {"a": "1"}})
    client.v1.customers.update(nora.id, {"name": "Nora", "metadata": {"a": "", "b": "2"}})
    session = client.v1.checkout.sessions.create(order(customer=nora.id))
    stripe_server.pay(session.id)

    nora = client.v1.customers.retrieve(nora.id)
    assert (nora.name, nora.metadata.to_dict()) == ("Nora", {"b": "2"})
    found = client.v1.customers.list({"email": "nora@example.com"})
    assert [one.id for one in found.data] == [nora.id]
    assert client.v1.charges.list({"customer": nora.id}).data[0].paid
