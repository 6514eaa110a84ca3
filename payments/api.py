"""Packages, orders and credits by API. The same acts as the portal's own pages."""

import uuid
from datetime import date, datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import AwareDatetime

from accounts.api import anybody, caller, signed_in
from accounts.models import User
from payments import offers, selling, wallets
from payments.days import practice_day
from payments.gift_api import GiftOut, SendingIn, gift_shown, sent_again
from payments.late_paying import ask_for_money_back
from payments.models import Gift, Order, Package, PaymentAttempt
from payments.promoting import reduced
from payments.statements import Statement, statement

Month = Annotated[str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]

catalogue = Router(tags=["catalogue"])
orders = Router(tags=["orders"], auth=signed_in)
credits = Router(tags=["credits"], auth=signed_in)


class PackageOut(Schema):
    code: str
    name: str
    units: int
    price_minor: int
    currency: str
    price_each_minor: int
    saving_minor: int
    covers: list[str]
    variant_codes: list[str]
    validity_days: int
    refund: str


class PriceOut(Schema):
    """What a package costs with a code."""

    code: str
    list_price_minor: int
    discount_minor: int
    price_minor: int
    currency: str


class VariantOut(Schema):
    code: str
    name: str
    duration_minutes: int
    price_minor: int
    currency: str


class ServiceOut(Schema):
    code: str
    name: str
    summary: str
    from_price_minor: int
    variants: list[VariantOut]


class OrderOut(Schema):
    id: uuid.UUID
    number: str
    status: str
    package: str
    total_minor: int
    discount_minor: int
    promotion_code: str
    gift: GiftOut | None
    currency: str
    placed_at: AwareDatetime
    paid_at: AwareDatetime | None
    checkout_url: str | None
    reserved_for: uuid.UUID | None
    terms: str
    agreed_texts: list[str]
    via_page: int | None


class LotOut(Schema):
    """``units`` is the sum of where its credits are.

    ``expires_on`` is the last day on which a session may start, or be booked if ``books_by``;
    ``waits`` for the first session, which gives it a later one.
    """

    id: uuid.UUID
    name: str
    units: int
    available: int
    reserved: int
    used: int
    expired: int
    refunded: int
    transferred: int
    starts_on: date
    expires_on: date
    books_by: bool
    waits: bool
    is_usable: bool
    frozen_for: str
    why_frozen: str
    variants: list[str]


class WalletOut(Schema):
    """``available`` can be booked with today; ``held`` counts those that rest, too."""

    available: int
    held: int
    lots: list[LotOut]


class MovementOut(Schema):
    at: AwareDatetime
    what: str
    package: str
    change: int
    balance: int
    reason: str
    who: str
    order_number: str | None
    booking: uuid.UUID | None


class StatementOut(Schema):
    """``opening`` and ``closing`` are the credits before the oldest and after the latest line."""

    opening: int
    closing: int
    lines: list[MovementOut]


@catalogue.get("/packages/", response=list[PackageOut], auth=None, operation_id="list_packages")
def list_packages(request: HttpRequest) -> Any:
    """What is on sale now, single sessions included."""
    return offers.everything_on_sale(at=timezone.now())


@catalogue.get(
    "/packages/{package}/price/", response=PriceOut, auth=anybody, operation_id="read_price"
)
def read_price(request: HttpRequest, package: str, code: str) -> Any:
    """What a package costs with a promotion code. Nothing is used up by asking."""
    now = timezone.now()
    offered = Package.objects.on_sale(now).exclude(visibility=Package.Visibility.HIDDEN)
    found = get_object_or_404(offered, code=package)
    after = reduced(
        code=code,
        package=found,
        price_minor=found.price_minor,
        person=request.user if isinstance(request.user, User) else None,
        at=now,
    )
    return {
        "code": after.code,
        "list_price_minor": after.list_price_minor,
        "discount_minor": after.discount_minor,
        "price_minor": after.price_minor,
        "currency": found.currency,
    }


@catalogue.get("/services/", response=list[ServiceOut], auth=None, operation_id="list_services")
def list_services(request: HttpRequest) -> Any:
    """Treatments with their lengths and prices."""
    return offers.services_on_offer()


@orders.get("/", response=list[OrderOut], operation_id="list_orders")
def list_orders(request: HttpRequest, limit: int = 50) -> Any:
    """The runner's own purchases, the latest first. ``limit`` is at most 100."""
    own = _own_orders(request)
    return [order_shown(order) for order in own[: min(max(limit, 1), 100)]]


