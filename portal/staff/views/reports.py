"""What the diary comes to over some days, on the screen and as files from the same tables."""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import RECONCILE, RUN_DAY
from payments.days import practice_day
from portal.staff.access import show, staff_page
from portal.staff.downloads import csv_file
from portal.staff.reports import REPORTS, PeriodForm, month_of


@require_safe
@staff_page(RUN_DAY, RECONCILE)
def reports(request: HttpRequest) -> HttpResponse:
    """All of them for some days at a location; unasked this month, everywhere."""
    form = _asked(request)
    context: dict[str, Any] = {"form": form, "shown": []}
    if form.is_valid():
        period = form.period
        query = urlencode({**_query(form)})
        context |= {
            "first": period.start,
            "last": form.cleaned_data["last"],
            "where": period.location.name if period.location else "All locations",
            "query": query,
            "shown": [{"report": one, "table": one.make(period)} for one in REPORTS],
        }
    return show(request, "reports.html", context, status=200 if form.is_valid() else 422)


@require_safe
@staff_page(RUN_DAY, RECONCILE)
def report_file(request: HttpRequest, code: str) -> HttpResponse:
    report = next((one for one in REPORTS if one.code == code), None)
    form = _asked(request)
    if report is None or not form.is_valid():
        raise Http404
    query = _query(form)
    return csv_file(report.make(form.period), "-".join([report.code, *query.values()]))


def _asked(request: HttpRequest) -> PeriodForm:
    first, last = month_of(practice_day(timezone.now()))
    asked = {
        "first": request.GET.get("first", first.isoformat()),
        "last": request.GET.get("last", last.isoformat()),
        "location": request.GET.get("location", ""),
    }
    return PeriodForm(asked)


def _query(form: PeriodForm) -> dict[str, str]:
    found = form.cleaned_data
    query = {"first": found["first"].isoformat(), "last": found["last"].isoformat()}
    return query | ({"location": found["location"].code} if found["location"] else {})
