"""Refunds: money back to the card, out of the same balance. Stripe keeps its fee."""

from dataclasses import replace

from payments.sandbox import params
from payments.sandbox.charges import settle
from payments.sandbox.disputes import disputes_of
from payments.sandbox.errors import invalid, no_such, refused
from payments.sandbox.events import emit
from payments.sandbox.evidence import end_inquiry
from payments.sandbox.fraud_warnings import stop_warning
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import funds, settled
from payments.sandbox.money import formatted
from payments.sandbox.params import choice, integer, text
from payments.sandbox.refund_fates import announce, plan_fate, take_money
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

ANSWER_WITHIN = 45 * 86400  # seconds that a payer has to say where the money shall go

CREATE: dict[str, params.Reader] = {
    "charge": text(255),
    "payment_intent": text(255),
    "amount": integer(1),
    "reason": choice("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": params.metadata,
    **params.EXPAND,
}
UPDATE: dict[str, params.Reader] = {"metadata": params.metadata, **params.EXPAND}


def create_refund(world: World, given: Json, *, at: int) -> Json:
    """Give back `amount` minor units of a charge, or all that is left of it.

    Raises:
        ApiError: no such charge, it is not paid, or too little is left; nothing is written.
    """
    charge = _charge_for(world, given)
    amount = _allowed_amount(world, charge, given.get("amount"))
    charge = settle(world, charge, at=at)
    fate = _fate(world, charge)
    refund = _blank(charge, given, amount, at) | _standing(world, charge, amount, fate, at)
    world.store.insert(refund)
    if refund["status"] != "requires_action" and not _waits_for_money(refund):
        take_money(world, refund, at=at)
        world.store.save(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.store.save(charge)
    emit(world, "refund.created", refund, at=at)
    emit(world, "charge.refunded", charge, at=at)
    if charge["refunded"]:
        end_inquiry(world, charge, at=at)
        stop_warning(world, charge, at=at)
    plan_fate(world, refund, fate, at=at)
    return refund


def update_refund(world: World, ident: str, given: Json, *, at: int) -> Json:
    refund = get_refund(world, ident)
    before = refund["metadata"]
    refund["metadata"] = params.merged_metadata(before, given.get("metadata"))
    if refund["metadata"] != before:
        world.store.save(refund)
        announce(world, refund, {"metadata": before}, at=at)
    return refund


def get_refund(world: World, ident: str) -> Json:
    refund = world.store.get("refund", ident)
    if refund is None:
        raise no_such("refund", ident)
    return refund


def _charge_for(world: World, given: Json) -> Json:
    if ("charge" in given) == ("payment_intent" in given):
        raise invalid("One of the following params should be provided: charge, payment_intent.")
    ident = given.get("charge")
    if intent_id := given.get("payment_intent"):
        intent = world.store.get("payment_intent", intent_id)
        if intent is None:
            raise no_such("payment_intent", intent_id, param="payment_intent")
        ident = intent["latest_charge"]
        if intent["status"] != "succeeded":
            raise refused(f"This PaymentIntent ({intent_id}) has no successful charge to refund.")
    charge = world.store.get("charge", ident)
    if charge is None:
        raise no_such("charge", str(ident), param="charge")
    if not charge["paid"]:
        raise refused(f"Charge {ident} has failed; it cannot be refunded.")
    return charge


def _allowed_amount(world: World, charge: Json, wanted: int | None) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if any(not one["is_charge_refundable"] for one in disputes_of(world, charge["id"])):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise refused(message, code="charge_disputed")
    if left == 0:
        message = f"Charge {charge['id']} has already been refunded."
        raise refused(message, code="charge_already_refunded")
    if wanted is not None and wanted > left:
        currency = charge["currency"]
        raise refused(
            f"Refund amount ({formatted(wanted, currency)}) is greater than unrefunded amount "
            f"on charge ({formatted(left, currency)})",
            param="amount",
        )
    return left if wanted is None else wanted


def _fate(world: World, charge: Json) -> str:
    """What the setting `next_refund`, which is used up by this, or the card asks for."""
    told = world.behaviour.next_refund
    if told:
        world.behaviour = replace(world.behaviour, next_refund="")
        world.behaviour.keep(world.store)
    return told or str(charge["_refund_fate"])


def _standing(world: World, charge: Json, amount: int, fate: str, at: int) -> Json:
    """How the refund starts."""
    if fate == "requires_action":
        email = charge["billing_details"]["email"] or "runner@example.com"
        sent = {"email_sent_at": at, "email_sent_to": email}
        details = {"email_sent": sent, "expires_at": at + ANSWER_WITHIN}
        return {
            "status": "requires_action",
            "instructions_email": email,
            "next_action": {"type": "display_details", "display_details": details},
        }
    if not world.behaviour.refund_into_debt and _is_short(world, charge, amount):
        return {"status": "pending", "pending_reason": "insufficient_funds"}
    if fate == "pending":
        return {"status": "pending", "pending_reason": "processing"}
    return {"status": "succeeded"}


def _is_short(world: World, charge: Json, amount: int) -> bool:
    """A charge that is still in the balance pays for its own refund; one paid out does not."""
    original = world.store.fetch("balance_transaction", charge["balance_transaction"])
    needed = settled(world, amount, charge["currency"])
    return original["_payout"] is not None and funds(world, needed.currency) < needed.amount


def _waits_for_money(refund: Json) -> bool:
    return refund.get("pending_reason") == "insufficient_funds"


def _blank(charge: Json, given: Json, amount: int, at: int) -> Json:
    by_card = "card" in charge["payment_method_details"]
    refund = {
        "id": new_id("re_3" if by_card else "pyr_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "metadata": given.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": None,
        "transfer_reversal": None,
    }
    if by_card:
        card = {
            "reference_status": "pending",
            "reference_type": "acquirer_reference_number",
            "type": "refund",
        }
        refund["destination_details"] = {"card": card, "type": "card"}
    return refund
