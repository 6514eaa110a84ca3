"""The one account that the sandbox belongs to."""

from payments.sandbox import ACCOUNT_ID
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


def account(world: World) -> Json:
    behaviour = world.behaviour
    return {
        "id": ACCOUNT_ID,
        "object": "account",
        "business_profile": {
            "mcc": None,
            "name": behaviour.business_name,
            "support_email": None,
            "support_phone": None,
            "support_url": None,
            "url": None,
        },
        "business_type": None,
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "country": "GB",
        "default_currency": behaviour.default_currency,
        "details_submitted": True,
        "email": None,
        "metadata": {},
        "payouts_enabled": True,
        "type": "standard",
    }
