"""Who is expected and who is here: the lists and the numbers over the board."""

from dataclasses import dataclass

from scheduling.day_board import BoardBooking, DayBoard
from scheduling.models import Booking

AT_FIRST = 4  # shown before the rest is folded away
LONG_GAP_MINUTES = 45

State = Booking.State
LIVE = (State.CONFIRMED, State.CHECKED_IN)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A session that still needs somebody at the desk."""

    booking: BoardBooking
    therapist: str
    state_kind: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """The day in numbers; `gaps` are free stretches long enough to sell."""

    to_come: int
    here: int
    done: int
    missed: int
    due: int
    gaps: int


def arrivals(day: DayBoard) -> list[Arrival]:
    """Who is still to come or here, by start."""
    found = [
        Arrival(
            booking=booking,
            therapist=booking.therapist_name,
            state_kind="good" if booking.state == State.CHECKED_IN else "info",
            is_here=booking.state == State.CHECKED_IN,
        )
        for booking in day.bookings
        if booking.state in LIVE
    ]
    return sorted(found, key=lambda one: (one.booking.starts_at, one.booking.runner_name))


def counted(day: DayBoard) -> Counts:
    states = [booking.state for booking in day.bookings]
    return Counts(
        to_come=states.count(State.CONFIRMED),
        here=states.count(State.CHECKED_IN),
        done=states.count(State.COMPLETED),
        missed=states.count(State.NO_SHOW),
        due=sum(one.paid_by == "due" and one.state in LIVE for one in day.bookings),
        gaps=sum(gap.minutes >= LONG_GAP_MINUTES for column in day.columns for gap in column.gaps),
    )
