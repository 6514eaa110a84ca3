"""Taking a time: lock who and where, look again, write (E1).

The locks make refusals polite, the database's own guards make them certain.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.db.models import Q

from scheduling.availability import verdicts
from scheduling.changing import Kind, record
from scheduling.errors import BookingError, NotOffered, TimeTaken
from scheduling.guards import ROOM_GUARD, THERAPIST_GUARD
from scheduling.judging import Verdict
from scheduling.models import Booking, Location, Room, Therapist
from scheduling.reasons import OVERRIDABLE, PHYSICS, TAKEN, Reason
from scheduling.world import LONGEST

if TYPE_CHECKING:
    from accounts.models import User
    from payments.models import ServiceVariant


# Nobody's diary reaches further, and the calendar itself ends not far beyond.
FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """A therapist and a room that are free together, and the moments they are taken for."""

    therapist_id: int
    room_id: int
    starts_at: datetime
    ends_at: datetime
    frees_at: datetime
    local_start: str
    price_minor: int  # of the session by itself with this therapist (S2)
    reasons: tuple[Reason, ...] = ()  # what was forgiven to get it (E23)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody would like to claim.

    ``runner`` brings in the rules about who asks; ``forgive`` are the rules set aside. Physics
    (``reasons.PHYSICS``) stays whatever is forgiven.
    """

    variant: "ServiceVariant"
    location: Location
    therapist: Therapist | None
    starts_at: datetime
    prefer: int | None = None  # "anyone", but this one if free (S8)
    ignoring: tuple[int, ...] = ()
    for_staff: bool = False
    forgive: frozenset[Reason] = frozenset()
    runner: "User | None" = None

    @property
    def set_aside(self) -> frozenset[Reason]:
        return self.forgive - PHYSICS


def require_in_reach(starts_at: datetime) -> None:
    """Refuse a start so far away that sums with it would leave the calendar.

    Raises:
        NotOffered: it is before or beyond anything a diary can hold.
    """
    if starts_at < FIRST_MOMENT:
        raise NotOffered(Reason.NOTICE)
    if starts_at >= LAST_MOMENT:
        raise NotOffered(Reason.HORIZON)


def lock_resources(therapists: Iterable[int], location: Location) -> None:
    """Make other claims of these therapists and of this location's rooms wait, by id.

    On SQLite the transaction itself is the lock: it begins IMMEDIATE.
    """
    wanted = Therapist.objects.filter(pk__in=list(therapists)).order_by("pk")
    list(wanted.select_for_update().values_list("pk", flat=True))
    rooms = Room.objects.filter(location=location).order_by("pk")
    list(rooms.select_for_update().values_list("pk", flat=True))


def judged(wish: Wish, at: datetime) -> list[Verdict]:
    """The therapists who could take the wish, best first (E10, S8); never empty.

    Raises:
        TimeTaken, NotOffered: none can.
    """
    found = verdicts(
        variant=wish.variant,
        location=wish.location,
        therapist=wish.therapist,
        starts_at=wish.starts_at,
        at=at,
        ignoring=wish.ignoring,
        for_staff=wish.for_staff,
        forgive=wish.set_aside,
        runner=wish.runner,
    )
    able = [one for one in found if wish.set_aside.issuperset(one.reasons) and one.rooms]
    if not able:
        refused = refusal(found, wish.set_aside)
        refused.overridable = way_round(found) if wish.for_staff else frozenset()
        raise refused
    return sorted(
        able,
        key=lambda one: (
            len(one.reasons),
            one.therapist_id != wish.prefer,
            one.hands_on_minutes,
            one.therapist_id or 0,
        ),
    )


def refusal(found: list[Verdict], forgive: frozenset[Reason] = frozenset()) -> BookingError:
    """Taken, if anybody could have given it; else the rule that stands against everyone."""
    counted = [[reason for reason in one.reasons if reason not in forgive] for one in found]
    for reasons in counted:
        if reasons and TAKEN.issuperset(reasons):
            return TimeTaken(reasons[0])
    every = [reason for reasons in counted for reason in reasons if reason not in TAKEN]
    order = list(Reason)
    return NotOffered(min(every, key=order.index, default=Reason.OUTSIDE_HOURS))


