"""Setting up by API: time off, closures and other hours, imported calendars, what lies outside.

A rule over booked sessions answers 409 ``decisions_needed`` with ``hits``; the same request with
a decision for each of them saves it and does as decided.
"""

import uuid
from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router, Schema, Status
from pydantic import AwareDatetime

from accounts.api import caller, signed_in
from accounts.roles import may
from scheduling import ruling
from scheduling.api.lookups import require_desk, require_marks
from scheduling.api.schemas import BookingOut, free_time, shown
from scheduling.deciding import Changed, Decision, Do, Hit
from scheduling.importing.choosing import add_calendar, masked, state_words
from scheduling.importing.refreshing import is_flagged, read_now
from scheduling.models import BusyCalendar, Closure, HoursException, Location, Therapist, TimeOff
from scheduling.outside import outside_rules

router = Router(tags=["staff set-up"], auth=signed_in)

RULES: dict[str, type[TimeOff] | type[Closure] | type[HoursException]] = {
    "time-off": TimeOff,
    "closures": Closure,
    "other-hours": HoursException,
}
Kind = Literal["time-off", "closures", "other-hours"]
Words = Annotated[str, Field(max_length=120)]


class DecisionIn(Schema):
    """What happens to a session: ``move`` needs ``starts_at`` and ``therapist``."""

    booking: uuid.UUID
    do: Do
    starts_at: AwareDatetime | None = None
    therapist: str = ""


class _Decided(Schema):
    decisions: list[DecisionIn] = []


class TimeOffIn(_Decided):
    therapist: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: Words = ""


class ClosureIn(_Decided):
    """Whole days, the last included."""

    location: str
    starts_on: date
    ends_on: date
    reason: Words = ""


class OtherHoursIn(_Decided):
    """On each of the days. Without ``starts`` and ``ends``: does not work there."""

    therapist: str
    location: str
    starts_on: date
    ends_on: date
    starts: time | None = None
    ends: time | None = None


class DoneOut(Schema):
    """What became of a decision; ``trouble`` is empty when it was carried out."""

    booking: uuid.UUID
    do: Do
    trouble: str


class ChangedOut(Schema):
    id: int | None
    done: list[DoneOut]


class OutsideOut(Schema):
    booking: BookingOut
    why: str
    sentence: str


class CalendarIn(Schema):
    """``therapist`` only by a manager, for somebody else."""

    label: Annotated[str, Field(max_length=60)] = "Private"
    url: Annotated[str, Field(max_length=500)]
    therapist: str | None = None


class CalendarOut(Schema):
    """An imported calendar. Its address is a secret and is not shown whole."""

    id: int
    therapist: str
    label: str
    address: str
    state: str
    needs_a_look: bool
    read_at: AwareDatetime | None


def hit_shown(hit: Hit) -> dict[str, Any]:
    """As the 409 of a rule shows a session it hits."""
    proposals = [free_time(one) for one in hit.proposals]
    return {"booking": shown(hit.booking), "why": hit.why, "proposals": proposals}


@router.post("/time-off/", response={201: ChangedOut}, operation_id="add_time_off")
def add_time_off(request: HttpRequest, wanted: TimeOffIn) -> Any:
    """Over booked sessions only with a decision for each."""
    changed = ruling.add_time_off(
        therapist=_therapist(request, "scheduling.add_timeoff", wanted.therapist),
        starts_at=wanted.starts_at,
        ends_at=wanted.ends_at,
        reason=wanted.reason,
        decisions=_decisions(wanted),
        by=caller(request),
        at=timezone.now(),
    )
    return Status(201, _changed(changed))


@router.post("/closures/", response={201: ChangedOut}, operation_id="add_closure")
def add_closure(request: HttpRequest, wanted: ClosureIn) -> Any:
    """Over booked sessions only with a decision for each."""
    _require(request, "scheduling.add_closure")
    changed = ruling.add_closure(
        location=get_object_or_404(Location, code=wanted.location),
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        reason=wanted.reason,
        decisions=_decisions(wanted),
        by=caller(request),
        at=timezone.now(),
    )
    return Status(201, _changed(changed))


