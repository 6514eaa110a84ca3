"""The control room: move the clock, break things, hold and shuffle webhooks, look at the log.

JSON under /_sandbox/ for tests and the demo; control_page.py puts buttons before the same acts.
"""

import json
import random
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from payments.sandbox import clock as clocks
from payments.sandbox import control_money, events, jobs, keys, payouts
from payments.sandbox.behaviour import BadSetting, Behaviour
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import ApiError, BadOrder
from payments.sandbox.faults import BadFault
from payments.sandbox.ids import new_id
from payments.sandbox.objects import render
from payments.sandbox.pages import success_url
from payments.sandbox.paying import (
    Declined,
    NotPayable,
    Outcome,
    Paid,
    ToConfirm,
    complete_free,
    confirm,
    pay,
)
from payments.sandbox.sepa import find_means
from payments.sandbox.shapes import Answer, Json, Request
from payments.sandbox.world import World

if TYPE_CHECKING:
    from payments.sandbox.app import SandboxApp

Act = Callable[["SandboxApp", Json], Json]
PAID_FOR = ("checkout.session", "charge", "customer", "payout")  # these nail the clock down


def handle(app: "SandboxApp", request: Request) -> Answer:
    name = request.path.removeprefix("/_sandbox/").strip("/")
    try:
        data = _order(request)
        act, data = _act_for(request.method, name, data)
        if act is None:
            return _json(404, {"error": f"There is no {request.method} {request.path}."})
        reply = act(app, data)
    except ORDERS_GONE_WRONG as problem:
        return _json(400, {"error": str(problem)})
    return _json(200, reply)


def _act_for(method: str, name: str, data: Json) -> tuple[Act | None, Json]:
    """The act at this address; an id in the address becomes part of the order."""
    if (method, name) in ACTS:
        return ACTS[method, name], data
    parts = name.split("/")
    if len(parts) == 3:
        return ACTS.get((method, f"{parts[0]}/{{id}}/{parts[2]}")), data | {"id": parts[1]}
    return None, data


ORDERS_GONE_WRONG = (BadOrder, BadSetting, BadFault, clocks.BadMoment, ApiError)


def _order(request: Request) -> Json:
    """The parameters, from JSON, a form, or the query."""
    kind = request.header("content-type") or ""
    if request.method in ("GET", "DELETE") or "form" in kind:
        text = request.text if "form" in kind else request.query
        return dict(urllib.parse.parse_qsl(text))
    try:
        data = json.loads(request.body or b"{}")
    except ValueError:
        raise BadOrder("The body is not JSON.") from None
    if not isinstance(data, dict):
        raise BadOrder("The body is not a JSON object.")
    return data


def _json(status: int, body: Any) -> Answer:
    return Answer(
        status,
        json.dumps(body, ensure_ascii=False, indent=2).encode(),
        {"Content-Type": "application/json", "Cache-Control": "no-store"},
    )


# clock -----------------------------------------------------------------------------------


def show_clock(app: "SandboxApp", _: Json) -> Json:
    return {"now": app.world.now, "frozen": app.world.clock.is_frozen}


def move_clock(app: "SandboxApp", data: Json) -> Json:
    """Move, freeze or free the clock; everything due on the way is done before the answer."""
    world = app.world
    with world.store.transaction():
        jobs.run_due(world, upto=world.now)
        if str(data.get("freeze", "")).lower() == "true":
            world.clock.freeze()
        target = _target(world, data)
        if target is not None:
            _go(world, target)
        if str(data.get("freeze", "")).lower() == "false":
            world.clock.unfreeze()
        if str(data.get("real", "")).lower() == "true":
            world.clock.follow_real_time()
    deliver_due(world, patient=False)
    return show_clock(app, {})


def _target(world: World, data: Json) -> int | None:
    if "advance" in data:
        return world.now + clocks.read_duration(data["advance"])
    if "set" in data:
        return clocks.read_moment(data["set"])
    if str(data.get("real", "")).lower() == "true":
        return clocks.real_now()
    return None


def _go(world: World, target: int) -> None:
    if target < world.now:
        if any(world.store.count(kind) for kind in PAID_FOR):
            raise clocks.BadMoment(
                "The clock does not run backwards once there are sessions, charges, customers "
                "or payouts. Reset the sandbox first."
            )
        world.clock.place(target)
        payouts.plan_next(world, after=target)
        return
    jobs.run_due(world, upto=target)
    world.clock.place(target)


# faults and settings ---------------------------------------------------------------------


def show_faults(app: "SandboxApp", _: Json) -> Json:
    return {"faults": app.world.faults.as_json()}


def add_fault(app: "SandboxApp", data: Json) -> Json:
    app.world.faults.add(data)
    return show_faults(app, {})


def clear_faults(app: "SandboxApp", _: Json) -> Json:
    app.world.faults.clear()
    return show_faults(app, {})


