"""I9: each unit set aside or used up goes with one session, and the other way round.

What the credits' ledger says of a session's unit is compared with the session: whether it is
still to come, is over, and whether it was booked with a credit at all. The second is taken from
what was recorded when it was booked or paid, not from the ledger.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from payments.crediting import SETTLING
from payments.invariants import Breach, Check, Sides, Span, contribute
from payments.models import Bucket, CreditEntry
from payments.sources import (
    Override,
    SessionFacts,
    tell_of_overrides,
    tell_of_sessions,
)
from scheduling.models import OCCUPYING, Booking, BookingChange
from scheduling.waiving import WAIVED

State = Booking.State
LATE = (State.CANCELLED_LATE, State.NO_SHOW)
USES_ONE = (State.COMPLETED, *LATE)
BOOKED = (State.CONFIRMED, State.CHECKED_IN)
TELLING = (
    BookingChange.Kind.CONFIRMED,
    BookingChange.Kind.PAID,
    BookingChange.Kind.CANCELLED,
    BookingChange.Kind.NO_SHOW,
)


@dataclass(slots=True)
class _Session:
    """A booking, what was recorded of its credit, and where its units are by the ledger."""

    state: str = ""
    has_credit: bool = False
    is_waived: bool = False
    is_there: bool = False
    units: dict[int, str] = field(default_factory=dict)  # the bucket its unit of a lot is in

    def in_bucket(self, bucket: str) -> int:
        return sum(where == bucket for where in self.units.values())

    @property
    def should_hold(self) -> bool:
        return self.has_credit and self.state in BOOKED

    @property
    def should_have_used(self) -> bool:
        return self.has_credit and self.state in USES_ONE and not self.is_waived


def units_and_sessions_agree(span: Span) -> Iterator[Breach]:
    """The sessions of the period, by their start or by a movement of their credit."""
    for booking_id, session in sorted(_sessions(span).items(), key=lambda pair: str(pair[0])):
        for what in _faults(session):
            key = str(booking_id)
            yield Breach("I9", key, what, 1, "booking" if session.is_there else "", key)


def _faults(session: _Session) -> Iterator[str]:
    held, used = session.in_bucket(Bucket.RESERVED), session.in_bucket(Bucket.USED)
    if not session.is_there:
        if held or used:
            yield "a credit is set aside or used for it, and it is not there"
        return
    if held + used > 1:
        yield "it has taken two credits"
    if held and session.state not in OCCUPYING:
        yield "a credit is set aside for it, and it is over or off"
    if used and session.state not in USES_ONE:
        yield "a credit was used for it, and it is neither done, missed nor cancelled late"
    if session.should_hold and not held:
        yield "it was booked with a credit, and none is set aside"
    if session.should_have_used and not used:
        yield "it was booked with a credit, and none was used"


def held_and_used(span: Span) -> list[Sides]:
    sessions = _sessions(span).values()
    live = [one for one in sessions if one.is_there and one.state in OCCUPYING]
    over = [one for one in sessions if one.is_there and one.state in USES_ONE]
    return [
        Sides(
            "Credits set aside, and sessions to come that hold one",
            sum(one.in_bucket(Bucket.RESERVED) for one in sessions),
            sum(1 for one in live if one.in_bucket(Bucket.RESERVED)),
        ),
        Sides(
            "Credits used, and sessions over that used one",
            sum(one.in_bucket(Bucket.USED) for one in sessions),
            sum(1 for one in over if one.in_bucket(Bucket.USED)),
        ),
    ]


# What there is -------------------------------------------------------------------------------
def _sessions(span: Span) -> dict[UUID, _Session]:
    """Bookings, their record and the entries of their credits: three queries."""
    found: dict[UUID, _Session] = defaultdict(_Session)
    entries = CreditEntry.objects.filter(kind__in=SETTLING, booking_id__isnull=False)
    moved = entries.filter(span.within("effective_at")).order_by().values("booking_id")
    bookings = Booking.objects.filter(span.within("starts_at") | Q(public_id__in=moved))
    for public_id, state in bookings.order_by().values_list("public_id", "state").iterator():
        found[public_id].state, found[public_id].is_there = state, True
    for public_id, details in _changes(bookings).iterator():
        found[public_id].has_credit |= bool(details.get("lot"))
        found[public_id].is_waived |= details.items() >= WAIVED.items()
    theirs = entries.filter(
        span.within("effective_at") | Q(booking_id__in=bookings.order_by().values("public_id"))
    )
    last = theirs.order_by("pk").values_list("booking_id", "lot_id", "to_bucket")
    for booking_id, lot_id, bucket in last.iterator():
        found[booking_id].units[lot_id] = bucket
    return found


def _changes(bookings: "QuerySet[Booking]") -> "QuerySet[BookingChange, Any]":
    changes = BookingChange.objects.filter(
        booking__in=bookings.order_by().values("pk"), kind__in=TELLING
    )
    return changes.order_by("pk").values_list("booking__public_id", "details")


def facts_of(ids: "QuerySet[Any, Any]") -> dict[UUID, SessionFacts]:
    """Sessions as money is told by them; one query."""
    columns = (
        "public_id",
        "starts_at",
        "variant__service__name",
        "therapist__name",
        "location__name",
        "state",
    )
    rows = Booking.objects.filter(public_id__in=ids).order_by().values_list(*columns)
    return {
        public_id: SessionFacts(starts_at, service, therapist, location, state in LATE)
        for public_id, starts_at, service, therapist, location, state in rows.iterator()
    }


def overrides_of(since: datetime | None, until: datetime) -> Iterator[Override]:
    """What staff set aside for sessions, as their changes keep it; one query."""
    changes = BookingChange.objects.filter(
        Span(since, until).within("at"), details__has_key="overrides"
    )
    columns = ("at", "actor__name", "details", "reason", "booking__public_id")
    for at, who, details, reason, booking in changes.values_list(*columns).iterator():
        if rules := details["overrides"]:
            yield Override(at, who or "", tuple(rules), reason, booking)


def register() -> None:
    """Bring the rule and the facts that only this app knows to payments."""
    tell_of_sessions(facts_of)
    tell_of_overrides(overrides_of)
    contribute(
        Check(
            "I9",
            "Each credit in use has its session",
            "Each credit set aside has one session to come; each session done, missed or "
            "cancelled late that was booked with a credit has used one.",
            "Credits",
            "Sessions",
            units_and_sessions_agree,
            held_and_used,
        )
    )
