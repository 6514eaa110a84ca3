"""Holding a time: the one POST that any page, cached or not, may send."""

import contextlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts.models import User
from payments.attributing import source_of, token_in
from payments.models import ServiceVariant
from scheduling.availability import FreeTime, nearest
from scheduling.booking import extend_hold, hold_time
from scheduling.errors import HoldGone, NotOffered, TimeTaken
from scheduling.models import Booking, Location, Therapist
from scheduling.web import visit
from scheduling.web.answers import problem, time_gone
from scheduling.web.limits import may_hold
from scheduling.web.origin import comes_from_us
from scheduling.web.posting import posted_from
from scheduling.web.slots import UnreadableSlot, read_slot

_CODE = re.compile(r"[-\w]{1,60}", re.ASCII)


class UnknownChoice(Exception):
    """A treatment, place or therapist we do not have. Its text is for the runner."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is asked for, read from a form."""

    variant: ServiceVariant
    location: Location
    therapist: Therapist | None
    starts_at: datetime


@csrf_exempt  # public pages are cached without a token; comes_from_us answers for it
@posted_from("scheduling:book")
@never_cache
def hold(request: HttpRequest) -> HttpResponse:
    """Hold a time for this visit and go on to the next question."""
    at = timezone.now()
    if not comes_from_us(request):
        return _foreign(request)
    try:
        choice = read_choice(request)
    except UnknownChoice as unknown:
        return problem(request, status=404, title="Not in our diary", text=str(unknown))
    except UnreadableSlot:
        return _unreadable(request)
    key = visit.hold_key(request)
    if not may_hold(request, hold_key=key, at=at):
        return _too_many(request)
    runner = request.user if isinstance(request.user, User) else None
    try:
        booking = hold_time(
            variant=choice.variant,
            location=choice.location,
            starts_at=choice.starts_at,
            therapist=choice.therapist,
            hold_key=key,
            runner=runner,
            at=at,
            source=source_of(token_in(request.POST)),
        )
    except (TimeTaken, NotOffered) as refusal:
        return time_gone(
            request,
            variant=choice.variant,
            location=choice.location,
            nearest=nearest_times(refusal, choice, at),
            sentence=str(refusal),
            taken=choice.starts_at if isinstance(refusal, TimeTaken) else None,
        )
    return redirect("scheduling:check" if runner else "scheduling:you", booking.public_id)


def read_choice(request: HttpRequest) -> Choice:
    """The choice in a posted form.

    Raises:
        UnknownChoice: it names something we do not offer.
        UnreadableSlot: its time is not a moment.
    """
    variants = ServiceVariant.objects.bookable_online().select_related("service")
    variant = variants.filter(code=read_code(request.POST.get("variant", ""))).first()
    if variant is None:
        raise UnknownChoice("We do not offer that treatment online. These are the ones we do.")
    locations = Location.objects.filter(is_active=True)
    code = read_code(request.POST.get("location", ""))
    location = locations.filter(code=code).first() if code else locations.first()
    if location is None:
        raise UnknownChoice("We do not work at that place.")
    return Choice(
        variant=variant,
        location=location,
        therapist=read_therapist(request.POST.get("therapist", "")),
        starts_at=read_slot(request.POST.get("slot", "")),
    )


def read_code(text: str) -> str:
    """A code as it was sent; what cannot be one is a code nobody has.

    Some of what browsers can send, such as a zero byte, a database refuses even to compare.
    """
    return text if not text or _CODE.fullmatch(text) else "-"


def read_therapist(code: str) -> Therapist | None:
    """The named therapist; nobody named is anyone.

    Raises:
        UnknownChoice: nobody of that name can be booked online.
    """
    if not code:
        return None
    known = Therapist.objects.bookable_online()
    therapist: Therapist | None = known.filter(code=read_code(code)).first()
    if therapist is None:
        raise UnknownChoice("We do not know that therapist. Anyone who is free may suit you too.")
    return therapist


def nearest_times(
    refusal: TimeTaken | NotOffered, choice: Choice, at: datetime
) -> Iterable[FreeTime]:
    """The three free times closest to what she wanted."""
    return refusal.nearest or nearest(
        variant=choice.variant, location=choice.location, around=max(choice.starts_at, at), at=at
    )


def keep(request: HttpRequest, booking: Booking, *, minutes: int, at: datetime) -> Booking:
    """Hold on to a choice for some more minutes; a lapsed one is held anew if still free.

    Raises:
        TimeTaken: it lapsed and somebody else has the time now.
        NotOffered: it lapsed and the time is no longer offered.
    """
    until = at + timedelta(minutes=minutes)
    if booking.state == Booking.State.HELD:
        with contextlib.suppress(HoldGone):  # released between the two lines
            return extend_hold(booking=booking, until=until, at=at)
    return hold_time(
        variant=booking.variant,
        location=booking.location,
        starts_at=booking.starts_at,
        therapist=booking.therapist,
        hold_key=visit.hold_key(request),
        runner=request.user if isinstance(request.user, User) else None,
        at=at,
        minutes=minutes,
        source=booking.source,
    )


def choice_of(booking: Booking) -> Choice:
    return Choice(booking.variant, booking.location, booking.therapist, booking.starts_at)


def gone(
    request: HttpRequest, booking: Booking, refusal: TimeTaken | NotOffered, at: datetime
) -> HttpResponse:
    """The answer when a choice cannot be kept."""
    return time_gone(
        request,
        variant=booking.variant,
        location=booking.location,
        nearest=nearest_times(refusal, choice_of(booking), at),
        sentence=str(refusal),
        taken=booking.starts_at if isinstance(refusal, TimeTaken) else None,
    )


def _foreign(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        status=403,
        title="Please choose the time here",
        text="That request came from another site, so we held nothing.",
    )


def _unreadable(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        status=422,
        title="We could not read that time",
        text="Nothing was held. Pick a time from the list and it is yours for 10 minutes.",
    )


def _too_many(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        status=429,
        title="That is a lot of times at once",
        text="Several times are already held from your connection. Finish one of them, or wait "
        "ten minutes and try again. If you book for a group, ring us and we do it together.",
    )
