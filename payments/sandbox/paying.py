"""One attempt to pay an open session: paid, declined, or first to be confirmed with the bank.

The order of the events is the one in which Stripe is known to emit them; a receiver must not
rely on it, and the control page can shuffle their delivery.
"""

from dataclasses import dataclass

from payments.sandbox.cards import CARDS, NOT_CONFIRMED, Decline, TestCard
from payments.sandbox.charges import card_details, create_charge, settle_soon
from payments.sandbox.disputes import trouble_after
from payments.sandbox.events import emit
from payments.sandbox.intents import fail_intent, intent_of, succeed_intent
from payments.sandbox.sepa import DebitAccount, debit
from payments.sandbox.sessions import complete_session
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


def pay(
    world: World, session: Json, means: TestCard | DebitAccount, *, payer: Json, at: int
) -> Outcome:
    """Try this card, or debit this account: a debit is `Paid` with a session still unpaid.

    `payer` has name and email and, when typed, exp_month and exp_year.

    Raises:
        NotPayable: nobody can pay this session any more, or not so; nothing is written.
    """
    _must_be_open(session, at)
    if isinstance(means, DebitAccount):
        if "sepa_debit" not in session["payment_method_types"]:
            raise NotPayable
        debit(world, session, means, payer=payer, at=at)
        return Paid(session)
    intent = intent_of(world, session, at=at)
    if means.challenge:
        return _ask_bank(world, session, intent, means, payer, at)
    return _charge(world, session, intent, means, payer, authenticated=False, at=at)


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
    fail_intent(world, intent, NOT_CONFIRMED, charge_id=None, at=at)
    return Declined(NOT_CONFIRMED)


def complete_free(world: World, session: Json, *, payer: Json, at: int) -> Paid:
    """Finish a session in which nothing is due.

    Raises:
        NotPayable: the session is over, or something is due.
    """
    _must_be_open(session, at)
    if session["amount_total"]:
        raise NotPayable
    status = "no_payment_required"
    complete_session(world, session, payer, payment_status=status, at=at)
    return Paid(session)


def _must_be_open(session: Json, at: int) -> None:
    if session["status"] != "open" or at >= session["expires_at"]:
        raise NotPayable


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
        world,
        intent,
        card,
        status="failed" if decline else "succeeded",
        details=card_details(card, intent["amount"], authenticated, payer),
        decline=decline,
        payer=payer,
        at=at,
    )
    if decline:
        intent["latest_charge"] = charge["id"]
        emit(world, "charge.failed", charge, at=at)
        fail_intent(world, intent, decline, charge_id=charge["id"], at=at)
        return Declined(decline)
    emit(world, "charge.succeeded", charge, at=at)
    succeed_intent(world, intent, charge, at=at)
    complete_session(world, session, payer, payment_status="paid", at=at)
    settle_soon(world, charge, at=at)
    trouble_after(world, charge, at=at)
    return Paid(session)
