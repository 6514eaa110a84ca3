"""The books: does it add up, what does not match, what is owed, and the rows behind each."""

from uuid import UUID

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import CLOSE_PERIODS, RECONCILE, REFUND
from payments.days import end_of, practice_day, practice_zone
from payments.models import Order, Payout
from payments.money import DEFAULT_CURRENCY
from portal.staff import lots as owing
from portal.staff import orders as order_reading
from portal.staff import payouts as payout_reading
from portal.staff import reconciling, rolling
from portal.staff import transactions as moving
from portal.staff.access import may, show, staff_page
from portal.staff.downloads import csv_file
from portal.staff.periods import ONE_DAY, Period, day_asked, period_asked
from portal.templatetags.portal_ui import money

PAGE = 100


def _period(request: HttpRequest) -> Period:
    return period_asked(request.GET.get("month", ""), at=timezone.now())


@require_safe
@staff_page(RECONCILE)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The equation first, then what needs a person, then what is owed, then the payouts."""
    period = _period(request)
    at = timezone.now()
    page = reconciling.page_of(period, currency=DEFAULT_CURRENCY, at=at)
    context = {
        "page": page,
        "period": period,
        "yesterday": practice_day(at) - ONE_DAY,
        "may_close": may(request, CLOSE_PERIODS),
    }
    return show(request, "reconciliation.html", context)


# The rows behind a figure of the equation ------------------------------------------------------
def _figure(request: HttpRequest, period: Period) -> moving.Figure:
    try:
        return moving.figure(request.GET.get("of", ""), period, DEFAULT_CURRENCY)
    except KeyError as unknown:
        raise Http404 from unknown


@require_safe
@staff_page(RECONCILE)
def transactions(request: HttpRequest) -> HttpResponse:
    """The rows behind one figure of the equation, and their sum, which is the figure again."""
    period = _period(request)
    figure = _figure(request, period)
    page = Paginator(figure.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "figure": figure,
        "period": period,
        "currency": DEFAULT_CURRENCY,
        "page": page,
        "query": f"of={request.GET['of']}&month={period.code}",
        "table": moving.transactions_table(
            page.object_list, caption=figure.title, currency=DEFAULT_CURRENCY
        ),
        "closed": payout_reading.closed_table(figure.closed, currency=DEFAULT_CURRENCY),
    }
    return show(request, "transactions.html", context)


@require_safe
@staff_page(RECONCILE)
def transactions_file(request: HttpRequest) -> HttpResponse:
    period = _period(request)
    figure = _figure(request, period)
    table = moving.transactions_table(figure.rows, caption=figure.title, currency=DEFAULT_CURRENCY)
    return csv_file(table, f"{request.GET['of']}-{period.code}")


# Credits: what moved, and what is left ---------------------------------------------------------
def _movements(request: HttpRequest, period: Period) -> rolling.Movements:
    try:
        return rolling.movements_of(request.GET.get("what", ""), period, DEFAULT_CURRENCY)
    except KeyError as unknown:
        raise Http404 from unknown


@require_safe
@staff_page(RECONCILE)
def credit_movements(request: HttpRequest) -> HttpResponse:
    """The movements behind one line of the roll-forward."""
    period = _period(request)
    found = _movements(request, period)
    page = Paginator(found.table.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "value": money(found.value_minor, DEFAULT_CURRENCY),
        "period": period,
        "page": page,
        "query": f"what={request.GET['what']}&month={period.code}",
        "table": found.table.page(page.number, PAGE),
    }
    return show(request, "credit_movements.html", context)


@require_safe
@staff_page(RECONCILE)
def credit_movements_file(request: HttpRequest) -> HttpResponse:
    period = _period(request)
    found = _movements(request, period)
    return csv_file(found.table, f"credits-{request.GET['what']}-{period.code}")


def _lots(request: HttpRequest) -> owing.LotsPage:
    on = day_asked(request.GET.get("on", ""), otherwise=practice_day(timezone.now()))
    return owing.lots_page(on, before=end_of(on), currency=DEFAULT_CURRENCY)


@require_safe
@staff_page(RECONCILE)
def lots(request: HttpRequest) -> HttpResponse:
    """Each lot with something left at the end of a day; together what the practice owes."""
    found = _lots(request)
    page = Paginator(found.table.rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "on": found.on,
        "owed": found.owed,
        "owed_words": money(found.owed.value_minor, DEFAULT_CURRENCY),
        "zone": practice_zone(),
        "page": page,
        "query": f"on={found.on.isoformat()}",
        "table": found.table.page(page.number, PAGE),
    }
    return show(request, "lots.html", context)


@require_safe
@staff_page(RECONCILE)
def lots_file(request: HttpRequest) -> HttpResponse:
    found = _lots(request)
    return csv_file(found.table, f"lots-{found.on.isoformat()}")


# One payout, one order -------------------------------------------------------------------------
@require_safe
@staff_page(RECONCILE)
def payout(request: HttpRequest, payout_id: str) -> HttpResponse:
    """A payout opened into its transactions, each into order, lot and sessions."""
    found = get_object_or_404(Payout, pk=payout_id)
    page = payout_reading.payout_page(found)
    return show(request, "payout.html", {"page": page, "zone": practice_zone()})


@require_safe
@staff_page(RECONCILE)
def payout_file(request: HttpRequest, payout_id: str) -> HttpResponse:
    found = get_object_or_404(Payout, pk=payout_id)
    return csv_file(payout_reading.payout_page(found).transactions, f"payout-{found.pk}")


@require_safe
@staff_page(RECONCILE, REFUND)
def order(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything about one order."""
    found = get_object_or_404(Order.objects.select_related("buyer"), public_id=public_id)
    context = {
        "page": order_reading.order_page(found),
        "total": money(found.total_minor, found.currency),
        "zone": practice_zone(),
    }
    return show(request, "order.html", context)
