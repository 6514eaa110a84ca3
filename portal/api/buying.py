"""Buying by API: an order, Stripe's checkout, and the held session that waits for the money."""

import uuid
from datetime import datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from accounts.api import caller
from accounts.models import User
from payments import selling
from payments.api import OrderOut, order_shown, orders
from payments.attributing import source_of
from payments.gift_api import GiftIn
from payments.gifting import GiftWish
from payments.models import Order, Package
from payments.topping_up import NoTopUp
from scheduling.booking import extend_hold
from scheduling.models import Booking
from scheduling.paying import (
    HELD_WHILE_PAYING_MINUTES,
    PAYMENT_MINUTES,
    order_for_hold,
    top_up_for_hold,
    top_up_of,
)

Address = Annotated[str, Field(max_length=2000)]


class OrderIn(Schema):
    """What to buy. Both addresses must be on this site or on an allowed front end.

    ``via`` is the token of the article that led here; one that is not ours is left out. For a
    held time the token given with the hold counts.
    """

    package: str
    success_url: Address
    cancel_url: Address
    reserved_for: uuid.UUID | None = None
    code: Annotated[str, Field(max_length=40)] = ""
    gift: GiftIn | None = None
    via: Annotated[str, Field(max_length=80)] = ""


class TopUpIn(Schema):
    """Where to go after paying."""

    success_url: Address
    cancel_url: Address


class TopUpOut(Schema):
    """The credit, the session it is for, and what is to be paid beside it."""

    lot: uuid.UUID
    variant: str
    price_minor: int
    currency: str


class GiftIsNotBooked(selling.SellingError):
    """A gift pays for no session of the buyer's."""


class UnknownPackage(selling.SellingError):
    """Nothing by this code is for sale online."""


class ForeignAddress(selling.SellingError):
    """Stripe would send the runner to a site we do not know."""


@orders.post("/", response={201: OrderOut}, operation_id="place_order")
def place_order(request: HttpRequest, wanted: OrderIn) -> Any:
    """Buy one package: answers with the address of Stripe's checkout.

    With ``reserved_for`` the held time is kept while she pays, and its session is booked as soon
    as the money is there. With ``code`` the promotion's share comes off; where nothing is left to
    pay, the answer is ``paid`` and has no address. With ``gift`` somebody else may claim it.
    """
    now = timezone.now()
    user = caller(request)
    for address in (wanted.success_url, wanted.cancel_url):
        _require_known_site(address)
    return Status(201, _opened(_order(user, wanted, now), wanted, now))


@orders.get("/top-ups/{hold_id}/", response=TopUpOut, operation_id="read_top_up")
def read_top_up(request: HttpRequest, hold_id: uuid.UUID) -> Any:
    """What a held time would cost beside one of the caller's credits for a shorter session."""
    user = caller(request)
    found = top_up_of(_held_by(user, hold_id), user, timezone.now())
    if found is None:
        raise NoTopUp("You have no credit that this session could be paid from.")
    return {
        "lot": found.lot.public_id,
        "variant": found.instead.code,
        "price_minor": found.price_minor,
        "currency": found.currency,
    }


@orders.post("/top-ups/{hold_id}/", response={201: OrderOut}, operation_id="top_up_hold")
def top_up_hold(request: HttpRequest, hold_id: uuid.UUID, wanted: TopUpIn) -> Any:
    """Pay the difference for a held time beside a credit, which is set aside at once.

    The session is booked as soon as the money is there.
    """
    now = timezone.now()
    user = caller(request)
    for address in (wanted.success_url, wanted.cancel_url):
        _require_known_site(address)
    held = _held_by(user, hold_id)
    extend_hold(booking=held, until=now + timedelta(minutes=HELD_WHILE_PAYING_MINUTES), at=now)
    order = top_up_for_hold(booking=held, buyer=user, at=now)
    return Status(201, _opened(order, wanted, now))


def _opened(order: Order, wanted: "OrderIn | TopUpIn", now: datetime) -> dict[str, Any]:
    selling.start_checkout(
        order=order,
        success_url=wanted.success_url,
        cancel_url=wanted.cancel_url,
        expires_at=now + timedelta(minutes=PAYMENT_MINUTES),
        at=now,
    )
    order.refresh_from_db()
    return order_shown(order)


def _held_by(user: User, public_id: uuid.UUID) -> Booking:
    return get_object_or_404(Booking.objects.of(user).with_everything(), public_id=public_id)


def _order(user: User, wanted: OrderIn, now: datetime) -> Order:
    """For a held time only what can pay for it, and the time is kept while she types her card."""
    if wanted.reserved_for is None:
        return selling.place_order(
            buyer=user,
            package=_package(wanted.package, now),
            at=now,
            code=wanted.code,
            gift=_wish(wanted.gift) if wanted.gift else None,
            source=source_of(wanted.via),
        )
    if wanted.gift is not None:
        raise GiftIsNotBooked("A gift cannot pay for a session of your own.")
    held = _held_by(user, wanted.reserved_for)
    extend_hold(booking=held, until=now + timedelta(minutes=HELD_WHILE_PAYING_MINUTES), at=now)
    return order_for_hold(
        booking=held, package_code=wanted.package, buyer=user, at=now, code=wanted.code
    )


def _wish(gift: GiftIn) -> GiftWish:
    return GiftWish(gift.from_name, gift.to_name, gift.to_email, gift.message)


def _package(code: str, now: datetime) -> Package:
    hidden = Package.Visibility.HIDDEN
    package = Package.objects.on_sale(now).exclude(visibility=hidden).filter(code=code).first()
    if package is None:
        raise UnknownPackage("This package is not for sale.")
    return package


def _require_known_site(address: str) -> None:
    try:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
    except ValueError:  # not an address at all
        origin = ""
    if origin not in {settings.SITE_URL, *settings.CORS_ALLOWED_ORIGINS}:
        raise ForeignAddress("The return address must be on this site or an allowed front end.")
