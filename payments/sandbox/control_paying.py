"""Paying without the hosted page: what it does, for tests and the demo."""

from payments.sandbox import jobs
from payments.sandbox.delivery import deliver_due
from payments.sandbox.errors import BadOrder
from payments.sandbox.objects import render
from payments.sandbox.pages import success_url
from payments.sandbox.paying import (
    Declined,
    NotPayable,
    Outcome,
    Paid,
    ToConfirm,
    complete_free,
    confirm,
    pay,
)
from payments.sandbox.sepa import find_means
from payments.sandbox.shapes import Json
from payments.sandbox.world import World


def pay_session(world: World, data: Json) -> Json:
    """What the hosted page does, without the page.

    A card that asks to confirm is confirmed, unless `confirm` is "fail" or "leave".
    """
    means = find_means(str(data.get("card", "4242424242424242")))
    if means is None:
        raise BadOrder("That is none of the test cards and accounts.")
    with world.store.transaction():
        now = world.now
        jobs.run_due(world, upto=now)
        session = world.store.get("checkout.session", data["id"])
        if session is None:
            raise BadOrder(f"There is no session {data['id']}.")
        payer = {
            "email": session["customer_email"] or data.get("email", "runner@example.com"),
            "name": data.get("name", "Test Runner"),
        }
        try:
            outcome: Outcome
            if session["amount_total"]:
                outcome = pay(world, session, means, payer=payer, at=now)
            else:
                outcome = complete_free(world, session, payer=payer, at=now)
            if isinstance(outcome, ToConfirm) and data.get("confirm") != "leave":
                succeeds = data.get("confirm") != "fail"
                outcome = confirm(world, outcome.session, succeeds=succeeds, at=now)
        except NotPayable:
            raise BadOrder(
                f"This session is {session['status']} and takes "
                f"{' and '.join(session['payment_method_types'])}."
            ) from None
    if isinstance(outcome, Paid) and world.behaviour.deliver == "before":
        deliver_due(world, patient=False)
    return _told(world, world.store.fetch("checkout.session", session["id"]), outcome)


def _told(world: World, session: Json, outcome: Outcome) -> Json:
    reply: Json = {"session": render(world.store, session, at=world.now)}
    if isinstance(outcome, Declined):
        refusal = outcome.decline
        return reply | {
            "outcome": "declined",
            "code": refusal.code,
            "decline_code": refusal.decline_code,
            "message": refusal.message,
        }
    if isinstance(outcome, ToConfirm):
        return reply | {"outcome": "to_confirm"}
    told = "processing" if session["payment_status"] == "unpaid" else "paid"
    return reply | {"outcome": told, "redirect": success_url(session)}
