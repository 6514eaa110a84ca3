"""Refunds as people see them: of an order, and all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from payments.days import practice_day
from payments.models import Order, Refund, RefundPart, RefundRequest

WORDS = {
    RefundRequest.Status.REQUESTED: "Being paid back",
    RefundRequest.Status.PENDING: "On its way",
    RefundRequest.Status.SUCCEEDED: "Paid back",
    RefundRequest.Status.FAILED: "Did not arrive",
    RefundRequest.Status.CANCELED: "Cancelled",
}


@dataclass(frozen=True, slots=True)
class RefundShown:
    """A refund as the buyer sees it."""

    number: int
    amount_minor: int
    currency: str
    status: str
    words: str
    units: int
    method: str
    on: date


def refunds_of(order: Order) -> tuple[RefundShown, ...]:
    """The order's refunds, the first in front; those Stripe never took are left out."""
    rows = order.refund_requests.prefetch_related("parts").order_by("number")
    return tuple(_shown(row) for row in rows if row.stripe_refund_id or not _is_over(row))


def _is_over(row: RefundRequest) -> bool:
    return row.status in (RefundRequest.Status.FAILED, RefundRequest.Status.CANCELED)


def _shown(row: RefundRequest) -> RefundShown:
    return RefundShown(
        number=row.number,
        amount_minor=row.amount_minor,
        currency=row.currency,
        status=row.status,
        words=WORDS[RefundRequest.Status(row.status)],
        units=units_of(row.parts.all()),
        method=row.get_method_display(),
        on=practice_day(row.settled_at or row.requested_at),
    )


def units_of(parts: Iterable[RefundPart]) -> int:
    return sum(part.units for part in parts)


def all_requests() -> QuerySet[RefundRequest]:
    """Every refund with what its row shows, the latest in front."""
    parts = Prefetch("parts", RefundPart.objects.select_related("lot"))
    rows = RefundRequest.objects.select_related("order__buyer", "requested_by")
    return rows.prefetch_related(parts).order_by("-requested_at", "-pk")


def unassigned() -> QuerySet[Refund]:
    """Refunds made at Stripe whose credits nobody has chosen."""
    rows = Refund.objects.filter(request=None, charge__attempt__isnull=False)
    rows = rows.exclude(status__in=["failed", "canceled"])
    rows = rows.exclude(charge__attempt__status="surplus")
    return rows.select_related("charge__attempt__order__buyer").order_by("created_at", "pk")
