"""What a runner sees when she signs in. Reading only: every change is an act elsewhere."""

import csv
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from payments.days import practice_day
from payments.exporting.guarding import Echo, safe_cell
from payments.models import Order
from payments.wallets import StatementLine, Wallet, WalletLot, statement, wallet
from portal.account import calendar
from portal.account.same_again import same_as_last
from scheduling.models import Booking
from scheduling.terms import free_until_of

PAGE = 25
RECENT = 3


@require_safe
@never_cache
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Credits left, the next session, the same again, the last movements."""
    at = timezone.now()
    runner = _runner(request)
    coming = list(Booking.objects.of(runner).upcoming(at).with_everything()[: RECENT + 1])
    lines = statement(runner)
    own = wallet(runner, on=practice_day(at))
    context = {
        "runner": runner,
        "wallet": own,
        "lots": _lots_to_show(own),
        "next": coming[0] if coming else None,
        "next_free_until": _free_until(coming[0], at) if coming else None,
        "can_change_next": bool(coming) and coming[0].state == Booking.State.CONFIRMED,
        "later": coming[1:],
        "same": same_as_last(runner=runner, at=at),
        "entries": _entries(lines[:RECENT], _orders_by_number(runner, lines[:RECENT])),
        "orders": Order.objects.of(runner).paid()[:RECENT],
        "feeds": calendar.sections(runner),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "portal/account/home.html", context)


@require_safe
@never_cache
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Sessions to come and sessions that were."""
    at = timezone.now()
    own = Booking.objects.of(_runner(request))
    context = {
        "coming": own.upcoming(at).with_everything(),
        "page": _page(own.past(at).with_everything(), request),
    }
    return render(request, "portal/account/sessions.html", context)


@require_safe
@never_cache
@login_required
def credits(request: HttpRequest) -> HttpResponse:
    """Every movement of her credits, the newest first, with what was left after it."""
    runner = _runner(request)
    page = _page(statement(runner), request)
    lines = list(page.object_list)
    context = {
        "page": page,
        "entries": _entries(lines, _orders_by_number(runner, lines)),
        "wallet": wallet(runner, on=practice_day(timezone.now())),
        "zone": settings.TIME_ZONE,
    }
    return render(request, "portal/account/credits.html", context)


@require_safe
@never_cache
@login_required
def credits_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The whole statement for a spreadsheet."""
    answer = StreamingHttpResponse(
        _csv(statement(_runner(request))), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="credits.csv"'
    return answer


@require_safe
@never_cache
@login_required
def orders(request: HttpRequest) -> HttpResponse:
    """What she bought, each with its receipt."""
    paid = Order.objects.of(_runner(request)).paid().prefetch_related("lines")
    context = {"page": _page(paid, request), "zone": settings.TIME_ZONE}
    return render(request, "portal/account/orders.html", context)


def _runner(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise TypeError("This page needs a signed-in runner.")
    return request.user


def _lots_to_show(own: Wallet) -> list[WalletLot]:
    """Lots with something left or set aside; the spent ones stand in the statement."""
    return [lot for lot in own.lots if lot.is_usable and (lot.available or lot.reserved)]


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


def _csv(lines: Sequence[StatementLine]) -> Iterator[str]:
    writer = csv.writer(Echo())
    yield writer.writerow(
        ["at", "what", "package", "change", "left", "reason", "who", "order", "session"]
    )
    for line in lines:
        cells = [
            line.at.isoformat(timespec="seconds"),
            line.what,
            line.package,
            line.change,
            line.balance,
            line.reason,
            line.who,
            line.order_number,
            line.booking_id or "",
        ]
        yield writer.writerow([safe_cell(cell) for cell in cells])
