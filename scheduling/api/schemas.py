"""What the scheduling API takes and gives."""

import uuid
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from ninja import Schema
from pydantic import AwareDatetime, Field

from scheduling.availability import FreeTime
from scheduling.covering import Cover
from scheduling.effects import Act, Pack
from scheduling.models import Booking
from scheduling.quoting import Quote

Token = Annotated[str, Field(max_length=4000)]


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
    covered: bool | None
    viewer_starts_at: AwareDatetime | None = None


class ReasonOut(Schema):
    """A rule that stands against a start; ``code`` never changes."""

    code: str
    sentence: str


class VerdictOut(Schema):
    """What the rules say of one start with one therapist."""

    therapist: str
    therapist_name: str
    is_free: bool
    reasons: list[ReasonOut]


class ExplainedOut(Schema):
    """Why a start is not free, therapist by therapist."""

    starts_at: AwareDatetime
    zone: str
    is_free: bool
    therapists: list[VerdictOut]


class HoldIn(Schema):
    """``via`` is the token of the article that led here; one that is not ours is left out."""

    variant: str
    location: str
    starts_at: AwareDatetime
    therapist: str | None = None
    via: Annotated[str, Field(max_length=80)] = ""


class BookingIn(Schema):
    """``lot`` is the package to pay with; left out, the one that ends first pays."""

    hold: uuid.UUID
    lot: uuid.UUID | None = None


class QuoteIn(Schema):
    """What somebody thinks of doing. A move needs ``starts_at``; ``therapist`` empty: anyone."""

    act: Act
    starts_at: AwareDatetime | None = None
    therapist: str | None = None


class MoveIn(Schema):
    """The yes to a quote of a move; where to is in the quote."""

    quote: Token


class CancelIn(Schema):
    """The yes to a quote of a cancellation."""

    quote: Token
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
    via_page: int | None
    agreed_texts: list[str]


class PackOut(Schema):
    """A package of credits; ``ends_on`` is its last day once it is done."""

    id: str
    name: str
    ends_on: date


class QuoteOut(Schema):
    """What would happen. Send ``quote`` with the act before ``valid_until`` to have just this.

    ``credit`` is what becomes of the one set aside for the session: returned, used, kept or
    none; ``another`` is where a further one is set aside from. ``state`` is the session's
    afterwards, ``money_minor`` what the runner pays.
    """

    act: str
    outcome: str
    sentence: str
    state: str
    starts_at: AwareDatetime
    credit: str
    package: PackOut | None
    extended: bool
    another: PackOut | None
    money_minor: int
    currency: str
    valid_until: AwareDatetime
    quote: str


def quote_shown(one: Quote) -> dict[str, Any]:
    effect, booking = one.effect, one.booking
    starts_at = effect.starts_at or booking.starts_at
    return {
        "act": effect.act,
        "outcome": effect.outcome,
        "sentence": one.sentence,
        "state": effect.state,
        "starts_at": starts_at.astimezone(booking.zone_info),
        "credit": effect.credit,
        "package": _pack(effect.lot),
        "extended": effect.extended,
        "another": _pack(effect.another),
        "money_minor": effect.money_minor,
        "currency": booking.variant.currency,
        "valid_until": one.valid_until,
        "quote": one.token,
    }


def _pack(lot: Pack | None) -> dict[str, Any] | None:
    return {"id": lot.public_id, "name": lot.name, "ends_on": lot.ends_on} if lot else None


class BookingsOut(Schema):
    """A page of sessions; ``next`` is the cursor of the one after it, null on the last."""

    items: list[BookingOut]
    next: str | None


def free_time(one: FreeTime, cover: Cover | None = None) -> dict[str, Any]:
    """As the API shows a free time, also among the nearest ones of a refusal.

    ``cover`` are the credits of whoever asks, if that is known (E25).
    """
    zone = ZoneInfo(one.zone)
    return {
        "starts_at": one.starts_at.astimezone(zone),
        "ends_at": one.ends_at.astimezone(zone),
        "therapist": one.therapist_code,
        "therapist_name": one.therapist_name,
        "location": one.location_code,
        "zone": one.zone,
        "covered": cover.covers(one) if cover else None,
    }


def shown(one: Booking) -> dict[str, Any]:
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
        "via_page": one.article_id,
        "agreed_texts": one.agreed_texts,
    }
