"""Moving a session: one atomic swap, the same booking, the same credit (E16, B6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from payments.models import CreditEntry, CreditLot
from scheduling import letters, runners
from scheduling.availability import FreeTime, nearest
from scheduling.cancelling import grace_ends
from scheduling.changing import Kind, change, locked
from scheduling.claiming import (
    Place,
    Wish,
    is_double_booking,
    judged,
    lock_resources,
    make_way,
    places,
    require_in_reach,
)
from scheduling.errors import BookingError, IllegalTransition, MoveRefused, NotOffered, TimeTaken
from scheduling.models import Booking, Therapist
from scheduling.patience import patiently
from scheduling.wording import moment_words

State = Booking.State


@dataclass(frozen=True, slots=True)
class MoveQuote:
    """What moving now would do. ``moves_left`` is None when the terms set no limit for ``by``."""

    allowed: bool
    sentence: str
    reason: str  # a code, empty when allowed
    therapist_id: int | None
    moves_left: int | None


def quote_move(
    *,
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
) -> MoveQuote:
    """What ``move_booking`` would answer, without doing it. Never raises for a refusal."""
    left = _moves_left(booking, by)
    try:
        _require_terms(booking, starts_at, by, at)
        best = judged(_wish(booking, starts_at, therapist, by), at)[0]
    except BookingError as refused:
        code = str(getattr(refused, "reason", "state"))
        return MoveQuote(False, str(refused), code, None, left)
    sentence = _("Moves to %(moment)s. The same credit, nothing to pay.") % {
        "moment": moment_words(starts_at, booking.location.timezone)
    }
    return MoveQuote(True, sentence, "", best.therapist_id, left)


def move_booking(
    *,
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
    reason: str = "",
) -> Booking:
    """Give the booking another time, or another therapist, at its location.

    It claims the new time and frees the old one together; a failed claim keeps the old. The
    same id, the same credit; calendar entry and links get new numbers. ``therapist=None`` asks
    for the same one and takes another when they are busy. Moving to where it is changes nothing.
    Notice, horizon, window and number of moves bind the runner, not staff.

    Raises:
        TimeTaken, NotOffered: the new time cannot be had; nearest times are on the error.
        MoveRefused: the terms do not allow it, or the credit ends before the new day.
        IllegalTransition: only a booked session can be moved.
    """
    wish = _wish(booking, starts_at, therapist, by)
    try:
        if _is_there_already(booking, starts_at, therapist):
            return booking
        _require_terms(booking, starts_at, by, at)
        return patiently(lambda: _swap_if_free(booking, wish, by=by, at=at, reason=reason))
    except (TimeTaken, NotOffered) as refused:
        refused.nearest = _nearest(booking, wish, at)
        raise


def _is_there_already(booking: Booking, starts_at: datetime, therapist: Therapist | None) -> bool:
    booking.refresh_from_db(fields=["state", "starts_at", "therapist", "moves", "sequence"])
    same_person = therapist is None or therapist.pk == booking.therapist_id
    return booking.is_booked and booking.starts_at == starts_at and same_person


def _is_staff(booking: Booking, by: User | None) -> bool:
    """Whoever is not the runner acts for the practice; views have asked for the permission."""
    return by is None or by.pk != booking.runner_id


def _wish(
    booking: Booking, starts_at: datetime, therapist: Therapist | None, by: User | None
) -> Wish:
    return Wish(
        booking.variant,
        booking.location,
        therapist,
        starts_at,
        prefer=booking.therapist_id,
        ignoring=(booking.pk,),
        for_staff=_is_staff(booking, by),
        runner=booking.runner,
    )


def _moves_left(booking: Booking, by: User | None) -> int | None:
    if booking.policy is None or _is_staff(booking, by):
        return None
    return max(0, booking.policy.max_moves - booking.moves)


def _require_terms(booking: Booking, starts_at: datetime, by: User | None, at: datetime) -> None:
    if booking.state != State.CONFIRMED:
        raise IllegalTransition(
            _("This session is %(state)s, so it cannot be moved.")
            % {"state": booking.get_state_display()}
        )
    require_in_reach(starts_at)
    if not _is_staff(booking, by):
        _require_window(booking, at)
    _require_credit(booking, starts_at)


def _require_window(booking: Booking, at: datetime) -> None:
    policy = booking.policy
    if policy is None or at <= grace_ends(booking):
        return
    last = booking.starts_at - timedelta(minutes=policy.move_window_minutes)
    if at > last:
        raise MoveRefused(
            _("Moving ended %(moment)s. Call us and we will see what we can do.")
            % {"moment": moment_words(last, booking.zone)},
            "window",
        )
    if booking.moves >= policy.max_moves:
        raise MoveRefused(
            _("This session has been moved %(count)s times, which is the most.")
            % {"count": booking.moves},
            "max_moves",
        )


def _require_credit(booking: Booking, starts_at: datetime) -> None:
    """The credit must still be good on the new day: a session starts by its last day (P4)."""
    lot = reserved_lot(booking)
    new_day = starts_at.astimezone(booking.location.zone).date()
    if lot is not None and lot.expires_on < new_day:
        raise MoveRefused(
            _("Your credit ends on %(day)s. Choose a day up to then.")
            % {"day": f"{lot.expires_on.day} {lot.expires_on:%B}"},
            "expired_credit",
        )


def reserved_lot(booking: Booking) -> CreditLot | None:
    """Where the session's credit was set aside."""
    entries = CreditEntry.objects.of_booking(booking.public_id).filter(
        kind=CreditEntry.Kind.RESERVE
    )
    last = entries.select_related("lot").order_by("-pk").first()
    return last.lot if last else None


