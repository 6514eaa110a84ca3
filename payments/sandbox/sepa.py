"""SEPA debits: the payer is done at once, the money comes or does not come later."""

from dataclasses import dataclass

from payments.sandbox import jobs
from payments.sandbox.cards import Decline, Means, TestCard, find_card
from payments.sandbox.charges import create_charge, settle_soon
from payments.sandbox.disputes import trouble_after
from payments.sandbox.errors import refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.intents import fail_intent, intent_of, succeed_intent
from payments.sandbox.ledger import book
from payments.sandbox.sessions import complete_session
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

THREE_MINUTES = 180
NO_COVER = Decline(
    "insufficient_funds",
    "insufficient_funds",
    "The customer's account has insufficient funds to cover this payment.",
    "There is not enough money in this account. Nothing was taken; try another way to pay.",
)


@dataclass(frozen=True, slots=True)
class DebitAccount(Means):
    fails: bool = False
    slow: bool = False  # three minutes instead of the usual seconds


ACCOUNTS = {
    account.number: account
    for account in (
        DebitAccount("DE89370400440532013000", "Pays"),
        DebitAccount("DE62370400440532013001", "Fails", fails=True),
        DebitAccount("DE08370400440532013003", "Pays after three minutes", slow=True),
        DebitAccount("DE78370400440532013004", "Fails after three minutes", fails=True, slow=True),
        DebitAccount("DE35370400440532013002", "Pays, disputed at once", dispute="general"),
    )
}


def find_account(text: str) -> DebitAccount | None:
    return ACCOUNTS.get("".join(sign for sign in text if sign.isalnum()).upper())


def find_means(text: str) -> TestCard | DebitAccount | None:
    """The test card or account of this number."""
    return find_account(text) or find_card(text)


def debit(world: World, session: Json, account: DebitAccount, *, payer: Json, at: int) -> None:
    """Complete an open session whose money is on its way."""
    intent = intent_of(world, session, at=at)
    charge = create_charge(
        world, intent, account, status="pending", details=_details(account), payer=payer, at=at
    )
    intent |= {
        "status": "processing",
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
        "_account": account.number,
    }
    world.store.save(intent)
    complete_session(world, session, payer, payment_status="unpaid", at=at)
    emit(world, "payment_intent.processing", intent, at=at)
    emit(world, "charge.pending", charge, at=at)
    takes = THREE_MINUTES if account.slow else world.behaviour.debit_takes
    jobs.plan(world, "debit_done", due=at + takes, subject=session["id"])


@jobs.handles("debit_done")
def _finish(world: World, session_id: str, at: int) -> None:
    session = world.store.fetch("checkout.session", session_id)
    intent = world.store.fetch("payment_intent", session["payment_intent"])
    charge = world.store.fetch("charge", intent["latest_charge"])
    if ACCOUNTS[intent["_account"]].fails:
        _fail(world, intent, charge, at)
        emit(world, "checkout.session.async_payment_failed", session, at=at)
        return
    charge |= {"status": "succeeded", "paid": True}
    world.store.save(charge)
    emit(world, "charge.succeeded", charge, at=at)
    succeed_intent(world, intent, charge, at=at)
    session["payment_status"] = "paid"
    world.store.save(session)
    emit(world, "checkout.session.async_payment_succeeded", session, at=at)
    settle_soon(world, charge, at=at)
    trouble_after(world, charge, at=at)


def return_debit(world: World, charge: Json, *, at: int) -> Json:
    """The payer's bank sends a debit back that had succeeded.

    Raises:
        ApiError: it is no debit that succeeded, or money of it was given back already.
    """
    is_debit = "sepa_debit" in charge["payment_method_details"]
    if not is_debit or not charge["balance_transaction"] or charge["status"] != "succeeded":
        raise refused(f"Charge {charge['id']} is no debit whose money has arrived.")
    if charge["amount_refunded"] or charge["disputed"]:
        raise refused(f"Charge {charge['id']} was refunded or disputed.")
    original = world.store.fetch("balance_transaction", charge["balance_transaction"])
    entry = book(
        world,
        kind="payment_failure_refund",
        amount=-original["amount"],
        currency=original["currency"],
        exchange_rate=original["exchange_rate"],
        source=charge["id"],
        description=f"FAILED PAYMENT ({charge['description'] or charge['id']})",
        available_on=max(at, original["available_on"]),
        at=at,
    )
    charge["failure_balance_transaction"] = entry["id"]
    intent = world.store.fetch("payment_intent", charge["payment_intent"])
    _fail(world, intent, charge, at)
    return charge


def _fail(world: World, intent: Json, charge: Json, at: int) -> None:
    charge |= {
        "status": "failed",
        "paid": False,
        "failure_code": NO_COVER.code,
        "failure_message": NO_COVER.message,
    }
    world.store.save(charge)
    emit(world, "charge.failed", charge, at=at)
    intent["amount_received"] = 0
    fail_intent(world, intent, NO_COVER, charge_id=charge["id"], at=at)


def _details(account: DebitAccount) -> Json:
    shown = {
        "bank_code": account.number[4:12],
        "branch_code": "",
        "country": account.number[:2],
        "fingerprint": f"sandbox{account.last4}",
        "last4": account.last4,
        "mandate": new_id("mandate_1"),
    }
    return {"sepa_debit": shown, "type": "sepa_debit"}