def show_settings(app: "SandboxApp", _: Json) -> Json:
    own = [e for e in app.world.store.select("webhook_endpoint") if e.get("_from_settings")]
    return {
        **asdict(app.world.behaviour),
        "webhook_url": own[0]["url"] if own else None,
        "hold": app.world.holding,
    }


def change_settings(app: "SandboxApp", data: Json) -> Json:
    world = app.world
    changes = dict(data)
    with world.store.transaction():
        if "webhook_url" in changes or "webhook_secret" in changes:
            url = changes.pop("webhook_url", show_settings(app, {})["webhook_url"])
            app.set_webhook(url or None, changes.pop("webhook_secret", None))
        world.behaviour = world.behaviour.changed(changes)
        world.behaviour.keep(world.store)
        if "payout_hour" in changes:
            payouts.plan_next(world, after=world.now)
    return show_settings(app, {})


def show_keys(app: "SandboxApp", _: Json) -> Json:
    return {"restricted_keys": keys.restricted(app.world), "permissions": keys.PERMISSIONS}


def allow_key(app: "SandboxApp", data: Json) -> Json:
    """`permissions` is a list or, from a form, words with commas between them."""
    wanted = data.get("permissions") or []
    words = wanted.replace(",", " ").split() if isinstance(wanted, str) else wanted
    keys.allow(app.world, str(data.get("key", "")), words)
    return show_keys(app, {})


# events and deliveries -------------------------------------------------------------------


def show_events(app: "SandboxApp", data: Json) -> Json:
    """Newest first, with what became of their deliveries; ?type= and ?limit= narrow it."""
    conditions = [("type", "like", data["type"])] if "type" in data else []
    limit = int(data.get("limit", 100))
    found = app.world.store.select("event", conditions, limit=limit)
    return {
        "hold": app.world.holding,
        "events": [
            event | {"deliveries": deliveries_of(app.world, event["id"])} for event in found
        ],
    }


def deliveries_of(world: World, event_id: str) -> list[Json]:
    rows = world.store.run(
        "SELECT id, endpoint, state, attempts, status, note FROM deliveries "
        "WHERE event = ? ORDER BY id",
        (event_id,),
    )
    return [dict(row) for row in rows]


def steer_events(app: "SandboxApp", data: Json) -> Json:
    """hold, release, duplicate, twin, drop, resend: what a network does to webhooks."""
    world, steered = app.world, 0
    if "hold" in data:
        world.holding = str(data["hold"]).lower() == "true"
        steered += 1
    for name, act in STEERING.items():
        if name in data:
            with world.store.transaction():
                act(world, data)
            steered += 1
    if not steered:
        raise BadOrder(f"Say hold or one of {', '.join(STEERING)}.")
    sent = 0 if "hold" in data and len(data) == 1 else deliver_due(world, patient=False)
    return {"hold": world.holding, "sent": sent}


def _release(world: World, data: Json) -> None:
    """Held deliveries go out in the order given: a list of event ids, or all of them."""
    wanted = data["release"]
    held = world.store.run("SELECT id, event FROM deliveries WHERE state = 'held' ORDER BY id")
    if isinstance(wanted, list):
        place = {event: position for position, event in enumerate(wanted)}
        chosen = sorted((r for r in held if r["event"] in place), key=lambda r: place[r["event"]])
    else:
        chosen = list(held)
        if data.get("order") == "reverse":
            chosen.reverse()
        elif data.get("order") == "shuffle":
            random.Random(data.get("seed")).shuffle(chosen)  # noqa: S311 - not for secrets
    for row in chosen:
        # A fresh row, so that the order of the ids is the order of the sending.
        world.store.run(
            "INSERT INTO deliveries (event, endpoint, state, due) "
            "SELECT event, endpoint, 'due', ? FROM deliveries WHERE id = ?",
            (world.now, row["id"]),
        )
        world.store.run("DELETE FROM deliveries WHERE id = ?", (row["id"],))


def _again(name: str) -> Callable[[World, Json], None]:
    def act(world: World, data: Json) -> None:
        event = _event(world, data[name])
        for endpoint in events.subscribers(world, event["type"]):
            events.queue(world, event["id"], endpoint["id"], at=world.now)

    return act


def _twin(world: World, data: Json) -> None:
    """A second event, with an id of its own, for the same change."""
    event = _event(world, data["twin"])
    endpoints = events.subscribers(world, event["type"])
    twin = event | {"id": new_id("evt_1"), "pending_webhooks": len(endpoints)}
    world.store.insert(twin | {"created": world.now})
    for endpoint in endpoints:
        events.queue(world, twin["id"], endpoint["id"], at=world.now)


