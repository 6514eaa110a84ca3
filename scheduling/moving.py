"""Moving a session: one atomic swap, the same booking, the same credit (E16, B6)."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from accounts.models import User
from payments import crediting
from payments.models import CreditLot
from scheduling import letters, runners
from scheduling.availability import FreeTime, nearest
from scheduling.changing import Kind, change, locked
from scheduling.claiming import (
    Place,
    Wish,
    guarded,
    judged,
    lock_resources,
    make_way,
    places,
)
from scheduling.effects import Agreed, Credit, Effect, Outcome, require_agreed, version_of
from scheduling.errors import NotOffered, TimeTaken
from scheduling.models import Booking, Therapist
from scheduling.move_terms import effect_of, how_it_counts, too_late
from scheduling.overriding import (
    cut_turnarounds,
    fitted,
    kept,
    record_own_shortened,
    require_overridable,
)
from scheduling.patience import patiently
from scheduling.reasons import Reason
from scheduling.rebooking import rebook
from scheduling.terms import is_practice


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody asked for: who, when, why, and what she has agreed to."""

    by: User | None
    at: datetime
    reason: str = ""
    agreed: Agreed | None = None
    tell: bool = True


def effect_of_moving(
    *,
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
) -> Effect:
    """All that moving there would change at ``at``. Reads only; raises what the act would.

    After the last moment to move it is a late cancellation and a new session: then the effect
    says what becomes of the credit and where the next one is set aside from.
    """
    wish = _wish(booking, starts_at, therapist, by)
    try:
        outcome = how_it_counts(booking, starts_at, by, at)
        best = judged(wish, at)[0]
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = _nearest(booking, wish, at)
        raise
    return effect_of(booking, outcome, starts_at, best.therapist_id, by=by, at=at)


def move_booking(
    *,
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
    reason: str = "",
    agreed: Agreed | None = None,
    overriding: frozenset[Reason] = frozenset(),
    tell: bool = True,
) -> Booking:
    """Give the booking another time, or another therapist, at its location.

    It claims the new time and frees the old one together; a failed claim keeps the old. The
    same id, the same credit; calendar entry and links get new numbers. ``therapist=None`` asks
    for the same one and takes another when they are busy. Moving to where it is changes nothing.
    Notice, horizon, window and number of moves bind the runner, not staff.

    With ``agreed`` it happens only if that is what was agreed to. So agreed, a move after the
    window is a late cancellation and a new session, and the new one is returned.

    Staff set rules aside as they do when they book (``desk.book_for``); a runner sets none aside.
    ``tell=False`` sends no mail; calendar entry and links get new numbers all the same.

    Raises:
        TimeTaken, NotOffered: the new time cannot be had; nearest times are on the error.
        MoveRefused: the terms do not allow it, or no credit is good on the new day.
        IllegalTransition: only a booked session can be moved.
        EffectChanged: something else than ``agreed`` would happen.
        NotOverridable, ReasonMissing: what was to be set aside, or why.
        Whatever is raised, nothing is written.
    """
    require_overridable(overriding, reason)
    move = Move(by, at, reason, agreed, tell)
    wish = _wish(booking, starts_at, therapist, by, agreed)
    if wish.for_staff:
        wish = replace(wish, forgive=overriding)
    try:
        if _is_there_already(booking, starts_at, therapist):
            return booking
        how_it_counts(booking, starts_at, by, at)
        return patiently(lambda: _swap_if_free(booking, wish, move))
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = _nearest(booking, wish, at)
        raise


def _is_there_already(booking: Booking, starts_at: datetime, therapist: Therapist | None) -> bool:
    booking.refresh_from_db(fields=["state", "starts_at", "therapist", "moves", "sequence"])
    return _is_there(booking, starts_at, therapist)


def _is_there(booking: Booking, starts_at: datetime, therapist: Therapist | None) -> bool:
    same_person = therapist is None or therapist.pk == booking.therapist_id
    return booking.is_booked and booking.starts_at == starts_at and same_person


