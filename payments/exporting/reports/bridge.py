"""From cash to revenue, month by month: why what came in is not what was earned (F3).

Cash comes from the payments, the refunds and Stripe's balance; what is owed in sessions from the
credit ledger; revenue, tax and the rest from the journal. Three books, so the difference says
whether they agree. Each figure counts in the month in which the books have it.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import (
    CharField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Concat, TruncMonth

from payments.chart import Role
from payments.days import practice_zone
from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, text
from payments.models import (
    BalanceTransaction,
    CreditEntry,
    JournalEntry,
    JournalLine,
    PaymentAttempt,
    RefundRequest,
)
from payments.models.credits import OWED

Method = PaymentAttempt.Method
MONEY = {
    role.code
    for role in (
        Role.BANK,
        Role.CASH_DRAWER,
        Role.BANK_IN_TRANSIT,
        Role.STRIPE_CLEARING,
        Role.STRIPE_RESERVES,
        Role.TERMINAL_CLEARING,
    )
}
# Entries that move the cash of the first three columns.
OF_CASH = (
    *("sale", "top-up", "refund paid"),
    *("stripe refund", "stripe refund_failure", "stripe dispute", "stripe dispute_reversal"),
)
REVENUE = {
    role.code
    for role in (Role.SESSION_REVENUE, Role.LATE_REVENUE, Role.BREAKAGE, Role.SUSPENSE_REVENUE)
}
# What stands between people and us beside sessions: owed to them, or by them, or not placed yet.
BETWEEN = {
    role.code
    for role in (
        Role.CREDIT_TRANSFERS,
        Role.TOP_UPS,
        Role.UNCLAIMED,
        Role.TAX_DEFERRED,
        Role.REFUNDS_OWED,
        Role.UNASSIGNED,
        Role.DISPUTES_RECEIVABLE,
        Role.EXCHANGE,
    )
}
COLUMN_OF = {
    **dict.fromkeys(REVENUE, "revenue"),
    **dict.fromkeys(BETWEEN, "between"),
    Role.TAX_PAYABLE.code: "tax",
    Role.DEFERRED.code: "",  # told by the credit ledger instead
}
Sums = dict[tuple[datetime, str], dict[str, int]]


def _bridge(asked: Asked) -> Iterable[Row]:
    sums: Sums = defaultdict(lambda: defaultdict(int))
    for name, sign, rows in (
        ("cash", 1, _paid()),
        ("refunds", -1, _paid_back_by_hand()),
        ("refunds", 1, _at_stripe("refund", "refund_failure")),
        ("disputes", 1, _at_stripe("dispute", "dispute_reversal")),
        ("owed", 1, _moved(Q(to_bucket__in=OWED) & ~Q(from_bucket__in=OWED))),
        ("owed", -1, _moved(Q(from_bucket__in=OWED) & ~Q(to_bucket__in=OWED))),
    ):
        for month, currency, minor in _by_month(rows, asked):
            sums[month, currency][name] += sign * minor
    _read_journal(sums, asked)
    for month, currency in sorted(sums):
        of = sums[month, currency]
        cash = of["cash"] + of["refunds"] + of["disputes"] + of["other"]
        earned = cash - of["owed"] - of["between"]
        yield (
            *(f"{month:%Y-%m}", currency, of["cash"], of["refunds"], of["disputes"], of["other"]),
            *(of["owed"], of["between"], of["revenue"], of["tax"]),
            earned - of["revenue"] - of["tax"],
        )


# Cash, and the credit ledger ------------------------------------------------------------------
def _booked(prefix: str, key: str, otherwise: str) -> Coalesce:
    """When the books have what a source posted: later than it was, if its period was closed."""
    source = Concat(Value(prefix), Cast(OuterRef(key), CharField()), output_field=CharField())
    entry = JournalEntry.objects.filter(source=source).order_by()
    return Coalesce(
        Subquery(entry.values("effective_at")[:1]), F(otherwise), output_field=DateTimeField()
    )


def _paid() -> "QuerySet[Any]":
    paid = PaymentAttempt.objects.filter(status=PaymentAttempt.Status.PAID)
    return paid.annotate(
        booked_at=_booked("sale:", "order_id", "paid_at"),
        minor=F("amount_minor"),
        money=F("currency"),
    )


def _paid_back_by_hand() -> "QuerySet[Any]":
    done = RefundRequest.objects.filter(status=RefundRequest.Status.SUCCEEDED)
    return done.exclude(method=Method.CARD).annotate(
        booked_at=_booked("refund-paid:", "pk", "settled_at"),
        minor=F("amount_minor"),
        money=F("currency"),
    )


def _at_stripe(*categories: str) -> "QuerySet[Any]":
    return BalanceTransaction.objects.filter(reporting_category__in=categories).annotate(
        booked_at=_booked("balance:", "pk", "created_at"),
        minor=F("amount_minor"),
        money=F("currency"),
    )


def _moved(which: Q) -> "QuerySet[Any]":
    moved: QuerySet[Any] = CreditEntry.objects.filter(which).annotate(
        booked_at=F("effective_at"), minor=F("value_minor"), money=F("lot__currency")
    )
    return moved


def _by_month(rows: "QuerySet[Any]", asked: Asked) -> Iterable[tuple[datetime, str, int]]:
    sums: QuerySet[Any, tuple[datetime, str, int]] = (
        rows.filter(asked.span.within("booked_at"))
        .order_by()
        .annotate(month=TruncMonth("booked_at", tzinfo=practice_zone()))
        .values("month", "money")
        .annotate(moved=Sum("minor"))
        .values_list("month", "money", "moved")
    )
    return sums


# The journal ----------------------------------------------------------------------------------
def _read_journal(sums: Sums, asked: Asked) -> None:
    """Credits less debits of each column; and, as other, what came from outside of them all."""
    lines = JournalLine.objects.filter(asked.span.within("entry__effective_at")).order_by()
    rows = (
        lines.annotate(month=TruncMonth("entry__effective_at", tzinfo=practice_zone()))
        .values("month", "currency", "debit", "credit", "entry__kind")
        .annotate(moved=Sum("amount_minor"))
        .values_list("month", "currency", "debit", "credit", "entry__kind", "moved")
    )
    for month, currency, debit, credit, kind, moved in rows.iterator():
        inside = (debit in COLUMN_OF, credit in COLUMN_OF)
        if not any(inside):
            continue
        of = sums[month, currency]
        of[COLUMN_OF.get(debit, "")] -= moved
        of[COLUMN_OF.get(credit, "")] += moved
        is_cash = kind in OF_CASH and MONEY & {debit, credit}
        if not all(inside) and not is_cash:
            of["other"] += moved if inside[1] else -moved


BRIDGE = Export(
    "earned_and_cash",
    "Earned and cash",
    (
        text("month"),
        CURRENCY,
        amount("cash_in"),
        amount("refunds"),
        amount("disputes"),
        amount("other"),
        amount("owed_in_sessions_change"),
        amount("owed_otherwise_change"),
        amount("revenue"),
        amount("tax"),
        amount("difference"),
    ),
    _bridge,
)
