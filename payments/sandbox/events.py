"""Events: a snapshot for each change, queued for every endpoint that subscribed to its type."""

import time

from payments.sandbox.ids import new_id
from payments.sandbox.objects import render
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


def emit(
    world: World,
    kind: str,
    obj: Json,
    *,
    at: int,
    previous: Json | None = None,
    more: Json | None = None,
) -> Json:
    """Record that something happened to `obj`; `previous` are the old values of an update.

    `more` overrides what an event of ours says. An event keeps the version of its creation.
    """
    data: Json = {"object": render(world.store, obj, at=at)}
    if previous is not None:
        data["previous_attributes"] = previous
    endpoints = subscribers(world, kind)
    event = world.store.insert(
        {
            "id": new_id("evt_1"),
            "object": "event",
            "api_version": world.behaviour.account_api_version,
            "created": at,
            "data": data,
            "livemode": False,
            "pending_webhooks": len(endpoints),
            "request": {
                "id": world.caller.request_id,
                "idempotency_key": world.caller.idempotency_key,
            },
            "type": kind,
            **(more or {}),
        }
    )
    if world.behaviour.deliver != "never":
        for endpoint in endpoints:
            queue(world, event["id"], endpoint["id"], at=at)
    return event


def subscribers(world: World, kind: str) -> list[Json]:
    enabled = world.store.select("webhook_endpoint", [("status", "=", "enabled")])
    return [e for e in enabled if "*" in e["enabled_events"] or kind in e["enabled_events"]]


def queue(world: World, event_id: str, endpoint_id: str, *, at: int) -> None:
    """Put one delivery in the line; it waits when the line is held."""
    behaviour = world.behaviour
    delay = behaviour.delivery_delay_real if behaviour.deliver == "after" else 0
    world.store.run(
        "INSERT INTO deliveries (event, endpoint, state, due, not_before) VALUES (?, ?, ?, ?, ?)",
        (event_id, endpoint_id, "held" if world.holding else "due", at, time.time() + delay),
    )
    world.something_to_do.set()
