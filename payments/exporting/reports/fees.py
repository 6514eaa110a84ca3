"""What it costs to be paid: fees by way of paying, and as a part of what was taken (report 8)."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Count, OuterRef, Subquery, Sum

from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, number, text
from payments.models import BalanceTransaction, Charge, PaymentAttempt

ALL = "all"
CARD = "card"
OWN_FEES = ("fee", "network_cost")  # Stripe's own: their amount is the cost
LEFT_FOR_THE_BANK = ("payout", "payout_reversal")
AT_THE_DESK = (
    PaymentAttempt.Method.CASH,
    PaymentAttempt.Method.TERMINAL,
    PaymentAttempt.Method.TRANSFER,
)


def _fees(asked: Asked) -> Iterable[Row]:
    found: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for name, currency, *figures in (*_at_stripe(asked), *_at_the_desk(asked)):
        for key in ((currency, name), (currency, ALL)):
            for place, figure in enumerate(figures):
                found[key][place] += figure
    for currency, name in sorted(found, key=lambda key: (key[0], key[1] == ALL, key[1])):
        payments, taken, fees = found[currency, name]
        yield (name, currency, payments, taken, fees, _percent(fees, taken))


def _at_stripe(asked: Asked) -> Iterable[tuple[str, str, int, int, int]]:
    method = Charge.objects.filter(pk=OuterRef("source_id")).values("method")[:1]
    rows = (
        BalanceTransaction.objects.filter(asked.span.within("created_at"))
        .exclude(reporting_category__in=LEFT_FOR_THE_BANK)
        .order_by()
        .annotate(method=Subquery(method))
        .values("reporting_category", "method", "currency")
        .annotate(count=Count("pk"), amount=Sum("amount_minor"), fee=Sum("fee_minor"))
    )
    for row in rows:
        category, currency = row["reporting_category"], row["currency"]
        if category == "charge":
            name = row["method"] or CARD
            yield (name, currency, row["count"], row["amount"], row["fee"])
        elif category in OWN_FEES:
            yield ("Stripe's own", currency, 0, 0, row["fee"] - row["amount"])
        elif row["fee"]:
            yield (category.replace("_", " "), currency, 0, 0, row["fee"])


def _at_the_desk(asked: Asked) -> Iterable[tuple[str, str, int, int, int]]:
    paid = PaymentAttempt.objects.filter(
        asked.span.within("paid_at"), status=PaymentAttempt.Status.PAID, method__in=AT_THE_DESK
    )
    rows = paid.order_by().values("method", "currency")
    for row in rows.annotate(count=Count("pk"), amount=Sum("amount_minor")):
        name = str(PaymentAttempt.Method(row["method"]).label).lower()
        yield (name, row["currency"], row["count"], row["amount"], 0)


def _percent(fees: int, taken: int) -> str:
    """With two places; empty where nothing was taken."""
    if not taken:
        return ""
    return str((Decimal(100 * fees) / taken).quantize(Decimal("0.01"), ROUND_HALF_UP))


FEES = Export(
    "fees",
    "Fees by way of paying",
    (
        text("method"),
        CURRENCY,
        number("payments"),
        amount("taken"),
        amount("fees"),
        text("effective_percent"),
    ),
    _fees,
)
