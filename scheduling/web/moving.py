"""Moving a session: pick a time, see both times side by side, confirm. No money moves."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
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
from scheduling.web.entrance import Entrance, entered
from scheduling.web.holding import UnknownChoice, read_therapist
from scheduling.web.slots import UnreadableSlot, read_slot, slot_value


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@entered()
def move(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """GET chooses, with ``?to=`` asks once more; POST moves."""
    at = timezone.now()
    if entrance.booking.state != Booking.State.CONFIRMED:
        return redirect(entrance.session_url)
    choices = request.POST if request.method == "POST" else request.GET
    if request.method != "POST" and "to" not in choices:
        return _pick(request, entrance, at)
    try:
        to, therapist = _read(choices)
    except UnknownChoice as unknown:
        return _again(request, entrance, str(unknown), status=404)
    except UnreadableSlot:
        return _again(request, entrance, "We could not read that time.", status=422)
    if request.method == "POST":
        return _move(request, entrance, to, therapist, at)
    return _ask(request, entrance, to, therapist, at)


def _read(choices: QueryDict) -> tuple[datetime, Therapist | None]:
    return read_slot(choices.get("to", "")), read_therapist(choices.get("therapist", ""))


def _pick(request: HttpRequest, entrance: Entrance, at: datetime) -> HttpResponse:
    booking, url = entrance.booking, entrance.move_url
    diary = open_diary(
        query=request.GET,
        variant=booking.variant,
        page_url=url,
        at=at,
        ignoring=booking,
        move_url=url,
    )
    context = {
        "booking": booking,
        "entrance": entrance,
        "variant": booking.variant,
        "diary": diary,
    }
    return render(request, "scheduling/move.html", context)


def _ask(
    request: HttpRequest,
    entrance: Entrance,
    to: datetime,
    therapist: Therapist | None,
    at: datetime,
) -> HttpResponse:
    booking = entrance.booking
    quote = quote_move(
        booking=booking, starts_at=to, therapist=therapist, by=entrance.runner, at=at
    )
    if not quote.allowed:
        if quote.reason in set(Reason):
            return _gone(request, entrance, to, quote.sentence, at)
        return _stays(request, entrance, quote.sentence)
    context = {
        "booking": booking,
        "entrance": entrance,
        "quote": quote,
        "to": to,
        "to_value": slot_value(to),
        "wish": therapist,
        "therapist": Therapist.objects.get(pk=quote.therapist_id) if quote.therapist_id else None,
    }
    return render(request, "scheduling/move_confirm.html", context)


def _move(
    request: HttpRequest,
    entrance: Entrance,
    to: datetime,
    therapist: Therapist | None,
    at: datetime,
) -> HttpResponse:
    booking = entrance.booking
    if booking.starts_at == to and therapist in (None, booking.therapist):
        return redirect(entrance.session_url)  # a second click
    try:
        moved = move_booking(
            booking=booking,
            starts_at=to,
            therapist=therapist,
            by=entrance.runner,
            at=at,
            reason=entrance.reason,
        )
    except (TimeTaken, NotOffered) as refusal:
        return _gone(request, entrance, to, str(refusal), at)
    except BookingError as refusal:
        return _stays(request, entrance, str(refusal))
    messages.success(request, "Moved. Your credit stays with it, and a mail is on its way.")
    return redirect(entrance.after(moved).session_url)


def _stays(request: HttpRequest, entrance: Entrance, text: str) -> HttpResponse:
    return problem(
        request,
        status=409,
        title="This session stays where it is",
        text=text,
        url=entrance.session_url,
        label="Back to your session",
    )


def _gone(
    request: HttpRequest, entrance: Entrance, to: datetime, sentence: str, at: datetime
) -> HttpResponse:
    booking = entrance.booking
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
        move_url=entrance.move_url,
    )


def _again(request: HttpRequest, entrance: Entrance, text: str, *, status: int) -> HttpResponse:
    return problem(
        request,
        status=status,
        title="Choose another time",
        text=f"{text} Your session has not moved.",
        url=entrance.move_url,
        label="See the free times",
    )
