"""The chart of accounts: what each account is for, and what the practice calls it.

A role is the stable key: lines are written with its code and keep it. The code and the name
that people see can be changed by them (payments/charting.py) and are read by `accounts`.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Account:
    code: str
    name: str


class Role(Enum):
    """What an account is for. Postings name roles, the books show codes."""

    BANK = Account("1000", "Bank")
    CASH_DRAWER = Account("1010", "Cash drawer")
    BANK_IN_TRANSIT = Account("1020", "Bank in transit")
    STRIPE_CLEARING = Account("1100", "Stripe clearing")
    STRIPE_RESERVES = Account("1105", "Held back by Stripe")
    TERMINAL_CLEARING = Account("1110", "Card terminal clearing")
    DISPUTES_RECEIVABLE = Account("1200", "Disputes receivable")
    DEFERRED = Account("2000", "Deferred sessions")
    CREDIT_TRANSFERS = Account("2010", "Credits in transfer")
    TOP_UPS = Account("2020", "Top-ups for sessions to come")
    UNCLAIMED = Account("2030", "Expired credits still owed")
    TAX_PAYABLE = Account("2100", "Tax payable")
    TAX_DEFERRED = Account("2110", "Tax on sessions to come")
    REFUNDS_OWED = Account("2200", "Refunds owed to customers")
    UNASSIGNED = Account("2900", "Receipts and refunds to assign")
    UNCLASSIFIED = Account("2910", "Stripe movements to classify")
    SESSION_REVENUE = Account("4000", "Session revenue")
    LATE_REVENUE = Account("4010", "Late cancellation revenue")
    BREAKAGE = Account("4020", "Breakage revenue")
    SUSPENSE_REVENUE = Account("4090", "Refund differences")
    FEES = Account("5000", "Processing fees")
    DISPUTE_FEES = Account("5010", "Dispute fees")
    BAD_DEBT = Account("5020", "Bad debt")
    GOODWILL_COST = Account("5030", "Goodwill and refund differences")
    CASH_DIFFERENCES = Account("5040", "Cash differences")
    OTHER_STRIPE = Account("5050", "Other Stripe costs")
    EXCHANGE = Account("5060", "Currency differences")

    @classmethod
    def called(cls, code: str) -> "Role":
        """The role whose lines are written with a code."""
        return next(role for role in cls if role.code == code)

    @property
    def code(self) -> str:
        return self.value.code

    @property
    def label(self) -> str:
        return self.value.name


NAMES: dict[str, str] = {role.code: role.label for role in Role}
CHOICES = [(code, f"{code} {name}") for code, name in NAMES.items()]


def accounts() -> dict[str, Account]:
    """What each account is called now, by the key lines are written with; one query."""
    from payments.models import Account as Renamed  # which is written with the keys above

    found = {role.code: role.value for role in Role}
    for row in Renamed.objects.all():
        found[row.role] = Account(row.code, row.name)
    return found
