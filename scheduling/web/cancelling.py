"""Cancelling a session: the page says what happens first, the POST does just that, once."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.days import practice_day
from payments.wallets import wallet
from scheduling.effects import Credit
from scheduling.errors import BookingError, StaleQuote, UnreadableQuote
from scheduling.models import Booking
from scheduling.paying import session_day
from scheduling.quoting import Quote, carry_out_cancel, quote_cancel
from scheduling.web.answers import problem
from scheduling.web.entrance import Entrance, entered


@require_safe
@never_cache
@entered()
def cancel(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """The question, with its outcome for the credit."""
    if entrance.booking.state != Booking.State.CONFIRMED:
        return redirect(entrance.session_url)
    return _ask(request, entrance, timezone.now())


@never_cache
@entered(posted_from="cancel")
def cancellation(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """Cancel it as the page said; the session's page then says what became of the credit."""
    if entrance.booking.is_cancelled:
        return redirect(entrance.session_url)  # a second click
    at = timezone.now()
    try:
        cancelled = carry_out_cancel(
            token=request.POST.get("quote", ""),
            booking=entrance.booking,
            by=entrance.runner,
            at=at,
            reason=entrance.reason,
        )
    except StaleQuote as stale:
        return _question(request, entrance, stale.quote, at, status=409, changed=True)
    except UnreadableQuote:
        return _ask(request, entrance, at, status=422, changed=True)
    except BookingError as refusal:
        return _not_here(request, entrance, refusal)
    return redirect(entrance.after(cancelled).session_url)


def _ask(
    request: HttpRequest,
    entrance: Entrance,
    at: datetime,
    *,
    status: int = 200,
    changed: bool = False,
) -> HttpResponse:
    try:
        quote = quote_cancel(booking=entrance.booking, by=entrance.runner, at=at)
    except BookingError as refusal:
        return _not_here(request, entrance, refusal)
    return _question(request, entrance, quote, at, status=status, changed=changed)


def _question(
    request: HttpRequest,
    entrance: Entrance,
    quote: Quote,
    at: datetime,
    *,
    status: int = 200,
    changed: bool = False,
) -> HttpResponse:
    booking = quote.booking
    credits = wallet(entrance.runner, on=session_day(booking), booked_on=practice_day(at))
    have = credits.variant_available(booking.variant.code)
    returns = quote.effect.credit == Credit.RETURNED
    context = {
        "booking": booking,
        "entrance": entrance,
        "quote": quote,
        "sentence": quote.discreet if entrance.by_link else quote.sentence,
        "returns": returns,
        "credits_after": have + 1 if returns else have,
        "changed": changed,
    }
    return render(request, "scheduling/cancel.html", context, status=status)


def _not_here(request: HttpRequest, entrance: Entrance, refusal: BookingError) -> HttpResponse:
    return problem(
        request,
        status=409,
        title="This session cannot be cancelled here",
        text=str(refusal),
        url=entrance.session_url,
        label="Back to your session",
    )
