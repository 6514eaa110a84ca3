"""The payment intent behind a session: made by the first attempt, failed or succeeded."""

from payments.sandbox.cards import Decline
from payments.sandbox.errors import DOCS
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


def intent_of(world: World, session: Json, *, at: int) -> Json:
    """The session's payment intent, made by the first attempt."""
    if found := world.store.get("payment_intent", session["payment_intent"]):
        return found
    data = session["_intent_data"]
    ident = new_id("pi_3")
    intent = world.store.insert(
        {
            "id": ident,
            "object": "payment_intent",
            "amount": session["amount_total"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic_async",
            "client_secret": f"{ident}_secret_{new_id('', 25)}",
            "confirmation_method": "automatic",
            "created": at,
            "currency": session["currency"],
            "customer": session["customer"],
            "customer_account": None,
            "description": data.get("description"),
            "excluded_payment_method_types": None,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": data.get("metadata") or {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {
                "card": {
                    "installments": None,
                    "mandate_options": None,
                    "network": None,
                    "request_three_d_secure": "automatic",
                }
            },
            "payment_method_types": session["payment_method_types"],
            "processing": None,
            "receipt_email": data.get("receipt_email") or None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "statement_descriptor": data.get("statement_descriptor"),
            "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
        }
    )
    session["payment_intent"] = ident
    world.store.save(session)
    emit(world, "payment_intent.created", intent, at=at)
    return intent


def succeed_intent(world: World, intent: Json, charge: Json, *, at: int) -> None:
    intent |= {
        "status": "succeeded",
        "amount_received": charge["amount"],
        "last_payment_error": None,
        "latest_charge": charge["id"],
        "next_action": None,
        "payment_method": charge["payment_method"],
    }
    world.store.save(intent)
    emit(world, "payment_intent.succeeded", intent, at=at)


def fail_intent(
    world: World, intent: Json, decline: Decline, *, charge_id: str | None, at: int
) -> None:
    error: Json = {
        "code": decline.code,
        "doc_url": DOCS + decline.code.replace("_", "-"),
        "message": decline.message,
        "type": "card_error",
    }
    if charge_id:
        error |= {"charge": charge_id, "decline_code": decline.decline_code}
    else:
        error["type"] = "invalid_request_error"
    intent |= {
        "status": "requires_payment_method",
        "last_payment_error": error,
        "next_action": None,
    }
    world.store.save(intent)
    emit(world, "payment_intent.payment_failed", intent, at=at)
