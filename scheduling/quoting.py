"""Quotes: what an act would do, said before it is done, signed and with a deadline (U6).

A quote is worked out by the function the act itself obeys (``effect_of_cancelling``,
``effect_of_moving``). Its token goes out with the page or the API's answer and comes back with
the yes; under the locks the act works its effect out again and does it only if that is what was
shown. Nothing is stored: the token is signed, and names the booking, its version and the effect.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from operator import methodcaller
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from accounts.models import User
from scheduling.cancelling import cancel_booking, effect_of_cancelling
from scheduling.effects import (
    Act,
    Agreed,
    Credit,
    Effect,
    EffectChanged,
    Outcome,
    Pack,
    version_of,
)
from scheduling.errors import BookingError, StaleQuote, UnreadableQuote
from scheduling.models import Booking, Therapist
from scheduling.moving import effect_of_moving, move_booking
from scheduling.quote_words import sentence_of
from scheduling.rebooking import rebooked

GOOD_FOR = timedelta(minutes=10)
SALT = "scheduling.quoting"


@dataclass(frozen=True, slots=True)
class Quote:
    """What happens if she says yes until ``valid_until``, in data and in one sentence.

    ``wanted`` is the therapist asked for by code, empty for anyone; the effect names who it is.
    ``discreet`` is the sentence without the names of her packages (B13).
    """

    booking: Booking
    effect: Effect
    wanted: str
    valid_until: datetime
    sentence: str
    discreet: str
    token: str


def quote_cancel(*, booking: Booking, by: User | None, at: datetime) -> Quote:
    """What cancelling would do now. Changes nothing.

    Raises:
        IllegalTransition: it cannot be cancelled any more.
    """
    return _quote(booking, effect_of_cancelling(booking=booking, by=by, at=at), None, at)


def quote_move(
    *,
    booking: Booking,
    starts_at: datetime,
    therapist: Therapist | None,
    by: User | None,
    at: datetime,
) -> Quote:
    """What moving there would do now. Changes nothing.

    Raises:
        TimeTaken, NotOffered, MoveRefused, IllegalTransition: as ``move_booking`` would.
    """
    effect = effect_of_moving(
        booking=booking, starts_at=starts_at, therapist=therapist, by=by, at=at
    )
    return _quote(booking, effect, therapist, at)


def carry_out_cancel(
    *, token: str, booking: Booking, by: User | None, at: datetime, reason: str = ""
) -> Booking:
    """Cancel, if that does what the quote says. Once done, a repeat returns the booking.

    Raises:
        UnreadableQuote: the token is forged, or another booking's, or another act's.
        StaleQuote: something else would happen now; the new quote is on the error.
        IllegalTransition: it cannot be cancelled any more.
        Whatever is raised, nothing is written.
    """
    agreed, _wanted = read_token(token, booking, Act.CANCEL)
    if done := _cancelled_already(_fresh(booking)):
        return done
    return _or_say_anew(
        lambda: cancel_booking(booking=booking, by=by, at=at, reason=reason, agreed=agreed),
        lambda now: quote_cancel(booking=now, by=by, at=at),
        _cancelled_already,
        booking,
    )


def carry_out_move(
    *, token: str, booking: Booking, by: User | None, at: datetime, reason: str = ""
) -> Booking:
    """Move to where the quote says, if that does what it says; a repeat moves nothing.

    Returns the booking, or the new one if the quote was to cancel late and book anew.

    Raises:
        UnreadableQuote, StaleQuote: as ``carry_out_cancel``.
        TimeTaken, NotOffered, MoveRefused, IllegalTransition: as ``move_booking``.
        Whatever is raised, nothing is written.
    """
    agreed, wanted = read_token(token, booking, Act.MOVE)
    starts_at = agreed.effect.starts_at
    therapist = Therapist.objects.filter(code=wanted).first() if wanted else None
    if starts_at is None or (wanted and therapist is None):
        raise UnreadableQuote(_NOT_OURS)
    if done := _moved_already(_fresh(booking), agreed.effect):
        return done
    asked: dict[str, Any] = {"starts_at": starts_at, "therapist": therapist, "by": by, "at": at}
    return _or_say_anew(
        lambda: move_booking(booking=booking, reason=reason, agreed=agreed, **asked),
        lambda now: quote_move(booking=now, **asked),
        lambda now: _moved_already(now, agreed.effect),
        booking,
    )


def read_token(token: str, booking: Booking, act: Act) -> tuple[Agreed, str]:
    """What was agreed to, and the therapist asked for.

    Raises:
        UnreadableQuote: not a token of ours for this act on this booking.
    """
    try:
        said = signing.loads(token, salt=SALT)
        ours = said["booking"] == str(booking.public_id) and said["effect"]["act"] == act
        agreed = Agreed(
            _effect_from(said["effect"]), said["version"], datetime.fromisoformat(said["until"])
        )
        wanted = str(said["wanted"])
    except (signing.BadSignature, KeyError, TypeError, ValueError) as error:
        raise UnreadableQuote(_NOT_OURS) from error
    if not ours:
        raise UnreadableQuote(_NOT_OURS)
    return agreed, wanted


_NOT_OURS = "We could not read what you agreed to. Please look at it once more."


def _quote(booking: Booking, effect: Effect, therapist: Therapist | None, at: datetime) -> Quote:
    """The deadline is the earlier of some minutes and the moment something else would happen."""
    until = min(at + GOOD_FOR, max(effect.holds_to, at))
    wanted = therapist.code if therapist else ""
    said = {
        "booking": str(booking.public_id),
        "version": version_of(booking),
        "effect": _plain(effect),
        "wanted": wanted,
        "until": until.isoformat(),
    }
    return Quote(
        booking=booking,
        effect=effect,
        wanted=wanted,
        valid_until=until,
        sentence=sentence_of(effect, booking),
        discreet=sentence_of(effect, booking, discreet=True),
        token=signing.dumps(said, salt=SALT, compress=True),
    )


def _plain(effect: Effect) -> dict[str, Any]:
    """The effect as JSON can carry it: days and moments as text, to the microsecond."""
    text = json.dumps(asdict(effect), default=methodcaller("isoformat"))
    plain: dict[str, Any] = json.loads(text)
    for lot in filter(None, (plain["lot"], plain["another"])):
        del lot["name"]
    return plain


def _effect_from(plain: dict[str, Any]) -> Effect:
    """The opposite of ``_plain``."""
    read: dict[str, Any] = {
        "act": Act(plain["act"]),
        "outcome": Outcome(plain["outcome"]),
        "credit": Credit(plain["credit"]),
        "mails": tuple(plain["mails"]),
        "holds_to": datetime.fromisoformat(plain["holds_to"]),
        "lot": _pack_from(plain["lot"]),
        "another": _pack_from(plain["another"]),
    }
    if plain["starts_at"] is not None:
        read["starts_at"] = datetime.fromisoformat(plain["starts_at"])
    return Effect(**{**plain, **read})


def _pack_from(plain: dict[str, str] | None) -> Pack | None:
    if plain is None:
        return None
    return Pack(plain["public_id"], "", date.fromisoformat(plain["ends_on"]))


def _or_say_anew(
    act: Callable[[], Booking],
    quote: Callable[[Booking], Quote],
    done: Callable[[Booking], Booking | None],
    booking: Booking,
) -> Booking:
    """Do it; or say what would happen now instead, once everything is rolled back.

    A refusal because a first click has just done it is no refusal.
    """
    try:
        return act()
    except BookingError as refused:
        now = _fresh(booking)
        if result := done(now):
            return result
        if not isinstance(refused, EffectChanged):
            raise
        new = quote(now)
        raise StaleQuote(
            _("This has changed since you looked, so nothing was done. %(now)s")
            % {"now": new.sentence},
            new,
        ) from refused


def _cancelled_already(now: Booking) -> Booking | None:
    return now if now.is_cancelled else None


def _moved_already(now: Booking, effect: Effect) -> Booking | None:
    """The result of a first click, for the second."""
    if effect.outcome == Outcome.REBOOKED:
        return rebooked(now) if now.state == effect.state else None
    there = (now.starts_at, now.therapist_id) == (effect.starts_at, effect.therapist_id)
    return now if there and now.sequence == effect.sequence and now.is_booked else None


def _fresh(booking: Booking) -> Booking:
    return Booking.objects.with_everything().get(pk=booking.pk)
