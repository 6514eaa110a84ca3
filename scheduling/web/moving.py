"""Moving a session: pick a time, see both times side by side, confirm. No money moves."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from scheduling.availability import nearest
from scheduling.errors import BookingError, NotOffered, TimeTaken
from scheduling.models import Booking, Therapist
from scheduling.moving import move_booking, quote_move
from scheduling.reasons import Reason
from scheduling.web.answers import problem, time_gone
from scheduling.web.diary import open_diary
from scheduling.web.finding import find_booking, signed_in
from scheduling.web.holding import UnknownChoice, read_therapist
from scheduling.web.slots import UnreadableSlot, read_slot, slot_value


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@login_required
def move(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """GET chooses, with ``?to=`` asks once more; POST moves."""
    at = timezone.now()
    booking = find_booking(signed_in(request), public_id)
    if booking.state != Booking.State.CONFIRMED:
        return redirect("scheduling:booked", public_id)
    choices = request.POST if request.method == "POST" else request.GET
    if request.method != "POST" and "to" not in choices:
        return _pick(request, booking, at)
    try:
        to, therapist = _read(choices)
    except UnknownChoice as unknown:
        return _again(request, booking, str(unknown), status=404)
    except UnreadableSlot:
        return _again(request, booking, "We could not read that time.", status=422)
    if request.method == "POST":
        return _move(request, booking, to, therapist, at)
    return _ask(request, booking, to, therapist, at)


def _read(choices: QueryDict) -> tuple[datetime, Therapist | None]:
    return read_slot(choices.get("to", "")), read_therapist(choices.get("therapist", ""))


def _pick(request: HttpRequest, booking: Booking, at: datetime) -> HttpResponse:
    url = reverse("scheduling:move", args=[booking.public_id])
    diary = open_diary(
        query=request.GET,
        variant=booking.variant,
        page_url=url,
        at=at,
        ignoring=booking,
        move_url=url,
    )
    context = {"booking": booking, "variant": booking.variant, "diary": diary}
    return render(request, "scheduling/move.html", context)


def _ask(
    request: HttpRequest,
    booking: Booking,
    to: datetime,
    therapist: Therapist | None,
    at: datetime,
) -> HttpResponse:
    quote = quote_move(
        booking=booking, starts_at=to, therapist=therapist, by=signed_in(request), at=at
    )
    if not quote.allowed:
        if quote.reason in set(Reason):
            return _gone(request, booking, to, quote.sentence, at)
        return _stays(request, booking, quote.sentence)
    context = {
        "booking": booking,
        "quote": quote,
        "to": to,
        "to_value": slot_value(to),
        "wish": therapist,
        "therapist": Therapist.objects.get(pk=quote.therapist_id) if quote.therapist_id else None,
    }
    return render(request, "scheduling/move_confirm.html", context)


def _move(
    request: HttpRequest,
    booking: Booking,
    to: datetime,
    therapist: Therapist | None,
    at: datetime,
) -> HttpResponse:
    if booking.starts_at == to and therapist in (None, booking.therapist):
        return redirect("scheduling:booked", booking.public_id)  # a second click
    try:
        move_booking(
            booking=booking, starts_at=to, therapist=therapist, by=signed_in(request), at=at
        )
    except (TimeTaken, NotOffered) as refusal:
        return _gone(request, booking, to, str(refusal), at)
    except BookingError as refusal:
        return _stays(request, booking, str(refusal))
    messages.success(request, "Moved. Your credit stays with it, and a mail is on its way.")
    return redirect("scheduling:booked", booking.public_id)


def _stays(request: HttpRequest, booking: Booking, text: str) -> HttpResponse:
    return problem(
        request,
        status=409,
        title="This session stays where it is",
        text=text,
        url=reverse("scheduling:booked", args=[booking.public_id]),
        label="Back to your session",
    )


def _gone(
    request: HttpRequest, booking: Booking, to: datetime, sentence: str, at: datetime
) -> HttpResponse:
    near = nearest(
        variant=booking.variant,
        location=booking.location,
        around=max(to, at),
        at=at,
        ignoring=booking,
    )
    return time_gone(
        request,
        variant=booking.variant,
        location=booking.location,
        nearest=near,
        sentence=sentence,
        moving=booking,
    )


def _again(request: HttpRequest, booking: Booking, text: str, *, status: int) -> HttpResponse:
    return problem(
        request,
        status=status,
        title="Choose another time",
        text=f"{text} Your session has not moved.",
        url=reverse("scheduling:move", args=[booking.public_id]),
        label="See the free times",
    )