def _wish(
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    agreed: Agreed | None = None,
) -> Wish:
    """Whoever was named when it was agreed to comes first, else the therapist she has."""
    named = agreed.effect.therapist_id if agreed else None
    return Wish(
        booking.variant,
        booking.location,
        therapist,
        starts_at,
        prefer=named or booking.therapist_id,
        ignoring=(booking.pk,),
        for_staff=is_practice(booking, by),
        runner=booking.runner,
    )


def _swap_if_free(booking: Booking, wish: Wish, move: Move) -> Booking:
    able = judged(wish, move.at)
    therapists = [one.therapist_id for one in able if one.therapist_id is not None]
    return _swap(booking, wish, therapists, move)


@transaction.atomic
def _swap(booking: Booking, wish: Wish, therapists: list[int], move: Move) -> Booking:
    if wish.runner is not None:
        runners.lock(wish.runner)
        crediting.lock_wallet(wish.runner)
    lock_resources(therapists, booking.location)
    make_way(wish, therapists, move.at)
    booking = locked(booking)
    if move.agreed is None and _is_there(booking, wish.starts_at, wish.therapist):
        return booking  # the first of two clicks has done it while we waited
    outcome = how_it_counts(booking, wish.starts_at, move.by, move.at)
    found = [one for one in places(wish, move.at) if one.therapist_id in therapists]
    if not found:
        raise TimeTaken
    best = _in_its_room(found, booking)
    effect = effect_of(booking, outcome, wish.starts_at, best.therapist_id, by=move.by, at=move.at)
    require_agreed(move.agreed, version_of(booking), effect, move.at)
    if effect.outcome == Outcome.REBOOKED:
        if move.agreed is None:
            raise too_late(booking)
        return rebook(booking, effect, by=move.by, at=move.at, reason=move.reason)
    _write(booking, best, effect, move)
    _swap_credit(booking, effect, move)
    for mail in effect.mails if move.tell else ():
        letters.owe(booking, mail, at=move.at)
    return booking


def _in_its_room(found: list[Place], booking: Booking) -> Place:
    """The first choice, in the room it has where that is free: one thing less to change."""
    first = found[0]
    same = (one for one in found if one.room_id == booking.room_id)
    return next((one for one in same if one.therapist_id == first.therapist_id), first)


def _write(booking: Booking, place: Place, effect: Effect, move: Move) -> None:
    place = fitted(place, booking.variant.turnaround_minutes, ignoring=[booking.pk])
    details = {
        "overrides": kept(place),
        "from": {
            "starts_at": booking.starts_at.isoformat(),
            "therapist": booking.therapist.code,
            "room": booking.room_id,
        },
        "to": {"starts_at": place.starts_at.isoformat(), "room": place.room_id},
    }
    with guarded():
        cut_turnarounds(place, by=move.by, at=move.at, reason=move.reason, ignoring=[booking.pk])
        change(
            booking,
            to=effect.state,
            kind=Kind.MOVED,
            by=move.by,
            at=move.at,
            reason=move.reason,
            details=details,
            therapist_id=place.therapist_id,
            room_id=place.room_id,
            starts_at=place.starts_at,
            ends_at=place.ends_at,
            frees_at=place.frees_at,
            local_start=place.local_start,
            overrides=kept(place),
            moves=effect.moves,
            sequence=effect.sequence,
            token_version=booking.token_version + 1,
        )
    record_own_shortened(booking, by=move.by, at=move.at, reason=move.reason)


def _swap_credit(booking: Booking, effect: Effect, move: Move) -> None:
    """One credit back to its package and one of another set aside, where the effect says so."""
    if effect.credit != Credit.RETURNED or effect.another is None or booking.runner is None:
        return
    crediting.release(
        booking_id=booking.public_id, by=move.by, at=move.at, reason="Moved beyond its last day"
    )
    crediting.reserve(
        owner=booking.runner,
        variant=booking.variant,
        booking_id=booking.public_id,
        session_on=booking.starts_local.date(),
        by=move.by,
        at=move.at,
        lot=CreditLot.objects.get(public_id=effect.another.public_id),
    )


def _nearest(booking: Booking, wish: Wish, at: datetime) -> list[FreeTime]:
    return nearest(
        variant=booking.variant,
        location=booking.location,
        around=wish.starts_at,
        at=at,
        therapist=wish.therapist,
        ignoring=booking,
        runner=booking.runner,
    )
