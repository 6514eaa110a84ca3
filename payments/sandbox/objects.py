"""From stored rows to what the API shows: hidden names dropped, references expanded."""

from payments.sandbox.errors import invalid
from payments.sandbox.shapes import Json
from payments.sandbox.store import Store

# The references of each kind that expand[] may follow, as far as the portal needs them.
EXPANDABLE: dict[str, frozenset[str]] = {
    "checkout.session": frozenset({"payment_intent", "customer", "line_items"}),
    "payment_intent": frozenset({"latest_charge", "customer"}),
    "charge": frozenset({"balance_transaction", "payment_intent", "customer", "refunds"}),
    "refund": frozenset(
        {"charge", "payment_intent", "balance_transaction", "failure_balance_transaction"}
    ),
    "balance_transaction": frozenset({"source"}),
    "payout": frozenset({"balance_transaction", "failure_balance_transaction"}),
    "dispute": frozenset({"charge", "payment_intent"}),
    "radar.early_fraud_warning": frozenset({"charge", "payment_intent"}),
}
DEEPEST = 4


def render(store: Store, obj: Json, *, at: int, expand: list[str] | None = None) -> Json:
    """The object as the API shows it at the moment `at`."""
    shown = {name: value for name, value in obj.items() if not name.startswith("_")}
    if obj["object"] == "balance_transaction":
        shown["status"] = "available" if obj["available_on"] <= at else "pending"
    if obj["object"] == "dispute":
        shown |= _dispute_at(store, obj, at)
    for name, deeper in _grouped(expand or []).items():
        shown[name] = _expanded(store, obj, name, deeper, at)
    return shown


def _dispute_at(store: Store, dispute: Json, at: int) -> Json:
    """Its rows, which come unasked, and whether the time for an answer is over."""
    rows = [store.fetch("balance_transaction", ident) for ident in dispute["_rows"]]
    details = dispute["evidence_details"]
    waits = dispute["status"].endswith("needs_response")
    return {
        "balance_transactions": [render(store, row, at=at) for row in rows],
        "evidence_details": details | {"past_due": waits and at > details["due_by"]},
    }


def page_of(url: str, data: list[Json], has_more: bool) -> Json:
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def line_items_of(store: Store, session: Json) -> list[Json]:
    return [store.fetch("item", ident) for ident in session["_line_items"]]


def refunds_of(store: Store, charge_id: str) -> list[Json]:
    return store.select("refund", [("charge", "=", charge_id)])


def _grouped(expand: list[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for path in expand:
        if path.count(".") >= DEEPEST:
            raise invalid(f"You cannot expand more than {DEEPEST} levels: {path}", param="expand")
        head, _, rest = path.partition(".")
        deeper = groups.setdefault(head, [])
        if rest:
            deeper.append(rest)
    return groups


def _expanded(store: Store, obj: Json, name: str, deeper: list[str], at: int) -> Json | None:
    check_expand(obj["object"], [name])
    if name == "line_items":
        url = f"/v1/checkout/sessions/{obj['id']}/line_items"
        items = [render(store, item, at=at) for item in line_items_of(store, obj)]
        return page_of(url, items, has_more=False)
    if name == "refunds":
        found = refunds_of(store, obj["id"])
        refunds = [render(store, refund, at=at, expand=in_list(deeper)) for refund in found[:10]]
        return page_of(f"/v1/charges/{obj['id']}/refunds", refunds, has_more=len(found) > 10)
    target = store.find(obj.get(name))
    return render(store, target, at=at, expand=deeper) if target else None


def check_expand(kind: str, expand: list[str]) -> None:
    """Refuse what no object of this kind can show, even when there is none to show."""
    for path in expand:
        name = path.partition(".")[0]
        if name not in EXPANDABLE.get(kind, frozenset()):
            raise invalid(f"This property cannot be expanded ({name}).", param="expand")


def in_list(expand: list[str]) -> list[str]:
    """What is asked of each row: lists are expanded through `data.`"""
    for path in expand:
        if path != "data" and not path.startswith("data."):
            raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    return [path.removeprefix("data.") for path in expand if path != "data"]
