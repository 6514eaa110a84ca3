"""Cancelling a session: the page says what happens first, the POST does it once."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.wallets import wallet
from scheduling.cancelling import cancel_booking, outcome_of_cancelling
from scheduling.errors import BookingError
from scheduling.models import Booking
from scheduling.paying import session_day
from scheduling.web.answers import problem
from scheduling.web.entrance import Entrance, entered


@require_safe
@never_cache
@entered()
def cancel(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """The question, with its outcome for the credit."""
    at = timezone.now()
    booking = entrance.booking
    if booking.state != Booking.State.CONFIRMED:
        return redirect(entrance.session_url)
    outcome = outcome_of_cancelling(booking=booking, at=at)
    have = wallet(entrance.runner, on=session_day(booking)).variant_available(booking.variant.code)
    context = {
        "booking": booking,
        "entrance": entrance,
        "outcome": outcome,
        "credits_after": have + 1 if outcome.credit_returns else have,
    }
    return render(request, "scheduling/cancel.html", context)


@never_cache
@entered(posted_from="cancel")
def cancellation(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Cancel it; the session's page then says what became of the credit."""
    at = timezone.now()
    booking = entrance.booking
    if booking.is_cancelled:
        return redirect(entrance.session_url)  # a second click
    try:
        cancelled = cancel_booking(
            booking=booking, by=entrance.runner, at=at, reason=entrance.reason
        )
    except BookingError as refusal:
        return problem(
            request,
            status=409,
            title="This session cannot be cancelled here",
            text=str(refusal),
            url=entrance.session_url,
            label="Back to your session",
        )
    return redirect(entrance.after(cancelled).session_url)
