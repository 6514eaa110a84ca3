"""The hosted checkout: what the customer sees at a session's url. No JavaScript is needed."""

import re
import urllib.parse
from datetime import UTC, datetime

from payments.sandbox.cards import CARDS, TestCard, digits_of, find_card, spaced
from payments.sandbox.delivery import deliver_due
from payments.sandbox.jobs import run_due
from payments.sandbox.markup import HERE, NOTHING, Markup, fill, joined, page, redirect
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
            return _dead_end(404, "There is no such checkout", "Nothing was taken.", None)
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
    total = formatted(session["amount_total"], session["currency"])
    is_free = not session["amount_total"]
    business = world.behaviour.business_name
    notes = [refusal] if refusal else []
    if errors:
        notes.append("Nothing was taken. Please look at the marked fields.")
    body = fill(
        "pay.html",
        business=business,
        total=total,
        lines=_lines(world, session),
        back=_link("parts/back.html", session["cancel_url"]),
        action=f"/c/pay/{session['id']}",
        heading="Confirm" if is_free else "Card",
        notes=joined(fill("parts/note.html", text=note) for note in notes),
        email=_email(session, typed, errors),
        card=NOTHING if is_free else _card_fields(typed, errors),
        button="Confirm, nothing to pay" if is_free else f"Pay {total}",
        helpers=NOTHING if is_free else _helpers(),
    )
    title = f"{'Not paid yet: ' if notes else ''}Pay {total} to {business}"
    return page(title=title, kind="checkout", body=body, status=status)


def _lines(world: World, session: Json) -> Markup:
    """What is bought, a row each."""
    rows = []
    for item in line_items_of(world.store, session):
        times = f" × {item['quantity']}" if item["quantity"] != 1 else ""
        detail = fill("parts/detail.html", text=item["_detail"]) if item["_detail"] else NOTHING
        amount = formatted(item["amount_total"], session["currency"])
        name = item["description"] + times
        rows.append(fill("parts/line.html", name=name, detail=detail, amount=amount))
    return joined(rows)


def _email(session: Json, typed: dict[str, str], errors: dict[str, str]) -> Markup:
    if session["customer_email"]:
        return fill("parts/known.html", email=session["customer_email"])
    return _field("email", "Email", "email", typed, errors, inputmode="email")


def _card_fields(typed: dict[str, str], errors: dict[str, str]) -> Markup:
    return fill(
        "parts/card.html",
        number=_field("number", "Card number", "cc-number", typed, errors, inputmode="numeric"),
        expiry=_field("expiry", "Expiry (MM / YY)", "cc-exp", typed, errors, inputmode="numeric"),
        cvc=_field("cvc", "CVC", "cc-csc", typed, errors, inputmode="numeric"),
        name=_field("name", "Name on card", "cc-name", typed, errors),
    )


def _field(
    name: str,
    label: str,
    autocomplete: str,
    typed: dict[str, str],
    errors: dict[str, str],
    *,
    inputmode: str = "text",
) -> Markup:
    wrong = name in errors
    return fill(
        "parts/field.html",
        name=name,
        label=label,
        value=typed.get(name, ""),
        autocomplete=autocomplete,
        inputmode=inputmode,
        kind="field is-wrong" if wrong else "field",
        error=fill("parts/error.html", name=name, text=errors[name]) if wrong else NOTHING,
        marks=fill("parts/marks.html", name=name) if wrong else NOTHING,
    )


def _helpers() -> Markup:
    """The test cards, each a button that pays with it."""
    chips = [
        fill("parts/chip.html", number=card.number, title=card.title, shown=spaced(card.number))
        for card in CARDS.values()
    ]
    return fill("parts/helpers.html", chips=joined(chips))


def _link(template: str, url: str | None) -> Markup:
    return fill(template, url=url) if url else NOTHING


# the bank's question ---------------------------------------------------------------------


def _confirmation(
    world: World, request: Request, session: Json, now: int
) -> tuple[Answer, Outcome | None]:
    intent = world.store.get("payment_intent", session["payment_intent"])
    if intent is None or intent["status"] != "requires_action":
        return redirect(f"/c/pay/{session['id']}"), None
    if request.method != "POST":
        total = formatted(session["amount_total"], session["currency"])
        business = world.behaviour.business_name
        body = fill("confirmation.html", business=business, total=total)
        return page(title="Confirm with your bank", kind="narrow", body=body), None
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
    words = "Nothing was taken. Go back and start again; it takes a minute."
    return _dead_end(410, "This checkout has expired", words, session["cancel_url"])


def _dead_end(status: int, title: str, words: str, shop: str | None) -> Answer:
    way_back = _link("parts/way_back.html", shop)
    body = fill("closed.html", title=title, words=words, way_back=way_back)
    return page(title=title, kind="narrow", body=body, status=status)
