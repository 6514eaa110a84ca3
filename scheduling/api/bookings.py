"""Holds and a runner's own sessions. The same acts as the portal's own pages."""

import uuid
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.api import caller, signed_in
from payments.attributing import source_of
from scheduling import booking, quoting
from scheduling.api.lookups import location_called, own_booking, therapist_called, variant_called
from scheduling.api.paging import MOST, page_of
from scheduling.api.schemas import (
    BookingIn,
    BookingOut,
    BookingsOut,
    CancelIn,
    HoldIn,
    MoveIn,
    QuoteIn,
    QuoteOut,
    quote_shown,
    shown,
)
from scheduling.choosing import chosen_lot
from scheduling.effects import Act
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
        source=source_of(wanted.via),
    )
    return Status(201, shown(held))


@bookings.post("/", response={201: BookingOut}, operation_id="confirm_booking")
def confirm_booking(request: HttpRequest, wanted: BookingIn) -> Any:
    """Turn a hold into a session, paid with a credit. An expired hold is tried once more."""
    user = caller(request)
    held = own_booking(request, wanted.hold)
    lot = chosen_lot(user, wanted.lot)
    confirmed = booking.confirm_with_credit(
        booking=held, runner=user, by=user, at=timezone.now(), lot=lot
    )
    return Status(201, shown(confirmed))


@bookings.get("/", response=BookingsOut, operation_id="list_bookings")
def list_bookings(
    request: HttpRequest, cursor: str = "", limit: Annotated[int, Query(ge=1, le=MOST)] = 50
) -> Any:
    """The runner's sessions, the latest start first, a page at a time."""
    own = Booking.objects.of(caller(request)).with_everything()
    page, following = page_of(own, cursor, limit)
    return {"items": [shown(one) for one in page], "next": following}


@bookings.get("/{booking_id}/", response=BookingOut, operation_id="read_booking")
def read_booking(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    return shown(own_booking(request, booking_id))


@bookings.post("/{booking_id}/quote/", response=QuoteOut, operation_id="quote_change")
def quote_change(request: HttpRequest, booking_id: uuid.UUID, wanted: QuoteIn) -> Any:
    """What cancelling or moving would do now to time, credit and money; changes nothing.

    The answer's ``quote`` goes with the act. Refused as the act would be refused.
    """
    own, by, at = own_booking(request, booking_id), caller(request), timezone.now()
    if wanted.act == Act.CANCEL:
        return quote_shown(quoting.quote_cancel(booking=own, by=by, at=at))
    if wanted.starts_at is None:
        raise ValidationError(_("A move needs the time to move to."))
    quote = quoting.quote_move(
        booking=own,
        starts_at=wanted.starts_at,
        therapist=therapist_called(wanted.therapist),
        by=by,
        at=at,
    )
    return quote_shown(quote)


@bookings.post("/{booking_id}/move/", response=BookingOut, operation_id="move_booking")
def move_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: MoveIn) -> Any:
    """Move a session as quoted. The credit stays with it, no money moves.

    After the terms' last moment to move, the quote is to cancel and book anew; then the answer
    is the new session. 409 ``stale_quote`` brings a new quote, and nothing was done.
    """
    moved = quoting.carry_out_move(
        token=wanted.quote,
        booking=own_booking(request, booking_id),
        by=caller(request),
        at=timezone.now(),
    )
    return shown(moved)


@bookings.post("/{booking_id}/cancellation/", response=BookingOut, operation_id="cancel_booking")
def cancel_booking(request: HttpRequest, booking_id: uuid.UUID, wanted: CancelIn) -> Any:
    """Cancel a session as quoted. 409 ``stale_quote`` brings a new quote; nothing was done."""
    cancelled = quoting.carry_out_cancel(
        token=wanted.quote,
        booking=own_booking(request, booking_id),
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
    )
    return shown(cancelled)
