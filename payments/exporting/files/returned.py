"""Money that went back: refunds, whoever made them, and disputes; and what needs a person."""

from collections.abc import Iterable

from django.db.models import OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from payments.exporting.defining import CURRENCY, Asked, Export, Row, amount, moment, number, text
from payments.invariants.base import total
from payments.mismatching import RULES
from payments.models import BalanceTransaction, Dispute, Mismatch, Refund, RefundRequest


def _refunds(asked: Asked) -> Iterable[Row]:
    """Refunds asked for here, and those made at Stripe that nobody has put in here yet."""
    rows = [*_requested(asked), *_unassigned(asked)]
    return iter(sorted(rows, key=lambda row: (row[0], str(row[1]))))


def _requested(asked: Asked) -> Iterable[Row]:
    requests = RefundRequest.objects.filter(asked.span.within("requested_at")).annotate(
        units=Coalesce(Sum("parts__units"), 0),
        value=total("parts__value_minor"),
        tax=total("parts__tax_minor"),
    )
    return requests.values_list(
        "requested_at",
        "public_id",
        "stripe_refund",
        "order__number",
        "order__public_id",
        "origin",
        "method",
        "amount_minor",
        "currency",
        "status",
        "units",
        "value",
        "tax",
        "formula",
        "reason",
        "requested_by__name",
        "settled_at",
    )


def _unassigned(asked: Asked) -> Iterable[Row]:
    refunds = Refund.objects.filter(asked.span.within("created_at"), request=None)
    columns = (
        "created_at",
        "pk",
        "charge__attempt__order__number",
        "charge__attempt__order__public_id",
        "amount_minor",
        "currency",
        "status",
        "failure_reason",
    )
    for at, pk, number_, public_id, minor, currency, status, why in refunds.values_list(*columns):
        yield (
            *(at, pk, pk, number_, public_id, "unassigned", "card", minor, currency, status),
            *(0, 0, 0, "", why, None, None),
        )


REFUNDS = Export(
    "refunds",
    "Refunds",
    (
        moment("requested_at"),
        text("refund"),
        text("stripe_refund"),
        text("order", "order", "order_id"),
        text("order_id"),
        text("origin"),
        text("method"),
        amount("amount"),
        CURRENCY,
        text("status"),
        number("units"),
        amount("value_ex_tax"),
        amount("tax"),
        text("formula"),
        text("reason"),
        text("requested_by"),
        moment("settled_at"),
    ),
    _refunds,
)


def _disputes(asked: Asked) -> Iterable[Row]:
    rows = BalanceTransaction.objects.filter(source_id=OuterRef("pk")).order_by()
    sums = rows.values("source_id").annotate(moved=Sum("amount_minor"), cost=Sum("fee_minor"))
    disputes = Dispute.objects.filter(asked.span.within("created_at")).annotate(
        moved=Coalesce(Subquery(sums.values("moved")), 0),
        cost=Coalesce(Subquery(sums.values("cost")), 0),
    )
    return (
        disputes.order_by("created_at", "pk")
        .values_list(
            "pk",
            "created_at",
            "charge",
            "charge__attempt__order__number",
            "charge__attempt__order__public_id",
            "amount_minor",
            "moved",
            "cost",
            "currency",
            "status",
            "reason",
            "evidence_due_at",
            "evidence_sent_at",
            "evidence_sent_by__name",
        )
        .iterator()
    )


DISPUTES = Export(
    "disputes",
    "Disputes",
    (
        text("dispute", "dispute"),
        moment("created_at"),
        text("charge"),
        text("order", "order", "order_id"),
        text("order_id"),
        amount("amount"),
        amount("moved"),
        amount("fee"),
        CURRENCY,
        text("status"),
        text("reason"),
        moment("evidence_due_at"),
        moment("evidence_sent_at"),
        text("evidence_sent_by"),
    ),
    _disputes,
)


def _mismatches(asked: Asked) -> Iterable[Row]:
    """Those that were open at any moment of the period."""
    since = asked.span.since
    unsettled = Q(resolved_at=None) | (Q(resolved_at__gte=since) if since else Q())
    rows = Mismatch.objects.filter(asked.span.before("first_seen_at"), unsettled)
    columns = (
        "pk",
        "code",
        "severity",
        "about",
        "order__number",
        "order__public_id",
        "amount_minor",
        "currency",
        "first_seen_at",
        "status",
        "resolution",
        "resolved_by__name",
        "resolved_at",
    )
    for pk, code, *rest in rows.order_by("first_seen_at", "pk").values_list(*columns).iterator():
        yield (pk, code, RULES[code].title if code in RULES else code, *rest)


MISMATCHES = Export(
    "mismatches",
    "Mismatches",
    (
        text("mismatch", "mismatch"),
        text("code"),
        text("what"),
        text("severity"),
        text("about"),
        text("order", "order", "order_id"),
        text("order_id"),
        amount("amount"),
        CURRENCY,
        moment("first_seen_at"),
        text("status"),
        text("resolution"),
        text("resolved_by"),
        moment("resolved_at"),
    ),
    _mismatches,
)
