"""The control room as a page: what the sandbox holds, and buttons for what one does most."""

from collections.abc import Sequence
from datetime import UTC, datetime

from payments.sandbox import payouts
from payments.sandbox.faults import FaultKind
from payments.sandbox.markup import NOTHING, Markup, fill, joined, page
from payments.sandbox.money import formatted
from payments.sandbox.shapes import Answer, Json
from payments.sandbox.world import World

ROWS = 12
ADVANCES = ("1h", "1d", "3d", "7d")
DELIVERIES = ("before", "after", "never")
FAULTS: tuple[FaultKind, ...] = ("500_before", "500_after", "429", "502", "reset")


def show(world: World) -> Answer:
    with world.store.transaction():
        balance = payouts.balance(world, at=world.now)
        body = fill(
            "control.html",
            now=_moment(world.now),
            frozen=_tape("frozen") if world.clock.is_frozen else "",
            clock=_clock_buttons(world),
            pending=_amounts(balance["pending"]),
            available=_amounts(balance["available"]),
            payout=_button("payouts/run", "now", "true", "Pay out now"),
            ways=joined(
                _button("settings", "deliver", way, way, pressed=way == world.behaviour.deliver)
                for way in DELIVERIES
            ),
            counts=_counts(world),
            holding=_hold_buttons(world),
            faults=joined(_button("faults", "kind", kind, kind) for kind in FAULTS),
            waiting=_waiting(world),
            tables=joined((_sessions(world), _payouts(world), _events(world), _calls(world))),
        )
    return page(title="Stripe sandbox: control room", kind="room", body=body)


# panels ----------------------------------------------------------------------------------


def _clock_buttons(world: World) -> Markup:
    steps = [_button("clock", "advance", step, f"+{step}") for step in ADVANCES]
    if world.clock.is_frozen:
        return joined((*steps, _button("clock", "freeze", "false", "Let it run")))
    return joined((*steps, _button("clock", "freeze", "true", "Freeze")))


def _hold_buttons(world: World) -> Markup:
    hold = (
        _button("events", "hold", "false", "Stop holding")
        if world.holding
        else _button("events", "hold", "true", "Hold")
    )
    shuffled = fill("parts/shuffle.html")
    return joined((hold, _button("events", "release", "all", "Release, shuffled", more=shuffled)))


def _counts(world: World) -> str:
    rows = world.store.run(
        "SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state"
    )
    return " ".join(f"{row['n']} {row['state']}." for row in rows)


def _waiting(world: World) -> str:
    faults = world.faults.as_json()
    if not faults:
        return "Nothing is set to fail."
    return "Waiting: " + ", ".join(f"{f['count']} × {f['kind']} on {f['path']}" for f in faults)


# tables ----------------------------------------------------------------------------------


def _sessions(world: World) -> Markup:
    rows = []
    for one in world.store.select("checkout.session", limit=ROWS):
        short = f"…{one['id'][-8:]}"
        name: object = short
        if one["status"] == "open":
            name = fill("parts/link.html", url=f"/c/pay/{one['id']}", text=short)
        who = one["customer_email"] or one["client_reference_id"] or ""
        total = formatted(one["amount_total"], one["currency"])
        rows.append((name, _moment(one["created"]), who, _tape(one["status"]), total))
    return _table(
        "Sessions",
        ("Session", "Created", "For", "State", "Amount"),
        rows,
        amount=4,
        empty="None yet. The portal makes one when somebody buys.",
    )


def _payouts(world: World) -> Markup:
    rows = [
        (
            f"…{one['id'][-8:]}",
            _moment(one["created"]),
            _tape(one["status"]),
            "yes" if one["reconciliation_status"] == "completed" else "not yet",
            formatted(one["amount"], one["currency"]),
        )
        for one in world.store.select("payout", limit=ROWS)
    ]
    return _table(
        "Payouts",
        ("Payout", "Created", "State", "Reconciled", "Amount"),
        rows,
        amount=4,
        empty="None yet. Money is available after two days and leaves once a day.",
    )


def _events(world: World) -> Markup:
    rows = [
        (
            one["type"],
            _moment(one["created"]),
            one["pending_webhooks"],
            _button("events", "resend", one["id"], "Send"),
        )
        for one in world.store.select("event", limit=ROWS)
    ]
    return _table(
        "Events",
        ("Type", "Created", "Waiting", "Again"),
        rows,
        empty="Nothing has happened yet.",
    )


def _calls(world: World) -> Markup:
    rows = [
        (
            row["status"] or "cut",
            f"{row['method']} {row['path']}",
            _moment(row["at"]),
            row["note"],
            row["took_ms"],
        )
        for row in world.store.run("SELECT * FROM log ORDER BY id DESC LIMIT ?", (ROWS,))
    ]
    return _table(
        "Calls",
        ("Status", "Call", "At", "Note", "ms"),
        rows,
        amount=4,
        empty="Nobody has called yet.",
    )


# pieces ----------------------------------------------------------------------------------


def _table(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    empty: str,
    amount: int | None = None,
) -> Markup:
    """`amount` is the position of the column with figures."""
    if not rows:
        return fill("parts/empty.html", title=title, words=empty)

    def mark(position: int) -> Markup:
        return fill("parts/amount.html") if position == amount else NOTHING

    heads = [fill("parts/head.html", text=t, amount=mark(n)) for n, t in enumerate(head)]
    lines = [
        fill(
            "parts/row.html",
            cells=joined(
                fill("parts/cell.html", content=cell, amount=mark(n)) for n, cell in enumerate(row)
            ),
        )
        for row in rows
    ]
    return fill(
        "parts/table.html",
        ident=title.lower(),
        title=title,
        head=joined(heads),
        rows=joined(lines),
    )


def _button(
    act: str, name: str, value: str, label: str, *, pressed: bool = False, more: Markup = NOTHING
) -> Markup:
    return fill(
        "parts/button.html",
        act=act,
        name=name,
        value=value,
        label=label,
        pressed=fill("parts/pressed.html") if pressed else NOTHING,
        more=more,
    )


def _tape(text: str) -> Markup:
    return fill("parts/tape.html", kind=text, text=text)


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%a %-d %b %Y %H:%M:%S")


def _amounts(rows: list[Json]) -> str:
    return " + ".join(formatted(row["amount"], row["currency"]) for row in rows)
