"""One thing in full: a call with what it caused, or an object as the API shows it."""

import json

from payments.sandbox.markup import NOTHING, Markup, fill, joined
from payments.sandbox.objects import render
from payments.sandbox.room_lists import event_item
from payments.sandbox.room_pieces import known, listing, moment, tape
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

BY_OBJECT = "json_extract(body, '$.data.object.id') = ?"
BY_REQUEST = "json_extract(body, '$.request.id') = ?"


def call(world: World, request_id: str) -> Markup | None:
    rows = world.store.run("SELECT * FROM log WHERE request_id = ?", (request_id,))
    if not rows:
        return None
    row = rows[0]
    state = str(row["status"] or "cut")
    facts = _facts(
        ("Answer", tape("failed" if int(row["status"] or 500) >= 400 else "succeeded", state)),
        ("At", f"{moment(row['at'])} UTC"),
        ("Took", f"{row['took_ms']} ms"),
        ("Request id", row["request_id"]),
        ("Idempotency key", row["idempotency_key"] or "none"),
        ("Note", row["note"] or "none"),
    )
    return fill(
        "room_detail.html",
        title=f"{row['method']} {row['path']}",
        facts=facts,
        body=_answer_kept_for(world, row["idempotency_key"]),
        more=_events(world, BY_REQUEST, request_id, "It caused no events."),
    )


def whole_object(world: World, ident: str) -> Markup | None:
    obj = world.store.find(ident)
    if obj is None:
        return None
    shown = render(world.store, obj, at=world.now)
    made_at = obj["created"] if "created" in obj else obj["_created"]  # as store.insert says
    references = sorted(_references(world, shown))
    facts = _facts(
        ("Kind", obj["object"].replace("_", " ").replace(".", " ")),
        ("Created", f"{moment(made_at)} UTC"),
        *((name.replace("_", " "), known(target)) for name, target in references),
    )
    return fill(
        "room_detail.html",
        title=ident,
        facts=facts,
        body=_json("As the API shows it", shown),
        more=_events(world, BY_OBJECT, ident, "No events tell of it."),
    )


def nothing_there() -> Markup:
    return fill("room_nothing.html")


def _references(world: World, shown: Json) -> list[tuple[str, str]]:
    """Names of the fields that hold the id of another object of ours, with that id."""
    return [
        (name, value)
        for name, value in shown.items()
        if isinstance(value, str) and name != "id" and "_" in value and world.store.find(value)
    ]


def _answer_kept_for(world: World, key: str) -> Markup:
    """Answers are kept only where an idempotency key promises the same one again."""
    rows = world.store.run("SELECT body FROM saved_answers WHERE key = ?", (key,)) if key else []
    return _json("The answer kept for its key", json.loads(rows[0]["body"])) if rows else NOTHING


def _events(world: World, condition: str, ident: str, empty: str) -> Markup:
    rows = world.store.run(
        f"SELECT body FROM objects WHERE kind = 'event' AND {condition} ORDER BY seq",  # noqa: S608
        (ident,),
    )
    items = [event_item(world, json.loads(row["body"])) for row in rows]
    return listing("Events", items, empty=empty)


def _json(title: str, value: object) -> Markup:
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return fill("parts/json.html", title=title, text=text)


def _facts(*pairs: tuple[str, object]) -> Markup:
    return joined(fill("parts/fact.html", name=name, value=value) for name, value in pairs)
