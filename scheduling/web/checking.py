"""The last look before it counts: when, where, with whom, and how it is paid."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from payments.crediting import CreditError
from payments.models import Order
from payments.selling import AlreadyPaid, PaymentsUnavailable, SellingError, start_checkout
from scheduling.booking import adopt_holds, confirm_with_credit
from scheduling.choosing import chosen_lot
from scheduling.errors import BookingError, Busy, NotOffered, TimeTaken
from scheduling.models import Booking
from scheduling.offered_terms import terms_of
from scheduling.paying import (
    HELD_WHILE_PAYING_MINUTES,
    PAYMENT_MINUTES,
    PackageNotOffered,
    WaysToPay,
    order_for_hold,
    top_up_for_hold,
    ways_to_pay,
)
from scheduling.web import visit
from scheduling.web.answers import problem
from scheduling.web.finding import find_hold, signed_in
from scheduling.web.holding import gone, keep
from scheduling.web.posting import posted_from

TOP_UP = "+top-up"  # chosen among the packages; no code of a package is written so


@require_safe
@never_cache
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything chosen, on one page, with the one thing left to decide."""
    booking = find_hold(request, public_id)
    if not request.user.is_authenticated:
        return redirect("scheduling:you", public_id)
    if not _is_open(booking):
        return redirect("scheduling:booked", public_id)
    return _check_page(request, booking, timezone.now(), back="back" in request.GET)


@posted_from("scheduling:check")
@never_cache
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Book it with a credit. A second click finds it booked."""
    at = timezone.now()
    booking = find_hold(request, public_id)
    if not request.user.is_authenticated:
        return redirect("scheduling:you", public_id)
    if not _is_open(booking):
        return redirect("scheduling:booked", public_id)
    runner = signed_in(request)
    adopt_holds(hold_key=visit.hold_key(request), runner=runner, at=at)
    booking.refresh_from_db()
    try:
        lot = chosen_lot(runner, request.POST.get("lot", ""))
        confirm_with_credit(booking=booking, runner=runner, by=runner, at=at, lot=lot)
    except (TimeTaken, NotOffered) as refusal:
        return gone(request, booking, refusal, at)
    except CreditError as refusal:
        return _check_page(request, booking, at, status=409, trouble=str(refusal))
    except Busy as busy:
        return _check_page(request, booking, at, status=503, trouble=str(busy))
    except BookingError as refusal:
        return _not_possible(request, refusal)
    return redirect("scheduling:booked", public_id)


@posted_from("scheduling:check")
@never_cache
def checkout(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Order the chosen package for this time and go on to the card page."""
    at = timezone.now()
    booking = find_hold(request, public_id)
    if not request.user.is_authenticated:
        return redirect("scheduling:you", public_id)
    if not _is_open(booking):
        return redirect("scheduling:booked", public_id)
    runner = signed_in(request)
    package, code = request.POST.get("package", ""), request.POST.get("code", "")[:40]
    if package != TOP_UP:
        visit.remember_package(request, booking.variant.code, package)
    adopt_holds(hold_key=visit.hold_key(request), runner=runner, at=at)
    booking.refresh_from_db()
    try:
        booking = keep(request, booking, minutes=HELD_WHILE_PAYING_MINUTES, at=at)
        if package == TOP_UP:
            order = top_up_for_hold(booking=booking, buyer=runner, at=at)
        else:
            order = order_for_hold(
                booking=booking, package_code=package, buyer=runner, at=at, code=code
            )
        return _to_payment(booking, order, at)
    except (TimeTaken, NotOffered) as refusal:
        return gone(request, booking, refusal, at)
    except PackageNotOffered as refusal:
        return _check_page(request, booking, at, status=422, trouble=str(refusal))
    except AlreadyPaid:
        return redirect("scheduling:check", booking.public_id)
    except PaymentsUnavailable as trouble:
        booking.refresh_from_db()
        return _check_page(request, booking, at, status=503, trouble=str(trouble))
    except SellingError as refusal:
        return _check_page(request, booking, at, status=409, trouble=str(refusal))
    except BookingError as refusal:
        return _not_possible(request, refusal)


def _to_payment(booking: Booking, order: Order, at: datetime) -> HttpResponse:
    """To the card page of this order."""
    back = reverse("scheduling:check", args=[booking.public_id])
    done = reverse("payments:order_return", args=[order.public_id])
    attempt = start_checkout(
        order=order,
        success_url=f"{settings.SITE_URL}{done}?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}{back}?back=1",
        expires_at=at + timedelta(minutes=PAYMENT_MINUTES),
        at=at,
    )
    return HttpResponse(status=303, headers={"Location": attempt.url})


def _is_open(booking: Booking) -> bool:
    """Not booked yet. A lapsed hold still is: it is looked at again when it counts."""
    return booking.state in (Booking.State.HELD, Booking.State.EXPIRED)


def _check_page(
    request: HttpRequest,
    booking: Booking,
    at: datetime,
    *,
    status: int = 200,
    trouble: str = "",
    back: bool = False,
) -> HttpResponse:
    ways = ways_to_pay(booking=booking, runner=signed_in(request), at=at)
    context = {
        "booking": booking,
        "held_until": booking.holds_until(at),
        "terms": terms_of(ways, booking, at=at),
        "ways": ways,
        "chosen": _chosen(request, booking, ways),
        "trouble": trouble,
        "code": request.POST.get("code", "")[:40],
        "back": back,
    }
    return render(request, "scheduling/check.html", context, status=status)


def _chosen(request: HttpRequest, booking: Booking, ways: WaysToPay) -> str:
    """The package chosen before on this visit, else the first of the list."""
    if ways.top_up is not None and not visit.chosen_package(request, booking.variant.code):
        return TOP_UP
    codes = [offer.code for offer in ways.packages]
    remembered = visit.chosen_package(request, booking.variant.code)
    return remembered if remembered in codes else next(iter(codes), "")


def _not_possible(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return problem(request, status=409, title="That is no longer possible", text=str(refusal))
