"""The diary as staff read it by API: a week, blocked time, and why a start is not free."""

import uuid
from datetime import timedelta
from itertools import groupby
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.models import User
from payments.days import start_of
from scheduling.api.desk_schemas import BlockIn, BlockOut, DayOut, WhyOut, at_desk, block_shown
from scheduling.api.lookups import any_therapist, any_variant, location_called, require_desk
from scheduling.api.staff import Day
from scheduling.availability import verdicts
from scheduling.blocking import block_time, unblock
from scheduling.claiming import require_in_reach
from scheduling.intervals import days_between
from scheduling.judging import Verdict
from scheduling.models import Therapist, TimeOff
from scheduling.reasons import OVERRIDABLE
from scheduling.reports import Period

router = Router(tags=["staff"], auth=signed_in)

A_WEEK = timedelta(days=7)


@router.get("/week/", response=list[DayOut], operation_id="read_week")
def read_week(request: HttpRequest, location: str, on: Day) -> Any:
    """The week of a day, Monday to Sunday on the place's clock: somebody's sessions, by start."""
    require_desk(request)
    place = location_called(location)
    monday = on - timedelta(days=on.weekday())
    found = Period(monday, monday + A_WEEK, place).sessions().with_everything()
    by_day = {
        day: [at_desk(one) for one in sessions]
        for day, sessions in groupby(
            found.order_by("starts_at", "pk"),
            key=lambda one: one.starts_at.astimezone(place.zone).date(),
        )
    }
    days = days_between(monday, monday + A_WEEK)
    return [{"day": day, "sessions": by_day.get(day, [])} for day in days]


@router.get("/blocks/", response=list[BlockOut], operation_id="list_blocks")
def list_blocks(request: HttpRequest, on: Day, days: Annotated[int, Query(ge=1, le=62)] = 7) -> Any:
    """Time blocked on the board that meets the practice's days from ``on``, by start."""
    require_desk(request)
    low = start_of(on)
    found = TimeOff.objects.filter(
        kind=TimeOff.Kind.BLOCKED, starts_at__lt=low + timedelta(days=days), ends_at__gt=low
    )
    return [block_shown(one) for one in found.select_related("therapist").order_by("starts_at")]


@router.post("/blocks/", response={201: BlockOut}, operation_id="block_time")
def block(request: HttpRequest, wanted: BlockIn) -> Any:
    """Block a therapist's time. Sessions in it are refused by name, unless ``despite_bookings``."""
    require_desk(request)
    blocked = block_time(
        therapist=get_object_or_404(Therapist, code=wanted.therapist, is_active=True),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
        by=caller(request),
        at=timezone.now(),
        despite_bookings=wanted.despite_bookings,
    )
    return Status(201, block_shown(blocked))


@router.delete("/blocks/{block_id}/", response={204: None}, operation_id="unblock_time")
def free_block(request: HttpRequest, block_id: int) -> Any:
    """Free what was blocked. What is free already stays free."""
    require_desk(request)
    if found := TimeOff.objects.filter(pk=block_id).first():
        unblock(time_off=found, by=caller(request), at=timezone.now())
    return Status(204, None)


@router.get("/why/", response=list[WhyOut], operation_id="explain_start")
def explain_start(
    request: HttpRequest,
    variant: str,
    location: str,
    starts_at: AwareDatetime,
    therapist: str | None = None,
    runner: uuid.UUID | None = None,
) -> Any:
    """What stands against one start at the desk, therapist by therapist (E28, U11)."""
    require_desk(request)
    require_in_reach(starts_at)
    found = verdicts(
        variant=any_variant(variant),
        location=location_called(location),
        therapist=any_therapist(therapist),
        starts_at=starts_at,
        at=timezone.now(),
        for_staff=True,
        runner=get_object_or_404(User, public_id=runner) if runner else None,
    )
    return [_explained(one) for one in found]


def _explained(one: Verdict) -> dict[str, Any]:
    return {
        "therapist": one.therapist_code,
        "therapist_name": one.therapist_name,
        "is_free": one.is_free,
        "rules": [
            {
                "code": reason,
                "sentence": reason.sentence,
                "overridable": reason in OVERRIDABLE,
            }
            for reason in one.reasons
        ],
    }
