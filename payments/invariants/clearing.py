"""I3: what the books say is at Stripe is what Stripe says, at a moment.

Stripe's balance is the sum of its balance transactions. The books may be ahead of it (a sale
Stripe has not booked yet, a payout whose own row has not been read) and behind it (a payment we
learnt of after the moment): such rows are counted out, by name, on the side that has them.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import (
    BigIntegerField,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Concat, Left, Substr

from payments.chart import Role
from payments.invariants.base import ALWAYS, Breach, Sides, Span, moved_on, side_by_side
from payments.invariants.returned import requests_at_fault, returns_at_fault
from payments.models import (
    BalanceTransaction,
    Charge,
    JournalEntry,
    JournalLine,
    PaymentAttempt,
)
from payments.models.stripe import PAYOUT_CATEGORIES

CLEARING = Role.STRIPE_CLEARING.code
ON_CLEARING = Q(debit=CLEARING) | Q(credit=CLEARING)
# What a posting of the books is called, and the category of Stripe's row of the same thing.
PAYOUT_SOURCES = {"payout:": "payout", "payout-failed:": "payout_reversal"}


def clearing_equals_stripe(span: Span = ALWAYS) -> list[Breach]:
    """I3: the clearing account is Stripe's balance, and each row of either is in the other;
    what went back is a refund or a dispute that is known, of that amount."""
    return [
        *_differences(span),
        *_rows_at_fault(span),
        *_postings_of_nothing(span),
        *returns_at_fault(span),
        *requests_at_fault(span),
    ]


def clearing_and_balance(span: Span) -> list[Sides]:
    return side_by_side("Stripe's balance at the end", _books(span), _stripe(span))


def _differences(span: Span) -> Iterator[Breach]:
    for sides in clearing_and_balance(span):
        if sides.difference:
            yield Breach(
                "I3",
                sides.currency,
                "the clearing account differs from Stripe",
                sides.difference,
                "clearing",
                sides.currency,
                sides.currency,
            )


# The two sides ------------------------------------------------------------------------------
def _books(span: Span) -> dict[str, int]:
    """The clearing account at the end, without what Stripe has not booked by then."""
    lines = _lines(span)
    ahead = lines.filter(_is_unbooked_sale(span) | _is_unbooked_payout(span))
    return _less(_moved(lines), _moved(ahead))


def _stripe(span: Span) -> dict[str, int]:
    """Stripe's balance at the end, without what the books learnt of later."""
    rows = BalanceTransaction.objects.filter(span.before("created_at"))
    behind = rows.filter(_is_learnt_later(span))
    return _less(_sums(rows, "net_minor"), _sums(behind, "amount_minor"))


def _lines(span: Span) -> "QuerySet[JournalLine]":
    lines: QuerySet[JournalLine] = JournalLine.objects.filter(ON_CLEARING)
    return lines.alias(happened_at=HAPPENED_AT).filter(span.before("happened_at"))


HAPPENED_AT = Coalesce("entry__occurred_at", "entry__effective_at", output_field=DateTimeField())


def _is_unbooked_sale(span: Span) -> Q:
    """A sale by card of which Stripe's balance knows nothing yet."""
    booked = BalanceTransaction.objects.filter(
        span.before("created_at"), pk=OuterRef("balance_transaction_id")
    )
    charge = Charge.objects.filter(attempt__order=OuterRef("order_id"), status="succeeded")
    fee = JournalLine.objects.filter(
        order=OuterRef("order_id"),
        entry__kind="stripe charge",
        entry__source__startswith="balance:",
    ).annotate(happened_at=HAPPENED_AT)
    is_known = Q(Exists(charge.filter(Exists(booked)))) | Q(
        Exists(fee.filter(span.before("happened_at")))
    )
    return Q(entry__source__startswith="sale:") & ~is_known


def _is_unbooked_payout(span: Span) -> Q:
    found: Q = Q(pk=None)
    for prefix, category in PAYOUT_SOURCES.items():
        row = BalanceTransaction.objects.filter(
            span.before("created_at"),
            source_id=Substr(OuterRef("entry__source"), len(prefix) + 1),
            reporting_category=category,
        )
        found |= Q(entry__source__startswith=prefix) & ~Q(Exists(row))
    return found


