"""Payouts after they were made: on their way, paid, failed; and those made and cancelled by hand.

What comes back is a row of its own, which the next payout takes with it.
"""

from payments.sandbox import jobs, params
from payments.sandbox.errors import refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import book
from payments.sandbox.params import choice, integer, text
from payments.sandbox.payouts import balance, get_payout, new_payout
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

CREATE: dict[str, params.Reader] = {
    "amount": integer(1),
    "currency": params.currency,
    "description": text(),
    "destination": text(255),
    "metadata": params.metadata,
    "method": choice("standard"),
    "source_type": choice("card"),
    "statement_descriptor": text(22),
    **params.EXPAND,
}
UPDATE: dict[str, params.Reader] = {"metadata": params.metadata, **params.EXPAND}
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "account_frozen": "The bank account has been frozen.",
    "could_not_process": "The bank could not process this payout.",
    "declined": "The bank has declined this payout.",
    "invalid_account_number": "The bank account number is not valid.",
    "no_account": "The bank account could not be located.",
}
UNDER_WAY = ("pending", "in_transit", "paid")


def create_payout(world: World, given: Json, *, at: int) -> Json:
    """Pay out by hand. Stripe does not tell afterwards which rows were in it.

    Raises:
        ApiError: there is less available in this currency.
    """
    currency = given["currency"]
    sums = {one["currency"]: one["amount"] for one in balance(world, at=at)["available"]}
    if given["amount"] > sums.get(currency, 0):
        raise refused(
            "You have insufficient funds in your Stripe account for this transfer. Your card "
            "balance is too low. You can use the /v1/balance endpoint to view your Stripe balance.",
            code="balance_insufficient",
        )
    return new_payout(world, given, False, at=at)


def update_payout(world: World, ident: str, given: Json, *, at: int) -> Json:
    payout = get_payout(world, ident)
    before = payout["metadata"]
    payout["metadata"] = params.merged_metadata(before, given.get("metadata"))
    if payout["metadata"] != before:
        world.store.save(payout)
        emit(world, "payout.updated", payout, at=at, previous={"metadata": before})
    return payout


def cancel_payout(world: World, ident: str, *, at: int) -> Json:
    """Only a payout that has not left yet can be cancelled.

    Raises:
        ApiError: no such payout, or it is on its way.
    """
    payout = get_payout(world, ident)
    if payout["status"] != "pending":
        raise refused(
            f"Payouts can only be canceled while they are pending; this one is {payout['status']}."
        )
    payout |= {"status": "canceled", **_returned(world, payout, "payout_cancel", at)}
    world.store.save(payout)
    emit(world, "payout.canceled", payout, at=at)
    return payout


def fail_payout(world: World, payout: Json, *, code: str, at: int) -> Json:
    """The bank sends it back, even after it was paid.

    Raises:
        ApiError: it has failed or was cancelled before.
    """
    if payout["status"] not in UNDER_WAY:
        raise refused(f"This payout is {payout['status']}; it cannot fail.")
    payout |= {
        "status": "failed",
        "failure_code": code,
        "failure_message": FAILURES[code],
        "trace_id": {"status": "unsupported", "value": None},
        **_returned(world, payout, "payout_failure", at),
    }
    world.store.save(payout)
    emit(world, "payout.failed", payout, at=at)
    return payout


def _returned(world: World, payout: Json, kind: str, at: int) -> Json:
    entry = book(
        world,
        kind=kind,
        amount=payout["amount"],
        currency=payout["currency"],
        source=payout["id"],
        description=f"RETURNED: {payout['description']}",
        available_on=at,
        at=at,
    )
    return {"failure_balance_transaction": entry["id"]}


# later -----------------------------------------------------------------------------------


@jobs.handles("payout_leaves")
def _leave(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident)
    if payout["status"] == "pending":
        world.store.save(payout | {"status": "in_transit"})
        previous = {"status": "pending"}
        emit(world, "payout.updated", payout | {"status": "in_transit"}, at=at, previous=previous)


@jobs.handles("payout_arrives")
def _arrive(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident)
    if payout["status"] == "in_transit":
        if payout["_fate"] == "fails":
            fail_payout(world, payout, code="account_closed", at=at)
        else:
            _be_paid(world, payout, at)
    if payout["automatic"]:
        due = at + world.behaviour.reconciling_takes
        jobs.plan(world, "payout_reconciled", due=due, subject=ident)


def _be_paid(world: World, payout: Json, at: int) -> None:
    trace = {"status": "supported", "value": new_id("", 12).upper()}
    payout |= {"status": "paid", "trace_id": trace}
    world.store.save(payout)
    emit(world, "payout.paid", payout, at=at)
    if payout["_fate"] == "fails_late":
        due = at + world.behaviour.payout_fails_after
        jobs.plan(world, "payout_fails", due=due, subject=payout["id"])


@jobs.handles("payout_fails")
def _fail_late(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident)
    if payout["status"] in UNDER_WAY:
        fail_payout(world, payout, code="could_not_process", at=at)


@jobs.handles("payout_reconciled")
def _reconcile(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident) | {"reconciliation_status": "completed"}
    world.store.save(payout)
    emit(world, "payout.reconciliation_completed", payout, at=at)
