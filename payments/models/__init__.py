"""What is sold, bought, owned, posted and mirrored. See docs/payments.md."""

from payments.models.adjustments import AdjustmentProposal
from payments.models.bank import BankImport, BankLine, CashUp
from payments.models.catalogue import Package, Policy, Service, ServiceVariant
from payments.models.credits import Bucket, CreditEntry, CreditLot
from payments.models.documents import Document, LegalEntity
from payments.models.gifts import CreditNotice, Gift
from payments.models.journal import Account, JournalEntry, JournalLine, Period
from payments.models.mismatches import Mismatch, MismatchComment
from payments.models.orders import Order, OrderLine, PaymentAttempt
from payments.models.promotions import IntroductoryPurchase, PromotionCode, PromotionUse
from payments.models.refunds import RefundPart, RefundRequest
from payments.models.rules import BookRules, RefundLimit, TaxTiming
from payments.models.stripe import (
    BalanceTransaction,
    Charge,
    Classification,
    Dispute,
    Payout,
    PayoutLine,
    Refund,
    StripeCursor,
    StripeEvent,
)

__all__ = [
    "Account",
    "AdjustmentProposal",
    "BalanceTransaction",
    "BankImport",
    "BankLine",
    "BookRules",
    "Bucket",
    "CashUp",
    "Charge",
    "Classification",
    "CreditEntry",
    "CreditLot",
    "CreditNotice",
    "Dispute",
    "Document",
    "Gift",
    "IntroductoryPurchase",
    "JournalEntry",
    "JournalLine",
    "LegalEntity",
    "Mismatch",
    "MismatchComment",
    "Order",
    "OrderLine",
    "Package",
    "PaymentAttempt",
    "Payout",
    "PayoutLine",
    "Period",
    "Policy",
    "PromotionCode",
    "PromotionUse",
    "Refund",
    "RefundLimit",
    "RefundPart",
    "RefundRequest",
    "Service",
    "ServiceVariant",
    "StripeCursor",
    "StripeEvent",
    "TaxTiming",
]
