"""What Stripe told us: payouts, their lines, and every movement of its balance."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.exporting.defining import (
    CURRENCY,
    Asked,
    Export,
    Row,
    amount,
    day,
    moment,
    number,
    text,
    yes_no,
)
from payments.invariants.base import total
from payments.models import BalanceTransaction, Charge, Dispute, OrderLine, Payout, Refund
from payments.reconciling import FEES, REFUNDED, TAKEN

DISPUTED = {"dispute", "dispute_reversal"}
_ROW = "lines__balance_transaction__"


def _of(categories: Iterable[str]) -> Q:
    return Q(**{f"{_ROW}reporting_category__in": categories})


def _payouts(asked: Asked) -> Iterable[Row]:
    others = ~_of({*TAKEN, *REFUNDED, *FEES, *DISPUTED}) & Q(lines__isnull=False)
    payouts = Payout.objects.filter(asked.span.within("created_at")).order_by("created_at", "pk")
    gross = f"{_ROW}amount_minor"
    sums = payouts.annotate(
        transactions=Coalesce(Sum(1, filter=Q(lines__isnull=False)), 0),
        charges=total(gross, _of(TAKEN)),
        refunds=total(gross, _of(REFUNDED)),
        fees=total(gross, _of(FEES)) - total(f"{_ROW}fee_minor"),
        disputes=total(gross, _of(DISPUTED)),
        others=total(gross, others),
        net=total(f"{_ROW}net_minor"),
    )
    return sums.values_list(
        "pk",
        "created_at",
        "arrival_on",
        "status",
        "automatic",
        "method",
        "transactions",
        "charges",
        "refunds",
        "fees",
        "disputes",
        "others",
        "net",
        "amount_minor",
        F("amount_minor") - F("net"),
        "currency",
        "itemised_at",
        "bank_line__booked_on",
        "trace_id",
    ).iterator()


PAYOUTS = Export(
    "payouts",
    "Payouts",
    (
        text("payout", "payout"),
        moment("created_at"),
        day("arrival_on"),
        text("status"),
        yes_no("automatic"),
        text("method"),
        number("transactions"),
        amount("charges"),
        amount("refunds"),
        amount("fees"),
        amount("disputes"),
        amount("other"),
        amount("net"),
        amount("amount"),
        amount("residual"),
        CURRENCY,
        moment("itemised_at"),
        day("bank_on"),
        text("trace_id"),
    ),
    _payouts,
)


def _with_order(rows: "QuerySet[BalanceTransaction]") -> Any:
    """Adds `order_number`, `order_id` and `order_pk`: of the charge, refund or dispute behind."""
    source = OuterRef("source_id")
    charge, refund, dispute = (
        Charge.objects.filter(pk=source),
        Refund.objects.filter(pk=source),
        Dispute.objects.filter(pk=source),
    )

    def behind(name: str) -> Coalesce:
        return Coalesce(
            Subquery(charge.values(f"attempt__order__{name}")),
            Subquery(refund.values(f"charge__attempt__order__{name}")),
            Subquery(dispute.values(f"charge__attempt__order__{name}")),
        )

    return rows.annotate(
        order_number=behind("number"), order_id=behind("public_id"), order_pk=behind("pk")
    )


def _transactions(asked: Asked) -> Any:
    rows = BalanceTransaction.objects.filter(asked.span.within("created_at"))
    return (
        _with_order(rows)
        .order_by("created_at", "pk")
        .values_list(
            "pk",
            "created_at",
            "available_at",
            "reporting_category",
            "type",
            "source_id",
            "description",
            "amount_minor",
            "fee_minor",
            "net_minor",
            "currency",
            "exchange_rate",
            "payout_line__payout",
            "order_number",
            "order_id",
        )
        .iterator()
    )


TRANSACTIONS = Export(
    "balance_transactions",
    "Stripe's balance transactions",
    (
        text("transaction", "transaction"),
        moment("created_at"),
        moment("available_at"),
        text("category"),
        text("type"),
        text("source"),
        text("description"),
        amount("amount"),
        amount("fee"),
        amount("net"),
        CURRENCY,
        text("exchange_rate"),
        text("payout", "payout"),
        text("order", "order", "order_id"),
        text("order_id"),
    ),
    _transactions,
)


def _lines(asked: Asked) -> Any:
    rows = BalanceTransaction.objects.filter(asked.span.within("payout_line__payout__created_at"))
    bought = OrderLine.objects.filter(order=OuterRef("order_pk")).order_by("pk")
    found: Any = _with_order(rows).annotate(
        product=Subquery(bought.values("name")[:1]),
        runner=Subquery(bought.values("order__buyer__name")[:1]),
        runner_id=Subquery(bought.values("order__buyer__public_id")[:1]),
    )
    return (
        found.order_by("payout_line__payout__created_at", "payout_line__payout", "created_at", "pk")
        .values_list(
            "payout_line__payout",
            "payout_line__payout__arrival_on",
            "pk",
            "created_at",
            "reporting_category",
            "amount_minor",
            "fee_minor",
            "net_minor",
            "currency",
            "order_number",
            "order_id",
            "product",
            "runner",
            "runner_id",
        )
        .iterator()
    )


PAYOUT_LINES = Export(
    "payout_lines",
    "What came with each payout",
    (
        text("payout", "payout"),
        day("arrival_on"),
        text("transaction", "transaction"),
        moment("created_at"),
        text("category"),
        amount("amount"),
        amount("fee"),
        amount("net"),
        CURRENCY,
        text("order", "order", "order_id"),
        text("order_id"),
        text("product"),
        text("runner", "runner", "runner_id"),
        text("runner_id"),
    ),
    _lines,
)
