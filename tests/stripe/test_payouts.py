"""Payouts that fail, at once or late, that are made and cancelled by hand, and odd rows."""

import pytest
import stripe

from payments.sandbox.control_client import SandboxRefused
from tests.stripe.test_money import balance, paid
from tests.stripe.test_paying import kinds

AT_ONCE = "4000000000000077"


@pytest.fixture
def funded(frozen, client):
    """1000 minor units less a fee of 40, available."""
    paid(frozen, client, 1000, AT_ONCE)
    frozen.advance(2)
    return frozen


def rows_of(client, payout):
    """(category, net) of what went out with a payout, without the payout's own row."""
    found = client.v1.balance_transactions.list({"payout": payout.id}).data
    return {(row.reporting_category, row.net) for row in found if row.source != payout.id}


def newest(client):
    return client.v1.payouts.list({"limit": 1}).data[0]


def test_a_payout_says_how_the_bank_may_find_it_once_it_is_paid(funded, client):
    funded.run_payouts()
    assert newest(client).trace_id.to_dict() == {"status": "pending", "value": None}

    funded.advance("6h")

    payout = newest(client)
    assert (payout.automatic, payout.status) == (True, "paid")
    assert payout.trace_id.status == "supported"
    assert payout.trace_id.value


@pytest.mark.parametrize(
    ("fate", "events"),
    [("fails", ["payout.failed"]), ("fails_late", ["payout.paid", "payout.failed"])],
)
def test_a_payout_that_fails_comes_back_and_goes_with_the_next(funded, client, fate, events):
    funded.settings(payout_schedule="manual")
    funded.next_payout(fate)
    funded.run_payouts()
    funded.advance("3d")

    failed = client.v1.payouts.retrieve(
        newest(client).id, {"expand": ["failure_balance_transaction"]}
    )
    assert failed.status == "failed"
    assert failed.failure_code
    assert failed.failure_message
    back = failed.failure_balance_transaction
    assert (back.type, back.reporting_category) == ("payout_failure", "payout_reversal")
    assert (back.net, back.source) == (960, failed.id)
    told = [kind for kind in kinds(funded) if kind in ("payout.paid", "payout.failed")]
    assert told == events
    assert balance(client) == (0, 960)

    funded.run_payouts()
    assert newest(client).amount == 960
    assert rows_of(client, newest(client)) == {("payout_reversal", 960)}
    assert rows_of(client, failed) == {("charge", 960)}


def test_a_paid_payout_fails_by_hand_but_once(funded, client):
    funded.run_payouts()
    funded.advance("6h")

    assert funded.fail_payout(newest(client).id, "no_account")["failure_code"] == "no_account"
    for code in ("no_account", "bad_mood"):
        with pytest.raises(SandboxRefused):
            funded.fail_payout(newest(client).id, code)


def test_a_payout_by_hand_is_not_itemised(funded, client):
    made = client.v1.payouts.create(
        {"amount": 500, "currency": "eur", "metadata": {"why": "rent"}, "description": "Rent"}
    )

    assert (made.automatic, made.status) == (False, "pending")
    assert made.reconciliation_status == "not_applicable"
    assert balance(client) == (0, 460)
    with pytest.raises(stripe.InvalidRequestError, match="automatic transfers, not manual"):
        client.v1.balance_transactions.list({"payout": made.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.payouts.create({"amount": 461, "currency": "eur"})
    assert caught.value.code == "balance_insufficient"
    funded.advance("7h")
    assert client.v1.payouts.retrieve(made.id).status == "paid"
    assert "payout.reconciliation_completed" not in kinds(funded)


def test_a_payout_by_hand_can_be_cancelled_until_it_leaves(funded, client):
    first = client.v1.payouts.create({"amount": 500, "currency": "eur"})
    cancelled = client.v1.payouts.cancel(first.id, {"expand": ["failure_balance_transaction"]})
    assert cancelled.status == "canceled"
    assert cancelled.failure_balance_transaction.type == "payout_cancel"
    assert cancelled.failure_balance_transaction.reporting_category == "payout_reversal"
    assert balance(client) == (0, 960)
    assert kinds(funded)[-1] == "payout.canceled"

    second = client.v1.payouts.create({"amount": 500, "currency": "eur"})
    funded.advance("1h")
    with pytest.raises(stripe.InvalidRequestError, match="in_transit"):
        client.v1.payouts.cancel(second.id)
    funded.advance("6h")
    assert client.v1.payouts.retrieve(first.id).status == "canceled"


def test_a_note_on_a_payout(funded, client):
    funded.run_payouts()

    client.v1.payouts.update(newest(client).id, {"metadata": {"checked": "Sam"}})

    [event] = client.v1.events.list({"type": "payout.updated"}).data
    assert event.data.object.metadata["checked"] == "Sam"


def test_on_a_manual_schedule_nothing_leaves_by_itself(funded, client):
    funded.settings(payout_schedule="manual")
    funded.advance("10d")

    assert client.v1.payouts.list().data == []


def test_a_debt_may_be_taken_from_the_bank_account(frozen, client):
    frozen.settings(payout_debits=True)
    frozen.add_balance_row(-700, currency="eur")
    frozen.advance("1d")

    [payout] = client.v1.payouts.list().data
    assert payout.amount == -700
    assert balance(client) == (0, 0)


@pytest.mark.parametrize(
    ("row", "kind", "category", "net"),
    [
        ({"amount": -1500, "kind": "stripe_fee"}, "stripe_fee", "fee", -1500),
        ({"amount": 300}, "adjustment", "other_adjustment", 300),
        ({"amount": 300, "category": "capital", "fee": 10}, "adjustment", "capital", 290),
        (
            {"amount": -5000, "kind": "reserved_funds"},
            "reserved_funds",
            "risk_reserved_funds",
            -5000,
        ),
    ],
)
def test_rows_that_no_payment_caused(frozen, client, row, kind, category, net):
    made = frozen.add_balance_row(**row, currency="eur", available_in="2d")

    found = client.v1.balance_transactions.retrieve(made["id"])
    assert (found.type, found.reporting_category, found.net) == (kind, category, net)
    assert found.source is None
    assert balance(client) == (net, 0)
    frozen.advance("2d")
    assert balance(client) == (0, net)


def test_a_row_has_an_amount(frozen):
    for amount in (0, "much"):
        with pytest.raises(SandboxRefused, match="amount"):
            frozen.add_balance_row(amount)
