"""The control room as a page: what the sandbox holds, and buttons for what one does most."""

from datetime import UTC, datetime

from payments.sandbox import payouts
from payments.sandbox.faults import FaultKind
from payments.sandbox.money import formatted
from payments.sandbox.shapes import Answer, Json
from payments.sandbox.templating import page
from payments.sandbox.world import World

ROWS = 12
ADVANCES = ("1h", "1d", "3d", "7d")
FAULTS: tuple[FaultKind, ...] = ("500_before", "500_after", "429", "502", "reset")


def show(world: World) -> Answer:
    with world.store.transaction():
        now = world.now
        balance = payouts.balance(world, at=now)
        waiting = world.store.run(
            "SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state"
        )
        return page(
            "control.html",
            now=_moment(now),
            frozen=world.clock.is_frozen,
            advances=ADVANCES,
            deliver=world.behaviour.deliver,
            deliveries=("before", "after", "never"),
            holding=world.holding,
            available=_amounts(balance["available"]),
            pending=_amounts(balance["pending"]),
            counts=[{"state": row["state"], "n": row["n"]} for row in waiting],
            faults=world.faults.as_json(),
            fault_kinds=FAULTS,
            sessions=[_session(s) for s in world.store.select("checkout.session", limit=ROWS)],
            payouts=[_payout(p) for p in world.store.select("payout", limit=ROWS)],
            events=[_event(e) for e in world.store.select("event", limit=ROWS)],
            log=[
                {**dict(row), "at": _moment(row["at"])}
                for row in world.store.run("SELECT * FROM log ORDER BY id DESC LIMIT ?", (ROWS,))
            ],
        )


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%a %-d %b %Y %H:%M:%S")


def _amounts(rows: list[Json]) -> str:
    return " + ".join(formatted(row["amount"], row["currency"]) for row in rows)


def _session(session: Json) -> Json:
    return {
        "id": session["id"],
        "short": f"…{session['id'][-8:]}",
        "created": _moment(session["created"]),
        "amount": formatted(session["amount_total"], session["currency"]),
        "status": session["status"],
        "who": session["customer_email"] or session["client_reference_id"] or "",
        "is_open": session["status"] == "open",
    }


def _payout(payout: Json) -> Json:
    return {
        "short": f"…{payout['id'][-8:]}",
        "created": _moment(payout["created"]),
        "amount": formatted(payout["amount"], payout["currency"]),
        "status": payout["status"],
        "reconciled": payout["reconciliation_status"] == "completed",
    }


def _event(event: Json) -> Json:
    return {
        "id": event["id"],
        "created": _moment(event["created"]),
        "type": event["type"],
        "waiting": event["pending_webhooks"],
    }
