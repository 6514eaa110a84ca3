"""What must always be true of the books, each as a question to the database alone.

A check returns the rows that break its rule; an empty list is the proof. The numbers are those of
docs/proof.md. Payments asks I1 to I8 by itself; what needs to know more (I9: bookings) is added by
the app that knows it.
"""

from payments.invariants.base import ALWAYS, Breach, Check, Sides, Span
from payments.invariants.clearing import clearing_and_balance, clearing_equals_stripe
from payments.invariants.liability import books_and_lots, liability_rolls_forward
from payments.invariants.lots import (
    units_add_up,
    units_and_buckets,
    values_add_up,
    values_and_entries,
)
from payments.invariants.orders import orders_add_up, totals_and_lots
from payments.invariants.stripe import (
    charges_and_payments,
    charges_have_payments,
    net_is_amount_less_fee,
    nets_and_amounts,
    payouts_add_up,
    payouts_and_nets,
)

__all__ = [
    "ALWAYS",
    "CHECKS",
    "Breach",
    "Check",
    "Sides",
    "Span",
    "all_checks",
    "breaches",
    "charges_have_payments",
    "clearing_equals_stripe",
    "contribute",
    "liability_rolls_forward",
    "net_is_amount_less_fee",
    "orders_add_up",
    "payouts_add_up",
    "units_add_up",
    "values_add_up",
]

_OURS = (
    Check(
        "I1",
        "Each movement at Stripe adds up",
        "Net = amount - fee, and the fee is the sum of its parts.",
        "Net",
        "Amount less fee",
        net_is_amount_less_fee,
        nets_and_amounts,
    ),
    Check(
        "I2",
        "Each payout is what came with it",
        "A payout that was paid and itemised is the sum of its transactions: residual 0.",
        "Paid out",
        "Net of its transactions",
        payouts_add_up,
        payouts_and_nets,
    ),
    Check(
        "I3",
        "The books hold what Stripe holds",
        "Charges - refunds - fees ± disputes ± other - payouts = Stripe's balance at the end.",
        "Stripe clearing, by the books",
        "Balance, by Stripe",
        clearing_equals_stripe,
        clearing_and_balance,
    ),
    Check(
        "I4",
        "Each charge is one payment",
        "Each succeeded charge has one payment here, and the other way round: same amount, "
        "currency and mode.",
        "Charged at Stripe",
        "Paid by card here",
        charges_have_payments,
        charges_and_payments,
    ),
    Check(
        "I5",
        "Each order is what was paid and granted",
        "Paid total = its lines = values of its lots + tax + lines without credits.",
        "Order totals",
        "Lots, tax and other lines",
        orders_add_up,
        totals_and_lots,
    ),
    Check(
        "I6",
        "Each credit is somewhere",
        "Per lot: bought = available + reserved + used + expired + refunded + transferred.",
        "Credits of the lots",
        "Credits in their entries",
        units_add_up,
        units_and_buckets,
    ),
    Check(
        "I7",
        "Each credit is worth what was paid for it",
        "Per lot: bought = owed + earned + breakage + refunded + transferred, tax and all.",
        "Value of the lots",
        "Value in their entries",
        values_add_up,
        values_and_entries,
    ),
    Check(
        "I8",
        "What is owed rolls forward",
        "Opening + sold - earned - breakage - refunded ± adjustments = closing, in the books and "
        "over all lots.",
        "By the books",
        "By the lots",
        liability_rolls_forward,
        books_and_lots,
    ),
)
CHECKS: dict[str, Check] = {check.code: check for check in _OURS}
_contributed: dict[str, Check] = {}


def contribute(check: Check) -> None:
    """Add a check of an app above, from its AppConfig."""
    _contributed[check.code] = check


def all_checks() -> list[Check]:
    """Ours and those of the apps above, by number."""
    return sorted([*CHECKS.values(), *_contributed.values()], key=lambda check: check.code)


def breaches(span: Span = ALWAYS) -> list[Breach]:
    """Every breach of every rule of payments; empty when the books are proved."""
    return [breach for check in CHECKS.values() for breach in check(span)]
