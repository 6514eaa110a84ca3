"""Moving a session: pick a time, see both times side by side, confirm. No money moves."""

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from scheduling.availability import nearest
from scheduling.effects import Outcome
from scheduling.errors import BookingError, NotOffered, StaleQuote, TimeTaken, UnreadableQuote
from scheduling.models import Booking, Therapist
from scheduling.quoting import Quote, carry_out_move, quote_move
from scheduling.web.answers import problem, time_gone
from scheduling.web.diary import open_diary
from scheduling.web.entrance import NOT_ONLINE, Entrance, entered
from scheduling.web.holding import UnknownChoice, read_therapist
from scheduling.web.slots import UnreadableSlot, read_slot, slot_value


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@entered()
def move(request: HttpRequest, entrance: Entrance) -> HttpResponse:
    """GET chooses, with ``?to=`` asks once more; POST does what was asked."""
    at = timezone.now()
    if request.method == "POST":
        return _move(request, entrance, at)
    if entrance.booking.state != Booking.State.CONFIRMED:
        return redirect(entrance.session_url)
    return _ask(request, entrance, at) if "to" in request.GET else _pick(request, entrance, at)


def _pick(request: HttpRequest, entrance: Entrance, at: datetime) -> HttpResponse:
    booking, url = entrance.booking, entrance.move_url
    diary = open_diary(
        query=request.GET,
        variant=booking.variant,
        page_url=url,
        at=at,
        ignoring=booking,
        move_url=url,
        runner=booking.runner,
    )
    if diary and diary.refusal and entrance.by_link:
        diary = replace(diary, refusal=NOT_ONLINE)
    context = {
        "booking": booking,
        "entrance": entrance,
        "variant": booking.variant,
        "diary": diary,
    }
    return render(request, "scheduling/move.html", context)


def _ask(
    request: HttpRequest, entrance: Entrance, at: datetime, *, status: int = 200
) -> HttpResponse:
    """A time was picked, or the form came back without a readable yes: ask."""
    try:
        to, therapist = _read(request.POST if request.method == "POST" else request.GET)
    except UnknownChoice as unknown:
        return _again(request, entrance, str(unknown), status=404)
    except UnreadableSlot:
        return _again(request, entrance, "We could not read that time.", status=422)
    try:
        quote = quote_move(
            booking=entrance.booking,
            starts_at=to,
            therapist=therapist,
            by=entrance.runner,
            at=at,
        )
    except (TimeTaken, NotOffered) as refusal:
        return _gone(request, entrance, to, entrance.told(refusal), at)
    except BookingError as refusal:
        return _stays(request, entrance, entrance.told(refusal))
    return _question(request, entrance, quote, status=status)


def _read(choices: QueryDict) -> tuple[datetime, Therapist | None]:
    return read_slot(choices.get("to", "")), read_therapist(choices.get("therapist", ""))


def _question(
    request: HttpRequest, entrance: Entrance, quote: Quote, *, status: int = 200
) -> HttpResponse:
    to = quote.effect.starts_at
    context = {
        "booking": quote.booking,
        "entrance": entrance,
        "quote": quote,
        "sentence": quote.discreet if entrance.by_link else quote.sentence,
        "rebooks": quote.effect.outcome == Outcome.REBOOKED,
        "to": to,
        "to_value": slot_value(to) if to else "",
        "therapist": Therapist.objects.filter(pk=quote.effect.therapist_id or 0).first(),
        "changed": status != 200,
    }
    return render(request, "scheduling/move_confirm.html", context, status=status)


def _move(request: HttpRequest, entrance: Entrance, at: datetime) -> HttpResponse:
    booking = entrance.booking
    try:
        moved = carry_out_move(
            token=request.POST.get("quote", ""),
            booking=booking,
            by=entrance.runner,
            at=at,
            reason=entrance.reason,
        )
    except StaleQuote as stale:
        return _question(request, entrance, stale.quote, status=409)
    except UnreadableQuote:
        if booking.state != Booking.State.CONFIRMED:
            return redirect(entrance.session_url)
        return _ask(request, entrance, at, status=422)
    except (TimeTaken, NotOffered) as refusal:
        return _gone(request, entrance, _wanted_time(request, booking), entrance.told(refusal), at)
    except BookingError as refusal:
        return _stays(request, entrance, entrance.told(refusal))
    messages.success(request, _done(booking, moved))
    return redirect(entrance.after(moved).session_url)


def _done(booking: Booking, moved: Booking) -> str:
    if moved.pk != booking.pk:
        return "Your earlier session is cancelled and this one is booked. Mails are on their way."
    return "Moved. A mail is on its way."


def _wanted_time(request: HttpRequest, booking: Booking) -> datetime:
    """What the form asked for, to look for times near it."""
    try:
        return read_slot(request.POST.get("to", ""))
    except UnreadableSlot:
        return booking.starts_at


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
        runner=entrance.runner,
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
