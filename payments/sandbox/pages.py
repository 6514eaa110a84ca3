"""The hosted checkout: what the customer sees at a session's url. No JavaScript is needed."""

import re
import urllib.parse
from datetime import UTC, datetime

from payments.sandbox.cards import CARDS, TestCard, digits_of, find_card, spaced
from payments.sandbox.delivery import deliver_due
from payments.sandbox.jobs import run_due
from payments.sandbox.money import formatted
from payments.sandbox.objects import line_items_of
from payments.sandbox.params import EMAIL
from payments.sandbox.paying import (
    Declined,
    Outcome,
    Paid,
    ToConfirm,
    complete_free,
    confirm,
    pay,
)
from payments.sandbox.shapes import Answer, Json, Request
from payments.sandbox.templating import HERE, page, redirect
from payments.sandbox.world import World

PATH = re.compile(r"/c/pay/(cs_test_\w+)(/confirmation)?\Z")
EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*\Z")
FIELDS = ("email", "number", "expiry", "cvc", "name")
SAMPLE = {"expiry": "12 / 34", "cvc": "123", "name": "Test Runner"}
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


def handle(world: World, request: Request) -> Answer:
    match = PATH.match(request.path)
    with world.store.transaction():
        now = world.now
        run_due(world, upto=now)
        session = world.store.get("checkout.session", match.group(1)) if match else None
        if match is None or session is None:
            return page("closed.html", 404, title="There is no such checkout", session=None)
        if session["status"] != "open":
            return _closed(session)
        act = _confirmation if match.group(2) else _payment
        answer, outcome = act(world, request, session, now)
    if isinstance(outcome, Paid) and world.behaviour.deliver == "before":
        # Outside the transaction: the shop may call the API while it takes the webhook.
        deliver_due(world, patient=False)
    return answer


def success_url(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def static_file(name: str) -> Answer:
    path = HERE / "static" / name
    if path.parent != HERE / "static" or path.suffix not in TYPES or not path.is_file():
        return Answer(404, b"not found", {"Content-Type": "text/plain"})
    headers = {"Content-Type": TYPES[path.suffix], "Cache-Control": "no-cache"}
    return Answer(200, path.read_bytes(), headers)


# the card form ---------------------------------------------------------------------------


def _payment(
    world: World, request: Request, session: Json, now: int
) -> tuple[Answer, Outcome | None]:
    if request.method != "POST":
        return _form(world, session, {"email": session["customer_email"] or ""}, {}), None
    sent = dict(urllib.parse.parse_qsl(request.text, keep_blank_values=True))
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    if session["customer_email"]:
        typed["email"] = session["customer_email"]
    if helper := find_card(sent.get("test_card", "")):
        typed = _helped(typed, helper)
    errors = _errors(session, typed, now)
    card = find_card(typed["number"])
    if errors or (card is None and session["amount_total"]):
        return _form(world, session, typed, errors, status=422), None
    outcome = _attempt(world, session, card, typed, now)
    if isinstance(outcome, Declined):
        refusal = outcome.decline.for_payer
        return _form(world, session, typed, {}, refusal=refusal, status=402), outcome
    if isinstance(outcome, ToConfirm):
        return redirect(f"/c/pay/{session['id']}/confirmation"), outcome
    return redirect(success_url(outcome.session)), outcome


def _attempt(
    world: World, session: Json, card: TestCard | None, typed: dict[str, str], now: int
) -> Outcome:
    payer: Json = {"email": typed["email"] or None, "name": typed["name"] or None}
    if card is None:
        return complete_free(world, session, payer=payer, at=now)
    if match := EXPIRY.match(typed["expiry"]):
        payer |= {"exp_month": int(match.group(1)), "exp_year": _year(match.group(2))}
    return pay(world, session, card, payer=payer, at=now)


def _helped(typed: dict[str, str], card: TestCard) -> dict[str, str]:
    """Everything this test card needs, whatever was typed; a name and an address stay."""
    return {
        **SAMPLE,
        "number": spaced(card.number),
        "name": typed["name"] or SAMPLE["name"],
        "email": typed["email"] if EMAIL.match(typed["email"]) else "runner@example.com",
    }


def _errors(session: Json, typed: dict[str, str], now: int) -> dict[str, str]:
    """A sentence for each field that keeps us from asking the bank."""
    errors: dict[str, str] = {}
    if not EMAIL.match(typed["email"]):
        errors["email"] = "Enter an email address, like name@example.com."
    if not session["amount_total"]:
        return errors
    if not digits_of(typed["number"]):
        errors["number"] = "Enter the card number."
    elif find_card(typed["number"]) is None:
        typed["number"] = ""  # it may be somebody's real card: do not show it again
        errors["number"] = "This sandbox knows Stripe's test cards only. Choose one below."
    if problem := _expiry_problem(typed["expiry"], now):
        errors["expiry"] = problem
    if len(digits_of(typed["cvc"])) not in (3, 4):
        errors["cvc"] = "Enter the three digits."
    if not typed["name"]:
        errors["name"] = "Enter the name on the card."
    return errors


def _expiry_problem(text: str, now: int) -> str:
    match = EXPIRY.match(text)
    if match is None or not 1 <= int(match.group(1)) <= 12:
        return "Enter month and year, like 12 / 34."
    today = datetime.fromtimestamp(now, UTC)
    if (_year(match.group(2)), int(match.group(1))) < (today.year, today.month):
        return "This date has passed."
    return ""


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text)


def _form(
    world: World,
    session: Json,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    refusal: str = "",
    status: int = 200,
) -> Answer:
    total, currency = session["amount_total"], session["currency"]
    items = [
        {
            "name": item["description"],
            "detail": item["_detail"],
            "quantity": item["quantity"],
            "amount": formatted(item["amount_total"], currency),
        }
        for item in line_items_of(world.store, session)
    ]
    return page(
        "pay.html",
        status,
        business=world.behaviour.business_name,
        session_path=f"/c/pay/{session['id']}",
        cancel_url=session["cancel_url"],
        items=items,
        total=formatted(total, currency),
        is_free=not total,
        email_known=bool(session["customer_email"]),
        typed=typed,
        errors=errors,
        refusal=refusal,
        cards=[
            {"number": card.number, "shown": spaced(card.number), "title": card.title}
            for card in CARDS.values()
        ],
    )


# the bank's question ---------------------------------------------------------------------


def _confirmation(
    world: World, request: Request, session: Json, now: int
) -> tuple[Answer, Outcome | None]:
    intent = world.store.get("payment_intent", session["payment_intent"])
    if intent is None or intent["status"] != "requires_action":
        return redirect(f"/c/pay/{session['id']}"), None
    if request.method != "POST":
        return page(
            "confirmation.html",
            business=world.behaviour.business_name,
            total=formatted(session["amount_total"], session["currency"]),
        ), None
    sent = dict(urllib.parse.parse_qsl(request.text))
    payer = intent["_payer"]
    outcome = confirm(world, session, succeeds=sent.get("answer") == "complete", at=now)
    if isinstance(outcome, Declined):
        typed = {
            **SAMPLE,
            "email": payer.get("email") or "",
            "name": payer.get("name") or "",
            "number": spaced(intent["_card"]),
        }
        refusal = outcome.decline.for_payer
        return _form(world, session, typed, {}, refusal=refusal, status=402), outcome
    return redirect(success_url(session)), outcome


def _closed(session: Json) -> Answer:
    """A second click after paying goes where the first one went."""
    if session["status"] == "complete":
        return redirect(success_url(session))
    return page(
        "closed.html",
        410,
        title="This checkout has expired",
        session={"cancel_url": session["cancel_url"]},
    )