@orders.get("/{order_id}/", response=OrderOut, operation_id="read_order")
def read_order(request: HttpRequest, order_id: uuid.UUID) -> Any:
    """One purchase. ``status`` is ``paid`` as soon as its credits are there."""
    return order_shown(_own_order(request, order_id))


@orders.post("/{order_id}/verification/", response=OrderOut, operation_id="verify_order")
def verify_order(request: HttpRequest, order_id: uuid.UUID) -> Any:
    """Ask Stripe now whether this order is paid, instead of waiting for its message."""
    order = _own_order(request, order_id)
    attempt = order.attempts.exclude(stripe_session_id=None).order_by("-number").first()
    if attempt is not None and attempt.stripe_session_id:
        selling.fulfil(session_id=attempt.stripe_session_id, at=timezone.now())
    return order_shown(_own_order(request, order_id))


@orders.post("/{order_id}/money-back/", response=OrderOut, operation_id="ask_for_money_back")
def ask_money_back(request: HttpRequest, order_id: uuid.UUID) -> Any:
    """Ask for the money of a payment that came after its time was let go."""
    order = _own_order(request, order_id)
    ask_for_money_back(order=order, by=caller(request), at=timezone.now())
    return order_shown(_own_order(request, order_id))


@orders.post("/{order_id}/gift/", response=GiftOut, operation_id="send_gift_again")
def send_gift_again(request: HttpRequest, order_id: uuid.UUID, wanted: SendingIn) -> Any:
    """Mail an unclaimed gift anew; the code of the mail before ends."""
    gift = get_object_or_404(Gift, order__public_id=order_id, order__buyer=caller(request))
    return sent_again(gift, wanted)


@credits.get("/", response=WalletOut, operation_id="read_wallet")
def read_wallet(request: HttpRequest) -> Any:
    """The runner's credits, lot by lot, in the order in which they will be spent."""
    return wallet_shown(caller(request), at=timezone.now())


def wallet_shown(owner: User, *, at: datetime) -> dict[str, Any]:
    """As the API shows what a runner has."""
    wallet = wallets.wallet(owner, on=practice_day(at))
    lots = [
        {"id": lot.public_id, "why_frozen": lot.why_frozen, **_fields(lot)} for lot in wallet.lots
    ]
    return {"available": wallet.available, "held": wallet.held, "lots": lots}


@credits.get("/movements/", response=list[MovementOut], operation_id="read_statement")
def read_statement(request: HttpRequest) -> Any:
    """Every movement of the runner's credits with the balance after it, the latest first."""
    return _lines(statement(caller(request)))


@credits.get("/statement/", response=StatementOut, operation_id="read_statement_of_month")
def read_statement_of_month(request: HttpRequest, month: Month = None) -> Any:
    """The movements of a month (``2027-03``) between what was there before and after; or all."""
    shown = statement(caller(request), month=date.fromisoformat(f"{month}-01") if month else None)
    return {"opening": shown.opening, "closing": shown.closing, "lines": _lines(shown)}


def _lines(shown: Statement) -> list[dict[str, Any]]:
    return [{"booking": line.booking_id, **_fields(line)} for line in shown.lines]


def _fields(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _own_order(request: HttpRequest, order_id: uuid.UUID) -> Order:
    return get_object_or_404(_own_orders(request), public_id=order_id)


def _own_orders(request: HttpRequest) -> "QuerySet[Order]":
    own = Order.objects.of(caller(request)).select_related("promotion", "gift", "policy")
    return own.prefetch_related("lines__package", "attempts")


def order_shown(order: Order) -> dict[str, Any]:
    """As the API shows a purchase."""
    package = order.lines.all()[0].package
    return {
        "id": order.public_id,
        "number": order.number,
        "status": order.status,
        "package": package.code if package else "",
        "total_minor": order.total_minor,
        "discount_minor": order.discount_minor,
        "promotion_code": order.promotion.code if order.promotion else "",
        "gift": gift_shown(order.gift) if hasattr(order, "gift") else None,
        "currency": order.currency,
        "placed_at": order.placed_at,
        "paid_at": order.paid_at,
        "checkout_url": _checkout_url(order, timezone.now()),
        "reserved_for": order.reserved_for,
        "terms": str(order.policy),
        "agreed_texts": order.agreed_texts,
        "via_page": order.article_id,
    }


def _checkout_url(order: Order, now: datetime) -> str | None:
    """Where the buyer can still pay, or None."""
    for attempt in order.attempts.all():
        is_open = attempt.status == PaymentAttempt.Status.OPEN
        if is_open and attempt.url and (attempt.expires_at is None or attempt.expires_at > now):
            return attempt.url
    return None
