"""What the practice answers to a dispute, and how the bank decides.

In tests the text of the evidence decides, as with Stripe: winning_evidence, losing_evidence,
escalate_inquiry_evidence. Any other text lies with the bank until somebody decides by hand.
"""

from payments.sandbox import jobs, params
from payments.sandbox.disputes import (
    ANSWERABLE,
    EVIDENCE,
    OPEN,
    REVIEWED,
    disputes_of,
    due_by,
    else_too_late,
    get_dispute,
    reinstate,
    withdraw,
)
from payments.sandbox.errors import refused
from payments.sandbox.events import emit
from payments.sandbox.params import flag, hash_of, text
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

UPDATE: dict[str, params.Reader] = {
    "evidence": hash_of({name: text(20_000) for name in EVIDENCE}),
    "submit": flag,
    "metadata": params.metadata,
    **params.EXPAND,
}
VERDICTS = {
    "winning_evidence": "won",
    "losing_evidence": "lost",
    "escalate_inquiry_evidence": "escalated",
}


def update_dispute(world: World, ident: str, given: Json, *, at: int) -> Json:
    """Keep evidence and, unless `submit` is false, hand it to the bank.

    Raises:
        ApiError: no such dispute, or it does not wait for evidence any more.
    """
    dispute = get_dispute(world, ident)
    sent = given.get("evidence")
    submits = given.get("submit", sent is not None)
    if (sent or submits) and dispute["status"] not in ANSWERABLE:
        raise refused(
            f"This dispute has a status of {dispute['status']}; it takes no evidence any more."
        )
    before = dict(dispute)
    if sent:
        kept = {name: value or None for name, value in sent.items()}
        dispute["evidence"] = dispute["evidence"] | kept
        dispute["evidence_details"] = dispute["evidence_details"] | {"has_evidence": True}
    dispute["metadata"] = params.merged_metadata(dispute["metadata"], given.get("metadata"))
    if submits:
        _submit(world, dispute, at)
    return _changed(world, dispute, before, at)


def close_dispute(world: World, ident: str, *, at: int) -> Json:
    """Give up: the dispute is lost, and cannot be opened again.

    Raises:
        ApiError: no such dispute, or it is closed.
    """
    return settle_dispute(world, get_dispute(world, ident), outcome="lost", at=at)


def settle_dispute(world: World, dispute: Json, *, outcome: str, at: int) -> Json:
    """Let the bank decide: `outcome` is won, lost, or escalated for an inquiry.

    Raises:
        ApiError: the dispute is closed, or no inquiry that could be escalated.
    """
    inquiry = dispute["status"].startswith("warning_")
    if dispute["status"] not in OPEN:
        raise refused(f"This dispute is already closed; it is {dispute['status']}.")
    if outcome == "escalated":
        if not inquiry:
            raise refused("Only an inquiry can be escalated.")
        return _escalate(world, dispute, at)
    status = "warning_closed" if inquiry else outcome
    dispute |= {"status": status, "is_charge_refundable": status != "lost"}
    world.store.save(dispute)
    emit(world, "charge.dispute.closed", dispute, at=at)
    if status == "won":
        reinstate(world, dispute, at)
    return world.store.fetch("dispute", dispute["id"])


def end_inquiry(world: World, charge: Json, *, at: int) -> None:
    """A bank that only asked is content when the payer has everything back."""
    for dispute in disputes_of(world, charge["id"]):
        if dispute["status"] in OPEN and dispute["status"].startswith("warning_"):
            settle_dispute(world, dispute, outcome="lost", at=at)


@jobs.handles("dispute_due")
def _too_late(world: World, ident: str, at: int) -> None:
    dispute = world.store.fetch("dispute", ident)
    if dispute["status"] in ANSWERABLE and at > dispute["evidence_details"]["due_by"]:
        settle_dispute(world, dispute, outcome="lost", at=at)


@jobs.handles("dispute_decided")
def _decide(world: World, ident: str, at: int) -> None:
    dispute = world.store.fetch("dispute", ident)
    verdict = VERDICTS.get(dispute["evidence"]["uncategorized_text"] or "")
    escalates = verdict == "escalated" and dispute["status"] != "warning_under_review"
    # Any other evidence lies with the bank until somebody decides by hand.
    if verdict and dispute["status"] in REVIEWED and not escalates:
        settle_dispute(world, dispute, outcome=verdict, at=at)


def _submit(world: World, dispute: Json, at: int) -> None:
    details = dispute["evidence_details"]
    dispute["evidence_details"] = details | {
        "has_evidence": True,
        "submission_count": details["submission_count"] + 1,
        "submission_method": "manual",
    }
    dispute["status"] = dispute["status"].replace("needs_response", "under_review")
    due = at + world.behaviour.dispute_review_takes
    jobs.plan(world, "dispute_decided", due=due, subject=dispute["id"])


def _escalate(world: World, dispute: Json, at: int) -> Json:
    before = dict(dispute)
    dispute |= {
        "status": "needs_response",
        "is_charge_refundable": False,
        "evidence_details": dispute["evidence_details"] | {"due_by": due_by(world, at)},
    }
    if "payment_method_details" in dispute:
        card = dispute["payment_method_details"]["card"] | {"case_type": "chargeback"}
        dispute["payment_method_details"] = {"card": card, "type": "card"}
    _changed(world, dispute, before, at)
    withdraw(world, dispute, at)
    else_too_late(world, dispute)
    return dispute


def _changed(world: World, dispute: Json, before: Json, at: int) -> Json:
    previous = {name: before[name] for name in before if before[name] != dispute[name]}
    world.store.save(dispute)
    if previous:
        emit(world, "charge.dispute.updated", dispute, at=at, previous=previous)
    return dispute
