"""Holds and a runner's own sessions. The same acts as the portal's own pages."""

import uuid
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from accounts.api import caller, signed_in
from scheduling import booking, cancelling, moving
from scheduling.api.lookups import location_called, own_booking, therapist_called, variant_called
from scheduling.api.schemas import (
    BookingIn,
    BookingOut,
    CancelIn,
    HoldIn,
    MoveIn,
    OutcomeOut,
    shown,
)
from scheduling.models import Booking

holds = Router(tags=["bookings"], auth=signed_in)
bookings = Router(tags=["bookings"], auth=signed_in)


@holds.post("/", response={201: BookingOut}, operation_id="hold_time")
def hold_time(request: HttpRequest, wanted: HoldIn) -> Any:
    """Keep a time for ten minutes. A new hold on the same treatment replaces the old one."""
    user = caller(request)
    held = booking.hold_time(
        variant=variant_called(wanted.variant),
        location=location_called(wanted.location),
        starts_at=wanted.starts_at,
        therapist=therapist_called(wanted.therapist),
        hold_key=f"api:{user.public_id}",
        runner=user,
        at=timezone.now(),
    )
    return Status(201, shown(held))


@bookings.post("/", response={201: BookingOut}, operation_id="confirm_booking")
def confirm_booking(request: HttpRequest, wanted: BookingIn) -> Any:
    """Turn a hold into a session, paid with a credit. An expired hold is tried once more."""
    user = caller(request)
    held = own_booking(request, wanted.hold)
    confirmed = booking.confirm_with_credit(booking=held, runner=user, by=user, at=timezone.now())
    return Status(201, shown(confirmed))


@bookings.get("/", response=list[BookingOut], operation_id="list_bookings")
def list_bookings(request: HttpRequest, limit: int = 50) -> Any:
    """The runner's sessions, the latest first. ``limit`` is at most 100."""
    own = Booking.objects.of(caller(request)).with_everything().order_by("-starts_at")
    return [shown(one) for one in own[: min(max(limit, 1), 100)]]


@bookings.get("/{booking_id}/", response=BookingOut, operation_id="read_booking")
def read_booking(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    return shown(own_booking(request, booking_id))


@bookings.post("/{booking_id}/move/", response=BookingOut, operation_id="move_booking")
def move_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: MoveIn) -> Any:
    """Move a session to another time. The credit stays with it, no money moves."""
    moved = moving.move_booking(
        booking=own_booking(request, booking_id),
        starts_at=wanted.starts_at,
        therapist=therapist_called(wanted.therapist),
        by=caller(request),
        at=timezone.now(),
    )
    return shown(moved)


@bookings.get("/{booking_id}/cancellation/", response=OutcomeOut, operation_id="quote_cancel")
def quote_cancel(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """What would happen to the credit if the session were cancelled now."""
    return cancelling.outcome_of_cancelling(
        booking=own_booking(request, booking_id), at=timezone.now()
    )


@bookings.post("/{booking_id}/cancellation/", response=BookingOut, operation_id="cancel_booking")
def cancel_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: CancelIn) -> Any:
    cancelled = cancelling.cancel_booking(
        booking=own_booking(request, booking_id),
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
    )
    return shown(cancelled)
