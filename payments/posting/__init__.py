"""The books: what each happening posts, by rule, once (docs/books.md has the table).

Every function may be called again with the same cause: the first entry stands.
"""

from payments.posting.classifying import classified_as, post_classified
from payments.posting.credits import post_earned, post_taken_back
from payments.posting.entries import Move, post
from payments.posting.reversing import CorrectionError, post_correction, reverse_entry
from payments.posting.sales import MONEY_OF_METHOD, post_sale
from payments.posting.stripe import (
    post_assigned,
    post_balance_transaction,
    post_payout,
    post_payout_failed,
)
from payments.posting.taxes import line_behind, tax_falls, tax_role
from payments.posting.top_ups import (
    post_top_up_earned,
    post_top_up_paid,
    post_top_up_taken_back,
)
from payments.posting.transfers import post_transferred

__all__ = [
    "MONEY_OF_METHOD",
    "CorrectionError",
    "Move",
    "classified_as",
    "line_behind",
    "post",
    "post_assigned",
    "post_balance_transaction",
    "post_classified",
    "post_correction",
    "post_earned",
    "post_payout",
    "post_payout_failed",
    "post_sale",
    "post_taken_back",
    "post_top_up_earned",
    "post_top_up_paid",
    "post_top_up_taken_back",
    "post_transferred",
    "reverse_entry",
    "tax_falls",
    "tax_role",
]
