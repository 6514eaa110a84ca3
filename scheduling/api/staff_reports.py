"""Reports by API: the same rows as the staff pages (docs/reports.md)."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from ninja import Router

from accounts.api import signed_in
from scheduling import reports
from scheduling.api.desk_schemas import AttendanceOut, LeadTimesOut, SessionsOut, UtilisationOut
from scheduling.api.lookups import any_location, require_desk
from scheduling.api.staff import Day
from scheduling.reports import MOST_DAYS, Period
from scheduling.utilisation import utilisation

router = Router(tags=["staff"], auth=signed_in)


def _period(request: HttpRequest, start: Day, end: Day, location: str | None) -> Period:
    require_desk(request)
    if end - start > timedelta(days=MOST_DAYS):
        raise ValidationError(f"Ask for at most {MOST_DAYS} days.")
    return Period(start, end, any_location(location))


@router.get("/reports/utilisation/", response=UtilisationOut, operation_id="report_utilisation")
def report_utilisation(
    request: HttpRequest, start: Day, end: Day, location: str | None = None
) -> Any:
    """Booked by working minutes, by therapist, for local days from ``start`` to before ``end``."""
    return utilisation(_period(request, start, end, location))


@router.get("/reports/attendance/", response=AttendanceOut, operation_id="report_attendance")
def report_attendance(
    request: HttpRequest, start: Day, end: Day, location: str | None = None
) -> Any:
    """No-shows and late cancellations, apart, by therapist."""
    return reports.attendance(_period(request, start, end, location))


@router.get("/reports/lead-times/", response=LeadTimesOut, operation_id="report_lead_times")
def report_lead_times(
    request: HttpRequest, start: Day, end: Day, location: str | None = None
) -> Any:
    """Minutes from booking to start: shortest, quarters, median, longest; by session."""
    return reports.lead_times(_period(request, start, end, location))


@router.get("/reports/sessions/", response=SessionsOut, operation_id="report_sessions")
def report_sessions(request: HttpRequest, start: Day, end: Day, location: str | None = None) -> Any:
    """Sessions by therapist and by what they were."""
    return reports.sessions(_period(request, start, end, location))