@router.post("/other-hours/", response={201: ChangedOut}, operation_id="add_other_hours")
def add_other_hours(request: HttpRequest, wanted: OtherHoursIn) -> Any:
    """They replace the weekly hours on those days. Asks as time off does."""
    starts, ends = wanted.starts, wanted.ends
    changed = ruling.add_other_hours(
        therapist=_therapist(request, "scheduling.add_hoursexception", wanted.therapist),
        location=get_object_or_404(Location, code=wanted.location),
        starts_on=wanted.starts_on,
        ends_on=wanted.ends_on,
        hours=None if starts is None and ends is None else (starts, ends),
        decisions=_decisions(wanted),
        by=caller(request),
        at=timezone.now(),
    )
    return Status(201, _changed(changed))


@router.post("/{kind}/{rule_id}/removal/", response=ChangedOut, operation_id="remove_rule")
def remove_rule(request: HttpRequest, kind: Kind, rule_id: int, wanted: _Decided) -> Any:
    """Sessions that stood on other hours are asked about; the rest only becomes free."""
    model = RULES[kind]
    _require(request, f"scheduling.delete_{model._meta.model_name}")
    rule: Any = get_object_or_404(model, pk=rule_id)
    return _changed(
        ruling.remove_rule(
            rule=rule,
            decisions=_decisions(wanted),
            by=caller(request),
            at=timezone.now(),
        )
    )


@router.get("/outside/", response=list[OutsideOut], operation_id="list_outside")
def list_outside(request: HttpRequest) -> Any:
    """Booked sessions to come that the rules of now would not allow."""
    require_desk(request)
    return [
        {"booking": shown(one.booking), "why": one.why, "sentence": one.why.sentence}
        for one in outside_rules(at=timezone.now())
    ]


@router.get("/calendars/", response=list[CalendarOut], operation_id="list_calendars")
def list_calendars(request: HttpRequest) -> Any:
    """Her own imported calendars; everybody's for a manager."""
    return [_calendar(one) for one in _calendars(request)]


@router.post("/calendars/", response={201: CalendarOut}, operation_id="add_calendar")
def add_a_calendar(request: HttpRequest, wanted: CalendarIn) -> Any:
    """Import a calendar, and read it at once."""
    own = Therapist.objects.filter(user=caller(request))
    if wanted.therapist:
        _require(request, "scheduling.add_busycalendar")
        own = Therapist.objects.filter(code=wanted.therapist)
    therapist = get_object_or_404(own)
    calendar = add_calendar(therapist=therapist, label=wanted.label, url=wanted.url)
    read_now(calendar=calendar, at=timezone.now())
    return Status(201, _calendar(calendar))


@router.post(
    "/calendars/{calendar_id}/reading/", response=CalendarOut, operation_id="read_calendar"
)
def read_calendar(request: HttpRequest, calendar_id: int) -> Any:
    """Read it now."""
    calendar = get_object_or_404(_calendars(request), pk=calendar_id)
    read_now(calendar=calendar, at=timezone.now())
    return _calendar(calendar)


@router.delete("/calendars/{calendar_id}/", response={204: None}, operation_id="remove_calendar")
def remove_calendar(request: HttpRequest, calendar_id: int) -> Any:
    """It blocks nothing any more."""
    get_object_or_404(_calendars(request), pk=calendar_id).delete()
    return Status(204, None)


def _require(request: HttpRequest, permission: str) -> None:
    if not may(caller(request), permission):
        raise Http404


def _therapist(request: HttpRequest, permission: str, code: str) -> Therapist:
    _require(request, permission)
    return get_object_or_404(Therapist, code=code)


def _decisions(wanted: _Decided) -> dict[uuid.UUID, Decision]:
    """A move without a time is no decision, so it is asked about again."""
    return {
        one.booking: Decision(one.do, one.starts_at, one.therapist)
        for one in wanted.decisions
        if one.do != Do.MOVE or one.starts_at is not None
    }


def _changed(changed: Changed[Any]) -> dict[str, Any]:
    done = [
        {"booking": one.booking.public_id, "do": one.do, "trouble": one.trouble}
        for one in changed.done
    ]
    return {"id": changed.saved.pk if changed.saved else None, "done": done}


def _calendars(request: HttpRequest) -> Any:
    require_marks(request)
    found = BusyCalendar.objects.select_related("therapist")
    if may(caller(request), "scheduling.change_busycalendar"):
        return found
    return found.filter(therapist__user=caller(request))


def _calendar(one: BusyCalendar) -> dict[str, Any]:
    now: datetime = timezone.now()
    return {
        "id": one.pk,
        "therapist": one.therapist.code,
        "label": one.label,
        "address": masked(one.url),
        "state": state_words(one, at=now),
        "needs_a_look": is_flagged(one, now),
        "read_at": one.read_at,
    }