def _swap_if_free(
    booking: Booking, wish: Wish, *, by: User | None, at: datetime, reason: str
) -> Booking:
    able = judged(wish, at)
    therapists = [one.therapist_id for one in able if one.therapist_id is not None]
    return _swap(booking, wish, therapists, by=by, at=at, reason=reason)


@transaction.atomic
def _swap(
    booking: Booking,
    wish: Wish,
    therapists: list[int],
    *,
    by: User | None,
    at: datetime,
    reason: str,
) -> Booking:
    if wish.runner is not None:
        runners.lock(wish.runner)
    lock_resources(therapists, booking.location)
    make_way(wish, therapists, at)
    booking = locked(booking)
    _require_terms(booking, wish.starts_at, by, at)
    found = [one for one in places(wish, at) if one.therapist_id in therapists]
    if not found:
        raise TimeTaken
    best = _in_its_room(found, booking)
    _write(booking, best, wish, by=by, at=at, reason=reason)
    letters.owe(booking, "booking_moved", at=at)
    return booking


def _in_its_room(found: list[Place], booking: Booking) -> Place:
    """The first choice, in the room it has where that is free: one thing less to change."""
    first = found[0]
    same = (one for one in found if one.room_id == booking.room_id)
    return next((one for one in same if one.therapist_id == first.therapist_id), first)


def _write(
    booking: Booking, place: Place, wish: Wish, *, by: User | None, at: datetime, reason: str
) -> None:
    details = {
        "from": {
            "starts_at": booking.starts_at.isoformat(),
            "therapist": booking.therapist.code,
            "room": booking.room_id,
        },
        "to": {"starts_at": place.starts_at.isoformat(), "room": place.room_id},
    }
    # The runner's own moves are counted; what staff move for her is not her doing.
    counted = 0 if wish.for_staff else 1
    try:
        with transaction.atomic():
            change(
                booking,
                to=booking.state,
                kind=Kind.MOVED,
                by=by,
                at=at,
                reason=reason,
                details=details,
                therapist_id=place.therapist_id,
                room_id=place.room_id,
                starts_at=place.starts_at,
                ends_at=place.ends_at,
                frees_at=place.frees_at,
                local_start=place.local_start,
                moves=booking.moves + counted,
                sequence=booking.sequence + 1,
                token_version=booking.token_version + 1,
            )
    except IntegrityError as error:
        if is_double_booking(error):
            raise TimeTaken from error
        raise


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
