"""Checkout sessions: created open, then complete or expired, and never anything else."""

from payments.sandbox import jobs
from payments.sandbox.charges import NO_ADDRESS
from payments.sandbox.customers import get_customer
from payments.sandbox.errors import invalid, missing_parameter, no_such, refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id, new_session_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

SHORTEST, LONGEST = 30 * 60, 24 * 3600
SMALLEST_TOTAL = 50  # minor units; Stripe takes nothing between zero and this


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


def complete_session(
    world: World, session: Json, payer: Json, *, payment_status: str, at: int
) -> None:
    """The payer is done; whether the money is there is another matter."""
    session |= {
        "status": "complete",
        "payment_status": payment_status,
        "url": None,
        "customer_details": {
            "address": NO_ADDRESS,
            "business_name": None,
            "email": payer.get("email"),
            "individual_name": None,
            "name": payer.get("name"),
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
    }
    world.store.save(session)
    emit(world, "checkout.session.completed", session, at=at)


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
    if not _methods(given):
        raise invalid("No valid payment method types for this Checkout Session.")
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
        "payment_method_types": _methods(given),
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


def _methods(given: Json) -> list[str]:
    """Cards, and SEPA debits of euros, as far as the shop takes them."""
    currency = given["line_items"][0]["price_data"]["currency"]
    offered = ["card", "sepa_debit"] if currency == "eur" else ["card"]
    excluded = given.get("excluded_payment_method_types") or []
    allowed = given.get("allowed_payment_method_types") or offered
    return [name for name in offered if name in allowed and name not in excluded]


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
