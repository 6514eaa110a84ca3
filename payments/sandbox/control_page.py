"""The control room as pages: what the sandbox holds, and a button for each thing one does to it.

Reading is at `/` and `/room/<page>`. A button posts to `/room/do/<order>`, which does what
`/_sandbox/<order>` does, and leads back to the page it stands on with a sentence about it.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from payments.sandbox import room_details, room_lists, room_panels
from payments.sandbox.markup import NOTHING, Markup, fill, joined, page
from payments.sandbox.room_acts import do, heard
from payments.sandbox.room_pieces import link
from payments.sandbox.shapes import Answer, Request
from payments.sandbox.world import World

if TYPE_CHECKING:
    from payments.sandbox.app import SandboxApp

PAGES = (
    ("", "Overview"),
    ("payments", "Payments"),
    ("webhooks", "Webhooks"),
    ("faults", "Faults"),
    ("calls", "Calls"),
    ("settings", "Settings"),
)
LATEST = 6
MANY = 50


def handle(app: "SandboxApp", request: Request) -> Answer:
    name = request.path.removeprefix("/").removeprefix("room").strip("/")
    if request.method == "POST" and name.startswith("do/"):
        return do(app, request, name.removeprefix("do/"))
    world = app.world
    with world.store.transaction():
        if (whole := WHOLE.get(name)) is not None:
            return _show(world, name, whole(world))
        kind, _, ident = name.partition("/")
        if (one := ONE.get(kind)) is not None and (found := one(world, ident)) is not None:
            return _show(world, kind, found)
        return _show(world, name, room_details.nothing_there(), status=404)


# pages -----------------------------------------------------------------------------------


def _overview(world: World) -> Markup:
    return joined(
        (
            fill(
                "room_overview.html",
                balance=room_panels.balance(world),
                state=room_panels.state(world),
                ahead=room_panels.ahead(world),
            ),
            room_lists.payments(world, LATEST, more=link("/room/payments", "All payments")),
            room_lists.payouts(world, LATEST),
            room_lists.events(world, LATEST, more=link("/room/webhooks", "All webhooks")),
            room_lists.calls(world, LATEST, more=link("/room/calls", "All calls")),
        )
    )


def _payments(world: World) -> Markup:
    parts = room_lists.payments(world, MANY), room_lists.payouts(world, MANY)
    return joined((*parts, room_panels.new_row(world)))


def _webhooks(world: World) -> Markup:
    parts = room_panels.webhooks(world), room_lists.events(world, MANY)
    return joined((*parts, room_panels.made_up_event()))


def _faults(world: World) -> Markup:
    forms = room_panels.new_fault(), room_panels.spoiled_webhooks()
    return joined((room_lists.faults(world), *forms))


def _calls(world: World) -> Markup:
    return room_lists.calls(world, MANY)


WHOLE: dict[str, Callable[[World], Markup]] = {
    "": _overview,
    "payments": _payments,
    "webhooks": _webhooks,
    "faults": _faults,
    "calls": _calls,
    "settings": room_panels.settings,
}
ONE: dict[str, Callable[[World, str], Markup | None]] = {
    "calls": room_details.call,
    "objects": room_details.whole_object,
}


# what is around them ---------------------------------------------------------------------


def _show(world: World, name: str, content: Markup, *, status: int = 200) -> Answer:
    title = dict(PAGES).get(name, "Details")
    body = fill(
        "room.html",
        title=title,
        nav=joined(_entry(one, label, here=one == name) for one, label in PAGES),
        clock=room_panels.clock(world),
        said=_said(world),
        content=content,
    )
    return page(
        title=f"{title}: Stripe sandbox control room", kind="room", body=body, status=status
    )


def _entry(name: str, label: str, *, here: bool) -> Markup:
    current = fill("parts/current.html") if here else NOTHING
    url = f"/room/{name}" if name else "/"
    return fill("parts/entry.html", url=url, label=label, current=current)


def _said(world: World) -> Markup:
    """What the last button did, told once."""
    said = heard(world)
    if said is None:
        return NOTHING
    kind = "note bad" if said.went_wrong else "note"
    return fill("parts/said.html", kind=kind, text=said.text)
