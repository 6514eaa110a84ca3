"""Lists: newest first, ten at a time, with cursors and filters."""

from collections.abc import Mapping, Sequence

from payments.sandbox import params
from payments.sandbox.errors import invalid, no_such
from payments.sandbox.objects import check_expand, in_list, page_of, render
from payments.sandbox.params import Reader
from payments.sandbox.shapes import Json
from payments.sandbox.store import Condition
from payments.sandbox.world import World

PAGING: Mapping[str, Reader] = {
    "limit": params.integer(1, 100),
    "starting_after": params.text(255),
    "ending_before": params.text(255),
    **params.EXPAND,
}
BOUNDS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "eq": "="}


def within(name: str, bounds: Json | None) -> list[Condition]:
    """Conditions for a filter such as created[gte]."""
    return [(name, BOUNDS[bound], value) for bound, value in (bounds or {}).items()]


def equal(given: Json, *names: str) -> list[Condition]:
    """Conditions for the filters among `names` that were sent."""
    return [(name, "=", given[name]) for name in names if name in given]


def page(
    world: World, kind: str, url: str, given: Json, conditions: Sequence[Condition] = ()
) -> Json:
    """One page of the objects of a kind that fulfil the conditions."""
    after, before = given.get("starting_after"), given.get("ending_before")
    if after and before:
        raise invalid(
            "Received both starting_after and ending_before parameters. Please pass in only one."
        )
    limit = given.get("limit", 10)
    beyond = None
    if cursor := after or before:
        beyond = world.store.position(kind, cursor)
        if beyond is None:
            name = "starting_after" if after else "ending_before"
            raise no_such(noun_of(kind), cursor, param=name)
    found = world.store.select(
        kind, conditions, oldest_first=bool(before), beyond=beyond, limit=limit + 1
    )
    has_more, found = len(found) > limit, found[:limit]
    if before:
        found.reverse()
    expand = in_list(given.get("expand", []))
    check_expand(kind, expand)
    now = world.now
    rows = [render(world.store, obj, at=now, expand=expand) for obj in found]
    return page_of(url, rows, has_more)


def noun_of(kind: str) -> str:
    return kind.replace(".", " ").replace("_", " ") if kind != "payment_intent" else kind
