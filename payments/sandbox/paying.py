"""One attempt to pay an open session: paid, declined, or first to be confirmed with the bank.

The order of the events is the one in which Stripe is known to emit them; a receiver must not
rely on it, and the control page can shuffle their delivery.
"""

from dataclasses import dataclass

from payments.sandbox.cards import CARDS, NOT_CONFIRMED, Decline, TestCard
from payments.sandbox.charges import NO_ADDRESS, create_charge, settle_soon
from payments.sandbox.disputes import trouble_after
from payments.sandbox.errors import DOCS
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


class NotPayable(Exception):
    """The session is complete or expired."""


@dataclass(frozen=True, slots=True)
class Paid:
    session: Json


@dataclass(frozen=True, slots=True)
class Declined:
    decline: Decline


@dataclass(frozen=True, slots=True)
class ToConfirm:
    session: Json


Outcome = Paid | Declined | ToConfirm


def pay(world: World, session: Json, card: TestCard, *, payer: Json, at: int) -> Outcome:
    """Try this card. `payer` has name and email and, when typed, exp_month and exp_year.

    Raises:
        NotPayable: nobody can pay this session any more; nothing is written.
    """
    _must_be_open(session, at)
    intent = _intent_of(world, session, payer, at)
    if card.challenge:
        return _ask_bank(world, session, intent, card, payer, at)
    return _charge(world, session, intent, card, payer, authenticated=False, at=at)


def confirm(world: World, session: Json, *, succeeds: bool, at: int) -> Outcome:
    """Answer the bank's question that an earlier attempt left open.

    Raises:
        NotPayable: the session is over, or no question is open.
    """
    _must_be_open(session, at)
    intent = world.store.get("payment_intent", session["payment_intent"])
    if intent is None or intent["status"] != "requires_action":
        raise NotPayable
    card, payer = CARDS[intent["_card"]], intent["_payer"]
    if succeeds:
        return _charge(world, session, intent, card, payer, authenticated=True, at=at)
    _fail(world, intent, NOT_CONFIRMED, charge_id=None, at=at)
    return Declined(NOT_CONFIRMED)


def complete_free(world: World, session: Json, *, payer: Json, at: int) -> Paid:
    """Finish a session in which nothing is due.

    Raises:
        NotPayable: the session is over, or something is due.
    """
    _must_be_open(session, at)
    if session["amount_total"]:
        raise NotPayable
    return _complete(world, session, payer, at)


def _must_be_open(session: Json, at: int) -> None:
    if session["status"] != "open" or at >= session["expires_at"]:
        raise NotPayable


def _intent_of(world: World, session: Json, payer: Json, at: int) -> Json:
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
            "payment_method_types": ["card"],
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


def _ask_bank(
    world: World, session: Json, intent: Json, card: TestCard, payer: Json, at: int
) -> ToConfirm:
    url = f"{world.public_url}/c/pay/{session['id']}/confirmation"
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": session["url"], "url": url},
        },
        "_card": card.number,
        "_payer": payer,
    }
    world.store.save(intent)
    emit(world, "payment_intent.requires_action", intent, at=at)
    return ToConfirm(session)


def _charge(
    world: World,
    session: Json,
    intent: Json,
    card: TestCard,
    payer: Json,
    *,
    authenticated: bool,
    at: int,
) -> Outcome:
    decline = card.decline
    charge = create_charge(
        world, intent, card, decline=decline, payer=payer, authenticated=authenticated, at=at
    )
    if decline:
        intent["latest_charge"] = charge["id"]
        emit(world, "charge.failed", charge, at=at)
        _fail(world, intent, decline, charge_id=charge["id"], at=at)
        return Declined(decline)
    emit(world, "charge.succeeded", charge, at=at)
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
    outcome = _complete(world, session, payer, at)
    settle_soon(world, charge, at=at)
    trouble_after(world, charge, at=at)
    return outcome


def _fail(world: World, intent: Json, decline: Decline, *, charge_id: str | None, at: int) -> None:
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


def _complete(world: World, session: Json, payer: Json, at: int) -> Paid:
    session |= {
        "status": "complete",
        "payment_status": "paid" if session["amount_total"] else "no_payment_required",
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
    return Paid(session)
