"""What an act does to a session, its credit and its mails: said before, and done from the same
object (U6, E16, E17, B7, B9).

``effect_of_*`` functions beside each act work one of these out. A quote shows it; the act works
it out once more under its locks and then does what it says and nothing else. So what was shown
and what is done cannot be two things that merely agree.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from payments.models import CreditLot
from scheduling.errors import BookingError
from scheduling.models import Booking


class Act(StrEnum):
    CANCEL = "cancel"
    MOVE = "move"


class Outcome(StrEnum):
    IN_TIME = "in_time"
    LATE = "late"
    BY_PRACTICE = "by_practice"
    MOVED = "moved"
    REBOOKED = "rebooked"  # too late to move: cancelled as now, and booked anew


class Credit(StrEnum):
    """What becomes of the unit that is set aside for the session."""

    RETURNED = "returned"
    USED = "used"
    ENDED = "ended"  # it goes back to a package whose last day is over, and ends there
    KEPT = "kept"
    NONE = "none"  # no unit is set aside


@dataclass(frozen=True, slots=True)
class Pack:
    """A lot as an effect names it; ``ends_on`` is its last day after the act."""

    public_id: str
    name: str = field(compare=False)  # for people; it goes into no token
    ends_on: date


@dataclass(frozen=True, slots=True)
class Effect:
    """All that an act changes.

    ``state`` and ``sequence`` are the booking's afterwards, ``lot`` is where the unit of
    ``credit`` belongs and ``another`` where a further unit is set aside from. ``money_minor`` is
    what the runner pays (none of today's acts asks money). ``holds_to`` is the last moment at
    which the act still has this effect; moments alone do not make two effects differ.
    """

    act: Act
    outcome: Outcome
    state: str
    sequence: int
    credit: Credit
    mails: tuple[str, ...]
    holds_to: datetime = field(compare=False)
    lot: Pack | None = None
    extended: bool = False
    another: Pack | None = None
    starts_at: datetime | None = None
    therapist_id: int | None = None
    moves: int | None = None
    money_minor: int = 0


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody has seen and said yes to: an effect on a version of a booking, until when."""

    effect: Effect
    version: str
    until: datetime


class EffectChanged(BookingError):
    """It would not do what was agreed to any more. Inside the acts: people see ``StaleQuote``."""


def version_of(booking: Booking) -> str:
    """Changes with anything that could make a promise about the booking mean something else."""
    return f"{booking.state}:{booking.sequence}:{booking.token_version}:{booking.policy_id}"


def require_agreed(agreed: Agreed | None, version: str, effect: Effect, at: datetime) -> None:
    """Refuse to do what nobody said yes to. Called under the locks of the act.

    Raises:
        EffectChanged: the booking or the effect is another one, or the deadline has passed.
    """
    if agreed is None:
        return
    if agreed.version != version or agreed.effect != effect or at > agreed.until:
        raise EffectChanged


def pack(lot: CreditLot, ends_on: date | None = None) -> Pack:
    return Pack(str(lot.public_id), lot.name, ends_on or lot.expires_on)
