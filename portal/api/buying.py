"""Buying by API: an order, Stripe's checkout, and the held session that waits for the money."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Schema, Status

from accounts.api import caller
from payments import selling
from payments.api import OrderOut, order_shown, orders
from payments.models import Package
from scheduling.booking import extend_hold
from scheduling.models import Booking

# Stripe's shortest checkout is half an hour; the time stays hers while she types her card.
PAYING_MINUTES = 35


class OrderIn(Schema):
    """What to buy. Both addresses must be on this site or on an allowed front end."""

    package: str
    success_url: str
    cancel_url: str
    reserved_for: uuid.UUID | None = None


class UnknownPackage(selling.SellingError):
    """Nothing by this code is for sale online."""


class ForeignAddress(selling.SellingError):
    """Stripe would send the runner to a site we do not know."""


@orders.post("/", response={201: OrderOut}, operation_id="place_order")
def place_order(request: HttpRequest, wanted: OrderIn) -> Any:
    """Buy one package: answers with the address of Stripe's checkout.

    With ``reserved_for`` the held time is kept while she pays, and its session is booked as soon
    as the money is there.
    """
    now = timezone.now()
    user = caller(request)
    for address in (wanted.success_url, wanted.cancel_url):
        _require_known_site(address)
    package = _package(wanted.package, now)
    until = now + timedelta(minutes=PAYING_MINUTES)
    if wanted.reserved_for is not None:
        held = get_object_or_404(Booking.objects.of(user), public_id=wanted.reserved_for)
        extend_hold(booking=held, until=until, at=now)
    order = selling.place_order(
        buyer=user, package=package, at=now, reserved_for=wanted.reserved_for
    )
    selling.start_checkout(
        order=order,
        success_url=wanted.success_url,
        cancel_url=wanted.cancel_url,
        expires_at=until,
        at=now,
    )
    order.refresh_from_db()
    return Status(201, order_shown(order))


def _package(code: str, now: datetime) -> Package:
    hidden = Package.Visibility.HIDDEN
    package = Package.objects.on_sale(now).exclude(visibility=hidden).filter(code=code).first()
    if package is None:
        raise UnknownPackage("This package is not for sale.")
    return package


def _require_known_site(address: str) -> None:
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    if origin not in {settings.SITE_URL, *settings.CORS_ALLOWED_ORIGINS}:
        raise ForeignAddress("The return address must be on this site or an allowed front end.")
