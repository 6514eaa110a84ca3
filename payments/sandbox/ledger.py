"""Stripe's own ledger: one row for each change of the balance, never edited afterwards."""

from dataclasses import dataclass

from payments.sandbox import jobs
from payments.sandbox.ids import new_id
from payments.sandbox.money import converted
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

FUND_REFUNDS = "fund_refunds"  # the job that looks whether waiting refunds can be paid now

# What bookkeepers classify by, where it is called otherwise than the type.
CATEGORIES = {
    "payment": "charge",
    "payment_refund": "refund",
    "payment_failure_refund": "charge_failure",
    "payout_cancel": "payout_reversal",
    "payout_failure": "payout_reversal",
    "reserved_funds": "risk_reserved_funds",
    "stripe_fee": "fee",
}


def book(
    world: World,
    *,
    kind: str,
    amount: int,
    currency: str,
    source: str | None,
    description: str | None,
    available_on: int,
    at: int,
    fee: int = 0,
    fee_for: str = "Stripe processing fees",
    category: str | None = None,
    exchange_rate: float | None = None,
) -> Json:
    """Append one row: minor units, net = amount - fee."""
    fees = {
        "amount": fee,
        "application": None,
        "currency": currency,
        "description": fee_for,
        "type": "stripe_fee",
    }
    entry = world.store.insert(
        {
            "id": new_id("txn_3"),
            "object": "balance_transaction",
            "amount": amount,
            "available_on": available_on,
            "balance_type": "payments",
            "created": at,
            "currency": currency,
            "description": description,
            "exchange_rate": exchange_rate,
            "fee": fee,
            "fee_details": [fees] if fee else [],
            "net": amount - fee,
            "reporting_category": category or CATEGORIES.get(kind, kind),
            "source": source,
            "status": "pending",
            "type": kind,
            "_payout": None,
        }
    )
    if entry["net"] > 0 and waiting_refunds(world):
        jobs.plan(world, FUND_REFUNDS, due=at)
    return entry


@dataclass(frozen=True, slots=True)
class Settled:
    """An amount as the balance has it."""

    amount: int
    currency: str
    exchange_rate: float | None = None


def settled(world: World, amount: int, currency: str) -> Settled:
    """What the payer's money is in the currency in which the account keeps its own."""
    ours, rate = world.behaviour.settlement_currency, world.behaviour.exchange_rate
    if not ours or ours == currency:
        return Settled(amount, currency)
    return Settled(converted(amount, rate, currency, ours), ours, rate)


def funds(world: World, currency: str) -> int:
    """Everything in the balance of a currency, pending or available; below zero is a debt."""
    rows = world.store.run(
        "SELECT sum(json_extract(body, '$.net')) AS net FROM objects "
        "WHERE kind = 'balance_transaction' AND json_extract(body, '$.currency') = ?",
        (currency,),
    )
    return int(rows[0]["net"] or 0)


def waiting_refunds(world: World) -> list[Json]:
    """Refunds that the balance could not pay for, oldest first."""
    return world.store.select(
        "refund", [("pending_reason", "=", "insufficient_funds")], oldest_first=True
    )
