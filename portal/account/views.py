"""What a runner sees when she signs in. Reading only: every change is an act elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.bouncing import is_undeliverable
from accounts.models import User
from payments.days import practice_day
from payments.models import Order
from payments.statements import StatementLine, statement
from payments.wallets import Wallet, WalletLot, wallet
from portal.account import calendar
from portal.account.same_again import same_as_last
from portal.account.who import signed_in_runner
from scheduling.models import Booking
from scheduling.terms import free_to, free_until_of

PAGE = 25
RECENT = 3


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Credits left, the next session, the same again, the last movements and receipts."""
    at = timezone.now()
    runner = signed_in_runner(request)
    coming = list(Booking.objects.of(runner).upcoming(at).with_everything()[: RECENT + 1])
    lines = statement(runner).lines
    own = wallet(runner, on=practice_day(at))
    context = {
        "runner": runner,
        "wallet": own,
        "lots": _lots_to_show(own),
        "next": coming[0] if coming else None,
        "next_free_to": free_to(coming[0]) if coming else "",
        "next_free_until": _free_until(coming[0], at) if coming else None,
        "can_change_next": bool(coming) and coming[0].state == Booking.State.CONFIRMED,
        "later": coming[1:],
        "same": same_as_last(runner=runner, at=at),
        "entries": _entries(lines[:RECENT], _orders_by_number(runner, lines[:RECENT])),
        "orders": _paid_orders(runner)[:RECENT],
        "feeds": calendar.sections(runner),
        "undeliverable": is_undeliverable(runner),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "portal/account/home.html", context)


@require_safe
@never_cache
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions to come and sessions that were."""
    at = timezone.now()
    own = Booking.objects.of(signed_in_runner(request))
    context = {
        "coming": own.upcoming(at).with_everything(),
        "page": _page(own.past(at).with_everything(), request),
    }
    return render(request, "portal/account/sessions.html", context)


@require_safe
@never_cache
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """What she bought, each with its receipt."""
    paid = _paid_orders(signed_in_runner(request))
    context = {"page": _page(paid, request), "zone": settings.TIME_ZONE}
    return render(request, "portal/account/orders.html", context)


def _paid_orders(runner: User) -> QuerySet[Order]:
    """With all that a list of receipts shows of each."""
    return Order.objects.of(runner).paid().prefetch_related("lines", "documents")


def _lots_to_show(own: Wallet) -> list[WalletLot]:
    """Lots with something left or set aside, and those that rest; the spent ones stand in the
    statement."""
    return [
        lot
        for lot in own.lots
        if (lot.is_usable or lot.frozen_for) and (lot.available or lot.reserved)
    ]


def _free_until(booking: Booking, at: datetime) -> datetime | None:
    moment = free_until_of(booking)
    return moment if moment > at else None


def _page(rows: Any, request: HttpRequest) -> Page[Any]:
    """One page of a list; an impossible number gives the nearest there is."""
    return Paginator(rows, PAGE).get_page(request.GET.get("page"))


def _orders_by_number(runner: User, lines: Sequence[StatementLine]) -> dict[str, Order]:
    numbers = {line.order_number for line in lines if line.change > 0 and line.order_number}
    if not numbers:
        return {}
    return {order.number: order for order in Order.objects.of(runner).filter(number__in=numbers)}


def _entries(lines: Sequence[StatementLine], orders: dict[str, Order]) -> list[dict[str, Any]]:
    """Statement lines with the address of their receipt, where money was paid."""
    return [_entry(line, _receipt_url(line, orders)) for line in lines]


def _entry(line: StatementLine, receipt_url: str) -> dict[str, Any]:
    return {
        "at": line.at,
        "what": line.what,
        "package": line.package,
        "change": line.change,
        "balance": line.balance,
        "reason": line.reason,
        "who": line.who,
        "order_number": line.order_number if receipt_url else "",
        "booking_id": line.booking_id,
        "receipt_url": receipt_url,
    }


def _receipt_url(line: StatementLine, orders: dict[str, Order]) -> str:
    order = orders.get(line.order_number) if line.booking_id is None and line.change > 0 else None
    return order.get_absolute_url() if order else ""