def _drop(world: World, data: Json) -> None:
    event = _event(world, data["drop"])
    world.store.run(
        "UPDATE deliveries SET state = 'dropped', note = 'dropped by hand' "
        "WHERE event = ? AND state IN ('due', 'held')",
        (event["id"],),
    )


def _event(world: World, ident: object) -> Json:
    event = world.store.get("event", str(ident))
    if event is None:
        raise BadOrder(f"There is no event {ident}.")
    return event


STEERING: dict[str, Callable[[World, Json], None]] = {
    "release": _release,
    "duplicate": _again("duplicate"),
    "resend": _again("resend"),
    "twin": _twin,
    "drop": _drop,
}


# paying, payouts, log, reset -------------------------------------------------------------


def _pay(app: "SandboxApp", data: Json) -> Json:
    """What the hosted page does, without the page.

    A card that asks to confirm is confirmed, unless `confirm` is "fail" or "leave".
    """
    world = app.world
    means = find_means(str(data.get("card", "4242424242424242")))
    if means is None:
        raise BadOrder("That is none of the test cards and accounts.")
    with world.store.transaction():
        now = world.now
        jobs.run_due(world, upto=now)
        session = world.store.get("checkout.session", data["id"])
        if session is None:
            raise BadOrder(f"There is no session {data['id']}.")
        payer = {
            "email": session["customer_email"] or data.get("email", "runner@example.com"),
            "name": data.get("name", "Test Runner"),
        }
        try:
            outcome: Outcome
            if session["amount_total"]:
                outcome = pay(world, session, means, payer=payer, at=now)
            else:
                outcome = complete_free(world, session, payer=payer, at=now)
            if isinstance(outcome, ToConfirm) and data.get("confirm") != "leave":
                succeeds = data.get("confirm") != "fail"
                outcome = confirm(world, outcome.session, succeeds=succeeds, at=now)
        except NotPayable:
            raise BadOrder(
                f"This session is {session['status']} and takes "
                f"{' and '.join(session['payment_method_types'])}."
            ) from None
    if isinstance(outcome, Paid) and world.behaviour.deliver == "before":
        deliver_due(world, patient=False)
    return _told(world, world.store.fetch("checkout.session", session["id"]), outcome)


def _told(world: World, session: Json, outcome: Outcome) -> Json:
    reply: Json = {"session": render(world.store, session, at=world.now)}
    if isinstance(outcome, Declined):
        refusal = outcome.decline
        return reply | {
            "outcome": "declined",
            "code": refusal.code,
            "decline_code": refusal.decline_code,
            "message": refusal.message,
        }
    if isinstance(outcome, ToConfirm):
        return reply | {"outcome": "to_confirm"}
    told = "processing" if session["payment_status"] == "unpaid" else "paid"
    return reply | {"outcome": told, "redirect": success_url(session)}


def run_payouts(app: "SandboxApp", _: Json) -> Json:
    world = app.world
    with world.store.transaction():
        jobs.run_due(world, upto=world.now)
        made = payouts.pay_out(world, at=world.now)
    return {"payouts": made}


def show_log(app: "SandboxApp", data: Json) -> Json:
    limit = int(data.get("limit", 100))
    rows = app.world.store.run("SELECT * FROM log ORDER BY id DESC LIMIT ?", (limit,))
    return {"log": [dict(row) for row in rows]}


def reset(app: "SandboxApp", _: Json) -> Json:
    """Forget everything but where webhooks go; the clock follows real time again."""
    world = app.world
    url = show_settings(app, {})["webhook_url"]
    with world.delivering, world.store.transaction():
        world.store.empty()
        world.faults.clear()
        world.holding = False
        world.behaviour = Behaviour()
        world.clock.follow_real_time()
        payouts.plan_next(world, after=world.now)
        app.set_webhook(url)
    return show_clock(app, {})


def _with_money(order: control_money.Order) -> Act:
    def act(app: "SandboxApp", data: Json) -> Json:
        reply = control_money.carry_out(order, app.world, data)
        if app.world.behaviour.deliver == "before":
            deliver_due(app.world, patient=False)
        return reply

    return act


ACTS: dict[tuple[str, str], Act] = {
    ("GET", "clock"): show_clock,
    ("POST", "clock"): move_clock,
    ("GET", "faults"): show_faults,
    ("POST", "faults"): add_fault,
    ("DELETE", "faults"): clear_faults,
    ("GET", "keys"): show_keys,
    ("POST", "keys"): allow_key,
    ("GET", "settings"): show_settings,
    ("POST", "settings"): change_settings,
    ("GET", "events"): show_events,
    ("POST", "events"): steer_events,
    ("POST", "checkout/{id}/pay"): _pay,
    **{("POST", name): _with_money(order) for name, order in control_money.ORDERS.items()},
    ("POST", "payouts/run"): run_payouts,
    ("GET", "log"): show_log,
    ("POST", "reset"): reset,
}
