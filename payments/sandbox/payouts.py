"""Once a day what is available leaves for the bank; a little later Stripe says what was in it."""

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
    pay_out(world, at=at)
    plan_next(world, after=at)


def pay_out(world: World, *, at: int) -> list[Json]:
    """One payout a currency of everything available; a currency in debt waits until it is not."""
    ready: list[Condition] = [("_payout", "=", None), ("available_on", "<=", at)]
    by_currency: dict[str, list[Json]] = {}
    for entry in world.store.select("balance_transaction", ready):
        by_currency.setdefault(entry["currency"], []).append(entry)
    return [
        _create(world, currency, entries, at)
        for currency, entries in sorted(by_currency.items())
        if sum(entry["net"] for entry in entries) > 0
    ]


def _create(world: World, currency: str, entries: list[Json], at: int) -> Json:
    amount = sum(entry["net"] for entry in entries)
    ident = new_id("po_1")
    own = book(
        world,
        kind="payout",
        amount=-amount,
        currency=currency,
        source=ident,
        description="STRIPE PAYOUT",
        available_on=at,
        at=at,
    )
    for entry in (*entries, own):
        entry["_payout"] = ident
        world.store.save(entry)
    payout = world.store.insert(
        {
            "id": ident,
            "object": "payout",
            "amount": amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": at + world.behaviour.payout_takes,
            "automatic": True,
            "balance_transaction": own["id"],
            "created": at,
            "currency": currency,
            "description": "STRIPE PAYOUT",
            "destination": BANK_ACCOUNT,
            "failure_balance_transaction": None,
            "failure_code": None,
            "failure_message": None,
            "livemode": False,
            "metadata": {},
            "method": "standard",
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "in_progress",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": None,
            "status": "in_transit",
            "trace_id": None,
            "type": "bank_account",
        }
    )
    emit(world, "payout.created", payout, at=at)
    jobs.plan(world, "payout_paid", due=payout["arrival_date"], subject=ident)
    return payout


@jobs.handles("payout_paid")
def _arrive(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident) | {"status": "paid"}
    world.store.save(payout)
    emit(world, "payout.paid", payout, at=at)
    jobs.plan(world, "payout_reconciled", due=at + world.behaviour.reconciling_takes, subject=ident)


@jobs.handles("payout_reconciled")
def _reconcile(world: World, ident: str, at: int) -> None:
    payout = world.store.fetch("payout", ident) | {"reconciliation_status": "completed"}
    world.store.save(payout)
    emit(world, "payout.reconciliation_completed", payout, at=at)


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