def _is_learnt_later(span: Span) -> Q:
    """Charges whose sale was posted after the end, payouts likewise."""
    if span.until is None:
        return Q(pk=None)
    late = Charge.objects.filter(
        balance_transaction_id=OuterRef("pk"),
        attempt__status=PaymentAttempt.Status.PAID,
        attempt__order__paid_at__gte=span.until,
    )
    found: Q = Q(reporting_category="charge") & Q(Exists(late))
    for prefix, category in PAYOUT_SOURCES.items():
        posting = JournalEntry.objects.annotate(
            happened_at=Coalesce("occurred_at", "effective_at", output_field=DateTimeField())
        ).filter(source=Concat(Value(prefix), OuterRef("source_id")), happened_at__gte=span.until)
        found |= Q(reporting_category=category) & Q(Exists(posting))
    return found


def _moved(lines: "QuerySet[JournalLine]") -> dict[str, int]:
    sums = lines.order_by().values_list("currency").annotate(moved=moved_on(CLEARING))
    return dict(sums.values_list("currency", "moved"))


def _sums(rows: "QuerySet[BalanceTransaction]", name: str) -> dict[str, int]:
    found: dict[str, int] = defaultdict(int)
    for currency, minor in rows.order_by().values_list("currency", name).iterator():
        found[currency] += minor
    return found


def _less(all_of_it: dict[str, int], part: dict[str, int]) -> dict[str, int]:
    return {currency: minor - part.get(currency, 0) for currency, minor in all_of_it.items()}


# The rows -----------------------------------------------------------------------------------
def _rows_at_fault(span: Span) -> Iterator[Breach]:
    """Balance transactions of the period whose posting is missing, or says something else.

    The sale has put the amount of an order's charge into the account, so its fee alone is left.
    """
    source = Concat(Value("balance:"), OuterRef("pk"))
    entry = JournalEntry.objects.filter(source=source)
    lines = JournalLine.objects.filter(ON_CLEARING, entry__source=source).order_by()
    posted = lines.values("entry").annotate(moved=moved_on(CLEARING)).values("moved")
    rows = BalanceTransaction.objects.filter(span.within("created_at"))
    rows = rows.exclude(reporting_category__in=PAYOUT_CATEGORIES).annotate(
        posted=Coalesce(Subquery(posted), Value(0), output_field=BigIntegerField()),
        posted_as=Subquery(entry.values("kind")[:1]),
        posted_for=Subquery(
            entry.values_list(Coalesce("occurred_at", "effective_at"), flat=True)[:1]
        ),
        kind=Left(Concat(Value("stripe "), F("reporting_category")), 24),
    )
    whole = Q(posted=F("net_minor"))
    fee = Q(posted=F("net_minor") - F("amount_minor")) | Q(posted=Value(0) - F("fee_minor"))
    fee_alone = Q(reporting_category="charge") & fee
    same = Q(posted_as=F("kind"), posted_for=F("created_at"))
    wrong = rows.filter(~(whole | fee_alone) | Q(posted_as__isnull=False) & ~same)
    found = wrong.annotate(by=F("posted") - F("net_minor")).order_by("created_at", "pk")
    for pk, currency, by in found.values_list("pk", "currency", "by"):
        what = "the books posted something else for it, or nothing"
        yield Breach("I3", pk, what, by, "transaction", pk, currency)


def _postings_of_nothing(span: Span) -> Iterator[Breach]:
    """Postings of the period about a balance transaction that is not there."""
    row = BalanceTransaction.objects.filter(pk=Substr(OuterRef("source"), len("balance:") + 1))
    entries = JournalEntry.objects.filter(
        span.within("effective_at"), ~Exists(row), source__startswith="balance:"
    )
    for entry in entries:
        what = "it is about a balance transaction that is not there"
        yield Breach("I3", entry.source, what, 0, "journal", str(entry.pk))
