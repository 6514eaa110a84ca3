"""What sales hold about people. See accounts/classifying.py.

Amounts, days, ids and numbers of papers stay for as long as the law asks for the books.
"""

from django.db.models import Q

from accounts.classifying import Fate, holds, nothing_personal, says
from accounts.models import User
from accounts.personal import addresses_of
from payments.models import Charge, PaymentAttempt

REMOVED = "Removed with the person's data."


def gifts_of(person: User) -> Q:
    """Those she gave, and those she was given."""
    return Q(order__buyer=person) | Q(claimed_by=person) | Q(to_email__in=addresses_of(person))


def events_of(person: User) -> Q:
    """What Stripe told us of her payments, by the ids and addresses in it: it has no other key."""
    attempts = PaymentAttempt.objects.filter(order__buyer=person)
    ids = attempts.values_list("stripe_session_id", "stripe_payment_intent_id")
    marks = {mark for pair in ids for mark in pair if mark}
    marks |= set(Charge.objects.filter(attempt__in=attempts).values_list("pk", flat=True))
    return says("payments.StripeEvent", "payload", marks | addresses_of(person))


nothing_personal(
    "The catalogue, its terms and the practice's own settings.",
    "payments.LegalEntity payments.Policy payments.Service payments.ServiceVariant"
    " payments.Package payments.Package_variants payments.PromotionCode"
    " payments.PromotionCode_packages payments.BookRules payments.RefundLimit payments.Account",
)
nothing_personal(
    "Which treatments a line or a lot is good for.",
    "payments.OrderLine_variants payments.CreditLot_variants",
)
nothing_personal(
    "Stripe's own account with us: sums without names.",
    "payments.StripeCursor payments.BalanceTransaction payments.Payout payments.PayoutLine",
)