def way_round(found: list[Verdict]) -> frozenset[Reason]:
    """The fewest rules to set aside so that one of the therapists could take it (E23)."""
    ways = [
        frozenset(one.reasons)
        for one in found
        if one.therapist_id and OVERRIDABLE.issuperset(one.reasons)
    ]
    return min(ways, key=len, default=frozenset())


def places(wish: Wish, at: datetime) -> list[Place]:
    """Every therapist and room that could take the wish, in the order to try them.

    Raises:
        TimeTaken, NotOffered: there is none.
    """
    return [
        _place(wish, verdict, verdict.therapist_id, room)
        for verdict in judged(wish, at)
        if verdict.therapist_id is not None
        for room in verdict.rooms
    ]


def _place(wish: Wish, verdict: Verdict, therapist_id: int, room_id: int) -> Place:
    """With its turnaround, unless that is what had to be set aside (E4, E23)."""
    ends_at = wish.starts_at + timedelta(minutes=verdict.minutes)
    no_turnaround = Reason.TURNAROUND in verdict.reasons
    minutes = 0 if no_turnaround else wish.variant.turnaround_minutes
    return Place(
        therapist_id=therapist_id,
        room_id=room_id,
        starts_at=wish.starts_at,
        ends_at=ends_at,
        frees_at=ends_at + timedelta(minutes=minutes),
        local_start=f"{wish.starts_at.astimezone(wish.location.zone):%Y-%m-%dT%H:%M}",
        price_minor=verdict.price_minor,
        reasons=verdict.reasons,
    )


def overlapping(wish: Wish) -> Q:
    """Bookings that share a second with what the wish would usually occupy."""
    occupies = wish.variant.duration_minutes + wish.variant.turnaround_minutes
    return _overlapping(wish.starts_at, timedelta(minutes=occupies))


def _overlapping(starts_at: datetime, length: timedelta) -> Q:
    return Q(
        starts_at__gte=starts_at - LONGEST,
        starts_at__lt=starts_at + length,
        frees_at__gt=starts_at,
    )


def make_way(wish: Wish, therapists: Iterable[int], at: datetime, mine: Q | None = None) -> None:
    """Release run-out holds in the way of a wish (E13), and ``mine``, under our locks.

    A therapist may take longer than usual (S2), so we look as far as a session can reach; a hold
    that has run out is nobody's and may go early.
    """
    in_way = _overlapping(wish.starts_at, LONGEST) & Q(
        Q(location=wish.location) | Q(therapist__in=list(therapists)), hold_expires_at__lte=at
    )
    if wish.ignoring:
        in_way &= ~Q(pk__in=wish.ignoring)
    held = Booking.objects.filter(in_way | mine if mine else in_way, state=Booking.State.HELD)
    for booking in held.order_by("pk").select_for_update():
        ran_out = booking.holds_until(at) is None
        reason = "The hold ran out." if ran_out else "Another time was picked instead."
        expire(booking, by=None, at=at, reason=reason)


def expire(booking: Booking, *, by: "User | None", at: datetime, reason: str) -> None:
    """A hold ends. The caller has locked the row."""
    before = booking.state
    booking.state = Booking.State.EXPIRED
    booking.save(update_fields=["state"])
    record(booking, before=before, kind=Kind.EXPIRED, by=by, at=at, reason=reason)


@contextmanager
def guarded(reason: Reason = Reason.OVERLAP) -> Iterator[None]:
    """A savepoint in which the database's own guard is heard as ``TimeTaken`` (E1)."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        text = str(error)
        if THERAPIST_GUARD in text or ROOM_GUARD in text:
            raise TimeTaken(reason) from error
        raise
