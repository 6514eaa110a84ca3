"""What the desk's part of the API takes and gives."""

import uuid
from datetime import date
from typing import Any

from ninja import Field, Schema
from pydantic import AwareDatetime

from payments.crediting import holds_credit
from scheduling.api.schemas import BookingOut, shown
from scheduling.correcting import last_mark
from scheduling.models import Booking, BookingChange, TimeOff
from scheduling.reasons import Reason


class Overriding(Schema):
    """Rules to set aside, and why (E23). The 409 of a refusal names those that would help."""

    overriding: list[Reason] = []
    reason: str = Field("", max_length=200)

    @property
    def rules(self) -> frozenset[Reason]:
        return frozenset(self.overriding)


class DeskBookingIn(Overriding):
    runner: uuid.UUID
    variant: str
    location: str
    starts_at: AwareDatetime
    therapist: str | None = None
    tell: bool = True


class DeskMoveIn(Overriding):
    starts_at: AwareDatetime
    therapist: str | None = None
    tell: bool = True


class DeskCancelIn(Schema):
    """``for_runner``: she asked for it, so her terms apply. ``waive``: it costs her nothing."""

    reason: str = Field("", max_length=200)
    for_runner: bool = False
    waive: bool = False


class PayFromIn(Schema):
    """The runner's package that is to pay instead, and why."""

    lot: uuid.UUID
    reason: str


class WhyIn(Schema):
    reason: str = Field("", max_length=200)


class CorrectionIn(WhyIn):
    """``change`` names the mark to take back; without it the last one."""

    change: int | None = None


class TurnaroundIn(WhyIn):
    minutes: int = Field(ge=0, le=1440)


class BlockIn(Schema):
    therapist: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str = Field("", max_length=120)
    despite_bookings: bool = False


class BlockOut(Schema):
    id: int
    therapist: str
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    reason: str


class DeskBookingOut(BookingOut):
    """A session as the desk sees it. ``frees_at`` is when therapist and room are free again."""

    runner: uuid.UUID | None
    runner_name: str
    frees_at: AwareDatetime
    overrides: list[str]


class ChangeOut(Schema):
    """What happened; ``actor`` is empty where the portal did it by itself."""

    id: int
    kind: str
    from_state: str
    to_state: str
    actor: str
    at: AwareDatetime
    reason: str
    details: dict[str, Any]


class DeskBookingDetailOut(DeskBookingOut):
    """``due``: booked without a credit. ``mark``: the change that may be taken back now."""

    due: bool
    mark: int | None
    changes: list[ChangeOut]


class DeskBookingsOut(Schema):
    """A page; ``next`` is the cursor of the following one, None at the end."""

    items: list[DeskBookingOut]
    next: str | None


class RuleOut(Schema):
    code: str
    sentence: str
    overridable: bool


class WhyOut(Schema):
    """What stands against one start with one therapist; no rules means it is free."""

    therapist: str
    therapist_name: str
    is_free: bool
    rules: list[RuleOut]


class UtilisationRowOut(Schema):
    therapist_code: str
    therapist_name: str
    booked_minutes: int
    working_minutes: int
    rate: float | None


class UtilisationOut(Schema):
    rows: list[UtilisationRowOut]
    total: UtilisationRowOut


class AttendanceRowOut(Schema):
    therapist_code: str
    therapist_name: str
    open: int
    kept: int
    no_shows: int
    no_shows_waived: int
    late: int
    late_waived: int
    in_time: int
    by_us: int
    no_show_rate: float | None
    late_rate: float | None


class AttendanceOut(Schema):
    rows: list[AttendanceRowOut]
    total: AttendanceRowOut


class LeadTimeRowOut(Schema):
    variant_code: str
    variant_name: str
    sessions: int
    shortest: int | None
    quarter: int | None
    median: int | None
    three_quarters: int | None
    longest: int | None


class LeadTimesOut(Schema):
    rows: list[LeadTimeRowOut]
    total: LeadTimeRowOut


class SessionsRowOut(Schema):
    therapist_code: str
    therapist_name: str
    service_name: str
    variant_code: str
    variant_name: str
    to_come: int
    done: int
    no_shows: int
    late: int
    called_off: int
    minutes: int


class SessionsOut(Schema):
    rows: list[SessionsRowOut]
    total: SessionsRowOut


class DayOut(Schema):
    day: date
    sessions: list[DeskBookingOut]


def at_desk(one: Booking) -> dict[str, Any]:
    return {
        **shown(one),
        "runner": one.runner.public_id if one.runner else None,
        "runner_name": str(one.runner) if one.runner else "",
        "frees_at": one.frees_at.astimezone(one.zone_info),
        "overrides": one.overrides,
    }


def in_detail(one: Booking) -> dict[str, Any]:
    mark = last_mark(one)
    return {
        **at_desk(one),
        "due": one.is_booked and not holds_credit(one.public_id),
        "mark": mark.pk if mark else None,
        "changes": [_change(change) for change in one.changes.select_related("actor")],
    }


def _change(one: BookingChange) -> dict[str, Any]:
    return {
        "id": one.pk,
        "kind": one.kind,
        "from_state": one.from_state,
        "to_state": one.to_state,
        "actor": str(one.actor) if one.actor else "",
        "at": one.at,
        "reason": one.reason,
        "details": one.details,
    }


def block_shown(one: TimeOff) -> dict[str, Any]:
    return {
        "id": one.pk,
        "therapist": one.therapist.code,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "reason": one.reason,
    }
