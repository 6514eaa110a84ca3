"""What happens to money outside the API: the bank disputes, a refund fails, somebody clicks.

These are orders to the control room, under /_sandbox/; each is one act of the API's own modules.
"""

from collections.abc import Callable

from payments.sandbox import (
    disputes,
    evidence,
    jobs,
    payout_fates,
    payouts,
    refund_fates,
    refunds,
    sepa,
)
from payments.sandbox.clock import read_duration
from payments.sandbox.errors import BadOrder
from payments.sandbox.ledger import book
from payments.sandbox.objects import render
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

Order = Callable[[World, Json, int], Json]
OTHER = {"adjustment": "other_adjustment"}
OUTCOMES = ("won", "lost", "escalated")


def carry_out(order: Order, world: World, data: Json) -> Json:
    """Do it now, after all that was due before."""
    with world.store.transaction():
        now = world.now
        jobs.run_due(world, upto=now)
        return order(world, data, now)


def dispute(world: World, data: Json, now: int) -> Json:
    """`charge` may be a charge, a payment intent or a session."""
    reason = str(data.get("reason") or "fraudulent")
    if reason not in disputes.REASONS:
        raise BadOrder(f"reason is one of {', '.join(disputes.REASONS)}.")
    opened = disputes.open_dispute(
        world,
        _charge(world, data),
        reason=reason,
        inquiry=is_true(data.get("inquiry")),
        amount=_amount(data),
        at=now,
    )
    return {"dispute": render(world.store, opened, at=now)}


def settle_dispute(world: World, data: Json, now: int) -> Json:
    outcome = data.get("outcome")
    if outcome not in OUTCOMES:
        raise BadOrder(f"outcome is one of {', '.join(OUTCOMES)}.")
    found = disputes.get_dispute(world, data["id"])
    settled = evidence.settle_dispute(world, found, outcome=outcome, at=now)
    return {"dispute": render(world.store, settled, at=now)}


def refund_by_hand(world: World, data: Json, now: int) -> Json:
    """As somebody does in Stripe's dashboard: no metadata, no request of the shop's."""
    order: Json = {"charge": _charge(world, data)["id"]}
    amount = _amount(data)
    made = refunds.create_refund(world, order | ({"amount": amount} if amount else {}), at=now)
    return {"refund": render(world.store, made, at=now)}


def fail_refund(world: World, data: Json, now: int) -> Json:
    reason = str(data.get("reason") or "expired_or_canceled_card")
    if reason not in refund_fates.FAILURES:
        raise BadOrder(f"reason is one of {', '.join(refund_fates.FAILURES)}.")
    found = refunds.get_refund(world, data["id"])
    failed = refund_fates.fail_refund(world, found, reason=reason, at=now)
    return {"refund": render(world.store, failed, at=now)}


def fail_debit(world: World, data: Json, now: int) -> Json:
    failed = sepa.return_debit(world, _charge(world, {"charge": data["id"]}), at=now)
    return {"charge": render(world.store, failed, at=now)}


def fail_payout(world: World, data: Json, now: int) -> Json:
    code = str(data.get("code") or "account_closed")
    if code not in payout_fates.FAILURES:
        raise BadOrder(f"code is one of {', '.join(payout_fates.FAILURES)}.")
    found = payouts.get_payout(world, data["id"])
    failed = payout_fates.fail_payout(world, found, code=code, at=now)
    return {"payout": render(world.store, failed, at=now)}


def add_row(world: World, data: Json, now: int) -> Json:
    """A row that no payment of ours caused: Stripe's own fee, a reserve, an adjustment."""
    amount = _amount(data)
    if not amount:
        raise BadOrder("amount is a whole number of minor units, and not zero.")
    kind = str(data.get("type") or "adjustment")
    waits = read_duration(data.get("available_in") or 0)
    entry = book(
        world,
        kind=kind,
        category=data.get("reporting_category") or OTHER.get(kind),
        amount=amount,
        fee=_amount({"amount": data.get("fee")}) or 0,
        currency=str(data.get("currency") or world.behaviour.default_currency).lower(),
        source=data.get("source") or None,
        description=data.get("description") or None,
        available_on=now + waits,
        at=now,
    )
    return {"balance_transaction": render(world.store, entry, at=now)}


def is_true(value: object) -> bool:
    """JSON says true, a form says "true"."""
    return str(value).lower() in ("true", "1", "on")


def _amount(data: Json) -> int | None:
    """Minor units, or None for all."""
    if data.get("amount") in (None, ""):
        return None
    try:
        return int(data["amount"])
    except (TypeError, ValueError):
        raise BadOrder("amount is a whole number of minor units.") from None


def _charge(world: World, data: Json) -> Json:
    ident = str(data.get("charge") or "")
    if session := world.store.get("checkout.session", ident):
        ident = session["payment_intent"] or ""
    if intent := world.store.get("payment_intent", ident):
        ident = intent["latest_charge"] or ""
    charge = world.store.get("charge", ident)
    if charge is None:
        raise BadOrder(f"There is no charge for {data.get('charge')!r}.")
    return charge


ORDERS: dict[str, Order] = {
    "balance": add_row,
    "disputes": dispute,
    "disputes/{id}/settle": settle_dispute,
    "charges/{id}/fail": fail_debit,
    "payouts/{id}/fail": fail_payout,
    "refunds": refund_by_hand,
    "refunds/{id}/fail": fail_refund,
}
