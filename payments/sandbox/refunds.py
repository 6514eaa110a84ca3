"""Refunds: money back to the card, out of the same balance. Stripe keeps its fee."""

from payments.sandbox import jobs, params
from payments.sandbox.charges import book, settle
from payments.sandbox.errors import invalid, no_such, refused
from payments.sandbox.events import emit
from payments.sandbox.ids import new_id
from payments.sandbox.money import formatted
from payments.sandbox.params import choice, integer, text
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

REFERENCE_AFTER = 5  # seconds until the bank's reference number is known

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
    amount = _allowed_amount(charge, given.get("amount"))
    charge = settle(world, charge, at=at)
    refund = world.store.insert(_blank(charge, given, amount, at))
    entry = _book(world, refund, charge, at)
    refund["balance_transaction"] = entry["id"]
    world.store.save(refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.store.save(charge)
    emit(world, "refund.created", refund, at=at)
    emit(world, "charge.refunded", charge, at=at)
    jobs.plan(world, "refund_reference", due=at + REFERENCE_AFTER, subject=refund["id"])
    return refund


def update_refund(world: World, ident: str, given: Json, *, at: int) -> Json:
    refund = get_refund(world, ident)
    before = refund["metadata"]
    refund["metadata"] = params.merged_metadata(before, given.get("metadata"))
    if refund["metadata"] != before:
        world.store.save(refund)
        _announce(world, refund, {"metadata": before}, at)
    return refund


def cancel_refund(world: World, ident: str) -> Json:
    """Only a refund that waits for the customer can be cancelled, and cards never wait."""
    refund = get_refund(world, ident)
    raise refused(
        f"This refund cannot be canceled because it has a status of {refund['status']}. Only "
        "refunds that require action can be canceled."
    )


def get_refund(world: World, ident: str) -> Json:
    refund = world.store.get("refund", ident)
    if refund is None:
        raise no_such("refund", ident)
    return refund


@jobs.handles("refund_reference")
def _add_reference(world: World, ident: str, at: int) -> None:
    refund = world.store.fetch("refund", ident)
    previous = {"destination_details": refund["destination_details"]}
    card = refund["destination_details"]["card"]
    known = {"reference": new_id("7", 10).upper(), "reference_status": "available"}
    refund["destination_details"] = {"card": card | known, "type": "card"}
    world.store.save(refund)
    _announce(world, refund, previous, at)


def _announce(world: World, refund: Json, previous: Json, at: int) -> None:
    # Stripe tells one change under both names.
    emit(world, "refund.updated", refund, at=at, previous=previous)
    emit(world, "charge.refund.updated", refund, at=at, previous=previous)


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


def _allowed_amount(charge: Json, wanted: int | None) -> int:
    left: int = charge["amount"] - charge["amount_refunded"]
    if charge["disputed"]:
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


def _blank(charge: Json, given: Json, amount: int, at: int) -> Json:
    return {
        "id": new_id("re_3"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": given.get("metadata") or {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def _book(world: World, refund: Json, charge: Json, at: int) -> Json:
    """The row of the refund; it is not taken from the balance before its charge is in there."""
    original = world.store.fetch("balance_transaction", charge["balance_transaction"])
    return book(
        world,
        kind="refund",
        amount=-refund["amount"],
        currency=refund["currency"],
        source=refund["id"],
        description=f"REFUND FOR CHARGE ({charge['description'] or charge['id']})",
        available_on=max(at, original["available_on"]),
        at=at,
    )
