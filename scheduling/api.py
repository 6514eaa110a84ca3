"""Free times, holds and sessions by API. The same acts as the portal's own pages."""

import uuid
from datetime import date, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.roles import is_front_desk
from payments.models import ServiceVariant
from scheduling import availability, booking, cancelling, day, moving
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.models import Booking, Location, Therapist

MAX_DAYS = 62  # E27: what one question may span

places = Router(tags=["catalogue"])
times = Router(tags=["availability"])
holds = Router(tags=["bookings"], auth=signed_in)
bookings = Router(tags=["bookings"], auth=signed_in)
staff = Router(tags=["staff"], auth=signed_in)


class LocationOut(Schema):
    code: str
    name: str
    address_lines: list[str]
    timezone: str


class TherapistOut(Schema):
    code: str
    name: str
    short_bio: str


class FreeTimeOut(Schema):
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    therapist: str
    therapist_name: str
    location: str
    zone: str


class HoldIn(Schema):
    variant: str
    location: str
    starts_at: AwareDatetime
    therapist: str | None = None


class BookingIn(Schema):
    hold: uuid.UUID


class MoveIn(Schema):
    starts_at: AwareDatetime
    therapist: str | None = None


class CancelIn(Schema):
    reason: str = ""


class BookingOut(Schema):
    """A session. ``starts_at`` is on the clinic's clock, whose zone is named beside it."""

    id: uuid.UUID
    state: str
    variant: str
    variant_name: str
    therapist: str
    therapist_name: str
    location: str
    location_name: str
    room: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    zone: str
    held_until: AwareDatetime | None
    moves: int


class OutcomeOut(Schema):
    """What cancelling now would do."""

    in_time: bool
    credit_returns: bool
    free_until: AwareDatetime
    sentence: str


@places.get("/locations/", response=list[LocationOut], auth=None, operation_id="list_locations")
def list_locations(request: HttpRequest) -> Any:
    return Location.objects.filter(is_active=True)


@places.get("/therapists/", response=list[TherapistOut], auth=None, operation_id="list_therapists")
def list_therapists(request: HttpRequest) -> Any:
    return Therapist.objects.bookable_online()


@times.get("/", response=list[FreeTimeOut], auth=None, operation_id="list_free_times")
def list_free_times(
    request: HttpRequest,
    variant: str,
    location: str,
    start: date,
    end: date,
    therapist: str | None = None,
) -> Any:
    """Free times from ``start`` up to but not including ``end``, at most 62 days.

    A listing is a hint; the hold is the truth.
    """
    end = start + min(end - start, timedelta(days=MAX_DAYS))
    found = availability.free_times(
        variant=_variant(variant),
        location=_location(location),
        therapist=_therapist(therapist),
        start=start,
        end=end,
        at=timezone.now(),
    )
    return [free_time(one) for one in found]


@holds.post("/", response={201: BookingOut}, operation_id="hold_time")
def hold_time(request: HttpRequest, wanted: HoldIn) -> Any:
    """Keep a time for ten minutes. A new hold on the same treatment replaces the old one."""
    user = caller(request)
    held = booking.hold_time(
        variant=_variant(wanted.variant),
        location=_location(wanted.location),
        starts_at=wanted.starts_at,
        therapist=_therapist(wanted.therapist),
        hold_key=f"api:{user.public_id}",
        runner=user,
        at=timezone.now(),
    )
    return Status(201, _shown(held))


@bookings.post("/", response={201: BookingOut}, operation_id="confirm_booking")
def confirm_booking(request: HttpRequest, wanted: BookingIn) -> Any:
    """Turn a hold into a session, paid with a credit. An expired hold is tried once more."""
    user = caller(request)
    held = _own(request, wanted.hold)
    confirmed = booking.confirm_with_credit(booking=held, runner=user, by=user, at=timezone.now())
    return Status(201, _shown(confirmed))


@bookings.get("/", response=list[BookingOut], operation_id="list_bookings")
def list_bookings(request: HttpRequest, limit: int = 50) -> Any:
    """The runner's sessions, the latest first. ``limit`` is at most 100."""
    own = Booking.objects.of(caller(request)).with_everything().order_by("-starts_at")
    return [_shown(one) for one in own[: min(max(limit, 1), 100)]]


