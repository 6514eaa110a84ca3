"""Disputes: the payer's bank takes the money back, or first only asks.

A chargeback takes amount and fee in one row, and gives the amount back, never the fee, when it
is won. An inquiry (`warning_...`) moves nothing unless it is escalated.
"""

import contextlib

from payments.sandbox import jobs
from payments.sandbox.charges import DAY, settle
from payments.sandbox.errors import ApiError, no_such, refused
from payments.sandbox.events import emit
from payments.sandbox.fraud_warnings import stop_warning, warn
from payments.sandbox.ids import new_id
from payments.sandbox.ledger import book, settled
from payments.sandbox.money import formatted
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

REASONS = (
    *("bank_cannot_process", "check_returned", "credit_not_processed", "customer_initiated"),
    *("debit_not_authorized", "duplicate", "fraudulent", "general", "incorrect_account_details"),
    *("insufficient_funds", "noncompliant", "product_not_received", "product_unacceptable"),
    *("subscription_canceled", "unrecognized"),
)
NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1", "duplicate": "12.6.1"}
EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy"),
    *("cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication"),
    *("customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature"),
    *("duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id"),
    *("product_description", "receipt", "refund_policy", "refund_policy_disclosure"),
    *("refund_refusal_explanation", "service_date", "service_documentation"),
    *("shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation"),
    *("shipping_tracking_number", "uncategorized_file", "uncategorized_text"),
)
ANSWERABLE = ("needs_response", "warning_needs_response")
REVIEWED = ("under_review", "warning_under_review")
OPEN = (*ANSWERABLE, *REVIEWED)


# opening ---------------------------------------------------------------------------------


def trouble_after(world: World, charge: Json, *, at: int) -> None:
    """What a test card brings after it has paid: a warning, a dispute, or nothing."""
    if charge["_warned"]:
        warn(world, charge, at=at)
    if not charge["_dispute"]:
        return
    if delay := world.behaviour.dispute_delay:
        jobs.plan(world, "dispute_charge", due=at + delay, subject=charge["id"])
    else:
        _dispute_as_told(world, charge["id"], at)


@jobs.handles("dispute_charge")
def _dispute_as_told(world: World, charge_id: str, at: int) -> None:
    charge = world.store.fetch("charge", charge_id)
    # What was given back, sent back or disputed in the meantime is left alone.
    with contextlib.suppress(ApiError):
        open_dispute(world, charge, reason=charge["_dispute"], inquiry=charge["_inquiry"], at=at)


def open_dispute(
    world: World,
    charge: Json,
    *,
    reason: str,
    inquiry: bool = False,
    amount: int | None = None,
    at: int,
) -> Json:
    """Dispute `amount` minor units of a charge, or all of it that was not given back.

    Raises:
        ApiError: the charge is not paid, disputed already, or has less left.
    """
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not charge["paid"]:
        raise refused(f"Charge {charge['id']} is not paid; it cannot be disputed.")
    if any(one["status"] in OPEN for one in disputes_of(world, charge["id"])):
        raise refused(f"Charge {charge['id']} is disputed already.")
    if not 0 < amount <= left:
        shown = formatted(left, charge["currency"])
        raise refused(f"Of charge {charge['id']} {shown} can be disputed.", param="amount")
    charge = settle(world, charge, at=at) | {"disputed": True}
    world.store.save(charge)
    dispute = world.store.insert(_blank(world, charge, reason, inquiry, amount, at))
    emit(world, "charge.dispute.created", dispute, at=at)
    stop_warning(world, charge, at=at)
    if not inquiry:
        withdraw(world, dispute, at)
    else_too_late(world, dispute)
    return world.store.fetch("dispute", dispute["id"])


def _blank(world: World, charge: Json, reason: str, inquiry: bool, amount: int, at: int) -> Json:
    payer = charge["billing_details"]
    known = {
        "customer_email_address": payer["email"],
        "customer_name": payer["name"],
        "product_description": charge["description"],
        "enhanced_evidence": {},
    }
    dispute: Json = {
        "id": new_id("du_1"),
        "object": "dispute",
        "amount": amount,
        "charge": charge["id"],
        "created": at,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(EVIDENCE) | known,
        "evidence_details": {
            "due_by": due_by(world, at),
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
        "_rows": [],
    }
    if card := charge["payment_method_details"].get("card"):
        dispute["payment_method_details"] = {
            "card": {
                "brand": card["brand"],
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": card["network"],
                "network_reason_code": NETWORK_CODES.get(reason),
            },
            "type": "card",
        }
    return dispute


def due_by(world: World, at: int) -> int:
    """The last second of the day by which evidence has to be there."""
    day = at + world.behaviour.dispute_due_days * DAY
    return day - day % DAY + DAY - 1


def else_too_late(world: World, dispute: Json) -> None:
    """Plan what happens when nobody answers in time."""
    due = dispute["evidence_details"]["due_by"] + 1
    jobs.plan(world, "dispute_due", due=due, subject=dispute["id"])


# money -----------------------------------------------------------------------------------


def withdraw(world: World, dispute: Json, at: int) -> None:
    money = settled(world, -dispute["amount"], dispute["currency"])
    entry = book(
        world,
        kind="adjustment",
        category="dispute",
        amount=money.amount,
        fee=world.behaviour.dispute_fee_minor,
        fee_for="Dispute fee",
        currency=money.currency,
        exchange_rate=money.exchange_rate,
        source=dispute["id"],
        description=f"Chargeback withdrawal for {dispute['charge']}",
        available_on=at,
        at=at,
    )
    dispute["_rows"] = [*dispute["_rows"], entry["id"]]
    world.store.save(dispute)
    emit(world, "charge.dispute.funds_withdrawn", dispute, at=at)


def reinstate(world: World, dispute: Json, at: int) -> None:
    taken = world.store.fetch("balance_transaction", dispute["_rows"][-1])
    entry = book(
        world,
        kind="adjustment",
        category="dispute_reversal",
        amount=-taken["amount"],
        currency=taken["currency"],
        exchange_rate=taken["exchange_rate"],
        source=dispute["id"],
        description=f"Chargeback reversal for {dispute['charge']}",
        available_on=at + world.behaviour.available_after_days * DAY,
        at=at,
    )
    dispute["_rows"] = [*dispute["_rows"], entry["id"]]
    world.store.save(dispute)
    emit(world, "charge.dispute.funds_reinstated", dispute, at=at)


# finding ---------------------------------------------------------------------------------


def disputes_of(world: World, charge_id: str) -> list[Json]:
    return world.store.select("dispute", [("charge", "=", charge_id)])


def get_dispute(world: World, ident: str) -> Json:
    dispute = world.store.get("dispute", ident)
    if dispute is None:
        raise no_such("dispute", ident)
    return dispute
