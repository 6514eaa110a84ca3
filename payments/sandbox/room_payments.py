"""A payment in the control room: its checkout, charge, refunds and disputes in one row."""

from payments.sandbox.disputes import OPEN, disputes_of
from payments.sandbox.fraud_warnings import KIND as WARNING
from payments.sandbox.markup import NOTHING, Markup, fill, joined
from payments.sandbox.money import formatted
from payments.sandbox.objects import refunds_of
from payments.sandbox.refund_fates import UNDER_WAY
from payments.sandbox.room_pieces import button, item, known, link, moment, tape
from payments.sandbox.shapes import Json
from payments.sandbox.world import World

GOOD_CARD, BAD_CARD = "4242424242424242", "4000000000000002"
DISPUTE_ENDS = (("won", "Won"), ("lost", "Lost"))
INQUIRY_ENDS = (("won", "Let it rest"), ("escalated", "Escalate"))
HARMLESS = ("won", "warning_closed", "prevented")  # disputes after which all is as before


def payment_item(world: World, session: Json) -> Markup:
    intent = world.store.get("payment_intent", session["payment_intent"])
    charge = world.store.get("charge", intent["latest_charge"]) if intent else None
    paid = charge if charge and charge["status"] != "failed" else None
    refunds = refunds_of(world.store, paid["id"]) if paid else []
    disputes = disputes_of(world, paid["id"]) if paid else []
    warnings = world.store.select(WARNING, [("charge", "=", paid["id"])]) if paid else []
    total = formatted(session["amount_total"], session["currency"])
    return item(
        total,
        tapes=_states(session, intent, charge),
        meta=[
            session["customer_email"] or _email_given(session),
            session["client_reference_id"],
            _paid_with(charge),
            moment(session["created"]),
            known(paid["id"] if paid else session["id"]),
        ],
        acts=_acts_on(session, paid, disputes, total),
        below=joined(
            (
                *(_warning(one) for one in warnings),
                *(_refund(one) for one in refunds),
                *(_dispute(one) for one in disputes),
            )
        ),
    )


def _states(session: Json, intent: Json | None, charge: Json | None) -> list[Markup]:
    return [
        tape(_state(session, intent, charge)),
        tape("refunded", "refunded" if charge and charge["refunded"] else "part refunded")
        if charge and charge["amount_refunded"]
        else NOTHING,
    ]


def _state(session: Json, intent: Json | None, charge: Json | None) -> str:
    if session["status"] == "complete":
        if session["payment_status"] != "unpaid":
            return "paid"
        return "failed" if charge and charge["status"] == "failed" else "processing"
    if session["status"] == "open" and intent and intent["status"] == "requires_action":
        return "confirming"
    if session["status"] == "open" and charge:
        return "declined"
    return str(session["status"])


def _email_given(session: Json) -> str:
    return str((session["customer_details"] or {}).get("email") or "")


def _paid_with(charge: Json | None) -> str:
    if charge is None:
        return ""
    details = charge["payment_method_details"]
    one = details[details["type"]]
    return f"{one.get('brand') or 'SEPA debit'} {one['last4']}".capitalize()


def _acts_on(session: Json, paid: Json | None, disputes: list[Json], total: str) -> list[Markup]:
    about = f"{total} {session['client_reference_id'] or ''}"
    if session["status"] == "open":
        return _acts_on_open(session, about)
    if paid is None or paid["status"] != "succeeded":
        return []
    if any(one["status"] not in HARMLESS for one in disputes):
        return []
    left = paid["amount"] - paid["amount_refunded"]
    if not left:
        return []
    acts = [
        button("refunds", "Refund", about=f"{about} in Stripe's dashboard", charge=paid["id"]),
        button("refunds", "Refund half", about=about, charge=paid["id"], amount=(left + 1) // 2),
        button("disputes", "Dispute", about=about, charge=paid["id"], reason="fraudulent"),
        button("disputes", "Inquiry", about=about, charge=paid["id"], inquiry="true"),
    ]
    if "sepa_debit" in paid["payment_method_details"] and not paid["amount_refunded"]:
        acts.append(button(f"charges/{paid['id']}/fail", "Return the debit", about=about))
    return acts


def _acts_on_open(session: Json, about: str) -> list[Markup]:
    pay = f"checkout/{session['id']}/pay"
    decline = button(pay, "Decline", about=about, card=BAD_CARD)
    return [
        link(f"/c/pay/{session['id']}", "Open the checkout"),
        button(pay, "Pay", about=about, card=GOOD_CARD),
        decline if session["amount_total"] else NOTHING,
        button(f"v1/checkout/sessions/{session['id']}/expire", "Close", about=about),
    ]


def _refund(refund: Json) -> Markup:
    amount = formatted(refund["amount"], refund["currency"])
    act = (
        button(f"refunds/{refund['id']}/fail", "Fail the refund", about=amount)
        if refund["status"] in UNDER_WAY
        else NOTHING
    )
    return _below(f"Refund {amount}", refund, act)


def _warning(warning: Json) -> Markup:
    state = "open" if warning["actionable"] else "over"
    return _below("Early fraud warning", warning | {"status": state}, NOTHING)


def _dispute(dispute: Json) -> Markup:
    amount = formatted(dispute["amount"], dispute["currency"])
    is_inquiry = dispute["status"].startswith("warning")
    outcomes = INQUIRY_ENDS if is_inquiry else DISPUTE_ENDS
    acts = joined(
        button(f"disputes/{dispute['id']}/settle", label, about=amount, outcome=outcome)
        for outcome, label in outcomes
        if dispute["status"] in OPEN
    )
    due = f", answer by {moment(dispute['evidence_details']['due_by'])}" if acts else ""
    return _below(f"{'Inquiry' if is_inquiry else 'Dispute'} {amount}{due}", dispute, acts)


def _below(words: str, obj: Json, acts: Markup) -> Markup:
    return fill(
        "parts/below.html", words=words, tape=tape(obj["status"]), known=known(obj["id"]), acts=acts
    )
