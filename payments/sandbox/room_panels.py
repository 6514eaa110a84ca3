"""The panels of the control room: clock, balance, what is set, and the forms that set it."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import get_args

from payments.sandbox import payouts
from payments.sandbox.behaviour import CHOICES
from payments.sandbox.checkout_form import DELIVERIES
from payments.sandbox.delivery_faults import DeliveryFaultKind
from payments.sandbox.faults import BEFORE, FaultKind
from payments.sandbox.markup import NOTHING, Markup, fill, joined
from payments.sandbox.money import formatted
from payments.sandbox.room_pieces import amounts, button, moment, tape
from payments.sandbox.shapes import Json
from payments.sandbox.webhook_endpoints import own_endpoint
from payments.sandbox.world import World

ADVANCES = ("1h", "1d", "3d", "7d", "30d")
# What Stripe books without a payment, and a type that nobody has heard of.
ROWS = ("stripe_fee", "adjustment", "topup", "reserve_transaction", "moon_levy")
ALWAYS = frozenset({"slow"})
NEXT_JOBS = 3
# What the jobs of the sandbox are called in words; another name is shown as it is.
JOBS = {
    "payouts": "daily payout",
    "settle_charge": "money of a payment arrives in the balance",
    "expire_session": "a checkout expires",
    "payout_leaves": "a payout by hand leaves",
    "payout_arrives": "a payout arrives at the bank",
    "payout_fails": "a payout comes back",
    "payout_reconciled": "a payout is reconciled",
    "refund_reference": "the bank gives a refund its reference",
    "debit_done": "a SEPA debit succeeds or fails",
    "dispute_due": "the time to answer a dispute is over",
    "dispute_charge": "the bank disputes a payment",
    "dispute_decided": "the bank decides a dispute",
    "refund_arrives": "a refund arrives",
    "refund_fails": "a refund fails",
}


# on every page ---------------------------------------------------------------------------


def clock(world: World) -> Markup:
    frozen = world.clock.is_frozen
    steps = [button("clock", f"+{step}", about="on the clock", advance=step) for step in ADVANCES]
    stop = (
        button("clock", "Let it run", freeze="false")
        if frozen
        else button("clock", "Freeze", about="the clock", freeze="true")
    )
    return fill(
        "parts/clock.html",
        now=moment(world.now),
        frozen=tape("held", "stands still") if frozen else NOTHING,
        steps=joined((*steps, stop)),
        real=button("clock", "Follow real time", real="true"),
        value=_for_field(world.now),
    )


def _for_field(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M")


# overview --------------------------------------------------------------------------------


def balance(world: World) -> Markup:
    held = payouts.balance(world, at=world.now)
    by_hand = [_pay_out_all(one) for one in held["available"] if one["amount"] > 0]
    return fill(
        "parts/balance.html",
        available=amounts(held["available"]),
        pending=amounts(held["pending"]),
        acts=joined((button("payouts/run", "Pay out now"), *by_hand)),
        next=joined(
            _next(f"Next {name} fails", f"next_{name}", world) for name in ("payout", "refund")
        ),
    )


def _pay_out_all(available: Json) -> Markup:
    amount, currency = available["amount"], available["currency"]
    label = f"By hand {formatted(amount, currency)}"
    return button("v1/payouts", label, amount=amount, currency=currency)


def _next(label: str, name: str, world: World) -> Markup:
    """A switch for what becomes of the next one."""
    is_on = getattr(world.behaviour, name) == "fails"
    return button("settings", label, pressed=is_on, **{name: "" if is_on else "fails"})


def new_row(world: World) -> Markup:
    """A form for money that no payment moved."""
    kinds = joined(_option(kind, kind.replace("_", " ")) for kind in ROWS)
    return fill("room_row.html", kinds=kinds, currency=world.behaviour.default_currency)


def state(world: World) -> Markup:
    """What would surprise somebody who forgot that it is set."""
    faults = world.faults.as_json() + world.delivery_faults.as_json()
    waiting = sum(fault["count"] for fault in faults)
    way = dict(DELIVERIES)[world.behaviour.deliver]
    return fill(
        "parts/state.html",
        way=way,
        deliveries=_deliveries(world),
        holding=tape("held", "held") if world.holding else tape("sent", "going out"),
        faults=tape("failed", f"{waiting} waiting") if waiting else tape("none"),
    )


def ahead(world: World) -> Markup:
    """The next things that the clock will bring."""
    rows = world.store.run("SELECT name, due FROM jobs ORDER BY due, id LIMIT ?", (NEXT_JOBS,))
    return joined(
        fill(
            "parts/job.html",
            due=moment(row["due"]),
            words=JOBS.get(row["name"], row["name"].replace("_", " ")),
        )
        for row in rows
    )


def _deliveries(world: World) -> str:
    rows = world.store.run(
        "SELECT state, count(*) AS n FROM deliveries GROUP BY state ORDER BY state"
    )
    return ", ".join(f"{row['n']} {row['state']}" for row in rows) or "none yet"


# webhooks --------------------------------------------------------------------------------


def webhooks(world: World) -> Markup:
    ways = [
        button("settings", words, pressed=way == world.behaviour.deliver, deliver=way)
        for way, words in DELIVERIES
    ]
    return fill(
        "room_webhooks.html",
        ways=joined(ways),
        deliveries=_deliveries(world),
        url=own["url"] if (own := own_endpoint(world)) else "nowhere; give one in the settings",
        hold=button("events", "Stop holding", hold="false")
        if world.holding
        else button("events", "Hold", about="all webhooks", hold="true"),
        release=joined(
            button("events", label, release="all", order=order)
            for label, order in (
                ("Release in order", ""),
                ("Release in reverse", "reverse"),
                ("Release shuffled", "shuffle"),
            )
        ),
    )


# faults ----------------------------------------------------------------------------------


def new_fault() -> Markup:
    groups = (
        ("Before anything is done", [k for k in get_args(FaultKind) if k in BEFORE]),
        ("After it is done", [k for k in get_args(FaultKind) if k not in BEFORE | ALWAYS]),
        ("Only late", sorted(ALWAYS)),
    )
    return fill(
        "room_faults.html",
        kinds=joined(
            fill(
                "parts/optgroup.html",
                label=label,
                options=joined(_option(kind, kind.replace("_", " ")) for kind in kinds),
            )
            for label, kinds in groups
        ),
        methods=joined(_option(one, one or "any") for one in ("", "POST", "GET", "DELETE")),
    )


def spoiled_webhooks() -> Markup:
    kinds = [_option(kind, kind.replace("_", " ")) for kind in get_args(DeliveryFaultKind)]
    return fill("room_spoil.html", kinds=joined(kinds))


def made_up_event() -> Markup:
    return fill("room_emit.html")


def _option(value: str, label: str, *, chosen: bool = False) -> Markup:
    mark = fill("parts/selected.html") if chosen else NOTHING
    return fill("parts/option.html", value=value, label=label, chosen=mark)


# settings --------------------------------------------------------------------------------


def settings(world: World) -> Markup:
    """Every knob there is, as a field; the room of the webhooks has `deliver`."""
    knobs = {n: v for n, v in asdict(world.behaviour).items() if n != "deliver"}
    return fill(
        "room_settings.html",
        url=own["url"] if (own := own_endpoint(world)) else "",
        fields=joined(_knob(name, value) for name, value in knobs.items()),
        reset=button("reset", "Forget everything"),
    )


def _knob(name: str, value: object) -> Markup:
    label = name.replace("_", " ").capitalize()
    if isinstance(value, bool):
        checked = fill("parts/checked.html") if value else NOTHING
        return fill("parts/knob_flag.html", name=name, label=label, checked=checked)
    if name in CHOICES:
        options = joined(
            _option(one, one.replace("_", " ") or "nothing special", chosen=one == value)
            for one in CHOICES[name]
        )
        return fill("parts/knob_choice.html", name=name, label=label, options=options)
    kind = "numeric" if isinstance(value, (int, float)) else "text"
    return fill("parts/knob.html", name=name, label=label, value=value, inputmode=kind)
