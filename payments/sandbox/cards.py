"""Stripe's published test cards, and what each of them does here. Any other number is refused."""

from dataclasses import dataclass
from typing import Literal

RefundFate = Literal["", "pending", "fails"]
EXPECTED_DIGITS = range(12, 20)


@dataclass(frozen=True, slots=True)
class Decline:
    code: str
    decline_code: str
    message: str  # as the API words it
    for_payer: str  # as the hosted page words it


@dataclass(frozen=True, slots=True)
class Means:
    """What somebody pays with, and what comes of it after it has paid."""

    number: str
    title: str
    settles_at_once: bool = False  # the money is available without waiting
    dispute: str = ""  # paid, then disputed with the bank for this reason
    inquiry: bool = False  # the dispute only asks, and takes no money
    warned: bool = False  # the network warns early that this is fraud
    refund_fate: RefundFate = ""  # a refund is pending first, or fails afterwards

    @property
    def last4(self) -> str:
        return self.number[-4:]


@dataclass(frozen=True, slots=True)
class TestCard(Means):
    decline: Decline | None = None
    challenge: bool = False  # the bank asks the payer to confirm (3-D Secure)
    brand: str = "visa"
    country: str = "GB"

    __test__ = False  # the name is Stripe's; it is nothing for pytest


GENERIC = Decline(
    "card_declined",
    "generic_decline",
    "Your card was declined.",
    "The bank said no, and nothing was taken. Try another card.",
)
NO_FUNDS = Decline(
    "card_declined",
    "insufficient_funds",
    "Your card has insufficient funds.",
    "There is not enough money on this card. Nothing was taken; try another one.",
)
STOLEN = Decline(
    "card_declined",
    "stolen_card",
    "Your card was declined.",
    "The bank said no, and nothing was taken. Try another card.",
)
EXPIRED = Decline(
    "expired_card",
    "expired_card",
    "Your card has expired.",
    "This card has expired. Nothing was taken; try another one.",
)
WRONG_CVC = Decline(
    "incorrect_cvc",
    "incorrect_cvc",
    "Your card's security code is incorrect.",
    "The security code is not right. Nothing was taken; check the back of the card.",
)
PROCESSING = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "The bank did not answer in time. Nothing was taken; try again in a moment.",
)
NOT_CONFIRMED = Decline(
    "payment_intent_authentication_failure",
    "authentication_required",
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    "The payment was not confirmed with the bank. Nothing was taken; try again.",
)

CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242", "Pays"),
        TestCard("5555555555554444", "Pays, Mastercard", brand="mastercard"),
        TestCard("4000000000000077", "Pays, money available at once", settles_at_once=True),
        TestCard("4000000000000002", "Declined", decline=GENERIC),
        TestCard("4000000000009995", "Declined, no funds", decline=NO_FUNDS),
        TestCard("4000000000009979", "Declined, stolen", decline=STOLEN),
        TestCard("4000000000000069", "Declined, expired", decline=EXPIRED),
        TestCard("4000000000000127", "Declined, wrong CVC", decline=WRONG_CVC),
        TestCard("4000000000000119", "Declined, bank error", decline=PROCESSING),
        TestCard("4000002760003184", "Asks to confirm", challenge=True),
        TestCard("4000000000003220", "Asks to confirm, 3DS 2", challenge=True),
        TestCard("4000008400001629", "Confirms, then declined", challenge=True, decline=GENERIC),
        TestCard("4000000000000259", "Pays, disputed as fraud", dispute="fraudulent"),
        TestCard("4000000000002685", "Pays, not received", dispute="product_not_received"),
        TestCard("4000000000001976", "Pays, bank asks", dispute="fraudulent", inquiry=True),
        TestCard("4000000000005423", "Pays, fraud warning", warned=True),
        TestCard("4000000000007726", "Pays, refund is pending", refund_fate="pending"),
        TestCard("4000000000005126", "Pays, refund fails later", refund_fate="fails"),
    )
}


def digits_of(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def spaced(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def find_card(text: str) -> TestCard | None:
    return CARDS.get(digits_of(text))
