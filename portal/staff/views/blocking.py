"""Blocking a therapist's time from the board, and taking the block off again."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.roles import RUN_DAY
from portal.staff.access import show, signed_in, staff_page
from portal.staff.asking import (
    Asked,
    day_url,
    moment_asked,
    place_asked,
    rounded,
    therapist_asked,
)
from portal.staff.forms import BlockForm
from portal.staff.periods import day_asked
from scheduling.blocking import block_time, unblock
from scheduling.errors import BookingError, TimeHasBookings
from scheduling.intervals import instant, wall_interval
from scheduling.models import Booking, Location, TimeOff

USUALLY = timedelta(minutes=30)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def blocks(request: HttpRequest) -> HttpResponse:
    """A form filled in with the gap it was opened from; sessions in the way are asked about."""
    place = place_asked(request.POST if request.method == "POST" else request.GET)
    if place is None:
        return show(request, "day_without_place.html", {})
    zone = place.location.timezone
    if request.method != "POST":
        form = BlockForm(zone=zone, initial=_proposed(request, place))
        return _form_page(request, form, place)
    form = BlockForm(request.POST, zone=zone)
    if not form.is_valid():
        return _form_page(request, form, place, status=422)
    return _block(request, form, place)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """One block; the POST takes it off. Time off from the back office is changed there."""
    found = get_object_or_404(
        TimeOff.objects.select_related("therapist"), pk=pk, kind=TimeOff.Kind.BLOCKED
    )
    location = _location_of(request)
    zone = location.zone if location else found.starts_at.tzinfo
    back = day_url(location.code if location else "", found.starts_at.astimezone(zone).date())
    if request.method == "POST":
        unblock(time_off=found, by=signed_in(request), at=timezone.now())
        messages.success(request, f"The time of {found.therapist} is free again.")
        return redirect(back)
    context = {"found": found, "zone": zone, "day_url": back}
    return show(request, "block.html", context)


def _block(request: HttpRequest, form: BlockForm, place: Asked) -> HttpResponse:
    starts_at, ends_at = _period(form, place.location.timezone)
    try:
        blocked = block_time(
            therapist=form.cleaned_data["therapist"],
            starts_at=starts_at,
            ends_at=ends_at,
            reason=form.cleaned_data["reason"],
            by=signed_in(request),
            at=timezone.now(),
            despite_bookings=bool(request.POST.get("anyway")),
        )
    except TimeHasBookings as refusal:
        return _form_page(request, form, place, hit=refusal.bookings, status=409)
    except BookingError as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, place, status=409)
    return redirect(day_url(place.location.code, form.cleaned_data["day"], blocked=blocked.pk))


def _period(form: BlockForm, zone: str) -> tuple[datetime, datetime]:
    day, starts, ends = (form.cleaned_data[name] for name in ("day", "starts", "ends"))
    low, high = wall_interval(zone, day, starts, ends)
    return instant(low), instant(high)


def _proposed(request: HttpRequest, place: Asked) -> dict[str, Any]:
    """What a gap's link says, else half an hour from now, or from nine on another day."""
    now = rounded(timezone.now()).astimezone(place.zone)
    day = day_asked(request.GET.get("day", ""), otherwise=now.date())
    asked = moment_asked(request.GET.get("at", ""), place.zone)
    nine = datetime.combine(day, datetime.min.time(), tzinfo=place.zone) + timedelta(hours=9)
    starts = (asked or (now if day == now.date() else nine)).astimezone(place.zone)
    until = moment_asked(request.GET.get("until", ""), place.zone)
    ends = (until or starts + USUALLY).astimezone(place.zone)
    therapist = therapist_asked(request.GET)
    return {
        "therapist": therapist.code if therapist else None,
        "day": starts.date(),
        "starts": starts.time(),
        "ends": ends.time() if ends.date() == starts.date() else datetime.min.time(),
    }


def _form_page(
    request: HttpRequest,
    form: BlockForm,
    place: Asked,
    *,
    hit: Sequence[Booking] = (),
    status: int = 200,
) -> HttpResponse:
    day = form.cleaned_data.get("day") if form.is_bound else form.initial.get("day")
    context = {
        "form": form,
        "location": place.location,
        "hit": hit,
        "day_url": day_url(place.location.code, day if isinstance(day, date) else _today(place)),
    }
    return show(request, "blocks.html", context, status=status)


def _today(place: Asked) -> date:
    return timezone.now().astimezone(place.zone).date()


def _location_of(request: HttpRequest) -> Location | None:
    place = place_asked(request.GET)
    return place.location if place else None
