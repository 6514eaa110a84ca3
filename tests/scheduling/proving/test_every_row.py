"""Whatever single row of the money side is deleted or altered, the right invariant turns red.

The rows belong to a month made by the portal's own acts (`month.py`). Each alteration is made past
every guard of the database, judged, and rolled back. `docs/proof.md` says why some rows stand in
two rules, and which tables no rule speaks of.
"""

from django.apps import apps
from django.db import transaction

from payments.invariants import Span, all_checks
from tests.scheduling.proving.month import FIRST, LAST, a_month
from tests.tampering import without_guards

NOBODY = "00000000000000000000000000000000"

# Tables that move neither money nor credits, and of which no rule speaks (docs/proof.md).
NOT_MONEY = {
    "Account",
    "AdjustmentProposal",
    "BankImport",
    "BankLine",
    "BookRules",
    "CashUp",
    "Classification",
    "CreditNotice",
    "Gift",
    "IntroductoryPurchase",
    "LegalEntity",
    "Mismatch",
    "MismatchComment",
    "Package",
    "Period",
    "Policy",
    "PromotionCode",
    "PromotionUse",
    "RefundLimit",
    "Service",
    "ServiceVariant",
    "StripeCursor",
    "StripeEvent",
}


def line(debit, credit, more="1 = 1"):
    """The first journal line between two accounts."""
    return f"debit = '{debit}' AND credit = '{credit}' AND {more}"


SALE_BY_CARD = line("1100", "2000")
CASH = "method = 'cash'"
LIVE = (  # the unit of the session still to come
    "kind = 'reserve' AND booking_id IN"
    " (SELECT public_id FROM scheduling_booking WHERE state = 'confirmed')"
)
CARD = "method = 'card' AND status = 'paid'"

