"""A session that costs more than the credit somebody has: she pays the difference (B5).

The credit is set aside as soon as the difference is ordered, so that it is there when the money
is. The money is owed until the session is held, and then becomes revenue with the credit.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.attributing import NOWHERE, Source
from payments.days import practice_day
from payments.mismatching import open_mismatch
from payments.models import Bucket, CreditLot, LegalEntity, Order, OrderLine, ServiceVariant
from payments.money import tax_inside
from payments.ordering import open_order
from payments.selling_errors import SellingError


class NoTopUp(SellingError):
    """No credit she has can be topped up to this session."""


@dataclass(frozen=True, slots=True)
class TopUp:
    """A credit and what is to be paid beside it; minor units, tax included."""

    lot: CreditLot
    instead: ServiceVariant  # what the credit is for
    price_minor: int
    currency: str


def top_up_for(
    *,
    owner: User,
    variant: ServiceVariant,
    price_minor: int,
    session_on: date,
    booking_id: uuid.UUID,
    at: datetime,
) -> TopUp | None:
    """What she would pay beside a credit for a session of `variant` that costs `price_minor`.

    The credit is of the same service and costs less by itself; of several lots the one that ends
    first. A credit that waits for this booking already stays the one. None if there is none.
    """
    waiting = crediting.reserved_lot(booking_id)
    if waiting is not None:
        return _beside(waiting, variant, price_minor)
    lots = (
        CreditLot.objects.of(owner)
        .usable_on(session_on, booked_on=practice_day(at))
        .with_available()
        .fifo()
    )
    found = (_beside(lot, variant, price_minor) for lot in lots.prefetch_related("variants"))
    return next((one for one in found if one is not None), None)


def _beside(lot: CreditLot, variant: ServiceVariant, price_minor: int) -> TopUp | None:
    covered = list(lot.variants.all())
    cheaper = [
        one
        for one in covered
        if one.service_id == variant.service_id
        and one.currency == variant.currency
        and one.price_minor < price_minor
    ]
    if variant in covered or not cheaper:
        return None
    instead = max(cheaper, key=lambda one: one.price_minor)
    return TopUp(lot, instead, price_minor - instead.price_minor, variant.currency)


@transaction.atomic
def place_top_up(
    *,
    buyer: User,
    variant: ServiceVariant,
    price_minor: int,
    session_on: date,
    booking_id: uuid.UUID,
    at: datetime,
    source: Source = NOWHERE,
) -> Order:
    """Order the difference for a held session and set the credit aside for it.

    An open order of the same difference for the same booking is returned again.

    Raises:
        NoTopUp: there is no such credit any more; nothing is written.
    """
    buyer = User.objects.select_for_update().get(pk=buyer.pk)
    crediting.lock_wallet(buyer)
    found = top_up_for(
        owner=buyer,
        variant=variant,
        price_minor=price_minor,
        session_on=session_on,
        booking_id=booking_id,
        at=at,
    )
    if found is None:
        raise NoTopUp(_("You have no credit that this session could be paid from."))
    _set_aside(found, buyer, booking_id, session_on, at)
    if same := _open_ones(booking_id).filter(buyer=buyer, total_minor=found.price_minor).first():
        return same
    order = open_order(
        buyer=buyer,
        currency=found.currency,
        total_minor=found.price_minor,
        at=at,
        policy=found.lot.policy,
        source=source,
        reserved_for=booking_id,
        sold_by=LegalEntity.objects.filter(is_default=True).first(),
    )
    _add_line(order, found, variant)
    return order


def _open_ones(booking_id: uuid.UUID) -> "QuerySet[Order]":
    top_ups = OrderLine.objects.filter(kind=OrderLine.Kind.TOP_UP).values("order")
    return Order.objects.open().filter(reserved_for=booking_id, pk__in=top_ups)


def _add_line(order: Order, found: TopUp, variant: ServiceVariant) -> None:
    line = OrderLine.objects.create(
        order=order,
        kind=OrderLine.Kind.TOP_UP,
        name=_("Top-up to %(session)s") % {"session": variant.name},
        units=0,
        list_price_minor=found.price_minor,
        price_minor=found.price_minor,
        # The session is known, so its tax is due now, whatever packages do.
        tax_minor=tax_inside(found.price_minor, variant.tax_rate_bp),
        tax_rate_bp=variant.tax_rate_bp,
        validity_days=0,
    )
    line.variants.set([variant])


def _set_aside(
    found: TopUp, buyer: User, booking_id: uuid.UUID, session_on: date, at: datetime
) -> None:
    crediting.reserve(
        owner=buyer,
        variant=found.instead,
        booking_id=booking_id,
        session_on=session_on,
        by=buyer,
        at=at,
        lot=found.lot,
        reason=_("Set aside while the difference is paid"),
    )


# what becomes of it --------------------------------------------------------------------------
def is_top_up(order: Order) -> bool:
    return order.lines.filter(kind=OrderLine.Kind.TOP_UP).exists()


def may_pay_for(*, lot: CreditLot, variant: ServiceVariant, booking_id: uuid.UUID) -> bool:
    """Whether a credit set aside pays for a session: it covers it, or the difference is paid."""
    return lot.variants.filter(pk=variant.pk).exists() or paid_line(booking_id) is not None


def paid_line(booking_id: uuid.UUID) -> OrderLine | None:
    """The difference that was paid for a booking."""
    lines = OrderLine.objects.filter(kind=OrderLine.Kind.TOP_UP, order__reserved_for=booking_id)
    paid = lines.filter(order__status=Order.Status.PAID).select_related("order")
    return paid.order_by("order__paid_at").first()


def credit_again(
    *, order: Order, variant: ServiceVariant, price_minor: int, session_on: date, at: datetime
) -> None:
    """The difference was paid: set the credit aside, if it was let go meanwhile.

    Raises:
        crediting.NoCredit: it is gone.
    """
    if order.reserved_for is None:
        return
    found = top_up_for(
        owner=order.buyer,
        variant=variant,
        price_minor=price_minor,
        session_on=session_on,
        booking_id=order.reserved_for,
        at=at,
    )
    if found is None:
        raise crediting.NoCredit(_("The credit this was paid beside is not there any more."))
    _set_aside(found, order.buyer, order.reserved_for, session_on, at)


def let_credit_go(*, order: Order, at: datetime) -> None:
    """The difference will not be paid, or was of no use: the credit is free again.

    It stays where another open order for the same booking waits for it.
    """
    if order.reserved_for is None or not is_top_up(order):
        return
    others = _open_ones(order.reserved_for).exclude(pk=order.pk)
    if others.exists() or crediting.reserved_lot(order.reserved_for) is None:
        return
    crediting.release(
        booking_id=order.reserved_for, by=None, at=at, reason=_("The difference was not paid")
    )


def owe_back_if_unused(*, booking_id: uuid.UUID, at: datetime) -> None:
    """A session that was topped up does not happen and its credit is free again: so is the money.

    Staff pay it back or put it towards another session (M06).
    """
    line = paid_line(booking_id)
    if line is None:
        return
    if crediting.where_unit_is(booking_id) in {Bucket.RESERVED, Bucket.USED}:
        return
    report_unused(order=line.order, at=at, why=_("The session it was paid for was cancelled."))


def report_unused(*, order: Order, at: datetime, why: str) -> None:
    """Put a difference that pays for nothing before staff."""
    open_mismatch(
        "M06",
        about=f"top-up:{order.number}",
        at=at,
        amount_minor=order.total_minor,
        currency=order.currency,
        order=order,
        details={"why": why, "booking": str(order.reserved_for)},
    )
