"""Fees, the balance, payouts, refunds: the rows the books are built from."""

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from payments.sandbox.behaviour import Behaviour
from payments.sandbox.money import formatted
from tests.stripe.conftest import order
from tests.stripe.test_paying import kinds

DAY = 86400


def paid(sandbox, client, amount=31500, card="4242424242424242"):
    """The charge of a new, paid session."""
    session = client.v1.checkout.sessions.create(order(amount))
    sandbox.pay(session.id, card=card)
    found = client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
    return found.payment_intent.latest_charge


@pytest.mark.parametrize(
    ("amount", "fee"), [(31500, 498), (1000, 40), (100, 27), (33, 25), (34, 26), (10000, 175)]
)
def test_the_fee_is_one_and_a_half_percent_and_25_cents_half_up(amount, fee):
    assert Behaviour().fee(amount) == fee


@given(st.integers(0, 10**9))
def test_the_fee_is_never_off_by_more_than_half_a_cent(amount):
    assert abs((Behaviour().fee(amount) - 25) * 200 - amount * 3) <= 100


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (31500, "eur", "€315.00"),
        (123456789, "eur", "€1,234,567.89"),
        (-5, "gbp", "-£0.05"),
        (500, "jpy", "¥500"),
        (1500, "chf", "CHF 15.00"),
        (1500, "kwd", "KWD 1.500"),
    ],
)
def test_amounts_in_words(amount, currency, text):
    assert formatted(amount, currency) == text


def test_the_money_of_a_charge_arrives_a_little_later(frozen, client):
    charge = paid(frozen, client)
    assert charge.balance_transaction is None
    frozen.advance(1)
    assert client.v1.charges.retrieve(charge.id).balance_transaction is None

    frozen.advance(1)

    charge = client.v1.charges.retrieve(charge.id, {"expand": ["balance_transaction"]})
    row = charge.balance_transaction
    assert (row.amount, row.fee, row.net) == (31500, 498, 31002)
    assert (row.type, row.status, row.source) == ("charge", "pending", charge.id)
    assert row.available_on == row.created + 2 * DAY
    event = frozen.events("charge.updated")[0]
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    assert event["data"]["object"]["balance_transaction"] == row.id


@pytest.mark.parametrize("delay", [0, 3600])
def test_the_delay_is_a_setting(frozen, client, delay):
    frozen.settings(balance_transaction_delay=delay)
    charge = paid(frozen, client)

    frozen.advance(delay)

    assert client.v1.charges.retrieve(charge.id).balance_transaction


def balance(client):
    found = client.v1.balance.retrieve()
    return found.pending[0].amount, found.available[0].amount


def test_from_pending_to_available_to_the_bank(frozen, client):
    """Paid on Thursday at ten, available on Saturday at ten, paid out on Sunday at six."""
    assert balance(client) == (0, 0)
    charge = paid(frozen, client)
    frozen.advance(2)
    assert balance(client) == (31002, 0)
    frozen.advance("2d")
    assert balance(client) == (0, 31002)
    assert client.v1.payouts.list().data == []
    frozen.advance("20h")
    assert balance(client) == (0, 0)

    [payout] = client.v1.payouts.list().data
    assert (payout.amount, payout.status) == (31002, "in_transit")
    assert payout.created % DAY == 6 * 3600
    assert payout.reconciliation_status == "in_progress"
    frozen.advance("7h")
    payout = client.v1.payouts.retrieve(payout.id, {"expand": ["balance_transaction"]})
    assert (payout.status, payout.reconciliation_status) == ("paid", "completed")
    assert payout.balance_transaction.net == -31002
    assert kinds(frozen)[-3:] == [
        "payout.created",
        "payout.paid",
        "payout.reconciliation_completed",
    ]
    rows = client.v1.balance_transactions.list({"payout": payout.id}).data
    assert {(row.type, row.source, row.net) for row in rows} == {
        ("charge", charge.id, 31002),
        ("payout", payout.id, -31002),
    }


def test_money_that_is_available_at_once(frozen, client):
    paid(frozen, client, card="4000000000000077")
    frozen.advance(2)

    assert balance(client) == (0, 31002)


def test_a_week_of_payouts_takes_every_row_once(frozen, client):
    for _ in range(7):
        paid(frozen, client, 5000)
        paid(frozen, client, 9900)
        frozen.advance("1d")
    frozen.advance("5d")

    rows = list(client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter())
    charged = sum(row.net for row in rows if row.type == "charge")
    assert charged == 7 * (5000 - 100 + 9900 - 174)
    assert sum(payout.amount for payout in client.v1.payouts.list().data) == charged
    seen = [
        row.id
        for payout in client.v1.payouts.list().data
        for row in client.v1.balance_transactions.list({"payout": payout.id}).data
    ]
    assert sorted(seen) == sorted(row.id for row in rows)
    assert balance(client) == (0, 0)


