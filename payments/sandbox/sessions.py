"""Checkout sessions: created open, then complete or expired, and never anything else."""

from typing import Any

from payments.sandbox import jobs, params
from payments.sandbox.customers import get_customer
from payments.sandbox.errors import invalid, missing_parameter, no_such, refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id, new_session_id
from payments.sandbox.params import choice, flag, hash_of, integer, list_of, text
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

SHORTEST, LONGEST = 30 * 60, 24 * 3600
SMALLEST_TOTAL = 50  # minor units; Stripe takes nothing between zero and this

PRODUCT_DATA = hash_of(
    {
        "name": text(250),
        "description": text(),
        "images": list_of(params.url, 8),
        "metadata": params.metadata,
        "tax_code": text(50),
        "unit_label": text(12),
    },
    required=("name",),
)
PRICE_DATA = hash_of(
    {
        "currency": params.currency,
        "unit_amount": integer(0, 99_999_999),
        "product_data": PRODUCT_DATA,
        "tax_behavior": choice("exclusive", "inclusive", "unspecified"),
    },
    required=("currency", "unit_amount", "product_data"),
)
LINE_ITEM = hash_of(
    {"price_data": PRICE_DATA, "quantity": integer(1, 999_999), "metadata": params.metadata},
    required=("price_data", "quantity"),
)
INTENT_DATA = hash_of(
    {
        "description": text(1000),
        "metadata": params.metadata,
        "receipt_email": params.email,
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
    }
)


def no_method_types(value: Any, where: str) -> None:
    raise invalid(
        "The payment_method_types parameter is no longer supported on Checkout Sessions. Use "
        "dynamic payment methods, excluded_payment_method_types or allowed_payment_method_types.",
        param=where.partition("[")[0],
    )


FIELDS: dict[str, params.Reader] = {
    "mode": choice("payment"),
    "ui_mode": choice("hosted_page"),
    "success_url": params.url,
    "cancel_url": params.url,
    "line_items": list_of(LINE_ITEM),
    "customer": text(255),
    "customer_email": params.email,
    "customer_creation": choice("if_required"),
    "client_reference_id": text(200),
    "metadata": params.metadata,
    "payment_intent_data": INTENT_DATA,
    "expires_at": integer(),
    "currency": params.currency,
    "locale": text(10),
    "submit_type": choice("auto", "book", "donate", "pay"),
    "billing_address_collection": choice("auto"),
    "adaptive_pricing": hash_of({"enabled": flag}),
    "automatic_tax": hash_of({"enabled": flag}, required=("enabled",)),
    "invoice_creation": hash_of({"enabled": flag}, required=("enabled",)),
    "allow_promotion_codes": flag,
    "excluded_payment_method_types": list_of(text(50)),
    "allowed_payment_method_types": list_of(text(50)),
    "payment_method_types": no_method_types,
    **params.EXPAND,
}


def create_session(world: World, given: Json, *, at: int) -> Json:
    """An open session with inline prices.

    Raises:
        ApiError: a parameter is missing or its value impossible; nothing is written.
    """
    _check(given, at)
    if "customer" in given:
        get_customer(world, given["customer"], param="customer")
    lines = given["line_items"]
    currency = lines[0]["price_data"]["currency"]
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    session = _blank(given, at) | {
        "id": new_session_id(),
        "amount_subtotal": total,
        "amount_total": total,
        "currency": currency,
        "payment_status": "unpaid" if total else "no_payment_required",
        "_line_items": [_add_line(world, line, at) for line in lines],
        "_intent_data": given.get("payment_intent_data", {}),
    }
    session["url"] = f"{world.public_url}/c/pay/{session['id']}"
    world.store.insert(session)
    jobs.plan(world, "expire_session", due=session["expires_at"], subject=session["id"])
    return session


def expire_session(world: World, session: Json, *, at: int) -> Json:
    """End an open session; one that is complete or expired stays what it is.

    Raises:
        ApiError: the session is not open.
    """
    if session["status"] != "open":
        raise refused(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    session |= {"status": "expired", "url": None}
    world.store.save(session)
    emit(world, "checkout.session.expired", session, at=at)
    return session


@jobs.handles("expire_session")
def _expire_when_due(world: World, ident: str, at: int) -> None:
    session = world.store.fetch("checkout.session", ident)
    if session["status"] == "open":
        expire_session(world, session, at=at)


def get_session(world: World, ident: str) -> Json:
    session = world.store.get("checkout.session", ident)
    if session is None:
        raise no_such("checkout.session", ident)
    return session


def _check(given: Json, at: int) -> None:
    lines = given["line_items"]
    if not lines:
        raise missing_parameter("line_items")
    currencies = {line["price_data"]["currency"] for line in lines}
    if given.get("currency", next(iter(currencies))) not in currencies or len(currencies) > 1:
        raise invalid("All line items must have the same currency.", param="line_items")
    total = sum(line["price_data"]["unit_amount"] * line["quantity"] for line in lines)
    if 0 < total < SMALLEST_TOTAL:
        message = "The Checkout Session's total amount due must add up to at least 0.50."
        raise invalid(message, code="amount_too_small")
    if given.get("customer") and given.get("customer_email"):
        message = "You may only specify one of these parameters: customer, customer_email."
        raise invalid(message, param="customer")
    expires_at = given.get("expires_at", at + LONGEST)
    if not at + SHORTEST <= expires_at <= at + LONGEST:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes and at most 24 hours from "
            "Checkout Session creation.",
            param="expires_at",
        )
    for name in ("automatic_tax", "invoice_creation"):
        if given.get(name, {}).get("enabled"):
            raise invalid(f"The sandbox has no {name}.", param=f"{name}[enabled]")
    if given.get("allow_promotion_codes"):
        raise invalid("The sandbox has no promotion codes.", param="allow_promotion_codes")


def _blank(given: Json, at: int) -> Json:
    return {
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": given.get("adaptive_pricing", {}).get("enabled", True)},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": given.get("billing_address_collection"),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": given.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": at,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            "after_submit": None,
            "shipping_address": None,
            "submit": None,
            "terms_of_service_acceptance": None,
        },
        "customer": given.get("customer"),
        "customer_account": None,
        "customer_creation": None if given.get("customer") else "if_required",
        "customer_details": None,
        "customer_email": given.get("customer_email") or None,
        "discounts": [],
        "expires_at": given.get("expires_at", at + LONGEST),
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": given.get("locale"),
        "metadata": given.get("metadata") or {},
        "mode": "payment",
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": given.get("submit_type"),
        "subscription": None,
        "success_url": given["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "wallet_options": None,
    }


def _add_line(world: World, line: Json, at: int) -> str:
    """Store the line with the price and product that were given inline. Returns its id."""
    price_data, product_data = line["price_data"], line["price_data"]["product_data"]
    unit_amount = price_data["unit_amount"]
    amount = unit_amount * line["quantity"]
    price = {
        "id": new_id("price_1"),
        "object": "price",
        "active": False,
        "billing_scheme": "per_unit",
        "created": at,
        "currency": price_data["currency"],
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": new_id("prod_", 14),
        "recurring": None,
        "tax_behavior": price_data.get("tax_behavior", "unspecified"),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": str(unit_amount),
    }
    item = {
        "id": new_id("li_1"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": price_data["currency"],
        "description": product_data["name"],
        "metadata": line.get("metadata") or {},
        "price": price,
        "quantity": line["quantity"],
        "_created": at,
        "_detail": product_data.get("description", ""),
    }
    world.store.insert(item)
    return str(item["id"])
