"""Closing the books: the checklist, the act, and what was closed."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.roles import CLOSE_PERIODS, RECONCILE
from payments.days import practice_day, practice_zone
from payments.models import Period
from payments.period_end import ClosingError, close_period, readiness
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.downloads import csv_file
from portal.staff.ledger import balance_table, periods_table
from portal.staff.ledger_forms import ClosingForm
from portal.staff.mismatches import all_shown
from portal.staff.periods import day_asked
from portal.staff.tables import Table


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RECONCILE)
def closing(request: HttpRequest) -> HttpResponse:
    """What is closed, and the next period with what stands in its way; a POST closes it."""
    if request.method == "POST":
        if not may(request, CLOSE_PERIODS):
            raise PermissionDenied
        form = ClosingForm(request.POST)
        if form.is_valid() and (done := _close(request, form)):
            return done
        return _page(request, form, 422)
    at = timezone.now()
    last_month = practice_day(at).replace(day=1) - timedelta(days=1)
    asked = day_asked(request.GET.get("until", ""), otherwise=last_month)
    return _page(request, ClosingForm(initial={"ends_on": asked}), 200)


def _close(request: HttpRequest, form: ClosingForm) -> HttpResponse | None:
    try:
        period = close_period(by=signed_in(request), at=timezone.now(), **form.cleaned_data)
    except ClosingError as refusal:
        form.add_error("despite" if "say why" in str(refusal) else "ends_on", str(refusal))
        return None
    messages.success(request, f"The books are closed up to {period.ends_on:%-d %B %Y}.")
    return redirect("staff:period", period.pk)


def _page(request: HttpRequest, form: ClosingForm, status: int) -> HttpResponse:
    at = timezone.now()
    asked = form.data.get("ends_on") if form.is_bound else form.initial["ends_on"].isoformat()
    ends_on = day_asked(str(asked), otherwise=practice_day(at) - timedelta(days=1))
    ready = readiness(ends_on=ends_on)
    context = {
        "form": form,
        "ready": ready,
        "critical": all_shown(ready.critical, at=at),
        "table": periods_table(),
        "may_close": may(request, CLOSE_PERIODS),
        "zone": practice_zone(),
    }
    return show(request, "periods.html", context, status=status)


@require_safe
@staff_page(RECONCILE)
def period(request: HttpRequest, pk: int) -> HttpResponse:
    """A closed period with the trial balance it was closed with."""
    found = get_object_or_404(Period.objects.select_related("closed_by"), pk=pk)
    context = {"period": found, "table": _balances(found), "zone": practice_zone()}
    return show(request, "period.html", context)


@require_safe
@staff_page(RECONCILE)
def period_file(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Period, pk=pk)
    return csv_file(_balances(found), f"trial-balance-{found.ends_on.isoformat()}")


def _balances(found: Period) -> Table:
    return balance_table(
        found.trial_balance, caption="Trial balance", query=f"{found.ends_on:%Y-%m}"
    )
