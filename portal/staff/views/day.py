"""The day board, a session's page, and what the desk does to a session."""

from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import RECONCILE, RUN_DAY
from payments.crediting import CreditError
from portal.staff import board as drawing
from portal.staff import bookings as reading
from portal.staff.access import show, signed_in, staff_page
from portal.staff.forms import ReasonForm
from portal.staff.periods import day_asked
from scheduling.cancelling import cancel_booking
from scheduling.day import check_in, complete, mark_no_show
from scheduling.day_board import day_board
from scheduling.errors import BookingError
from scheduling.models import Booking, Location

ONE_DAY = timedelta(days=1)


def day_url(location_code: str, day: date) -> str:
    query = urlencode({"day": day.isoformat(), "location": location_code})
    return f"{reverse('staff:day')}?{query}"


@require_safe
@staff_page(RUN_DAY)
def board(request: HttpRequest) -> HttpResponse:
    """A location's day. htmx asks for the live part alone, every half minute."""
    locations = list(Location.objects.filter(is_active=True))
    code = request.GET.get("location", "")
    location = next((one for one in locations if one.code == code), None)
    if location is None:
        if not locations:
            return show(request, "day_without_place.html", {})
        location = locations[0]
    now = timezone.now()
    today = now.astimezone(location.zone).date()
    day = day_asked(request.GET.get("day", ""), otherwise=today)
    shown = day_board(location=location, day=day, at=now)
    waiting = drawing.arrivals(shown)
    to_come = [one for one in waiting if not one.is_here]
    context = {
        "day": day,
        "today": today,
        "is_today": day == today,
        "location": location,
        "locations": [
            {"location": one, "url": day_url(one.code, day), "is_shown": one == location}
            for one in locations
        ],
        "earlier_url": day_url(location.code, day - ONE_DAY),
        "later_url": day_url(location.code, day + ONE_DAY),
        "today_url": day_url(location.code, today),
        "live_url": day_url(location.code, day),
        "shown": shown,
        "counts": drawing.counted(shown),
        "next": to_come[: drawing.AT_FIRST],
        "after": to_come[drawing.AT_FIRST :],
        "here": [one for one in waiting if one.is_here],
        "board": drawing.drawn(shown),
    }
    wants_part = request.headers.get("HX-Request") == "true"
    return show(request, "_day_live.html" if wants_part else "day.html", context)


@require_safe
@staff_page(RUN_DAY, RECONCILE)
def booking(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One session: what happened, who did it, which credit; the buttons for the desk."""
    found = _booking(public_id)
    page = reading.booking_page(found, at=timezone.now())
    return show(request, "booking.html", {"page": page, "day_url": _day_of(found)})


@require_POST
@staff_page(RUN_DAY)
def arrival(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _do(request, public_id, check_in, "{name} has arrived.")


@require_POST
@staff_page(RUN_DAY)
def completion(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _do(request, public_id, complete, "{name} is done. The credit is used.")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def no_show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Asks first and says what becomes of the credit; the POST does it."""
    if request.method == "POST":
        words = "{name} is marked as no-show. The credit is used."
        return _do(request, public_id, mark_no_show, words)
    found = _booking(public_id)
    context = {"booking": found, "actions": reading.actions_for(found, at=timezone.now())}
    return show(request, "no_show.html", context | {"day_url": _day_of(found)})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(RUN_DAY)
def cancellation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel for the practice, with a reason: the credit always comes back."""
    found = _booking(public_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        return _do(
            request,
            public_id,
            lambda **act: cancel_booking(reason=reason, **act),
            "The session of {name} is cancelled. The credit is back.",
        )
    context = {
        "booking": found,
        "form": form,
        "actions": reading.actions_for(found, at=timezone.now()),
        "day_url": _day_of(found),
    }
    return show(request, "cancel.html", context, status=422 if form.errors else 200)


def _booking(public_id: UUID) -> Booking:
    return get_object_or_404(Booking.objects.with_everything(), public_id=public_id)


def _day_of(booking: Booking) -> str:
    return day_url(booking.location.code, booking.starts_local.date())


def _do(
    request: HttpRequest, public_id: UUID, act: Callable[..., Booking], words: str
) -> HttpResponse:
    """One act on a session, then back to its day with what came of it."""
    found = _booking(public_id)
    try:
        done = act(booking=found, by=signed_in(request), at=timezone.now())
    except (BookingError, CreditError) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, words.format(name=done.runner or "Somebody"))
    return redirect(_day_of(found))
