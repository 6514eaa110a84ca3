"""What the payer typed into the hosted page: read, mended for a test card, and judged."""

import re
from datetime import UTC, datetime

from payments.sandbox.cards import TestCard, digits_of, find_card, spaced
from payments.sandbox.params import EMAIL
from payments.sandbox.shapes import Json

EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*\Z")
FIELDS = ("email", "number", "expiry", "cvc", "name")
SAMPLE = {"expiry": "12 / 34", "cvc": "123", "name": "Test Runner"}
SAMPLE_EMAIL = "runner@example.com"

Typed = dict[str, str]


def read_typed(session: Json, sent: dict[str, str]) -> Typed:
    """The fields of the form; an address that the shop gave is not for the payer to change."""
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    if session["customer_email"]:
        typed["email"] = session["customer_email"]
    if card := find_card(sent.get("test_card", "")):
        return typed_for(card, typed)
    return typed


def typed_for(card: TestCard, typed: Typed) -> Typed:
    """Everything this test card needs, whatever was typed; a name and an address stay."""
    return {
        **SAMPLE,
        "number": spaced(card.number),
        "name": typed.get("name") or SAMPLE["name"],
        "email": _email_or_sample(typed),
    }


def mistakes(session: Json, typed: Typed, now: int) -> dict[str, str]:
    """A sentence for each field that keeps us from asking the bank."""
    found: dict[str, str] = {}
    if not EMAIL.match(typed["email"]):
        found["email"] = "Enter an email address, like name@example.com."
    if session["amount_total"]:
        found |= _mistakes_in_card(typed, now)
    return found


def payer_of(typed: Typed) -> Json:
    payer: Json = {"email": typed["email"] or None, "name": typed["name"] or None}
    if match := EXPIRY.match(typed["expiry"]):
        payer |= {"exp_month": int(match.group(1)), "exp_year": _year(match.group(2))}
    return payer


def _email_or_sample(typed: Typed) -> str:
    email = typed.get("email", "")
    return email if EMAIL.match(email) else SAMPLE_EMAIL


def _mistakes_in_card(typed: Typed, now: int) -> dict[str, str]:
    found: dict[str, str] = {}
    if not digits_of(typed["number"]):
        found["number"] = "Enter the card number."
    elif find_card(typed["number"]) is None:
        typed["number"] = ""  # it may be somebody's real card: do not show it again
        found["number"] = "This sandbox knows Stripe's test cards only. Choose one below."
    if problem := _expiry_problem(typed["expiry"], now):
        found["expiry"] = problem
    if len(digits_of(typed["cvc"])) not in (3, 4):
        found["cvc"] = "Enter the three digits."
    if not typed["name"]:
        found["name"] = "Enter the name on the card."
    return found


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
