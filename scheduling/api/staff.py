"""The desk by API."""

import uuid
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from accounts.api import caller, signed_in
from scheduling import day
from scheduling.api.lookups import any_booking, location_called, require_desk
from scheduling.api.schemas import BookingOut, shown
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.models import Booking

router = Router(tags=["staff"], auth=signed_in)


@router.get("/day/", response=list[BookingOut], operation_id="read_day")
def read_day(
    request: HttpRequest,
    location: str,
    on: Annotated[date, Query(ge=FIRST_MOMENT.date(), lt=LAST_MOMENT.date())],
) -> Any:
    """Every session of a day at one place, in the order they start."""
    require_desk(request)
    sessions = Booking.objects.with_everything().on_day(location_called(location), on)
    return [shown(one) for one in sessions]


@router.post("/bookings/{booking_id}/arrival/", response=BookingOut, operation_id="mark_arrived")
def mark_arrived(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    require_desk(request)
    return shown(
        day.check_in(booking=any_booking(booking_id), by=caller(request), at=timezone.now())
    )


@router.post("/bookings/{booking_id}/completion/", response=BookingOut, operation_id="mark_done")
def mark_done(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """Uses the credit and earns the revenue."""
    require_desk(request)
    return shown(
        day.complete(booking=any_booking(booking_id), by=caller(request), at=timezone.now())
    )
