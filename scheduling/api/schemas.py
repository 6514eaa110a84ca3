"""What the scheduling API takes and gives."""

import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from ninja import Schema
from pydantic import AwareDatetime

from scheduling.availability import FreeTime
from scheduling.models import Booking


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


def free_time(one: FreeTime) -> dict[str, Any]:
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
    }
