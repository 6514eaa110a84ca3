"""Booking for a runner who stands at the desk or calls (E23, B15). See docs/booking.md.

Notice, horizon and grid do not bind staff. Any other rule binds until it is set aside with a
reason, except that therapist and room are in one session at a time, and that a credit is there
or is not: without one the session is booked all the same and due to pay.
"""

from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.flagging import must_prepay
from accounts.models import User
from payments import crediting
from payments.agreeing import texts_agreed
from payments.days import practice_day
from payments.models import CreditEntry, Policy, ServiceVariant
from scheduling import letters, runners
from scheduling.availability import nearest
from scheduling.booking import usual_therapist
from scheduling.changing import Kind, record
from scheduling.claiming import (
    Place,
    Wish,
    guarded,
    judged,
    lock_resources,
    make_way,
    overlapping,
    places,
    require_in_reach,
)
from scheduling.errors import BookingError, NotOffered, PrepayRequired, TimeTaken
from scheduling.models import Booking, Location, Therapist
from scheduling.overriding import (
    cut_turnarounds,
    fitted,
    kept,
    record_own_shortened,
    require_overridable,
)
from scheduling.patience import patiently
from scheduling.reasons import Reason
from scheduling.unpaid import pay_with_credit

__all__ = ["book_for", "pay_with_credit"]

State = Booking.State


def book_for(
    *,
    runner: User,
    variant: ServiceVariant,
    location: Location,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
    overriding: frozenset[Reason] = frozenset(),
    reason: str = "",
    tell: bool = True,
) -> Booking:
    """Book a session for a runner, confirmed at once; the same again returns the first.

    ``therapist=None`` is "anyone" (S8). A credit that covers it is set aside; without one it is
    due to pay, under today's terms. ``overriding`` are the rules to set aside, ``reason`` says
    why; those that stood in the way are kept on the booking. A turnaround set aside is cut short
    on the session before, and on this one, each with a change of its own. ``tell=False`` sends
    the runner no mail.

    Raises:
        TimeTaken, NotOffered: it cannot be had so; ``nearest`` free times and the ``overridable``
            rules that would let it through are on the error.
        PrepayRequired: she is flagged so, and has no credit that covers it.
        NotOverridable, ReasonMissing: what was to be set aside, or why.
        Whatever is raised, nothing is written.
    """
    require_overridable(overriding, reason)
    wish = Wish(
        variant,
        location,
        therapist,
        starts_at,
        prefer=usual_therapist(runner),
        for_staff=True,
        forgive=overriding,
        runner=runner,
    )
    try:
        require_in_reach(starts_at)
        return patiently(lambda: _book_if_free(wish, runner, by, at, reason.strip(), tell))
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = nearest(
            variant=variant, location=location, around=starts_at, at=at, runner=runner
        )
        raise


def _book_if_free(
    wish: Wish, runner: User, by: User | None, at: datetime, reason: str, tell: bool
) -> Booking:
    """Look before locking: who comes too late waits for nobody."""
    if again := _booked_already(wish, runner):
        return again
    wish = replace(wish, ignoring=_own_holds(wish, runner))
    therapists = [one.therapist_id for one in judged(wish, at) if one.therapist_id is not None]
    return _book(wish, therapists, runner, by, at, reason, tell)


@transaction.atomic
def _book(
    wish: Wish,
    therapists: list[int],
    runner: User,
    by: User | None,
    at: datetime,
    reason: str,
    tell: bool,
) -> Booking:
    runners.lock(runner)
    crediting.lock_wallet(runner)
    lock_resources(therapists, wish.location)
    if again := _booked_already(wish, runner):
        return again
    make_way(wish, therapists, at, Q(pk__in=wish.ignoring))
    booking = Booking(
        public_id=uuid4(),
        runner=runner,
        variant=wish.variant,
        location=wish.location,
        state=State.CONFIRMED,
        zone=wish.location.timezone,
        booked_at=at,
        created_at=at,
    )
    entry = _credit(wish, runner, booking, by, at)
    if entry is None and must_prepay(runner):
        raise PrepayRequired
    booking.policy = policy = entry.lot.policy if entry else _todays_terms(at)
    booking.agreed_texts = texts_agreed(policy, practice_day(at))
    for place in places(wish, at):
        if place.therapist_id in therapists and _saved(booking, place, wish, by, at, reason):
            _record_booked(booking, entry, by, at, reason)
            if tell:
                letters.owe(booking, "booking_confirmed", at=at)
            return booking
    raise TimeTaken


def _booked_already(wish: Wish, runner: User) -> Booking | None:
    """Her session of this kind then and there: a second tap, or a second call."""
    found = Booking.objects.of(runner).booked().with_everything()
    found = found.filter(variant=wish.variant, location=wish.location, starts_at=wish.starts_at)
    return (found.filter(therapist=wish.therapist) if wish.therapist else found).first()


def _own_holds(wish: Wish, runner: User) -> tuple[int, ...]:
    """What she holds at that time by herself gives way to what the desk books for her."""
    held = Booking.objects.of(runner).filter(overlapping(wish), state=State.HELD)
    return tuple(held.values_list("pk", flat=True))


def _credit(
    wish: Wish, runner: User, booking: Booking, by: User | None, at: datetime
) -> CreditEntry | None:
    try:
        return crediting.reserve(
            owner=runner,
            variant=wish.variant,
            booking_id=booking.public_id,
            session_on=wish.starts_at.astimezone(wish.location.zone).date(),
            by=by,
            at=at,
        )
    except (crediting.NoCredit, crediting.OnlyExpiredCredit):
        return None


def _todays_terms(at: datetime) -> Policy:
    policy = Policy.objects.current(practice_day(at)).first()
    if policy is None:
        raise BookingError(_("There are no terms in effect, so nothing can be booked."))
    return policy


def _saved(
    booking: Booking, place: Place, wish: Wish, by: User | None, at: datetime, reason: str
) -> bool:
    """Whether the database took it; its guard has the last word (E1)."""
    place = fitted(place, wish.variant.turnaround_minutes)
    booking.therapist_id, booking.room_id = place.therapist_id, place.room_id
    booking.starts_at, booking.ends_at = place.starts_at, place.ends_at
    booking.frees_at, booking.local_start = place.frees_at, place.local_start
    booking.price_minor, booking.overrides = place.price_minor, kept(place)
    try:
        with guarded():
            cut_turnarounds(place, by=by, at=at, reason=reason)
            booking.save(force_insert=True)
    except TimeTaken:
        return False
    return True


def _record_booked(
    booking: Booking,
    entry: CreditEntry | None,
    by: User | None,
    at: datetime,
    reason: str,
) -> None:
    record(
        booking,
        before="",
        kind=Kind.CONFIRMED,
        by=by,
        at=at,
        reason=reason,
        details={
            "lot": str(entry.lot.public_id) if entry else None,
            "overrides": booking.overrides,
        },
    )
    record_own_shortened(booking, by=by, at=at, reason=reason)
