"""Waiting for a time, and answering when one is offered. The same acts as the portal's pages."""

import uuid
from datetime import date, time
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from payments.crediting import reserved_lot
from scheduling.api.lookups import location_called, therapist_called, variant_called
from scheduling.api.schemas import BookingOut, shown
from scheduling.claiming import FIRST_MOMENT, LAST_MOMENT
from scheduling.models import Therapist, WaitlistEntry, WaitlistOffer
from scheduling.waitlisting import answering, joining

router = Router(tags=["waitlist"], auth=signed_in)

Day = Annotated[date, Field(ge=FIRST_MOMENT.date(), lt=LAST_MOMENT.date())]
Clock = Annotated[time, Field(description="Wall time of the location; 00:00 ends the day too.")]


class WishIn(Schema):
    """``therapists`` empty is anyone. ISO weekdays: Monday is 1.

    ``notice_minutes`` is how long before its start she must hear; null is as for booking online,
    less lets a time be offered inside that.
    """

    variants: Annotated[list[str], Field(min_length=1, max_length=10)]
    location: str
    first_day: Day
    last_day: Day
    therapists: Annotated[list[str], Field(max_length=20)] = []
    weekdays: Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(min_length=1)] = [
        1, 2, 3, 4, 5, 6, 7,
    ]  # fmt: skip
    starts_from: Clock = time(0)
    starts_before: Clock = time(0)
    notice_minutes: Annotated[int, Field(ge=0, le=525_600)] | None = None


class OfferOut(Schema):
    """A time held for her alone until ``expires_at``. ``booking`` is the hold."""

    booking: BookingOut
    offered_at: AwareDatetime
    expires_at: AwareDatetime
    has_credit: bool


class WishOut(Schema):
    id: uuid.UUID
    state: str
    variants: list[str]
    location: str
    first_day: date
    last_day: date
    therapists: list[str]
    weekdays: list[int]
    starts_from: time
    starts_before: time
    notice_minutes: int | None
    created_at: AwareDatetime
    ended_because: str
    offer: OfferOut | None


class DeclineIn(Schema):
    """``keep`` stays on the list for other times."""

    keep: bool = True


@router.post("/", response={201: WishOut}, operation_id="join_waitlist")
def join_waitlist(request: HttpRequest, wanted: WishIn) -> Any:
    """Wait for a time. The same wish twice is one entry."""
    entry = joining.join(runner=caller(request), want=_wanted(wanted), at=timezone.now())
    return Status(201, _entry_shown(entry))


@router.put("/{entry_id}/", response=WishOut, operation_id="change_wish")
def change_wish(request: HttpRequest, entry_id: uuid.UUID, wanted: WishIn) -> Any:
    """Wait for something else; the place in line stays."""
    entry = get_object_or_404(_own(request), public_id=entry_id)
    joining.change_wish(entry=entry, want=_wanted(wanted), at=timezone.now())
    return _entry_shown(get_object_or_404(_own(request), public_id=entry_id))


@router.get("/", response=list[WishOut], operation_id="list_waitlist")
def list_waitlist(request: HttpRequest, limit: int = 50) -> Any:
    """What she waits for and waited for, the newest first. ``limit`` is at most 100."""
    own = _own(request)[: min(max(limit, 1), 100)]
    return [_entry_shown(entry) for entry in own]


@router.delete("/{entry_id}/", response={204: None}, operation_id="leave_waitlist")
def leave_waitlist(request: HttpRequest, entry_id: uuid.UUID) -> Any:
    """Take a wish off the list; what is held for it is let go."""
    entry = get_object_or_404(_own(request), public_id=entry_id)
    joining.withdraw(entry=entry, by=caller(request), at=timezone.now())
    return Status(204, None)


@router.post("/{entry_id}/acceptance/", response=BookingOut, operation_id="accept_offer")
def accept_offer(request: HttpRequest, entry_id: uuid.UUID) -> Any:
    """Take the offered time. Without a credit it is held ten minutes more, to be paid."""
    offer = _last_offer(request, entry_id)
    return shown(answering.accept(offer=offer, by=caller(request), at=timezone.now()))


@router.post("/{entry_id}/decline/", response=WishOut, operation_id="decline_offer")
def decline_offer(request: HttpRequest, entry_id: uuid.UUID, answer: DeclineIn) -> Any:
    """Let the offered time go to the next in line."""
    offer = _last_offer(request, entry_id)
    answering.decline(offer=offer, by=caller(request), at=timezone.now(), keep=answer.keep)
    return _entry_shown(get_object_or_404(_own(request), public_id=entry_id))


def _wanted(wanted: WishIn) -> joining.Want:
    therapists = [therapist_called(code) for code in dict.fromkeys(wanted.therapists)]
    return joining.Want(
        variants=tuple(variant_called(code) for code in dict.fromkeys(wanted.variants)),
        location=location_called(wanted.location),
        first_on=wanted.first_day,
        last_on=wanted.last_day,
        therapists=tuple(one for one in therapists if isinstance(one, Therapist)),
        weekdays="".join(str(number) for number in sorted(set(wanted.weekdays))),
        starts_from=_to_the_minute(wanted.starts_from),
        starts_before=_to_the_minute(wanted.starts_before),
        notice_minutes=wanted.notice_minutes,
    )


def _own(request: HttpRequest) -> Any:
    return WaitlistEntry.objects.of(caller(request)).with_everything()


def _last_offer(request: HttpRequest, entry_id: uuid.UUID) -> WaitlistOffer:
    """The latest offer of her entry; one that is over refuses by itself."""
    entry = get_object_or_404(_own(request), public_id=entry_id)
    offer = WaitlistOffer.objects.with_everything().filter(entry=entry).first()
    if offer is None:
        raise Http404
    return offer


def _to_the_minute(clock: time) -> time:
    return clock.replace(second=0, microsecond=0, tzinfo=None)


def _entry_shown(entry: WaitlistEntry) -> dict[str, Any]:
    return {
        "id": entry.public_id,
        "state": entry.state,
        "variants": [variant.code for variant in entry.variants.all()],
        "location": entry.location.code,
        "first_day": entry.first_on,
        "last_day": entry.last_on,
        "therapists": [therapist.code for therapist in entry.therapists.all()],
        "weekdays": [int(number) for number in entry.weekdays],
        "starts_from": entry.starts_from,
        "starts_before": entry.starts_before,
        "notice_minutes": entry.notice_minutes,
        "created_at": entry.created_at,
        "ended_because": entry.ended_because,
        "offer": _offer_shown(entry),
    }


def _offer_shown(entry: WaitlistEntry) -> dict[str, Any] | None:
    offer = next((one for one in entry.offers.all() if one.is_open), None)
    if offer is None:
        return None
    zone = offer.booking.zone_info
    return {
        "booking": shown(offer.booking),
        "offered_at": offer.offered_at.astimezone(zone),
        "expires_at": offer.expires_at.astimezone(zone),
        "has_credit": reserved_lot(offer.booking.public_id) is not None,
    }
