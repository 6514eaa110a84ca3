"""Once a day what is available leaves for the bank; a little later Stripe says what was in it."""

from dataclasses import replace

from payments.sandbox import jobs
from payments.sandbox.charges import DAY
from payments.sandbox.errors import no_such
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import book
from payments.sandbox.shapes import Json
from payments.sandbox.store import Condition
from payments.sandbox.world import World

BANK_ACCOUNT = "ba_1SandboxBankAccount0001"
JOB = "payouts"
NAMES = ("pending", "available")


def plan_next(world: World, *, after: int) -> None:
    """Plan the next daily run, at the payout hour strictly after the moment."""
    jobs.unplan(world, JOB)
    due = after - after % DAY + world.behaviour.payout_hour * 3600
    jobs.plan(world, JOB, due=due if due > after else due + DAY)


@jobs.handles(JOB)
def _daily(world: World, _: str, at: int) -> None:
    if world.behaviour.payout_schedule == "daily":
        pay_out(world, at=at)
    plan_next(world, after=at)


def pay_out(world: World, *, at: int) -> list[Json]:
    """One payout a currency of everything available.

    A currency in debt waits until it is not, unless the bank account is debited for it.
    """
    ready: list[Condition] = [("_payout", "=", None), ("available_on", "<=", at)]
    by_currency: dict[str, list[Json]] = {}
    for entry in world.store.select("balance_transaction", ready):
        by_currency.setdefault(entry["currency"], []).append(entry)
    made = []
    for currency, entries in sorted(by_currency.items()):
        amount = sum(entry["net"] for entry in entries)
        if amount > 0 or (amount < 0 and world.behaviour.payout_debits):
            payout = new_payout(world, {"amount": amount, "currency": currency}, True, at=at)
            own = world.store.fetch("balance_transaction", payout["balance_transaction"])
            for entry in (*entries, own):
                world.store.save(entry | {"_payout": payout["id"]})
            made.append(payout)
    return made


def new_payout(world: World, given: Json, automatic: bool, *, at: int) -> Json:
    """A payout on its way to the bank, and its own row; one by hand first waits to be sent."""
    ident, behaviour = new_id("po_1"), world.behaviour
    description = given.get("description") or "STRIPE PAYOUT"
    own = book(
        world,
        kind="payout",
        amount=-given["amount"],
        currency=given["currency"],
        source=ident,
        description=description,
        available_on=at,
        at=at,
    )
    payout = world.store.insert(
        {
            "id": ident,
            "object": "payout",
            "amount": given["amount"],
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": at + behaviour.payout_takes,
            "automatic": automatic,
            "balance_transaction": own["id"],
            "created": at,
            "currency": given["currency"],
            "description": description,
            "destination": given.get("destination") or BANK_ACCOUNT,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": given.get("metadata") or {},
            "method": "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "in_progress" if automatic else "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": given.get("statement_descriptor"),
            "status": "in_transit" if automatic else "pending",
            "trace_id": {"status": "pending", "value": None},
            "type": "bank_account",
            "_fate": behaviour.next_payout,
        }
    )
    if behaviour.next_payout:
        world.behaviour = replace(behaviour, next_payout="")
        world.behaviour.keep(world.store)
    emit(world, "payout.created", payout, at=at)
    if not automatic:
        jobs.plan(world, "payout_leaves", due=at + behaviour.payout_waits, subject=ident)
    jobs.plan(world, "payout_arrives", due=payout["arrival_date"], subject=ident)
    return payout


def get_payout(world: World, ident: str, *, param: str | None = None) -> Json:
    payout = world.store.get("payout", ident)
    if payout is None:
        raise no_such("payout", ident, param=param)
    return payout


def balance(world: World, *, at: int) -> Json:
    """What is on its way into the balance and what may be paid out, a row a currency."""
    sums: dict[str, dict[str, int]] = {}
    rows = world.store.run(
        "SELECT json_extract(body, '$.currency') AS currency, "
        "json_extract(body, '$.available_on') <= ? AS ready, "
        "sum(json_extract(body, '$.net')) AS net FROM objects "
        "WHERE kind = 'balance_transaction' GROUP BY currency, ready",
        (at,),
    )
    for row in rows:
        one = sums.setdefault(row["currency"], dict.fromkeys(NAMES, 0))
        one[NAMES[row["ready"]]] += row["net"]
    sums = sums or {world.behaviour.default_currency: dict.fromkeys(NAMES, 0)}
    shown = {
        name: [
            {"amount": one[name], "currency": currency, "source_types": {"card": one[name]}}
            for currency, one in sorted(sums.items())
        ]
        for name in NAMES
    }
    return {
        "object": "balance",
        "available": shown["available"],
        "livemode": False,
        "pending": shown["pending"],
    }
