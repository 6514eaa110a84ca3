"""What a booking act may refuse with. ``str()`` is a sentence for the person asking."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scheduling.reasons import Reason

if TYPE_CHECKING:
    from scheduling.availability import FreeTime
    from scheduling.models import Booking
    from scheduling.quoting import Quote


class BookingError(Exception):
    """An act on a booking that cannot happen; nothing was written.

    ``overridable`` are the rules staff would have to set aside for it to happen (E23): none
    where nothing helps, and always none for runners.
    """

    overridable: frozenset[Reason] = frozenset()


class TimeTaken(BookingError):
    """Somebody else has the time; ``nearest`` are the closest that are free."""

    def __init__(self, reason: Reason = Reason.OVERLAP, nearest: Sequence["FreeTime"] = ()) -> None:
        super().__init__(reason.sentence)
        self.reason = reason
        self.nearest = list(nearest)


class NotOffered(BookingError):
    """No rule allows the time; ``reason`` says which one refused."""

    def __init__(self, reason: Reason, nearest: Sequence["FreeTime"] = ()) -> None:
        super().__init__(reason.sentence)
        self.reason = reason
        self.nearest = list(nearest)


class Busy(BookingError):
    """Too many people at once; asking again is safe."""


class HoldGone(BookingError):
    """The hold is no longer this person's to act on."""


class PrepayRequired(BookingError):
    """She pays before she books (R8), and no credit of hers covers it."""

    def __init__(self) -> None:
        super().__init__(_("They pay before booking. Sell a package first, then book."))


class IllegalTransition(BookingError):
    """The booking's state does not allow the act."""


class MoveRefused(BookingError):
    """The terms do not allow this move; ``reason`` is a code."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(sentence)
        self.reason = reason


class CannotRepeat(BookingError):
    """A series cannot be as it was asked for."""


class ReasonMissing(BookingError):
    """The act needs a reason that others can read later (E18, E23)."""

    def __init__(self) -> None:
        super().__init__(_("Say why, so that others can follow it later."))


class NotOverridable(BookingError):
    """A rule was to be set aside that never is: two sessions in one pair of hands or room (E23)."""

    def __init__(self) -> None:
        super().__init__(_("Therapist and room can only be in one session at a time."))


class TimeHasBookings(BookingError):
    """Sessions are booked in the time; ``bookings`` are they, by start (S5)."""

    def __init__(self, bookings: "Sequence[Booking]") -> None:
        sentence = ngettext(
            "One session is booked then. It stays booked if you go on.",
            "%(count)s sessions are booked then. They stay booked if you go on.",
            len(bookings),
        )
        super().__init__(sentence % {"count": len(bookings)})
        self.bookings = list(bookings)


class UnreadableQuote(BookingError):
    """What was sent as a quote is not one of ours for this booking and this act."""


class StaleQuote(BookingError):
    """Something else would happen now than was shown; ``quote`` says what. Nothing was done."""

    def __init__(self, sentence: str, quote: "Quote") -> None:
        super().__init__(sentence)
        self.quote = quote


class WaitlistRefused(BookingError):
    """The wish cannot be put on the waitlist, or not be changed any more."""


class OfferOver(BookingError):
    """The offered time is no longer held for this entry."""