# table, which of its rows (the first), what is done to it (None: deleted), what turns red
ALTERED = [
    # I1 to I4: what Stripe tells
    ("balancetransaction", "reporting_category = 'charge'", "fee_minor = fee_minor + 1", "I1"),
    ("balancetransaction", "reporting_category = 'charge'", "fee_details = '[]'", "I1"),
    ("balancetransaction", "reporting_category = 'charge'", "amount_minor = 1", "I1"),
    ("balancetransaction", "reporting_category = 'charge'", "net_minor = 1", "I1 I2 I3"),
    ("balancetransaction", "reporting_category = 'charge'", "currency = 'EUR'", "I2 I3"),
    ("balancetransaction", "reporting_category = 'charge'", "source_id = 'x'", "I4"),
    ("balancetransaction", "reporting_category = 'charge'", "reporting_category = 'fee'", "I3 I4"),
    (
        "balancetransaction",
        "reporting_category = 'charge'",
        "created_at = '2026-03-02 00:00:00'",
        "I3",
    ),
    ("balancetransaction", "reporting_category = 'charge'", None, "I2 I3"),
    ("balancetransaction", "reporting_category = 'refund'", None, "I2 I3"),
    ("balancetransaction", "reporting_category = 'dispute'", None, "I2 I3"),
    ("balancetransaction", "reporting_category = 'payout'", "amount_minor = 1", "I1 I2"),
    ("payout", "automatic", "amount_minor = amount_minor + 1", "I2"),
    ("payout", "automatic", "currency = 'EUR'", "I2"),
    ("payout", "automatic", None, "I2"),
    ("payoutline", "1 = 1", None, "I2"),
    ("payoutline", "1 = 1", "payout_id = 'po_other'", "I2"),
    ("charge", "status = 'succeeded'", "amount_minor = amount_minor + 1", "I4"),
    ("charge", "status = 'succeeded'", "currency = 'EUR'", "I4"),
    ("charge", "status = 'succeeded'", "livemode = NOT livemode", "I4"),
    ("charge", "status = 'succeeded'", "status = 'failed'", "I4"),
    ("charge", "status = 'succeeded'", "attempt_id = NULL", "I4"),
    ("charge", "status = 'succeeded'", None, "I4"),
    ("refund", "status = 'succeeded'", "amount_minor = amount_minor + 1", "I3"),
    ("refund", "status = 'succeeded'", None, "I3"),
    ("dispute", "status = 'won'", "amount_minor = amount_minor + 1", "I3"),
    ("dispute", "status = 'lost'", None, "I3"),
    # I4 and I5: payments and orders
    ("paymentattempt", CARD, "amount_minor = amount_minor + 1", "I4 I5"),
    ("paymentattempt", CARD, "currency = 'EUR'", "I4 I5"),
    ("paymentattempt", CARD, "livemode = NOT livemode", "I4"),
    ("paymentattempt", CARD, None, "I4 I5"),
    ("paymentattempt", CASH, "amount_minor = amount_minor + 1", "I5"),
    ("paymentattempt", CASH, "method = 'transfer'", "I5"),
    ("paymentattempt", CASH, "status = 'open'", "I5"),
    ("paymentattempt", CASH, None, "I5"),
    ("order", "status = 'paid'", "total_minor = total_minor + 1", "I5"),
    ("order", "status = 'paid'", "discount_minor = 1", "I5"),
    ("order", "status = 'paid'", "status = 'open'", "I5"),
    ("order", "status = 'paid'", "currency = 'EUR'", "I5"),
    ("order", "status = 'paid'", "paid_at = '2026-03-09 00:00:00'", "I5"),
    ("order", "status = 'paid'", None, "I5"),
    ("orderline", "tax_minor > 0", "price_minor = price_minor + 1", "I5"),
    ("orderline", "tax_minor > 0", "tax_minor = tax_minor + 1", "I5"),
    ("orderline", "tax_timing = 'redemption'", "tax_timing = 'sale'", "I5 I8"),
    ("orderline", "1 = 1", "units = units + 1", "I6"),
    ("orderline", "1 = 1", None, "I5"),
    ("document", "kind = 'receipt'", "total_minor = total_minor + 1", "I5"),
    ("document", "kind = 'receipt'", None, "I5"),
    ("document", "kind = 'credit_note'", "total_minor = total_minor + 1", "I5"),
    # I6 to I8: lots and their movements
    ("creditlot", "1 = 1", "units = units + 1", "I6 I7"),
    ("creditlot", "units = 5", "unit_values = '[1, 1, 1, 1, 1]'", "I5 I7"),
    ("creditlot", "tax_minor > 0", "tax_minor = tax_minor + 1", "I7"),
    ("creditlot", "1 = 1", "currency = 'EUR'", "I5 I8"),
    ("creditlot", "order_line_id IS NOT NULL", "owner_id = owner_id + 1", "I5"),
    ("creditlot", "1 = 1", "expires_on = '2030-01-01'", "I6"),
    ("creditlot", "is_goodwill", None, "I6"),
    ("creditlot", "units = 5", None, "I5 I6 I8"),
    ("creditlot", "transferred_from_id IS NOT NULL", "tax_minor = tax_minor + 1", "I7"),
    ("creditlot", "transferred_from_id IS NOT NULL", "transferred_from_id = NULL", "I7 I8"),
    ("creditentry", "kind = 'purchase'", "units = units + 1", "I6 I7"),
    ("creditentry", "kind = 'purchase'", "value_minor = value_minor + 1", "I7 I8"),
    ("creditentry", "kind = 'purchase'", None, "I6 I7 I8"),
    ("creditentry", "kind = 'goodwill'", None, "I6"),
    ("creditentry", "kind = 'use'", "units = 2", "I6 I7"),
    ("creditentry", "kind = 'use'", "value_minor = value_minor + 1", "I7 I8"),
    ("creditentry", "kind = 'use' AND tax_minor > 0", "tax_minor = tax_minor + 1", "I7 I8"),
    ("creditentry", "kind = 'use'", "effective_at = '2026-03-11 00:00:00'", "I8"),
    ("creditentry", "kind = 'use'", f"booking_id = '{NOBODY}'", "I8 I9"),
    ("creditentry", "kind = 'use'", "to_bucket = 'expired'", "I6 I9"),
    ("creditentry", "kind = 'use'", None, "I8 I9"),
    ("creditentry", "kind = 'reverse' AND booking_id IS NOT NULL", None, "I8"),
    ("creditentry", "kind = 'expire'", "value_minor = 1", "I7 I8"),
    ("creditentry", "kind = 'expire'", None, "I8"),
    ("creditentry", "kind = 'refund'", "value_minor = 1", "I7 I8"),
    ("creditentry", "kind = 'refund'", None, "I7 I8"),
    ("creditentry", "to_bucket = 'transferred'", None, "I7 I8"),
    ("creditentry", "kind = 'transfer' AND from_bucket = 'issued'", None, "I6 I8"),
    ("refundpart", "1 = 1", "value_minor = 1", "I7"),
    ("refundpart", "1 = 1", "units = 2", "I7"),
    ("refundpart", "1 = 1", None, "I7"),
    ("refundrequest", "status = 'succeeded'", "amount_minor = 1", "I3 I5"),
    ("refundrequest", "status = 'failed'", "amount_minor = 1", "I3"),
    ("creditentry", LIVE, None, "I9"),
    ("creditentry", "kind = 'release'", None, "I9"),
    # I8 and I3: the journal
    ("journalline", line("2000", "4000"), "amount_minor = 1", "I8"),
    ("journalline", line("2000", "4000"), "credit = '4010'", "I8"),
    ("journalline", line("2000", "4000"), "debit = '2100'", "I8"),
    ("journalline", line("2000", "4000"), "lot_id = NULL", "I8"),
    ("journalline", line("2000", "4000"), f"booking_id = '{NOBODY}'", "I8"),
    ("journalline", line("2000", "4000"), "currency = 'EUR'", "I8"),
    ("journalline", line("2000", "4000"), None, "I8"),
    ("journalline", line("2000", "4010"), None, "I8"),
    ("journalline", line("2000", "4020"), None, "I8"),
    ("journalline", line("2110", "2100"), None, "I8"),
    ("journalline", line("2000", "2010"), None, "I8"),
    ("journalline", line("2000", "2200"), None, "I3 I8"),
    ("journalline", SALE_BY_CARD, "amount_minor = 1", "I3 I8"),
    ("journalline", SALE_BY_CARD, None, "I3 I8"),
    ("journalline", SALE_BY_CARD, "order_id = NULL", "I3 I5"),
    ("journalline", line("1010", "2000"), "amount_minor = 1", "I8"),
    ("journalline", line("1010", "2000"), "debit = '1000'", "I5"),
    ("journalline", line("1010", "2100"), None, "I5"),
    ("journalline", line("1100", "2100"), None, "I3 I5"),
    ("journalline", line("5000", "1100"), "amount_minor = 1", "I3"),
    ("journalline", line("5000", "1100"), None, "I3"),
    ("journalline", line("2200", "1100"), None, "I3"),
    ("journalline", line("1200", "1100"), None, "I3"),
    ("journalline", line("1020", "1100"), "amount_minor = 1", "I3"),
    ("journalline", line("1020", "1100"), None, "I3"),
    ("journalentry", "kind = 'use'", "effective_at = '2026-03-11 00:00:00'", "I8"),
    ("journalentry", "kind = 'use'", None, "I8"),
    ("journalentry", "kind = 'expire'", None, "I8"),
    ("journalentry", "kind = 'sale'", None, "I3 I8"),
    ("journalentry", "kind = 'stripe charge'", "kind = 'stripe fee'", "I3"),
    ("journalentry", "kind = 'stripe charge'", None, "I3"),
    ("journalentry", "kind = 'payout'", None, "I3"),
]


