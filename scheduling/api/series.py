"""Coming again by API: look at the plan, book what is chosen, give the rest up."""

import uuid
from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from scheduling.api.lookups import own_booking, therapist_called
from scheduling.api.schemas import BookingOut, FreeTimeOut, free_time, shown
from scheduling.errors import CannotRepeat
from scheduling.models import Booking, Series
from scheduling.models.series import MOST_FURTHER, MOST_WEEKS_APART
from scheduling.repeating.booking import Choice, book_series
from scheduling.repeating.cancelling import cancel_rest, quote_rest
from scheduling.repeating.planning import plan

of_bookings = Router(tags=["series"], auth=signed_in)  # under a booking's address
router = Router(tags=["series"], auth=signed_in)

Weeks = Annotated[int, Query(ge=1, le=MOST_WEEKS_APART)]
Further = Annotated[int, Query(ge=1, le=MOST_FURTHER)]


class OccurrenceOut(Schema):
    """One session of the plan; ``why`` is null when its time is free."""

    on: date
    starts_at: AwareDatetime
    why: str | None
    near: list[FreeTimeOut]
    package: str | None


class ChoiceIn(Schema):
    on: date
    starts_at: AwareDatetime
    therapist: str | None = None


class SeriesIn(Schema):
    """``id`` is the client's own: sent twice it books once."""

    id: uuid.UUID
    every_weeks: int = Field(ge=1, le=MOST_WEEKS_APART)
    further: int = Field(ge=1, le=MOST_FURTHER)
    choices: list[ChoiceIn] = Field(max_length=MOST_FURTHER)


class LeftOut(Schema):
    on: date
    why: str


class SeriesOut(Schema):
    id: uuid.UUID
    every_weeks: int
    bookings: list[BookingOut]
    left_out: list[LeftOut]


class RestLine(Schema):
    """One session of the rest: ``quote`` is what to send back to agree."""

    booking: uuid.UUID
    starts_at: AwareDatetime
    sentence: str
    quote: str


class RestOut(Schema):
    """What cancelling from this session on would do now."""

    credits_back: int
    credits_used: int
    sessions: list[RestLine]


class RestIn(Schema):
    """The quotes agreed to, by session."""

    quotes: dict[uuid.UUID, str]


@of_bookings.get(
    "/{booking_id}/series/",
    response=list[OccurrenceOut],
    operation_id="plan_series",
)
def plan_series(
    request: HttpRequest, booking_id: uuid.UUID, every_weeks: Weeks, further: Further
) -> Any:
    """The same wall time every so many weeks after a booked session. Nothing is held."""
    planned = plan(
        anchor=own_booking(request, booking_id),
        every_weeks=every_weeks,
        further=further,
        runner=caller(request),
        at=timezone.now(),
    )
    return [
        {
            "on": one.on,
            "starts_at": one.starts_at.astimezone(planned.anchor.zone_info),
            "why": one.why or None,
            "near": [free_time(time) for time in one.near],
            "package": one.lot_name or None,
        }
        for one in planned.occurrences
    ]


@of_bookings.post(
    "/{booking_id}/series/",
    response={201: SeriesOut},
    operation_id="book_series",
)
def book_chosen(request: HttpRequest, booking_id: uuid.UUID, wanted: SeriesIn) -> Any:
    """Book each chosen time with a credit of its own; what has gone meanwhile is left out."""
    user = caller(request)
    anchor = own_booking(request, booking_id)
    if not anchor.is_booked:
        raise CannotRepeat(_("Only a booked session can be repeated."))
    series = book_series(
        key=wanted.id,
        anchor=anchor,
        every_weeks=wanted.every_weeks,
        further=wanted.further,
        choices=[
            Choice(one.on, one.starts_at, therapist_called(one.therapist)) for one in wanted.choices
        ],
        runner=user,
        by=user,
        at=timezone.now(),
    )
    return Status(201, _series(series))


@of_bookings.get("/{booking_id}/rest/", response=RestOut, operation_id="quote_rest")
def quote_the_rest(request: HttpRequest, booking_id: uuid.UUID) -> Any:
    """This session and the later ones of its series, and what becomes of their credits."""
    rest = quote_rest(
        booking=own_booking(request, booking_id), by=caller(request), at=timezone.now()
    )
    return {
        "credits_back": rest.credits_back,
        "credits_used": rest.credits_used,
        "sessions": [
            {
                "booking": one.booking.public_id,
                "starts_at": one.booking.starts_local,
                "sentence": one.sentence,
                "quote": one.token,
            }
            for one in rest.quotes
        ],
    }


@of_bookings.post(
    "/{booking_id}/rest/cancellation/", response=list[BookingOut], operation_id="cancel_rest"
)
def cancel_the_rest(request: HttpRequest, booking_id: uuid.UUID, agreed: RestIn) -> Any:
    """Cancel them all, if what was agreed to is still what would happen; else none."""
    done = cancel_rest(
        booking=own_booking(request, booking_id),
        tokens=agreed.quotes,
        by=caller(request),
        at=timezone.now(),
    )
    return [shown(one) for one in done]


@router.get("/{series_id}/", response=SeriesOut, operation_id="read_series")
def read_series(request: HttpRequest, series_id: uuid.UUID) -> Any:
    own = Series.objects.filter(runner=caller(request))
    return _series(get_object_or_404(own, public_id=series_id))


def _series(series: Series) -> dict[str, Any]:
    booked = series.bookings.exclude(state__in=[Booking.State.HELD, Booking.State.EXPIRED])
    return {
        "id": series.public_id,
        "every_weeks": series.every_weeks,
        "bookings": [shown(one) for one in booked.with_everything().order_by("starts_at")],
        "left_out": series.left_out,
    }
