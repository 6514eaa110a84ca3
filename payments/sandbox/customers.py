"""Customers: a name and an address to write to, kept for later purchases."""

from payments.sandbox import params
from payments.sandbox.errors import no_such
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

FIELDS: dict[str, params.Reader] = {
    "email": params.email,
    "name": params.text(256),
    "description": params.text(),
    "phone": params.text(20),
    "invoice_settings": params.hash_of({"footer": params.text()}),
    "metadata": params.metadata,
    "preferred_locales": params.list_of(params.text(20)),
    **params.EXPAND,
}
PLAIN = ("email", "name", "description", "phone")


def create_customer(world: World, given: Json, *, at: int) -> Json:
    customer: Json = {
        "id": new_id("cus_", 14),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": at,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": given.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    _apply(customer, given)
    world.store.insert(customer)
    emit(world, "customer.created", customer, at=at)
    return customer


def update_customer(world: World, ident: str, given: Json, *, at: int) -> Json:
    customer = get_customer(world, ident)
    before = dict(customer)
    _apply(customer, given)
    world.store.save(customer)
    previous = {name: before[name] for name in before if before[name] != customer[name]}
    if previous:
        emit(world, "customer.updated", customer, at=at, previous=previous)
    return customer


def delete_customer(world: World, ident: str, *, at: int) -> Json:
    """Forgotten for good; what was paid stays where it is."""
    customer = get_customer(world, ident)
    world.store.delete(ident)
    emit(world, "customer.deleted", customer, at=at)
    return {"id": ident, "object": "customer", "deleted": True}


def get_customer(world: World, ident: str, *, param: str | None = None) -> Json:
    customer = world.store.get("customer", ident)
    if customer is None:
        raise no_such("customer", ident, param=param)
    return customer


def _apply(customer: Json, given: Json) -> None:
    for name in PLAIN:
        if name in given:
            customer[name] = given[name] or None
    if "invoice_settings" in given:
        customer["invoice_settings"] = customer["invoice_settings"] | given["invoice_settings"]
    if "preferred_locales" in given:
        customer["preferred_locales"] = given["preferred_locales"]
    customer["metadata"] = params.merged_metadata(customer["metadata"], given.get("metadata"))