def statement(table, which, change):
    """SQL out of the words of the table above."""
    name = f"payments_{table}"
    first = f"id = (SELECT MIN(id) FROM {name} WHERE {which})"  # noqa: S608
    verb = f"DELETE FROM {name}" if change is None else f"UPDATE {name} SET {change}"  # noqa: S608
    return f"{verb} WHERE {first}"


def red(span):
    return " ".join(check.code for check in all_checks() if check(span))


def judged(cursor, table, which, change, span):
    """What is red once one row was altered; the row is put back."""
    point = transaction.savepoint()
    cursor.execute(statement(table, which, change))
    altered = cursor.rowcount
    found = red(span) if altered == 1 else f"{altered} rows altered"
    transaction.savepoint_rollback(point)
    return found


def test_any_one_row_turns_exactly_the_right_invariant_red(shop):
    a_month(shop)
    span = Span(FIRST, LAST)
    assert red(span) == ""

    wrong = []
    with without_guards() as cursor:
        for table, which, change, expected in ALTERED:
            found = judged(cursor, table, which, change, span)
            if found != expected:
                wrong.append((table, which, change or "deleted", expected, found))
    assert wrong == [], "\n".join(map(str, wrong))


def test_every_table_of_payments_is_altered_or_named_as_no_money():
    models = {
        model._meta.db_table: model.__name__
        for model in apps.get_app_config("payments").get_models()
    }
    altered = {models[f"payments_{table}"] for table, *_ in ALTERED}

    assert altered | NOT_MONEY == set(models.values())
    assert not altered & NOT_MONEY
