"""What the payer typed into the hosted page: read, mended for a test card, and judged."""

import re
from datetime import UTC, datetime

from payments.sandbox.cards import Means, TestCard, digits_of, find_card, spaced
from payments.sandbox.params import EMAIL
from payments.sandbox.sepa import DebitAccount, find_account, find_means
from payments.sandbox.shapes import Json

EXPIRY = re.compile(r"\s*(\d{1,2})\s*/?\s*(\d{2}|\d{4})\s*\Z")
CARD, DEBIT = "card", "sepa_debit"
FIELDS = ("email", "number", "expiry", "cvc", "name", "iban", "holder")
SAMPLE_NAME, SAMPLE_EMAIL = "Test Runner", "runner@example.com"

Typed = dict[str, str]


def read_typed(session: Json, sent: dict[str, str]) -> Typed:
    """The fields of the form; an address that the shop gave is not for the payer to change."""
    typed = {name: sent.get(name, "").strip() for name in FIELDS}
    typed["method"] = _method(session, typed, sent.get("method", ""))
    if session["customer_email"]:
        typed["email"] = session["customer_email"]
    if means := find_means(sent.get("test_card", "")):
        return typed_for(means, typed)
    return typed


def typed_for(means: Means, typed: Typed) -> Typed:
    """Everything this test card or account needs; a name and an address stay as typed."""
    name = typed.get("name") or typed.get("holder") or SAMPLE_NAME
    email = typed.get("email", "")
    known = dict.fromkeys(FIELDS, "") | {"email": email if EMAIL.match(email) else SAMPLE_EMAIL}
    if isinstance(means, DebitAccount):
        return known | {"method": DEBIT, "iban": spaced(means.number), "holder": name}
    card = {"number": spaced(means.number), "expiry": "12 / 34", "cvc": "123", "name": name}
    return known | {"method": CARD} | card


def means_of(typed: Typed) -> TestCard | DebitAccount | None:
    """The test card or account that was typed, whichever the payer chose."""
    if typed["method"] == DEBIT:
        return find_account(typed["iban"])
    return find_card(typed["number"])


def mistakes(session: Json, typed: Typed, now: int) -> dict[str, str]:
    """A sentence for each field that keeps us from asking the bank."""
    found: dict[str, str] = {}
    if not EMAIL.match(typed["email"]):
        found["email"] = "Enter an email address, like name@example.com."
    if not session["amount_total"]:
        return found
    if typed["method"] == DEBIT:
        return found | _mistakes_in_account(typed)
    return found | _mistakes_in_card(typed, now)


def payer_of(typed: Typed) -> Json:
    name = typed["holder"] if typed["method"] == DEBIT else typed["name"]
    payer: Json = {"email": typed["email"] or None, "name": name or None}
    if match := EXPIRY.match(typed["expiry"]):
        payer |= {"exp_month": int(match.group(1)), "exp_year": _year(match.group(2))}
    return payer


def _method(session: Json, typed: Typed, chosen: str) -> str:
    """What the payer chose, or what follows from the fields, of what the shop takes."""
    offered = session["payment_method_types"]
    if not chosen and typed["iban"] and not typed["number"]:
        chosen = DEBIT
    return chosen if chosen in offered else (*offered, CARD)[0]


def _mistakes_in_account(typed: Typed) -> dict[str, str]:
    found: dict[str, str] = {}
    if not typed["iban"]:
        found["iban"] = "Enter the IBAN."
    elif find_account(typed["iban"]) is None:
        typed["iban"] = ""  # somebody's real account is nothing for this page, either
        found["iban"] = "This sandbox knows Stripe's test accounts only. Choose one below."
    if not typed["holder"]:
        found["holder"] = "Enter the name of the account holder."
    return found


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
