"""What is sold, bought, owned, posted and mirrored. See docs/payments.md."""

from payments.models.catalogue import Package, Policy, Service, ServiceVariant
from payments.models.credits import Bucket, CreditEntry, CreditLot
from payments.models.journal import JournalEntry, JournalLine
from payments.models.mismatches import Mismatch
from payments.models.orders import Order, OrderLine, PaymentAttempt
from payments.models.stripe import (
    BalanceTransaction,
    Charge,
    Dispute,
    Payout,
    PayoutLine,
    Refund,
    StripeCursor,
    StripeEvent,
)

__all__ = [
    "BalanceTransaction",
    "Bucket",
    "Charge",
    "CreditEntry",
    "CreditLot",
    "Dispute",
    "JournalEntry",
    "JournalLine",
    "Mismatch",
    "Order",
    "OrderLine",
    "Package",
    "PaymentAttempt",
    "Payout",
    "PayoutLine",
    "Policy",
    "Refund",
    "Service",
    "ServiceVariant",
    "StripeCursor",
    "StripeEvent",
]
