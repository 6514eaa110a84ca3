"""The buttons of the control room: each is an order as JSON would give it, and leads back."""

import json
import re
import urllib.parse
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from payments.sandbox import api, control
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import ApiError, BadOrder
from payments.sandbox.jobs import run_due
from payments.sandbox.markup import redirect
from payments.sandbox.params import read
from payments.sandbox.room_sentences import sentence
from payments.sandbox.shapes import Answer, Json, Request
from payments.sandbox.store import dump
from payments.sandbox.world import World

if TYPE_CHECKING:
    from payments.sandbox.app import SandboxApp

FACT = "room.said"
OF_THE_ROOM = re.compile(r"/(?:room/(?!do/)[\w/]*)?\Z")
ORDERS_OF_OTHER_METHODS = {"faults/clear": ("DELETE", "faults")}


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    went_wrong: bool = False


def do(app: "SandboxApp", request: Request, name: str) -> Answer:
    """Carry the order out and lead back; the page there says what has happened."""
    sent = dict(urllib.parse.parse_qsl(request.text, keep_blank_values=True))
    order = _order(app, name, sent)
    try:
        text = "Nothing has changed." if order is None else _carry_out(app, name, order)
        said = Said(text)
    except (ApiError, BadOrder) as problem:
        said = Said(f"That did not work: {problem}", went_wrong=True)
    app.world.store.remember(FACT, dump(asdict(said)))
    return redirect(_back(request))


def _carry_out(app: "SandboxApp", name: str, order: Json) -> str:
    if name.startswith("v1/"):
        return sentence(name.removeprefix("v1/"), order, _ask_api(app.world, f"/{name}", order))
    method, path = ORDERS_OF_OTHER_METHODS.get(name, ("POST", name))
    answer = control.handle(app, _as_json(method, path, order))
    reply = json.loads(answer.body)
    if answer.status != 200:
        raise BadOrder(reply["error"])
    return sentence(name, order, reply)


def _ask_api(world: World, path: str, order: Json) -> Json:
    """What the dashboard does through the API: no fault strikes it, and the log is the shop's."""
    found = api.find_endpoint("POST", path)
    if found is None:
        raise BadOrder(f"There is no POST {path}.")
    endpoint, ident = found
    given = read(dict(order), endpoint.fields, endpoint.required)
    with world.store.transaction():
        now = world.now
        run_due(world, upto=now)
        reply = api.answer(world, endpoint, ident, given, at=now)
    if world.behaviour.deliver == "before":
        deliver_due(world, patient=False)
    return reply


def heard(world: World) -> Said | None:
    """The sentence of the last button, which is forgotten by reading it."""
    kept = world.store.recall(FACT)
    if not kept:
        return None
    world.store.remember(FACT, "")
    return Said(**json.loads(kept))


def _back(request: Request) -> str:
    path = urllib.parse.urlsplit(request.header("referer") or "").path
    return path if OF_THE_ROOM.match(path) else "/"


def _as_json(method: str, path: str, order: Json) -> Request:
    headers = {"content-type": "application/json", "accept": "application/json"}
    body = json.dumps(order).encode()
    return Request(method, f"/_sandbox/{path}", "", headers, body)


def _order(app: "SandboxApp", name: str, sent: dict[str, str]) -> Json | None:
    """The order of a form: without fields left empty, and of settings only what is new."""
    if name == "settings":
        known = control.show_settings(app, {})
        changes = {key: value for key, value in sent.items() if _as_shown(known.get(key)) != value}
        return changes or None
    order: Json = {key: value for key, value in sent.items() if value != ""}
    if name == "events" and "only" in order:
        order = {"release": [order["only"]]}
    return order


def _as_shown(value: object) -> str:
    """A setting as its field shows it."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
