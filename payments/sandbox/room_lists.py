"""The lists of the control room, with the buttons of each row."""

from payments.sandbox.markup import NOTHING, Markup
from payments.sandbox.money import formatted
from payments.sandbox.payout_fates import UNDER_WAY
from payments.sandbox.room_payments import payment_item
from payments.sandbox.room_pieces import button, item, known, link, listing, moment, tape
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

WAITING = ("due", "held")


def payments(world: World, limit: int, *, more: Markup = NOTHING) -> Markup:
    return listing(
        "Payments",
        [payment_item(world, one) for one in world.store.select("checkout.session", limit=limit)],
        empty="None yet. A checkout appears here when somebody goes to pay in the shop.",
        more=more,
    )


def payouts(world: World, limit: int) -> Markup:
    return listing(
        "Payouts",
        [_payout_item(one) for one in world.store.select("payout", limit=limit)],
        empty="None yet. Money is available two days after a payment and leaves once a day.",
    )


def _payout_item(payout: Json) -> Markup:
    reconciled = payout["reconciliation_status"] == "completed"
    amount = formatted(payout["amount"], payout["currency"])
    ident, status = payout["id"], payout["status"]
    return item(
        amount,
        tapes=[
            tape(status),
            tape("reconciled") if reconciled else NOTHING,
            NOTHING if payout["automatic"] else tape("by hand"),
        ],
        acts=[
            button(f"v1/payouts/{ident}/cancel", "Cancel", about=amount)
            if status == "pending"
            else NOTHING,
            button(f"payouts/{ident}/fail", "Fail", about=amount)
            if status in UNDER_WAY
            else NOTHING,
        ],
        meta=[
            f"left {moment(payout['created'])}",
            f"arrives {moment(payout['arrival_date'])}",
            payout["failure_message"],
            known(ident),
        ],
    )


# webhooks --------------------------------------------------------------------------------


def events(world: World, limit: int, *, more: Markup = NOTHING) -> Markup:
    return listing(
        "Events",
        [event_item(world, one) for one in world.store.select("event", limit=limit)],
        empty="Nothing has happened yet.",
        more=more,
    )


def event_item(world: World, event: Json) -> Markup:
    """An event with what became of its deliveries."""
    rows = world.store.run(
        "SELECT state, status, attempts, note FROM deliveries WHERE event = ? ORDER BY id",
        (event["id"],),
    )
    waits = any(row["state"] in WAITING for row in rows)
    about = f"{event['type']} {event['id']}"
    acts = [
        button("events", "Release", about=about, only=event["id"])
        if any(row["state"] == "held" for row in rows)
        else NOTHING,
        button("events", "Drop", about=about, drop=event["id"]) if waits else NOTHING,
        button("events", "Duplicate" if waits else "Send again", about=about, resend=event["id"]),
        button("events", "Twin", about=about, twin=event["id"]),
    ]
    return item(
        event["type"],
        tapes=[_delivery(row["state"], row["status"], row["attempts"]) for row in rows]
        or [tape("unsent", "not sent")],
        meta=[
            moment(event["created"]),
            known(event["id"]),
            known(event["data"]["object"].get("id")),
            *(row["note"] for row in rows),
        ],
        acts=acts,
    )


def _delivery(state: str, status: int | None, attempts: int) -> Markup:
    words = f"{state} {status}" if status else state
    return tape(state, f"{words}, try {attempts}" if attempts > 1 else words)


# faults and calls ------------------------------------------------------------------------


def faults(world: World) -> Markup:
    waiting = [
        item(
            one["kind"],
            tapes=[tape("pending", f"{one['count']} to come")],
            meta=[f"{one['method'] or 'any method'} {one['path']}", f"{one['seconds']:g} s"],
        )
        for one in world.faults.as_json()
    ]
    waiting += [
        item(
            f"webhook {one['kind'].replace('_', ' ')}",
            tapes=[tape("pending", f"{one['count']} to come")],
            meta=[f"events {one['type']}"],
        )
        for one in world.delivery_faults.as_json()
    ]
    clear = button("faults/clear", "Clear all") if waiting else NOTHING
    return listing("Waiting", waiting, empty="Nothing is set to fail.", more=clear)


def calls(world: World, limit: int, *, more: Markup = NOTHING) -> Markup:
    rows = world.store.run("SELECT * FROM log ORDER BY id DESC LIMIT ?", (limit,))
    items = []
    for row in rows:
        fine = row["status"] and row["status"] < 400
        words = str(row["status"] or "cut")
        items.append(
            item(
                link(f"/room/calls/{row['request_id']}", f"{row['method']} {row['path']}"),
                tapes=[tape("succeeded" if fine else "failed", words)],
                meta=[moment(row["at"]), row["request_id"], f"{row['took_ms']} ms", row["note"]],
            )
        )
    return listing("Calls", items, empty="Nobody has called yet.", more=more)
