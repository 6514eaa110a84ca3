"""Charges, and the money they bring: gross, fee and net arrive a little after the charge."""

from payments.sandbox import jobs
from payments.sandbox.cards import Decline, Means, TestCard
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import book, settled
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

DAY = 86400
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def create_charge(
    world: World,
    intent: Json,
    means: Means,
    *,
    status: str,
    details: Json,
    decline: Decline | None = None,
    payer: Json,
    at: int,
) -> Json:
    """A charge of the intent's whole amount: succeeded, pending, or failed with `decline`.

    A succeeded one gets its balance transaction later, as with Stripe's asynchronous capture.
    """
    taken = decline is None
    charge: Json = {
        "id": new_id("ch_3" if "card" in details else "py_3"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if taken else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": NO_ADDRESS,
            "email": payer.get("email"),
            "name": payer.get("name"),
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": world.behaviour.business_name.upper()[:22],
        "captured": taken,
        "created": at,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": status == "succeeded",
        "payment_intent": intent["id"],
        "payment_method": new_id("pm_1"),
        "payment_method_details": details,
        "radar_options": {},
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": status,
        "transfer_data": None,
        "transfer_group": None,
        "_settles_at_once": means.settles_at_once,
        "_dispute": means.dispute,
        "_inquiry": means.inquiry,
        "_warned": means.warned,
        "_refund_fate": means.refund_fate,
    }
    return world.store.insert(charge)


def settle_soon(world: World, charge: Json, *, at: int) -> None:
    """Plan the arrival of the charge's money, or let it arrive now when there is no delay."""
    delay = world.behaviour.balance_transaction_delay
    if delay:
        jobs.plan(world, "settle_charge", due=at + delay, subject=charge["id"])
    else:
        settle(world, charge, at=at)


@jobs.handles("settle_charge")
def _settle_when_due(world: World, charge_id: str, at: int) -> None:
    settle(world, world.store.fetch("charge", charge_id), at=at)


def settle(world: World, charge: Json, *, at: int) -> Json:
    """Book the charge's money once. Returns the charge with its balance transaction."""
    if charge["balance_transaction"]:
        return charge
    wait = 0 if charge["_settles_at_once"] else world.behaviour.available_after_days * DAY
    money = settled(world, charge["amount"], charge["currency"])
    entry = book(
        world,
        kind="charge" if "card" in charge["payment_method_details"] else "payment",
        amount=money.amount,
        fee=world.behaviour.fee(money.amount),
        currency=money.currency,
        exchange_rate=money.exchange_rate,
        source=charge["id"],
        description=charge["description"],
        available_on=at + wait,
        at=at,
    )
    charge["balance_transaction"] = entry["id"]
    world.store.save(charge)
    emit(world, "charge.updated", charge, at=at, previous={"balance_transaction": None})
    return charge


def _outcome(decline: Decline | None) -> Json:
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.decline_code if decline else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": (
            "The bank did not return any further details with this decline."
            if decline
            else "Payment complete."
        ),
        "type": "issuer_declined" if decline else "authorized",
    }


def card_details(card: TestCard, amount: int, authenticated: bool, payer: Json) -> Json:
    """The card that paid, as a charge shows it."""
    three_d_secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": None,
        "version": "2.2.0",
    }
    shown = {
        "amount_authorized": amount,
        "authorization_code": "200427",
        "brand": card.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": card.country,
        "exp_month": payer.get("exp_month", 12),
        "exp_year": payer.get("exp_year", 2034),
        "extended_authorization": {"status": "disabled"},
        "fingerprint": f"sandbox{card.last4}",
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card.brand,
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure if authenticated else None,
        "wallet": None,
    }
    return {"card": shown, "type": "card"}