holds(
    "payments.StripeEvent",
    of=events_of,
    fate=Fate.EMPTY,
    by_act="payload",
    rule="stripe_events",
    contact="payload",
    activity="type received_at",
    technical="id api_version livemode signature_verified status attempts next_attempt_at"
    " processed_at error",
)
holds(
    "payments.Order",
    of="buyer",
    fate=Fate.KEEP,
    rule="books",
    activity="source_page article_title agreed_texts",
    money="public_id number currency total_minor status placed_at paid_at sold_by promotion"
    " discount_minor",
    technical="buyer policy reserved_for article_id",
)
holds(
    "payments.OrderLine",
    of="order__buyer",
    fate=Fate.KEEP,
    rule="books",
    money="order kind package name units list_price_minor discount_minor price_minor"
    " single_price_minor tax_minor tax_rate_bp tax_timing validity_days valid_from",
)
holds(
    "payments.PaymentAttempt",
    of="order__buyer",
    fate=Fate.EMPTY,
    emptied={"url": "", "success_url": "", "cancel_url": ""},
    rule="books",
    money="order number method amount_minor currency status reference created_at paid_at",
    technical="public_id idempotency_key stripe_session_id stripe_payment_intent_id url"
    " success_url cancel_url expires_at livemode",
    staff="recorded_by",
)
holds(
    "payments.Charge",
    of="attempt__order__buyer",
    fate=Fate.KEEP,
    rule="books",
    money="id amount_minor currency amount_refunded_minor status method is_disputed created_at",
    technical="attempt payment_intent_id livemode balance_transaction_id",
)
holds(
    "payments.Refund",
    of="charge__attempt__order__buyer",
    fate=Fate.KEEP,
    rule="books",
    money="id amount_minor currency status reason failure_reason pending_reason created_at",
    technical="charge failure_balance_transaction_id livemode balance_transaction_id",
)
holds(
    "payments.Dispute",
    of="charge__attempt__order__buyer",
    fate=Fate.KEEP,
    rule="books",
    money="id amount_minor currency status reason created_at evidence_due_at evidence_sent_at",
    technical="charge livemode balance_transaction_ids",
    staff="evidence_sent_by",
)
holds(
    "payments.RefundRequest",
    of="order__buyer",
    fate=Fate.EMPTY,
    emptied={"reason": REMOVED, "trouble": ""},
    rule="books",
    words="reason",
    money="order number method amount_minor currency status formula sums requested_at settled_at",
    technical="public_id attempt origin idempotency_key tries next_try_at stripe_refund trouble",
    staff="requested_by",
)
holds(
    "payments.RefundPart",
    of="request__order__buyer",
    fate=Fate.KEEP,
    rule="books",
    money="request lot units value_minor tax_minor",
)
holds(
    "payments.Document",
    of="order__buyer",
    fate=Fate.EMPTY,
    by_act="content",
    rule="books",
    identity="content",
    money="kind number order corrects total_minor tax_minor currency issued_at",
    technical="entity refund_request",
    staff="issued_by",
)
holds(
    "payments.Gift",
    of=gifts_of,
    fate=Fate.EMPTY,
    by_act="from_name to_name to_email message",
    rule="books",
    identity="from_name to_name",
    contact="to_email",
    words="message",
    activity="sent_at claimed_at",
    technical="public_id order code_hash times_sent claimed_by claimed_lot",
)
holds(
    "payments.PromotionUse",
    of="person",
    fate=Fate.KEEP,
    rule="books",
    money="promotion order used_at",
    technical="person",
)
holds(
    "payments.IntroductoryPurchase",
    of="person",
    fate=Fate.KEEP,
    rule="books",
    money="order bought_at",
    technical="person",
)
holds(
    "payments.CreditLot",
    of="owner",
    fate=Fate.KEEP,
    rule="books",
    money="public_id name units unit_values tax_minor currency starts_on expires_on granted_at"
    " is_goodwill status frozen_for frozen_on",
    technical="order_line owner transferred_from policy",
)
holds(
    "payments.CreditEntry",
    of="lot__owner",
    fate=Fate.KEEP,
    rule="books",
    money="lot kind units from_bucket to_bucket value_minor tax_minor expires_on_before"
    " expires_on_after reason effective_at posted_at",
    technical="booking_id occurred_at reverses source",
    staff="actor",
)
holds(
    "payments.CreditNotice",
    of="lot__owner",
    fate=Fate.KEEP,
    rule="books",
    activity="lot kind ends_on queued_at",
)
holds(
    "payments.Mismatch",
    of="order__buyer",
    fate=Fate.EMPTY,
    emptied={"resolution": REMOVED},
    rule="books",
    words="resolution",
    money="code amount_minor currency about first_seen_at status resolved_at",
    technical="severity order details",
    staff="owner resolved_by",
)
holds(
    "payments.MismatchComment",
    of="mismatch__order__buyer",
    fate=Fate.EMPTY,
    emptied={"text": REMOVED},
    rule="books",
    words="text",
    activity="written_at",
    technical="mismatch",
    staff="author",
)

# The practice's own books: what of them is somebody's stands in her orders and credits.
holds(
    "payments.JournalEntry",
    rule="books",
    money="source kind description effective_at posted_at occurred_at reason reverses",
    staff="actor",
)
holds(
    "payments.JournalLine",
    rule="books",
    money="entry debit credit amount_minor currency order lot booking_id",
)
holds(
    "payments.Classification",
    rule="books",
    money="reporting_category type role decided_at",
    staff="decided_by",
)
holds(
    "payments.BankImport",
    rule="books",
    money="format file_name sha256 imported_at",
    staff="imported_by",
)
holds(
    "payments.BankLine",
    rule="books",
    money="imported account booked_on amount_minor currency text reference fingerprint payout"
    " matched_at set_aside_because",
    staff="matched_by",
)
holds(
    "payments.CashUp",
    rule="books",
    money="on currency expected_minor counted_minor difference_minor note made_at",
    staff="person made_by",
)
holds(
    "payments.Period",
    rule="books",
    money="starts_on ends_on ends_at closed_at note trial_balance",
    staff="closed_by",
)
holds(
    "payments.AdjustmentProposal",
    of=lambda person: says("payments.AdjustmentProposal", "terms", [str(person.public_id)]),
    fate=Fate.EMPTY,
    emptied={"reason": "Removed with the account."},
    rule="books",
    words="reason",
    money="kind summary outcome proposed_at decided_at",
    technical="key terms",
    staff="proposed_by decided_by",
)
