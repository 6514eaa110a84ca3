"""The books: does it add up, what does not match, what is owed, and the rows behind each."""

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import RECONCILE, REFUND
from payments.days import end_of, practice_day, practice_zone
from payments.models import Mismatch, Order, Payout
from payments.money import DEFAULT_CURRENCY
from payments.resolving import resolve_mismatch
from portal.staff import lots as owing
from portal.staff import mismatches as matching
from portal.staff import orders as order_reading
from portal.staff import payouts as payout_reading
from portal.staff import reconciling, rolling
from portal.staff import transactions as moving
from portal.staff.access import show, signed_in, staff_page
from portal.staff.downloads import csv_file
from portal.staff.forms import ResolutionForm
from portal.staff.periods import Period, day_asked, period_asked
from portal.templatetags.portal_ui import money

PAGE = 100


def _period(request: HttpRequest) -> Period:
    return period_asked(request.GET.get("month", ""), at=timezone.now())


@require_safe
@staff_page(RECONCILE)
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The equation first, then what needs a person, then what is owed, then the payouts."""
    period = _period(request)
    page = reconciling.page_of(period, currency=DEFAULT_CURRENCY)
    return show(request, "reconciliation.html", {"page": page, "period": period})


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


# What does not match ---------------------------------------------------------------------------
@require_safe
@staff_page(RECONCILE)
def mismatches(request: HttpRequest) -> HttpResponse:
    """The open ones, or with ?state=resolved those that were closed."""
    wants_resolved = request.GET.get("state") == Mismatch.Status.RESOLVED
    rows = Mismatch.objects.select_related("order", "resolved_by")
    if wants_resolved:
        rows = rows.filter(status=Mismatch.Status.RESOLVED).order_by("-resolved_at")
    else:
        rows = rows.open()
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "rows": matching.all_shown(page.object_list),
        "page": page,
        "resolved": wants_resolved,
        "query": "state=resolved" if wants_resolved else "",
    }
    return show(request, "mismatches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def mismatch(request: HttpRequest, pk: int) -> HttpResponse:
    """One mismatch, and the note that closes it."""
    found = get_object_or_404(Mismatch.objects.select_related("order", "resolved_by"), pk=pk)
    form = ResolutionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["resolution"]
        resolve_mismatch(mismatch=found, resolution=note, by=signed_in(request), at=timezone.now())
        messages.success(request, "Resolved. It comes back by itself if it happens again.")
        return redirect("staff:mismatches")
    context = {"row": matching.shown(found), "form": form, "zone": practice_zone()}
    return show(request, "mismatch.html", context, status=422 if form.errors else 200)
