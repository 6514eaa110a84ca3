"""The desk by API: a session from booking it to taking back a mark. Everybody else gets 404.

Therapists read and mark their own sessions; nobody else's exist for them.
"""

import uuid
from datetime import date
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status

from accounts.api import caller, signed_in
from accounts.models import User
from payments.models import CreditLot
from scheduling import day
from scheduling.api.desk_schemas import (
    CorrectionIn,
    DeskBookingDetailOut,
    DeskBookingIn,
    DeskBookingsOut,
    DeskCancelIn,
    DeskMoveIn,
    PayFromIn,
    TurnaroundIn,
    WhyIn,
    at_desk,
    in_detail,
)
from scheduling.api.lookups import (
    any_booking,
    any_therapist,
    any_variant,
    location_called,
    marked_booking,
    require_desk,
    require_marks,
)
from scheduling.api.paging import MOST, page_of
from scheduling.api.schemas import BookingOut, shown
from scheduling.assigning import pay_from
from scheduling.cancelling import cancel_booking
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.correcting import take_back
from scheduling.desk import book_for, pay_with_credit
from scheduling.models import BookingChange
from scheduling.moving import move_booking
from scheduling.seeing import client_seen_by, sessions_marked_by

router = Router(tags=["staff"], auth=signed_in)

Day = Annotated[date, Query(ge=FIRST_MOMENT.date(), lt=LAST_MOMENT.date())]


@router.get("/day/", response=list[BookingOut], operation_id="read_day")
def read_day(request: HttpRequest, location: str, on: Day) -> Any:
    """Every session of a day at one place, in the order they start."""
    require_marks(request)
    sessions = (
        sessions_marked_by(caller(request)).with_everything().on_day(location_called(location), on)
    )
    return [shown(one) for one in sessions]


@router.get("/bookings/", response=DeskBookingsOut, operation_id="list_bookings_at_desk")
def list_bookings_at_desk(
    request: HttpRequest,
    runner: uuid.UUID | None = None,
    cursor: str = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 50,
) -> Any:
    """Sessions of everybody, or of one runner, the latest start first, a page at a time."""
    require_marks(request)
    found = sessions_marked_by(caller(request)).with_everything()
    if runner is not None:
        found = found.filter(runner=_runner(request, runner))
    page, following = page_of(found, cursor, limit)
    return {"items": [at_desk(one) for one in page], "next": following}


@router.post("/bookings/", response={201: DeskBookingDetailOut}, operation_id="book_at_desk")
def book_at_desk(request: HttpRequest, wanted: DeskBookingIn) -> Any:
    """Book for a runner who stands there or calls. Without a credit it is due to pay.

    A refusal names in ``overridable`` the rules that would have to be set aside, if that helps.
    """
    require_desk(request)
    booked = book_for(
        runner=_runner(request, wanted.runner),
        variant=any_variant(wanted.variant),
        location=location_called(wanted.location),
        starts_at=wanted.starts_at,
        therapist=any_therapist(wanted.therapist),
        by=caller(request),
        at=timezone.now(),
        overriding=wanted.rules,
        reason=wanted.reason,
        tell=wanted.tell,
    )
    return Status(201, _now(booked.public_id))


