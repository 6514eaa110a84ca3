"""What the terms say about a move: how it counts, what becomes of the credit (E16, P4)."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import User
from payments import crediting
from payments.days import practice_day
from payments.models import CreditLot
from scheduling.cancelling import effect_of_cancelling
from scheduling.claiming import require_in_reach
from scheduling.effects import Act, Credit, Effect, Outcome, pack
from scheduling.errors import IllegalTransition, MoveRefused
from scheduling.models import Booking
from scheduling.terms import grace_ends, is_practice, last_before_start, last_to_move
from scheduling.wording import date_words, moment_words

MOVED_MAIL, BOOKED_MAIL = "booking_moved", "booking_confirmed"


def how_it_counts(booking: Booking, starts_at: datetime, by: User | None, at: datetime) -> Outcome:
    """An ordinary move, or too late for one: then a late cancellation and a new session.

    Window and number of moves bind the runner; just after booking neither does. Staff also move
    a session whose runner is here already, within the day: it starts late, or with another.

    Raises:
        IllegalTransition: only a booked session that has not begun can be moved.
        MoveRefused: she has moved it as often as the terms allow.
        NotOffered: no diary reaches there.
    """
    arrived = booking.state == Booking.State.CHECKED_IN and is_practice(booking, by)
    if booking.state != Booking.State.CONFIRMED and not arrived:
        raise IllegalTransition(
            _("This session is %(state)s, so it cannot be moved.")
            % {"state": booking.get_state_display()}
        )
    require_in_reach(starts_at)
    if arrived and _day_of(booking, starts_at) != booking.starts_local.date():
        raise IllegalTransition(
            _("She has arrived, so it stays on this day. Take the arrival back to move it further.")
        )
    if is_practice(booking, by):
        return Outcome.MOVED
    if at >= booking.starts_at:
        raise IllegalTransition(_("This session has begun, so it cannot be moved here."))
    if booking.policy is None or at <= grace_ends(booking):
        return Outcome.MOVED
    if at > last_to_move(booking):
        return Outcome.REBOOKED
    if booking.moves >= booking.policy.max_moves:
        raise MoveRefused(
            _("This session has been moved %(count)s times, which is the most.")
            % {"count": booking.moves},
            "max_moves",
        )
    return Outcome.MOVED


def effect_of(
    booking: Booking,
    outcome: Outcome,
    starts_at: datetime,
    therapist_id: int | None,
    *,
    by: User | None,
    at: datetime,
) -> Effect:
    """The effect of a move that is free to happen.

    Raises:
        MoveRefused: no credit is good on the new day, or there is none for a new session.
    """
    if outcome == Outcome.REBOOKED:
        effect = _rebooked(booking, starts_at, by=by, at=at)
    else:
        effect = _moved(booking, starts_at, by=by, at=at)
    return replace(effect, starts_at=starts_at, therapist_id=therapist_id)


def too_late(booking: Booking) -> MoveRefused:
    """For whoever asks without having seen what it would cost."""
    return MoveRefused(
        _("Moving ended %(moment)s. Call us and we will see what we can do.")
        % {"moment": moment_words(last_to_move(booking), booking.zone)},
        "window",
    )


def _moved(booking: Booking, starts_at: datetime, *, by: User | None, at: datetime) -> Effect:
    by_practice = is_practice(booking, by)
    lot, another = _credit_for(booking, _day_of(booking, starts_at), at)
    credit = Credit.NONE if lot is None else Credit.RETURNED if another else Credit.KEPT
    return Effect(
        act=Act.MOVE,
        outcome=Outcome.MOVED,
        state=booking.state,
        sequence=booking.sequence + 1,
        # The runner's own moves are counted; what staff move for her is not her doing.
        moves=booking.moves if by_practice else booking.moves + 1,
        credit=credit,
        mails=(MOVED_MAIL,),
        holds_to=_holds_to(booking, starts_at, by_practice, at),
        lot=pack(lot) if lot else None,
        another=pack(another) if another else None,
    )


def _rebooked(booking: Booking, starts_at: datetime, *, by: User | None, at: datetime) -> Effect:
    """The session is cancelled as it would be now, and another one is booked."""
    cancelled = effect_of_cancelling(booking=booking, by=by, at=at)
    lot = crediting.reserved_lot(booking.public_id)
    back = lot if cancelled.credit == Credit.RETURNED else None
    another = _new_credit(booking, _day_of(booking, starts_at), back, at)
    return replace(
        cancelled,
        act=Act.MOVE,
        outcome=Outcome.REBOOKED,
        mails=(*cancelled.mails, BOOKED_MAIL),
        holds_to=min(cancelled.holds_to, _last_asking(booking, starts_at)),
        another=pack(another),
    )


def _day_of(booking: Booking, starts_at: datetime) -> date:
    return starts_at.astimezone(booking.location.zone).date()


def _credit_for(
    booking: Booking, day: date, at: datetime
) -> tuple[CreditLot | None, CreditLot | None]:
    """Whose unit is set aside, and the lot that takes over when that one ends before the day.

    The same credit as long as it is good on the new day, booked as it was (P4), else another
    that is.
    """
    lot = crediting.reserved_lot(booking.public_id)
    booked_on = practice_day(booking.booked_at or at)
    if lot is None or booking.runner is None or day <= lot.last_session_on(booked_on=booked_on):
        return lot, None
    try:
        another = crediting.choose_lot(
            owner=booking.runner, variant=booking.variant, session_on=day, at=at
        )
    except crediting.CreditError as none_left:
        raise MoveRefused(
            _("Your credit ends on %(day)s. Choose a day up to then.")
            % {"day": date_words(lot.expires_on)},
            "expired_credit",
        ) from none_left
    return lot, another


def _new_credit(
    booking: Booking, day: date, returning: CreditLot | None, at: datetime
) -> CreditLot:
    if booking.runner is None:
        raise too_late(booking)
    try:
        return crediting.choose_lot(
            owner=booking.runner,
            variant=booking.variant,
            session_on=day,
            at=at,
            returning=returning,
        )
    except crediting.CreditError as none_left:
        raise MoveRefused(
            _(
                "Moving was free until %(moment)s. Now the credit of this session is used and "
                "the new time needs another one, which you do not have for that day."
            )
            % {"moment": moment_words(last_to_move(booking), booking.zone)},
            "needs_credit",
        ) from none_left


def _holds_to(booking: Booking, starts_at: datetime, by_practice: bool, at: datetime) -> datetime:
    """The end of the grace, or of the window; and the new time must still be bookable."""
    if by_practice or booking.policy is None:
        return starts_at
    grace = grace_ends(booking)
    within_count = booking.moves < booking.policy.max_moves
    free_until = max(grace, last_to_move(booking)) if within_count else grace
    return min(free_until, last_before_start(booking), _last_asking(booking, starts_at))


def _last_asking(booking: Booking, starts_at: datetime) -> datetime:
    """When the new time becomes too soon to ask for (E6)."""
    own = booking.variant.notice_minutes
    notice = booking.location.notice_minutes if own is None else own
    return starts_at - timedelta(minutes=notice)
