"""Payments and what was bought with them: M01 to M06."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from payments.checking.rules import Finder, Finding
from payments.models import (
    Charge,
    CreditLot,
    Mismatch,
    Order,
    OrderLine,
    PaymentAttempt,
    RefundRequest,
)
from payments.stripe_rules import is_live

CHARGE_IS_LATE = timedelta(hours=2)
Status = PaymentAttempt.Status


def charge_of_nobody(at: datetime) -> Iterable[Finding]:
    """M01. A payment we only heard of stays until its charge is known and tells more."""
    unknown = Charge.objects.filter(status="succeeded", attempt=None, livemode=is_live())
    for charge in unknown.filter(amount_refunded_minor__lt=F("amount_minor")):
        yield Finding(
            charge.payment_intent_id or charge.pk,
            charge.amount_minor - charge.amount_refunded_minor,
            charge.currency,
            details={"charge": charge.pk},
        )
    for heard in Mismatch.objects.open().filter(code="M01"):
        known = Charge.objects.filter(Q(payment_intent_id=heard.about) | Q(pk=heard.about))
        if not known.exists():
            yield Finding(heard.about, heard.amount_minor, heard.currency)


def paid_without_charge(at: datetime) -> Iterable[Finding]:
    """M02."""
    paid = PaymentAttempt.objects.filter(
        status=Status.PAID,
        method=PaymentAttempt.Method.CARD,
        amount_minor__gt=0,
        paid_at__lt=at - CHARGE_IS_LATE,
        charges=None,
    )
    for attempt in paid.select_related("order"):
        yield Finding(
            attempt.idempotency_key, attempt.amount_minor, attempt.currency, attempt.order
        )


def charge_differs(at: datetime) -> Iterable[Finding]:
    """M03: another amount or currency than the order's, whether it was granted or held back."""
    same = Q(amount_minor=F("attempt__amount_minor"), currency=F("attempt__currency"))
    held_back = ~Q(attempt__status__in=[Status.PAID, Status.SURPLUS])
    charges = Charge.objects.filter(status="succeeded", livemode=F("attempt__livemode"))
    charges = charges.filter(amount_refunded_minor__lt=F("amount_minor")).exclude(same & ~held_back)
    for charge in charges.select_related("attempt__order"):
        attempt = charge.attempt
        if attempt is None or (held_back_is_young(attempt, charge, at)):
            continue
        yield Finding(
            attempt.stripe_session_id or charge.pk,
            charge.amount_minor,
            charge.currency,
            attempt.order,
            details={
                "charge": charge.pk,
                "paid": charge.amount_minor,
                "ordered": attempt.amount_minor,
            },
        )


def held_back_is_young(attempt: PaymentAttempt, charge: Charge, at: datetime) -> bool:
    """A charge whose session is about to be fulfilled agrees with its order and is not late."""
    agrees = (charge.amount_minor, charge.currency) == (attempt.amount_minor, attempt.currency)
    return agrees and charge.created_at > at - CHARGE_IS_LATE


def paid_without_lot(at: datetime) -> Iterable[Finding]:
    """M04: a line of sessions that has no lot, or one of other units."""
    missing = OrderLine.objects.filter(kind=OrderLine.Kind.PACKAGE, lot=None)
    wrong = CreditLot.objects.exclude(order_line=None).exclude(units=F("order_line__units"))
    wanting = Q(pk__in=missing.values("order")) | Q(pk__in=wrong.values("order_line__order"))
    for order in Order.objects.paid().filter(wanting):
        yield Finding(order.number, order.total_minor, order.currency, order)


def paid_twice(at: datetime) -> Iterable[Finding]:
    """M05: until the later payment has gone back whole."""
    surplus = PaymentAttempt.objects.filter(status=Status.SURPLUS)
    for attempt in surplus.select_related("order").prefetch_related("charges", "refund_requests"):
        charges = list(attempt.charges.all())
        if charges and all(one.amount_refunded_minor >= one.amount_minor for one in charges):
            continue
        if any(
            one.status == RefundRequest.Status.SUCCEEDED for one in attempt.refund_requests.all()
        ):
            continue
        yield Finding(
            attempt.idempotency_key, attempt.amount_minor, attempt.currency, attempt.order
        )


def paid_late(at: datetime) -> Iterable[Finding]:
    """M06 is seen when the money comes; it stays until a person or a refund settles it."""
    open_ones = Mismatch.objects.open().filter(code="M06").select_related("order")
    for late in open_ones.prefetch_related("order__attempts__charges"):
        order = late.order
        charges = [
            charge
            for attempt in (order.attempts.all() if order else [])
            for charge in attempt.charges.all()
        ]
        if charges and all(one.amount_refunded_minor >= one.amount_minor for one in charges):
            continue
        yield Finding(late.about, late.amount_minor, late.currency, order)


RULES: dict[str, Finder] = {
    "M01": charge_of_nobody,
    "M02": paid_without_charge,
    "M03": charge_differs,
    "M04": paid_without_lot,
    "M05": paid_twice,
    "M06": paid_late,
}