def test_one_jump_tells_the_same_story_as_many_steps(stripe_server, client):
    def story(steps):
        stripe_server.reset()
        stripe_server.set_clock(1_790_848_800, freeze=True)
        paid(stripe_server, client)
        for step in steps:
            stripe_server.advance(step)
        return [(e["type"], e["created"]) for e in stripe_server.events()]

    assert story(["10d"]) == story(["1h", "2d", "30m", "22h30m", "7d"])


def test_payouts_by_hand(frozen, client):
    assert frozen.run_payouts() == []
    paid(frozen, client, card="4000000000000077")
    frozen.advance(2)

    assert [payout["amount"] for payout in frozen.run_payouts()] == [31002]


def test_refunds_in_parts(frozen, client):
    charge = paid(frozen, client, 1000)
    first = client.v1.refunds.create({"charge": charge.id, "amount": 300, "metadata": {"r": "1"}})

    assert first.status == "succeeded"
    row = client.v1.balance_transactions.retrieve(first.balance_transaction)
    assert (row.type, row.amount, row.fee, row.net) == ("refund", -300, 0, -300)
    charge = client.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (charge.amount_refunded, charge.refunded) == (300, False)
    assert charge.refunds.data[0].id == first.id
    with pytest.raises(stripe.InvalidRequestError, match=r"€10.00.*€7.00") as caught:
        client.v1.refunds.create({"charge": charge.id, "amount": 1000})
    assert (caught.value.param, caught.value.code) == ("amount", None)

    rest = client.v1.refunds.create({"payment_intent": charge.payment_intent})
    assert rest.amount == 700
    assert client.v1.charges.retrieve(charge.id).refunded
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.refunds.create({"charge": charge.id})
    assert caught.value.code == "charge_already_refunded"
    assert [one.id for one in client.v1.refunds.list({"charge": charge.id}).data] == [
        rest.id,
        first.id,
    ]


def test_a_refund_tells_itself_and_its_charge(frozen, client):
    charge = paid(frozen, client)
    frozen.advance(2)
    refund = client.v1.refunds.create({"charge": charge.id})
    frozen.advance(5)

    assert kinds(frozen)[-4:] == [
        "refund.created",
        "charge.refunded",
        "refund.updated",
        "charge.refund.updated",
    ]
    refund = client.v1.refunds.update(refund.id, {"metadata": {"seen": "yes"}})
    assert refund.destination_details.card.reference_status == "available"
    assert refund.metadata["seen"] == "yes"
    with pytest.raises(stripe.InvalidRequestError, match="succeeded"):
        client.v1.refunds.cancel(refund.id)


def test_a_refund_is_paid_out_together_with_its_charge(frozen, client):
    charge = paid(frozen, client, 1000)
    client.v1.refunds.create({"charge": charge.id, "amount": 300})
    frozen.advance("4d")

    [payout] = client.v1.payouts.list().data
    assert payout.amount == 1000 - 40 - 300


def test_a_balance_in_debt_is_not_paid_out(frozen, client):
    frozen.settings(refund_into_debt=True)
    charge = paid(frozen, client, 1000, card="4000000000000077")
    frozen.advance(2)
    frozen.run_payouts()
    client.v1.refunds.create({"charge": charge.id})
    assert balance(client) == (0, -1000)
    frozen.advance("3d")
    assert len(client.v1.payouts.list().data) == 1


@pytest.mark.parametrize(
    ("query", "count"),
    [({"type": "bogus"}, 0), ({"type": "charge"}, 2), ({"currency": "usd"}, 0), ({}, 2)],
)
def test_filters_of_balance_transactions_are_lenient(frozen, client, query, count):
    paid(frozen, client)
    paid(frozen, client)
    frozen.advance(2)

    assert len(client.v1.balance_transactions.list(query).data) == count


def test_source_gives_only_its_own_row(frozen, client):
    charge = paid(frozen, client)
    client.v1.refunds.create({"charge": charge.id, "amount": 100})

    rows = client.v1.balance_transactions.list(
        {"source": charge.id, "expand": ["data.source"]}
    ).data
    assert [(row.type, row.source.id) for row in rows] == [("charge", charge.id)]
