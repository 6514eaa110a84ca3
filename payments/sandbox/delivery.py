"""Webhooks over real HTTP: signed, one at a time, tried again later when refused.

No lock on the data is held while the other side thinks, so an endpoint may call the API.
"""

import hashlib
import hmac
import http.client
import json
import time
import urllib.parse
from collections.abc import Sequence

from payments.sandbox.delivery_faults import STALE_BY
from payments.sandbox.shapes import Json
from payments.sandbox.webhook_endpoints import secrets_of
from payments.sandbox.world import World

RETRY_AFTER = (5 * 60, 30 * 60, 2 * 3600)  # seconds of the sandbox clock after each failure
PATIENCE = 10.0  # real seconds
WRONG_SECRET = "whsec_of_somebody_else"  # noqa: S105 - opens nothing at all


def signature(secrets: Sequence[str], body: str, sent_at: int) -> str:
    """One v1 for each secret: while one takes the place of another there are two."""
    signed = f"{sent_at}.{body}".encode()
    marks = [hmac.new(each.encode(), signed, hashlib.sha256).hexdigest() for each in secrets]
    return ",".join([f"t={sent_at}", *(f"v1={mark}" for mark in marks)])


def deliver_due(
    world: World, *, patient: bool = True, only_events: Sequence[str] | None = None
) -> int:
    """Send what is due, oldest first. `patient` respects the real delay after a redirect.

    Returns the number of attempts.
    """
    attempts = 0
    with world.delivering:
        while row := _next(world, patient, only_events):
            _attempt(world, *row)
            attempts += 1
    return attempts


def _next(
    world: World, patient: bool, only_events: Sequence[str] | None
) -> tuple[int, str, str, int] | None:
    if only_events is not None and not only_events:
        return None
    sql = "SELECT id, event, endpoint, attempts FROM deliveries WHERE state = 'due' AND due <= ?"
    values: list[object] = [world.now]
    if patient:
        sql += " AND not_before <= ?"
        values.append(time.time())
    if only_events is not None:
        sql += f" AND event IN ({', '.join('?' * len(only_events))})"
        values.extend(only_events)
    rows = world.store.run(sql + " ORDER BY due, id LIMIT 1", values)
    return tuple(rows[0]) if rows else None


def _attempt(world: World, delivery_id: int, event_id: str, endpoint_id: str, tries: int) -> None:
    endpoint = world.store.get("webhook_endpoint", endpoint_id)
    event = world.store.get("event", event_id)
    if endpoint is None or event is None or endpoint["status"] != "enabled":
        _close(world, delivery_id, "dropped", tries, None, "the endpoint is gone or disabled")
        return
    fault = world.delivery_faults.take(event["type"])
    if fault and fault.kind == "delay":
        world.store.run(
            "UPDATE deliveries SET due = ?, note = 'delayed by hand' WHERE id = ?",
            (world.now + fault.seconds, delivery_id),
        )
        return
    status, note = _post(world, endpoint, _body(endpoint, event), fault.kind if fault else "")
    if status is not None and 200 <= status < 300:
        _close(world, delivery_id, "delivered", tries + 1, status, note)
        _count_down(world, event_id)
    elif tries < len(RETRY_AFTER):
        world.store.run(
            "UPDATE deliveries SET attempts = ?, status = ?, note = ?, due = ? WHERE id = ?",
            (tries + 1, status, note, world.now + RETRY_AFTER[tries], delivery_id),
        )
    else:
        _close(world, delivery_id, "failed", tries + 1, status, note)


def _body(endpoint: Json, event: Json) -> str:
    """The event in the endpoint's version, which here is only a name: the shape is the same."""
    shown = {name: value for name, value in event.items() if not name.startswith("_")}
    if not event.get("_version_stays"):
        shown["api_version"] = endpoint["api_version"] or event["api_version"]
    return json.dumps(shown, ensure_ascii=False, indent=2)


def _post(world: World, endpoint: Json, body: str, fault: str) -> tuple[int | None, str]:
    """The status of the endpoint's answer, or None and the reason why there is none."""
    # Receivers compare with their own, real clock, so a moved sandbox clock must not show.
    sent_at = int(time.time()) - (STALE_BY if fault == "stale" else 0)
    secrets = [WRONG_SECRET] if fault == "wrong_secret" else secrets_of(endpoint, at=world.now)
    if fault == "malformed":
        body = body[: len(body) // 2]
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (local sandbox)",
        "Stripe-Signature": signature(secrets, body, sent_at),
    }
    if fault == "unsigned":
        del headers["Stripe-Signature"]
    target = urllib.parse.urlsplit(endpoint["url"])
    connection_class = (
        http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    )
    connection = connection_class(target.netloc, timeout=PATIENCE)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    status, note = None, ""
    try:
        connection.request("POST", path, body.encode(), headers)
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException) as problem:
        note = f"{type(problem).__name__}: {problem}"
    finally:
        connection.close()
    if world.recorder:
        world.recorder.webhook(endpoint["url"], headers, body, status)
    return status, note


def _close(
    world: World, delivery_id: int, state: str, tries: int, status: int | None, note: str
) -> None:
    world.store.run(
        "UPDATE deliveries SET state = ?, attempts = ?, status = ?, note = ? WHERE id = ?",
        (state, tries, status, note, delivery_id),
    )


def _count_down(world: World, event_id: str) -> None:
    with world.store.transaction():
        event = world.store.fetch("event", event_id)
        event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
        world.store.save(event)
