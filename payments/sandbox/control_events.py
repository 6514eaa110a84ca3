"""The control room's hand on webhooks: hold them, let them out, double, lose and spoil them."""

import random
from collections.abc import Callable

from payments.sandbox import events
from payments.sandbox.control_money import is_true
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import BadOrder
from payments.sandbox.ids import new_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


def show_events(world: World, data: Json) -> Json:
    """Newest first, with what became of their deliveries; ?type= and ?limit= narrow it."""
    conditions = [("type", "like", data["type"])] if "type" in data else []
    limit = int(data.get("limit", 100))
    found = world.store.select("event", conditions, limit=limit)
    return {
        "hold": world.holding,
        "events": [event | {"deliveries": deliveries_of(world, event["id"])} for event in found],
    }


def deliveries_of(world: World, event_id: str) -> list[Json]:
    rows = world.store.run(
        "SELECT id, endpoint, state, attempts, status, note FROM deliveries "
        "WHERE event = ? ORDER BY id",
        (event_id,),
    )
    return [dict(row) for row in rows]


def steer_events(world: World, data: Json) -> Json:
    """hold, release, duplicate, twin, drop, resend, fault, emit: what networks do to webhooks."""
    steered = 0
    if "hold" in data:
        world.holding = is_true(data["hold"])
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


def _fault(world: World, data: Json) -> None:
    """Let the next deliveries go wrong: `type` narrows them, `count` says how many."""
    world.delivery_faults.add(data | {"kind": data["fault"]})


def _emit(world: World, data: Json) -> None:
    """An event out of nothing: of any type and version, about any object there is, or none.

    `livemode` and `account` make it one that is not ours.
    """
    obj = world.store.find(str(data.get("object") or ""))
    more: Json = {}
    if data.get("api_version"):
        more |= {"api_version": str(data["api_version"]), "_version_stays": True}
    if "livemode" in data:
        more["livemode"] = is_true(data["livemode"])
    if data.get("account"):
        more["account"] = str(data["account"])
    about = obj or {"id": new_id("thing_1"), "object": "thing"}
    events.emit(world, str(data["emit"]), about, at=world.now, more=more)


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
    "fault": _fault,
    "emit": _emit,
}
