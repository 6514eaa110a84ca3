"""Whatever happens in whatever order, the ledger of the local server adds up."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from payments.sandbox import jobs, payouts, session_fields
from payments.sandbox.control_money import ORDERS
from payments.sandbox.errors import ApiError, BadOrder
from payments.sandbox.params import read
from payments.sandbox.paying import pay
from payments.sandbox.sepa import ACCOUNTS, find_means
from payments.sandbox.sessions import create_session
from payments.sandbox.world import open_world
from tests.stripe.conftest import TEN_OCLOCK

CARDS = ["4242424242424242", "4000000000000077", "4000000000000259", "4000000000001976"]
CARDS += ["4000000000005126", "4000000000007726", "4000000000000002", *ACCOUNTS]
DAY = 86400
LINE = {
    "price_data": {"currency": "eur", "product_data": {"name": "Massage"}},
    "quantity": "1",
}
WAITS = [1, 10, 3600, DAY, 3 * DAY, 9 * DAY]
what = st.one_of(
    st.tuples(st.just("pay"), st.sampled_from(CARDS), st.integers(50, 50_000)),
    st.tuples(st.just("wait"), st.sampled_from(WAITS), st.none()),
    *(
        st.tuples(st.just(name), st.integers(0, 5), st.none() | st.integers(1, 9000))
        for name in [*sorted(ORDERS), "disputes", "disputes/{id}/settle", "refunds"]
    ),
)


def act(world, step, at):
    """Do it; what cannot be done changes nothing."""
    name, first, amount = step
    if name == "pay":
        price = LINE["price_data"] | {"unit_amount": str(amount)}
        sent = {
            "mode": "payment",
            "success_url": "https://shop.example/",
            "line_items": {"0": LINE | {"price_data": price}},
        }
        session = create_session(world, read(sent, session_fields.FIELDS), at=at)
        pay(world, session, find_means(first), payer={"email": "n@example.com"}, at=at)
        return
    kind = {"disputes/{id}/settle": "dispute", "refunds/{id}/fail": "refund"}.get(
        name, "payout" if name.startswith("payouts") else "charge"
    )
    there = world.store.select(kind, oldest_first=True)
    if not there:
        return
    ident = there[first % len(there)]["id"]
    outcome = ("won", "won", "won", "escalated", "lost", "won")[first]
    order = {"charge": ident, "id": ident, "amount": amount, "outcome": outcome}
    ORDERS[name](world, {**order, "currency": "eur", "inquiry": first == 3}, at)


@settings(max_examples=40, deadline=None)
@given(st.lists(what, min_size=15, max_size=25))
def test_the_ledger_adds_up(history):
    with TemporaryDirectory() as folder:
        world = open_world(Path(folder) / "sandbox.sqlite3", key="sk_test_sandbox_any")
        now = TEN_OCLOCK
        payouts.plan_next(world, after=now)
        for step in history:
            if step[0] == "wait":
                now += step[1]
                continue
            jobs.run_due(world, upto=now)
            try:
                with world.store.transaction():
                    act(world, step, now)
            except (ApiError, BadOrder):
                continue
        jobs.run_due(world, upto=now + 30 * DAY)
        check(world, now + 30 * DAY)
        world.store.close()


def check(world, at):
    rows = world.store.select("balance_transaction")
    shown = payouts.balance(world, at=at)
    total = sum(one["amount"] for name in ("pending", "available") for one in shown[name])
    assert total == sum(row["net"] for row in rows)
    assert all(row["net"] == row["amount"] - row["fee"] for row in rows)

    for payout in world.store.select("payout"):
        inside = [row for row in rows if row["_payout"] == payout["id"]]
        others = [row["net"] for row in inside if row["id"] != payout["balance_transaction"]]
        assert sum(others) == payout["amount"] > 0
        assert payout["status"] in ("paid", "failed")

    refunds = world.store.select("refund")
    for charge in world.store.select("charge"):
        of_this = [one for one in refunds if one["charge"] == charge["id"]]
        lasting = [one for one in of_this if one["status"] not in ("failed", "canceled")]
        assert charge["amount_refunded"] == sum(one["amount"] for one in lasting)
        assert charge["refunded"] == (charge["amount_refunded"] == charge["amount"])
        brought = [row for row in rows if row["source"] == charge["id"]]
        assert bool(brought) == (charge["status"] == "succeeded" or charge["paid"]) or (
            charge["failure_balance_transaction"] is not None
        )

    for refund in refunds:
        moved = sum(row["net"] for row in rows if row["source"] == refund["id"])
        assert moved == (-refund["amount"] if refund["status"] == "succeeded" else 0)
    for dispute in world.store.select("dispute"):
        moved = sum(row["amount"] for row in rows if row["source"] == dispute["id"])
        gone = dispute["status"] in ("needs_response", "under_review", "lost")
        assert moved == (-dispute["amount"] if gone else 0)
