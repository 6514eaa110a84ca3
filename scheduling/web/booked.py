"""A booked session on one page, in whatever state it is by now, and its calendar file."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from payments.crediting import wallet, where_unit_is
from payments.days import practice_day
from scheduling.calendars import booking_ics
from scheduling.covering import cover_of
from scheduling.models import Booking
from scheduling.paying import session_day
from scheduling.terms import free_to, free_until_of
from scheduling.web.again import SameAgain, same_again
from scheduling.web.finding import find_booking, find_hold, signed_in


@require_safe
@never_cache
@login_required
def booked(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """When, where, with whom, what to bring, what is left; or what became of it."""
    at = timezone.now()
    runner = signed_in(request)
    booking = find_hold(request, public_id)
    if booking.state in (Booking.State.HELD, Booking.State.EXPIRED):
        return redirect("scheduling:check", public_id)
    credits = wallet(runner, on=session_day(booking), booked_on=practice_day(at))
    is_over = not booking.is_booked or booking.ends_at <= at
    can_change = booking.state == Booking.State.CONFIRMED and booking.starts_at > at
    free_until = free_until_of(booking)
    context = {
        "booking": booking,
        "unit": where_unit_is(booking.public_id),
        "credits_left": credits.variant_available(booking.variant.code),
        "lot": credits.next_lot(booking.variant.code),
        "can_change": can_change,
        "is_over": is_over,
        "again": _again(booking, runner, at) if is_over else None,
        "free_to": free_to(booking),
        "free_until": free_until if can_change and at <= free_until else None,
    }
    return render(request, "scheduling/booked.html", context)


def _again(booking: Booking, runner: User, at: datetime) -> SameAgain | None:
    return same_again(booking, at=at, cover=cover_of(runner=runner, variant=booking.variant, at=at))


@require_safe
@never_cache
@login_required
def calendar(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The session for her calendar; a later copy replaces an earlier one there."""
    booking = find_booking(signed_in(request), public_id)
    if booking.state in (Booking.State.HELD, Booking.State.EXPIRED):
        return redirect("scheduling:check", public_id)
    return calendar_file(booking, booking_ics(booking, at=timezone.now()))


def calendar_file(booking: Booking, content: bytes) -> HttpResponse:
    answer = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    name = f"massage-{booking.starts_local:%Y-%m-%d}.ics"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
