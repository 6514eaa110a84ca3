"""What becomes of a refund after it was made: it arrives, waits, fails, expires, is cancelled."""

from payments.sandbox import jobs
from payments.sandbox.errors import refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import FUND_REFUNDS, book, funds, settled, waiting_refunds
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

REFERENCE_AFTER = 5  # seconds until the bank's reference number is known
FAILURES = (
    *("charge_for_pending_refund_disputed", "declined", "expired_or_canceled_card"),
    *("insufficient_funds", "lost_or_stolen_card", "merchant_request", "unknown"),
)
UNDER_WAY = ("pending", "requires_action", "succeeded")
CANCELLABLE = ("pending", "requires_action")


def take_money(world: World, refund: Json, *, at: int) -> None:
    """Book the refund; it is not taken from the balance before its charge is in there."""
    charge = world.store.fetch("charge", refund["charge"])
    original = world.store.fetch("balance_transaction", charge["balance_transaction"])
    money = settled(world, -refund["amount"], refund["currency"])
    entry = book(
        world,
        kind="refund" if original["type"] == "charge" else "payment_refund",
        amount=money.amount,
        currency=money.currency,
        exchange_rate=money.exchange_rate,
        source=refund["id"],
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
        available_on=max(at, original["available_on"]),
        at=at,
    )
    refund["balance_transaction"] = entry["id"]


def plan_fate(world: World, refund: Json, fate: str, *, at: int) -> None:
    """Plan what the card, or the setting `next_refund`, has in store for the refund."""
    behaviour = world.behaviour
    if refund["status"] == "succeeded":
        jobs.plan(world, "refund_reference", due=at + REFERENCE_AFTER, subject=refund["id"])
    elif refund.get("pending_reason") == "processing":
        jobs.plan(world, "refund_arrives", due=at + behaviour.refund_takes, subject=refund["id"])
    if fate == "fails":
        due = at + behaviour.refund_fails_after
        jobs.plan(world, "refund_fails", due=due, subject=refund["id"])


def fail_refund(world: World, refund: Json, *, reason: str, at: int) -> Json:
    """The bank sends the money back: it is in the balance again, and the charge can be refunded.

    Raises:
        ApiError: the refund has failed or was cancelled before.
    """
    if refund["status"] not in UNDER_WAY:
        raise refused(f"This refund has a status of {refund['status']}; it cannot fail.")
    refund = _undo(world, refund, status="failed", reason=reason, at=at)
    emit(world, "refund.failed", refund, at=at)
    return refund


def cancel_refund(world: World, refund: Json, *, at: int) -> Json:
    """Only a refund that waits can be cancelled.

    Raises:
        ApiError: the refund does not wait.
    """
    if refund["status"] not in CANCELLABLE:
        raise refused(
            f"This refund cannot be canceled because it has a status of {refund['status']}. "
            "Only refunds that are pending or require action can be canceled."
        )
    return _undo(world, refund, status="canceled", reason="merchant_request", at=at)


def expire_refund(world: World, refund: Json, *, at: int) -> Json:
    """The payer did not say where the money shall go.

    Raises:
        ApiError: the refund does not wait for the payer.
    """
    if refund["status"] != "requires_action":
        raise refused(
            f"This refund cannot be expired because it has a status of {refund['status']}. "
            "Only refunds that require action can be expired."
        )
    return fail_refund(world, refund, reason="unknown", at=at)


def announce(world: World, refund: Json, previous: Json, *, at: int) -> None:
    # Stripe tells one change under both names.
    emit(world, "refund.updated", refund, at=at, previous=previous)
    emit(world, "charge.refund.updated", refund, at=at, previous=previous)


def _undo(world: World, refund: Json, *, status: str, reason: str, at: int) -> Json:
    before = dict(refund)
    refund |= {"status": status, "failure_reason": reason}
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if refund["balance_transaction"]:
        refund["failure_balance_transaction"] = _put_back(world, refund, at)["id"]
    world.store.save(refund)
    charge = world.store.fetch("charge", refund["charge"])
    charge["amount_refunded"] -= refund["amount"]
    charge["refunded"] = False
    world.store.save(charge)
    changed = {name for name in before | refund if before.get(name) != refund.get(name)}
    announce(world, refund, {name: before.get(name) for name in sorted(changed)}, at=at)
    return refund


def _put_back(world: World, refund: Json, at: int) -> Json:
    taken = world.store.fetch("balance_transaction", refund["balance_transaction"])
    return book(
        world,
        kind="refund_failure",
        amount=-taken["amount"],
        currency=taken["currency"],
        exchange_rate=taken["exchange_rate"],
        source=refund["id"],
        description=f"REFUND FAILURE ({taken['description']})",
        available_on=max(at, taken["available_on"]),
        at=at,
    )


# later -----------------------------------------------------------------------------------


@jobs.handles("refund_reference")
def _add_reference(world: World, ident: str, at: int) -> None:
    refund = world.store.fetch("refund", ident)
    details = refund.get("destination_details")
    if refund["status"] != "succeeded" or details is None:
        return
    known = {"reference": new_id("7", 10).upper(), "reference_status": "available"}
    refund["destination_details"] = {"card": details["card"] | known, "type": "card"}
    world.store.save(refund)
    announce(world, refund, {"destination_details": details}, at=at)


@jobs.handles("refund_arrives")
def _arrive(world: World, ident: str, at: int) -> None:
    refund = world.store.fetch("refund", ident)
    if refund["status"] == "pending":
        _succeed(world, refund, at)


@jobs.handles("refund_fails")
def _fail_when_due(world: World, ident: str, at: int) -> None:
    refund = world.store.fetch("refund", ident)
    if refund["status"] in UNDER_WAY:
        fail_refund(world, refund, reason="expired_or_canceled_card", at=at)


@jobs.handles(FUND_REFUNDS)
def _fund(world: World, _: str, at: int) -> None:
    """Pay what had to wait for money, oldest first, as far as the balance of a currency goes."""
    short: set[str] = set()
    for refund in waiting_refunds(world):
        needed = settled(world, refund["amount"], refund["currency"])
        if needed.currency in short or funds(world, needed.currency) < needed.amount:
            short.add(needed.currency)
            continue
        take_money(world, refund, at=at)
        _succeed(world, refund, at)


def _succeed(world: World, refund: Json, at: int) -> None:
    previous = {"status": refund["status"], "pending_reason": refund.pop("pending_reason", None)}
    refund["status"] = "succeeded"
    world.store.save(refund)
    announce(world, refund, previous, at=at)
    plan_fate(world, refund, "", at=at)