@router.get(
    "/bookings/{booking_id}/", response=DeskBookingDetailOut, operation_id="read_booking_at_desk"
)
def read_booking_at_desk(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """A session with all that happened to it: who, when, why, and what was set aside."""
    require_marks(request)
    return in_detail(marked_booking(request, booking_id))


@router.post(
    "/bookings/{booking_id}/move/", response=DeskBookingDetailOut, operation_id="move_at_desk"
)
def move_at_desk(request: HttpRequest, booking_id: uuid.UUID, wanted: DeskMoveIn) -> Any:
    """Move a session, also of a runner who is here already; ``tell`` says whether by mail."""
    require_desk(request)
    move_booking(
        booking=any_booking(booking_id),
        starts_at=wanted.starts_at,
        therapist=any_therapist(wanted.therapist),
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
        overriding=wanted.rules,
        tell=wanted.tell,
    )
    return _now(booking_id)


@router.post(
    "/bookings/{booking_id}/cancellation/",
    response=DeskBookingDetailOut,
    operation_id="cancel_at_desk",
)
def cancel_at_desk(request: HttpRequest, booking_id: uuid.UUID, wanted: DeskCancelIn) -> Any:
    """Cancel for the practice or for the runner, or waive what being late or away cost her."""
    require_desk(request)
    cancel_booking(
        booking=any_booking(booking_id),
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
        for_runner=wanted.for_runner,
        waive=wanted.waive,
    )
    return _now(booking_id)


@router.post("/bookings/{booking_id}/arrival/", response=BookingOut, operation_id="mark_arrived")
def mark_arrived(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    require_marks(request)
    return shown(
        day.check_in(
            booking=marked_booking(request, booking_id), by=caller(request), at=timezone.now()
        )
    )


@router.post("/bookings/{booking_id}/completion/", response=BookingOut, operation_id="mark_done")
def mark_done(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """Uses the credit and earns the revenue."""
    require_marks(request)
    return shown(
        day.complete(
            booking=marked_booking(request, booking_id), by=caller(request), at=timezone.now()
        )
    )


@router.post(
    "/bookings/{booking_id}/no-show/", response=DeskBookingDetailOut, operation_id="mark_missed"
)
def mark_missed(request: HttpRequest, booking_id: uuid.UUID, why: WhyIn) -> Any:
    """She did not come: the credit is used, from 15 minutes after the start."""
    require_marks(request)
    day.mark_no_show(
        booking=marked_booking(request, booking_id),
        by=caller(request),
        at=timezone.now(),
        reason=why.reason,
    )
    return _now(booking_id)


@router.post(
    "/bookings/{booking_id}/correction/", response=DeskBookingDetailOut, operation_id="take_back"
)
def take_back_mark(request: HttpRequest, booking_id: uuid.UUID, wanted: CorrectionIn) -> Any:
    """Take back an arrival, a session done or a no-show; credit and books are turned round."""
    require_marks(request)
    booking = marked_booking(request, booking_id)
    mark = None
    if wanted.change is not None:
        mark = get_object_or_404(BookingChange, booking=booking, pk=wanted.change)
    take_back(
        booking=booking, by=caller(request), at=timezone.now(), reason=wanted.reason, mark=mark
    )
    return _now(booking_id)


@router.post(
    "/bookings/{booking_id}/turnaround/",
    response=DeskBookingDetailOut,
    operation_id="shorten_turnaround",
)
def shorten_turnaround(request: HttpRequest, booking_id: uuid.UUID, wanted: TurnaroundIn) -> Any:
    """Free therapist and room so many minutes after the end of one session, with a reason."""
    require_marks(request)
    day.shorten_turnaround(
        booking=marked_booking(request, booking_id),
        minutes=wanted.minutes,
        by=caller(request),
        at=timezone.now(),
        reason=wanted.reason,
    )
    return _now(booking_id)


@router.post(
    "/bookings/{booking_id}/credit/", response=DeskBookingDetailOut, operation_id="pay_with_credit"
)
def pay_at_desk(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """Set one of the runner's credits aside for a session that is due to pay."""
    require_desk(request)
    pay_with_credit(booking=any_booking(booking_id), by=caller(request), at=timezone.now())
    return _now(booking_id)


@router.put(
    "/bookings/{booking_id}/credit/", response=DeskBookingDetailOut, operation_id="pay_from"
)
def pay_from_at_desk(request: HttpRequest, booking_id: uuid.UUID, wanted: PayFromIn) -> Any:
    """Let another package of the runner's pay for a session, with a reason."""
    require_desk(request)
    booking = any_booking(booking_id)
    lot = get_object_or_404(CreditLot, owner=booking.runner, public_id=wanted.lot)
    pay_from(booking=booking, lot=lot, by=caller(request), at=timezone.now(), reason=wanted.reason)
    return _now(booking_id)


def _runner(request: HttpRequest, public_id: uuid.UUID) -> User:
    found = client_seen_by(caller(request), public_id)
    if found is None or not found.is_active:
        raise Http404
    return found


def _now(booking_id: uuid.UUID) -> dict[str, Any]:
    """As it is after the act, with its story."""
    return in_detail(any_booking(booking_id))
