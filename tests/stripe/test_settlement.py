"""Payments in one currency, an account that is kept in another."""

import pytest

from payments.sandbox.money import converted
from tests.stripe.test_money import paid


@pytest.mark.parametrize(
    ("amount", "rate", "source", "target", "result"),
    [
        (6000, 1.3985, "usd", "cad", 8391),
        (1, 0.5, "eur", "gbp", 1),
        (-1, 0.5, "eur", "gbp", -1),
        (1000, 160.0, "eur", "jpy", 1600),
        (500, 0.00625, "jpy", "eur", 313),
    ],
)
def test_amounts_are_converted_half_up(amount, rate, source, target, result):
    assert converted(amount, rate, source, target) == result


def rows(client):
    found = client.v1.balance_transactions.list({"limit": 100}).data
    return [(r.reporting_category, r.amount, r.fee, r.currency, r.exchange_rate) for r in found]


def test_everything_is_booked_in_the_currency_of_the_account(frozen, client):
    frozen.settings(settlement_currency="gbp", exchange_rate=0.85)
    charge = paid(frozen, client, 10_000)
    frozen.advance(2)
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 999})

    assert (charge.amount, charge.currency, refund.currency) == (10_000, "eur", "eur")
    assert rows(client) == [
        ("refund", -849, 0, "gbp", 0.85),
        ("charge", 8500, 153, "gbp", 0.85),
    ]
    frozen.advance("3d")
    [payout] = client.v1.payouts.list().data
    assert (payout.amount, payout.currency) == (8500 - 153 - 849, "gbp")


def test_what_comes_back_is_what_was_taken_whatever_the_rate_is_now(frozen, client):
    frozen.settings(settlement_currency="gbp", exchange_rate=0.85)
    charge = paid(frozen, client, 10_000)
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 999})
    dispute = frozen.dispute(charge.id, amount=2000)
    frozen.settings(exchange_rate=0.9)

    frozen.fail_refund(refund.id)
    frozen.settle_dispute(dispute["id"], "won")

    assert rows(client)[:-1] == [
        ("dispute_reversal", 1700, 0, "gbp", 0.85),
        ("refund_failure", 849, 0, "gbp", 0.85),
        ("dispute", -1700, 2000, "gbp", 0.85),
        ("refund", -849, 0, "gbp", 0.85),
    ]
