"""Money at the desk by API: selling, taking payment, counting the till. Others get 404."""

import uuid
from datetime import date, timedelta
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime, Field

from accounts.api import caller, signed_in
from accounts.models import User
from accounts.roles import RECONCILE, TAKE_PAYMENTS, may
from payments import cashing_up
from payments.api import OrderOut, PackageOut, order_shown
from payments.days import practice_day
from payments.desk_selling import sell_at_desk, take_payment
from payments.models import Order, Package
from payments.money import DEFAULT_CURRENCY
from payments.offers import sold_at_desk
from scheduling.desk_paying import sell_for_session, sold_for
from scheduling.models import Booking

router = Router(tags=["staff"], auth=signed_in)
ONE_DAY = timedelta(days=1)
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2999, 12, 31)
Day = Annotated[date, Query(ge=FIRST_DAY, le=LAST_DAY)]


class TakingsIn(Schema):
    """``method`` is cash, terminal or transfer. The same ``key`` again changes nothing more."""

    method: str
    reference: Annotated[str, Field(max_length=80)] = ""
    tendered_minor: Annotated[int, Field(ge=0, lt=10**12)] | None = None
    key: uuid.UUID | None = None

    @property
    def terms(self) -> dict[str, Any]:
        return {
            "method": self.method,
            "reference": self.reference,
            "tendered_minor": self.tendered_minor,
            "key": self.key or uuid.uuid4(),
        }


class SaleIn(TakingsIn):
    runner: uuid.UUID
    package: str


class SessionSaleIn(TakingsIn):
    package: str


class TillOut(Schema):
    """One person's day; amounts in minor units. Not counted yet: ``counted_minor`` is null."""

    on: date
    person: uuid.UUID
    name: str
    currency: str
    cash_minor: int
    cash_back_minor: int
    expected_minor: int
    counted_minor: int | None
    difference_minor: int | None
    note: str
    counted_at: AwareDatetime | None
    terminal_minor: int
    transfer_minor: int


class CountIn(Schema):
    """``again`` corrects an earlier count of the same till."""

    on: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
    counted_minor: int
    note: Annotated[str, Field(max_length=200)] = ""
    person: uuid.UUID | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] = DEFAULT_CURRENCY
    again: bool = False


@router.get("/packages/", response=list[PackageOut], operation_id="list_packages_at_desk")
def list_packages_at_desk(request: HttpRequest, booking: uuid.UUID | None = None) -> Any:
    """What the desk may sell, hidden packages too; with ``booking`` what pays for that session."""
    require(request, TAKE_PAYMENTS)
    if booking is None:
        return sold_at_desk(at=timezone.now())
    return sold_for(_booking(booking), at=timezone.now())


@router.post("/sales/", response={201: OrderOut}, operation_id="sell_at_desk")
def sell(request: HttpRequest, wanted: SaleIn) -> Any:
    """Sell a package to a runner for money that is here; the order comes back paid."""
    require(request, TAKE_PAYMENTS)
    order = sell_at_desk(
        buyer=get_object_or_404(User, public_id=wanted.runner, is_active=True),
        package=get_object_or_404(Package, code=wanted.package),
        by=caller(request),
        at=timezone.now(),
        **wanted.terms,
    )
    return Status(201, order_shown(order))


@router.post(
    "/bookings/{booking_id}/sale/", response={201: OrderOut}, operation_id="sell_for_session"
)
def sell_session(request: HttpRequest, booking_id: uuid.UUID, wanted: SessionSaleIn) -> Any:
    """Take the money for a session that is due to pay; what is sold is set aside for it."""
    require(request, TAKE_PAYMENTS)
    order = sell_for_session(
        booking=_booking(booking_id),
        package_code=wanted.package,
        by=caller(request),
        at=timezone.now(),
        **wanted.terms,
    )
    return Status(201, order_shown(order))


@router.post("/orders/{order_id}/payment/", response=OrderOut, operation_id="take_payment")
def pay(request: HttpRequest, order_id: uuid.UUID, wanted: TakingsIn) -> Any:
    """Take the money of an open order. A checkout still open online is ended first."""
    require(request, TAKE_PAYMENTS)
    order = take_payment(
        order=get_object_or_404(Order, public_id=order_id),
        by=caller(request),
        at=timezone.now(),
        **wanted.terms,
    )
    return order_shown(order)


@router.get("/till/", response=list[TillOut], operation_id="read_tills")
def read_tills(request: HttpRequest, on: Day | None = None) -> Any:
    """A day's tills: one's own at the desk, everybody's for managers and bookkeepers."""
    require(request, TAKE_PAYMENTS, RECONCILE)
    me = caller(request)
    start = on or practice_day(timezone.now())
    person = None if may(me, RECONCILE) else me
    found = cashing_up.tills(start=start, end=start + ONE_DAY, person=person)
    return [_shown(till) for till in found]


@router.post("/till/", response=TillOut, operation_id="count_till")
def count_till(request: HttpRequest, wanted: CountIn) -> Any:
    """Say what was counted in a till; a difference needs a note and goes to the books."""
    require(request, TAKE_PAYMENTS, RECONCILE)
    person = _person(caller(request), wanted.person)
    cashing_up.cash_up(
        person=person,
        on=wanted.on,
        currency=wanted.currency,
        counted_minor=wanted.counted_minor,
        note=wanted.note,
        again=wanted.again,
        by=caller(request),
        at=timezone.now(),
    )
    return _shown(cashing_up.till_of(person=person, on=wanted.on, currency=wanted.currency))


def require(request: HttpRequest, *permissions: str) -> None:
    """To those who hold none of them the address does not exist."""
    if not any(may(caller(request), one) for one in permissions):
        raise Http404


def _person(me: User, wanted: uuid.UUID | None) -> User:
    if wanted is None or wanted == me.public_id:
        return me
    if not may(me, RECONCILE):
        raise Http404
    person: User = get_object_or_404(User, public_id=wanted, is_active=True)
    return person


def _booking(booking_id: uuid.UUID) -> Booking:
    found: Booking = get_object_or_404(Booking.objects.with_everything(), public_id=booking_id)
    return found


def _shown(till: cashing_up.Till) -> dict[str, Any]:
    counted = till.counted
    return {
        "on": till.on,
        "person": till.person.public_id,
        "name": str(till.person),
        "currency": till.currency,
        "cash_minor": till.cash_minor,
        "cash_back_minor": till.cash_back_minor,
        "expected_minor": till.expected_minor,
        "counted_minor": counted.counted_minor if counted else None,
        "difference_minor": counted.counted_minor - till.expected_minor if counted else None,
        "note": counted.note if counted else "",
        "counted_at": counted.made_at if counted else None,
        "terminal_minor": till.terminal_minor,
        "transfer_minor": till.transfer_minor,
    }
