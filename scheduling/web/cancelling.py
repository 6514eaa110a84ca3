"""Cancelling a session: the page says what happens first, the POST does it once."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.wallets import wallet
from scheduling.cancelling import cancel_booking, outcome_of_cancelling
from scheduling.errors import BookingError
from scheduling.models import Booking
from scheduling.paying import session_day
from scheduling.web.answers import problem
from scheduling.web.finding import find_booking, signed_in
from scheduling.web.posting import posted_from


@require_safe
@never_cache
@login_required
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The question, with its outcome for the credit."""
    at = timezone.now()
    booking = find_booking(signed_in(request), public_id)
    if booking.state != Booking.State.CONFIRMED:
        return redirect("scheduling:booked", public_id)
    outcome = outcome_of_cancelling(booking=booking, at=at)
    have = wallet(signed_in(request), on=session_day(booking)).variant_available(
        booking.variant.code
    )
    context = {
        "booking": booking,
        "outcome": outcome,
        "credits_after": have + 1 if outcome.credit_returns else have,
    }
    return render(request, "scheduling/cancel.html", context)


@posted_from("scheduling:cancel")
@never_cache
def cancellation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Cancel it; the session's page then says what became of the credit."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("scheduling:cancel", args=[public_id]))
    at = timezone.now()
    runner = signed_in(request)
    booking = find_booking(runner, public_id)
    if booking.is_cancelled:
        return redirect("scheduling:booked", public_id)  # a second click
    try:
        cancel_booking(booking=booking, by=runner, at=at)
    except BookingError as refusal:
        return problem(
            request,
            status=409,
            title="This session cannot be cancelled here",
            text=str(refusal),
            url=reverse("scheduling:booked", args=[public_id]),
            label="Back to your session",
        )
    return redirect("scheduling:booked", public_id)
