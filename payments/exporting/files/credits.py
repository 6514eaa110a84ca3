"""Credits: every movement, what was left at the end, and how it came about."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Max, Q

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
)
from payments.invariants.base import total
from payments.models import Bucket, CreditEntry, CreditLot
from payments.models.credits import OWED

Kind = CreditEntry.Kind


def _ledger(asked: Asked) -> Iterable[Row]:
    entries = CreditEntry.objects.filter(asked.span.within("effective_at"))
    return (
        entries.order_by("effective_at", "pk")
        .values_list(
            "pk",
            "effective_at",
            "posted_at",
            "occurred_at",
            "kind",
            "lot__public_id",
            "lot__name",
            "lot__order_line__order__number",
            "lot__order_line__order__public_id",
            "lot__owner__name",
            "lot__owner__public_id",
            "units",
            "from_bucket",
            "to_bucket",
            "value_minor",
            "tax_minor",
            "lot__currency",
            "booking_id",
            "actor__name",
            "reason",
            "reverses",
            "expires_on_before",
            "expires_on_after",
        )
        .iterator()
    )


LEDGER = Export(
    "credit_ledger",
    "Every movement of credits",
    (
        number("entry"),
        moment("effective_at"),
        moment("posted_at"),
        moment("occurred_at"),
        text("kind"),
        text("lot", "lot"),
        text("package"),
        text("order", "order", "order_id"),
        text("order_id"),
        text("runner", "runner", "runner_id"),
        text("runner_id"),
        number("units"),
        text("from"),
        text("to"),
        amount("value_ex_tax"),
        amount("tax"),
        CURRENCY,
        text("booking", "booking"),
        text("actor"),
        text("reason"),
        number("reverses"),
        day("expires_before"),
        day("expires_after"),
    ),
    _ledger,
)


def _moves(prefix: str, bucket: tuple[str, ...], moment_: Q) -> tuple[Q, Q]:
    """What entered these buckets, and what left them, until a moment."""
    into = Q(**{f"{prefix}to_bucket__in": bucket}) & ~Q(**{f"{prefix}from_bucket__in": bucket})
    out = Q(**{f"{prefix}from_bucket__in": bucket}) & ~Q(**{f"{prefix}to_bucket__in": bucket})
    return moment_ & into, moment_ & out


def _lots(asked: Asked) -> Iterable[Row]:
    happened = Q(entries__effective_at__lt=asked.until)

    def left(column: str, *bucket: str) -> Any:
        into, out = _moves("entries__", bucket, happened)
        return total(f"entries__{column}", into) - total(f"entries__{column}", out)

    lots = CreditLot.objects.filter(granted_at__lt=asked.until).annotate(
        available_=left("units", Bucket.AVAILABLE),
        reserved_=left("units", Bucket.RESERVED),
        value_left=left("value_minor", *OWED),
        tax_left=left("tax_minor", *OWED),
        last_used_at=Max("entries__effective_at", filter=happened & Q(entries__kind=Kind.USE)),
    )
    rows = (
        lots.exclude(available_=0, reserved_=0, value_left=0, tax_left=0)
        .order_by("owner__name", "expires_on", "pk")
        .values_list(
            "public_id",
            "name",
            "order_line__order__number",
            "order_line__order__public_id",
            "owner__name",
            "owner__public_id",
            "granted_at",
            "starts_on",
            "expires_on",
            "units",
            "available_",
            "reserved_",
            F("available_") + F("reserved_"),
            "value_left",
            "tax_left",
            "currency",
            "last_used_at",
            "status",
            "frozen_for",
        )
    )
    for row in rows.iterator():
        yield (asked.last_day, *row)


LOTS = Export(
    "lots_as_of",
    "Credits left at the end of the last day",
    (
        day("as_of"),
        text("lot", "lot"),
        text("package"),
        text("order", "order", "order_id"),
        text("order_id"),
        text("runner", "runner", "runner_id"),
        text("runner_id"),
        moment("bought_at"),
        day("starts_on"),
        day("expires_on"),
        number("units"),
        number("available"),
        number("reserved"),
        number("left"),
        amount("value_left"),
        amount("tax_left"),
        CURRENCY,
        moment("last_used_at"),
        text("status"),
        text("frozen_for"),
    ),
    _lots,
)

# A column of the roll-forward and the kinds of movement that make it; the rest are adjustments.
ROLLED = {
    "sold": (Kind.PURCHASE, Kind.GOODWILL),
    "used": (Kind.USE,),
    "expired": (Kind.EXPIRE,),
    "refunded": (Kind.REFUND,),
}


def _rolled(asked: Asked) -> Any:
    span = asked.span
    entries = CreditEntry.objects.filter(span.before("effective_at")).order_by()
    within = span.within("effective_at")
    known = [kind for kinds in ROLLED.values() for kind in kinds]
    sums: dict[str, Any] = {}
    for column in ("units", "value_minor"):
        before = span.earlier("effective_at")
        sums[f"{column}_opening"] = _net(column, before)
        for name, kinds in ROLLED.items():
            sums[f"{column}_{name}"] = _net(column, within & Q(kind__in=kinds))
        sums[f"{column}_adjusted"] = _net(column, within & ~Q(kind__in=known))
        sums[f"{column}_closing"] = _net(column, Q())
    rows = entries.values("lot__name", "lot__currency").annotate(**sums)
    ordered = rows.order_by("lot__name", "lot__currency")
    return ordered.values_list("lot__name", "lot__currency", *sums).iterator()


def _net(column: str, when: Q) -> Any:
    into, out = _moves("", tuple(OWED), when)
    return total(column, into) - total(column, out)


ROLL_FORWARD = Export(
    "liability_rollforward",
    "What is owed in sessions: how it changed",
    (
        text("package"),
        CURRENCY,
        number("units_opening"),
        number("units_sold"),
        number("units_used"),
        number("units_expired"),
        number("units_refunded"),
        number("units_adjusted"),
        number("units_closing"),
        amount("opening"),
        amount("sold"),
        amount("used"),
        amount("expired"),
        amount("refunded"),
        amount("adjusted"),
        amount("closing"),
    ),
    _rolled,
)
