"""What a new checkout session may be told."""

from typing import Any

from payments.sandbox import params
from payments.sandbox.errors import invalid
from payments.sandbox.params import choice, flag, hash_of, integer, list_of, text

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
