"""The control room: move the clock, break things, hold and shuffle webhooks, look at the log.

JSON under /_sandbox/ for tests and the demo; control_page.py puts buttons before the same acts.
"""

import json
import urllib.parse
from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from payments.sandbox import clock as clocks
from payments.sandbox import control_money, jobs, keys, payouts, webhook_endpoints
from payments.sandbox.behaviour import BadSetting, Behaviour
from payments.sandbox.control_events import show_events, steer_events
from payments.sandbox.control_paying import pay_session
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import ApiError, BadOrder
from payments.sandbox.pending import BadFault
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
    world = app.world
    return {"faults": world.faults.as_json(), "deliveries": world.delivery_faults.as_json()}


def add_fault(app: "SandboxApp", data: Json) -> Json:
    app.world.faults.add(data)
    return show_faults(app, {})


def clear_faults(app: "SandboxApp", _: Json) -> Json:
    app.world.faults.clear()
    app.world.delivery_faults.clear()
    return show_faults(app, {})


def show_settings(app: "SandboxApp", _: Json) -> Json:
    own = webhook_endpoints.own_endpoint(app.world)
    return {
        **asdict(app.world.behaviour),
        "webhook_url": own["url"] if own else None,
        "webhook_api_version": own["api_version"] if own else None,
        "hold": app.world.holding,
    }


def change_settings(app: "SandboxApp", data: Json) -> Json:
    world = app.world
    changes = dict(data)
    with world.store.transaction():
        if "webhook_url" in changes or "webhook_secret" in changes:
            url = changes.pop("webhook_url", show_settings(app, {})["webhook_url"])
            overlap = clocks.read_duration(changes.pop("webhook_secret_overlap", 0))
            app.set_webhook(url or None, changes.pop("webhook_secret", None), overlap=overlap)
        if "webhook_api_version" in changes:
            webhook_endpoints.set_own_version(world, str(changes.pop("webhook_api_version")))
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


# paying, payouts, log, reset -------------------------------------------------------------


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
        world.delivery_faults.clear()
        world.holding = False
        world.behaviour = Behaviour()
        world.clock.follow_real_time()
        payouts.plan_next(world, after=world.now)
        app.set_webhook(url)
    return show_clock(app, {})


def _in_world(order: Callable[[World, Json], Json]) -> Act:
    def act(app: "SandboxApp", data: Json) -> Json:
        return order(app.world, data)

    return act


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
    ("GET", "events"): _in_world(show_events),
    ("POST", "events"): _in_world(steer_events),
    ("POST", "checkout/{id}/pay"): _in_world(pay_session),
    **{("POST", name): _with_money(order) for name, order in control_money.ORDERS.items()},
    ("POST", "payouts/run"): run_payouts,
    ("GET", "log"): show_log,
    ("POST", "reset"): reset,
}