@bookings.get("/{booking_id}/", response=BookingOut, operation_id="read_booking")
def read_booking(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    return _shown(_own(request, booking_id))


@bookings.post("/{booking_id}/move/", response=BookingOut, operation_id="move_booking")
def move_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: MoveIn) -> Any:
    """Move a session to another time. The credit stays with it, no money moves."""
    moved = moving.move_booking(
        booking=_own(request, booking_id),
        starts_at=wanted.starts_at,
        therapist=_therapist(wanted.therapist),
        by=caller(request),
        at=timezone.now(),
    )
    return _shown(moved)


@bookings.get("/{booking_id}/cancellation/", response=OutcomeOut, operation_id="quote_cancel")
def quote_cancel(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """What would happen to the credit if the session were cancelled now."""
    return cancelling.outcome_of_cancelling(booking=_own(request, booking_id), at=timezone.now())


@bookings.post("/{booking_id}/cancellation/", response=BookingOut, operation_id="cancel_booking")
def cancel_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: CancelIn) -> Any:
    cancelled = cancelling.cancel_booking(
        booking=_own(request, booking_id),
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
    )
    return _shown(cancelled)


@staff.get("/day/", response=list[BookingOut], operation_id="read_day")
def read_day(
    request: HttpRequest,
    location: str,
    on: Annotated[date, Query(ge=FIRST_MOMENT.date(), lt=LAST_MOMENT.date())],
) -> Any:
    """Every session of a day at one place, in the order they start."""
    _require_desk(request)
    sessions = Booking.objects.with_everything().on_day(_location(location), on)
    return [_shown(one) for one in sessions]


@staff.post("/bookings/{booking_id}/arrival/", response=BookingOut, operation_id="mark_arrived")
def mark_arrived(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    _require_desk(request)
    return _shown(day.check_in(booking=_any(booking_id), by=caller(request), at=timezone.now()))


@staff.post("/bookings/{booking_id}/completion/", response=BookingOut, operation_id="mark_done")
def mark_done(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """Uses the credit and earns the revenue."""
    _require_desk(request)
    return _shown(day.complete(booking=_any(booking_id), by=caller(request), at=timezone.now()))


def free_time(one: availability.FreeTime) -> dict[str, Any]:
    """As the API shows a free time, also among the nearest ones of a refusal."""
    zone = ZoneInfo(one.zone)
    return {
        "starts_at": one.starts_at.astimezone(zone),
        "ends_at": one.ends_at.astimezone(zone),
        "therapist": one.therapist_code,
        "therapist_name": one.therapist_name,
        "location": one.location_code,
        "zone": one.zone,
    }


def _shown(one: Booking) -> dict[str, Any]:
    return {
        "id": one.public_id,
        "state": one.state,
        "variant": one.variant.code,
        "variant_name": one.variant.name,
        "therapist": one.therapist.code,
        "therapist_name": one.therapist.name,
        "location": one.location.code,
        "location_name": one.location.name,
        "room": one.room.name,
        "starts_at": one.starts_local,
        "ends_at": one.ends_at.astimezone(one.zone_info),
        "zone": one.zone,
        "held_until": one.holds_until(timezone.now()),
        "moves": one.moves,
    }


def _require_desk(request: HttpRequest) -> None:
    """Staff only; to everybody else the address does not exist."""
    if not is_front_desk(caller(request)):
        raise Http404


def _own(request: HttpRequest, booking_id: uuid.UUID) -> Booking:
    own = Booking.objects.of(caller(request)).with_everything()
    return get_object_or_404(own, public_id=booking_id)


def _any(booking_id: uuid.UUID) -> Booking:
    return get_object_or_404(Booking.objects.with_everything(), public_id=booking_id)


def _variant(code: str) -> ServiceVariant:
    return get_object_or_404(ServiceVariant.objects.bookable_online(), code=code)


def _location(code: str) -> Location:
    return get_object_or_404(Location.objects.filter(is_active=True), code=code)


def _therapist(code: str | None) -> Therapist | None:
    if not code:
        return None
    return get_object_or_404(Therapist.objects.bookable_online(), code=code)
