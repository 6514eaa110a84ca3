"""What of the diary's set-up needs a look: sessions outside the rules, imported calendars."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.reaching.errors import ElsewhereTrouble
from accounts.roles import RUN_DAY, WORK_OWN_DAY
from portal.staff import upkeep as reading
from portal.staff.access import may, show, signed_in, staff_page
from portal.staff.forms import CalendarForm
from scheduling.importing.choosing import add_calendar, state_words
from scheduling.importing.refreshing import read_now
from scheduling.models import BusyCalendar, Therapist

ALL_CALENDARS = "scheduling.change_busycalendar"


@require_safe
@staff_page(RUN_DAY)
def outside(request: HttpRequest) -> HttpResponse:
    """Sessions to come that the rules of now would not allow (E3), each with a way to it."""
    return show(request, "outside.html", {"table": reading.outside_table(at=timezone.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY, WORK_OWN_DAY)
def calendars(request: HttpRequest) -> HttpResponse:
    """A therapist's own imported calendars; a manager sees everybody's (S11)."""
    therapist = Therapist.objects.filter(user=signed_in(request)).first()
    form = CalendarForm(request.POST if request.method == "POST" and therapist else None)
    if therapist and form.is_bound and form.is_valid():
        try:
            calendar = add_calendar(
                therapist=therapist,
                label=form.cleaned_data["label"],
                url=form.cleaned_data["url"],
            )
        except ElsewhereTrouble as trouble:
            form.add_error("url", str(trouble))
        else:
            _read_and_tell(request, calendar)
            return redirect("staff:calendars")
    return _calendars_page(request, therapist, form)


@require_POST
@staff_page(RUN_DAY, WORK_OWN_DAY)
def read_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Read it now, and say how that went."""
    _read_and_tell(request, get_object_or_404(_allowed(request), pk=pk))
    return redirect("staff:calendars")


@require_POST
@staff_page(RUN_DAY, WORK_OWN_DAY)
def remove_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """It blocks nothing any more. Removing what is gone changes nothing."""
    for calendar in _allowed(request).filter(pk=pk):
        calendar.delete()
        messages.success(request, "Removed. It blocks nothing any more.")
    return redirect("staff:calendars")


def _allowed(request: HttpRequest) -> "QuerySet[BusyCalendar]":
    """Her own, or everybody's for a manager; another's is not there."""
    found = BusyCalendar.objects.select_related("therapist")
    return (
        found if may(request, ALL_CALENDARS) else found.filter(therapist__user=signed_in(request))
    )


def _read_and_tell(request: HttpRequest, calendar: BusyCalendar) -> None:
    now = timezone.now()
    tell: Any = messages.success if read_now(calendar=calendar, at=now) else messages.warning
    tell(request, state_words(calendar, at=now))


def _calendars_page(
    request: HttpRequest, therapist: Therapist | None, form: CalendarForm
) -> HttpResponse:
    rows = reading.calendar_rows(_allowed(request), at=timezone.now())
    context = {
        "rows": rows,
        "therapist": therapist,
        "form": form,
        "sets_up": may(request, ALL_CALENDARS),
    }
    return show(request, "calendars.html", context, status=422 if form.errors else 200)
