"""Lists with rules of their own: lenient filters, history that ends after thirty days."""

from payments.sandbox import lists, payouts, sessions
from payments.sandbox.errors import invalid, no_such
from payments.sandbox.objects import line_items_of, page_of, render
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

EVENTS_KEPT = 30 * 86400  # seconds


def list_balance_transactions(world: World, ident: str, given: Json, at: int) -> Json:
    """Filters are lenient as Stripe's: only an unknown payout is an error."""
    conditions = lists.equal(given, "source", "type", "currency")
    conditions += lists.within("created", given.get("created"))
    if str(given.get("source", "")).startswith("du_"):
        # As recorded: a dispute has rows, but this filter does not find them.
        conditions.append(("id", "=", ""))
    if payout := given.get("payout"):
        if not payouts.get_payout(world, payout, param="payout")["automatic"]:
            message = "Balance transaction history can only be filtered on automatic transfers, "
            raise invalid(message + "not manual.", param="payout")
        conditions.append(("_payout", "=", payout))
    return lists.page(world, "balance_transaction", "/v1/balance_transactions", given, conditions)


def list_events(world: World, ident: str, given: Json, at: int) -> Json:
    conditions = lists.within("created", given.get("created"))
    conditions.append(("created", ">", at - EVENTS_KEPT))
    if kind := given.get("type"):
        conditions.append(("type", "like", kind))
    if kinds := given.get("types"):
        conditions.append(("type", "in", kinds))
    if "delivery_success" in given:
        conditions.append(("pending_webhooks", "=" if given["delivery_success"] else ">", 0))
    return lists.page(world, "event", "/v1/events", given, conditions)


def get_event(world: World, ident: str, given: Json, at: int) -> Json:
    event = world.store.get("event", ident)
    if event is None or event["created"] <= at - EVENTS_KEPT:
        raise no_such("event", ident)
    return event


def list_line_items(world: World, ident: str, given: Json, at: int) -> Json:
    """In the order of the session; this list has cursors of its own, as it has no moments."""
    session = sessions.get_session(world, ident)
    items = [render(world.store, item, at=at) for item in line_items_of(world.store, session)]
    limit = given.get("limit", 10)
    if before := given.get("ending_before"):
        items = items[: _place(items, before, "ending_before")]
        shown, has_more = items[-limit:], len(items) > limit
    else:
        after = given.get("starting_after")
        rest = items[_place(items, after, "starting_after") + 1 :] if after else items
        shown, has_more = rest[:limit], len(rest) > limit
    return page_of(f"/v1/checkout/sessions/{ident}/line_items", shown, has_more=has_more)


def _place(items: list[Json], ident: str, param: str) -> int:
    for place, item in enumerate(items):
        if item["id"] == ident:
            return place
    raise no_such("item", ident, param=param)
