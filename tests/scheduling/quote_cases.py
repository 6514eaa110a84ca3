"""Random cases for quotes: terms, a booking under them, who asks, and when she says yes."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from scheduling.models import Booking
from tests.scheduling.builders import TUESDAY_9

State = Booking.State
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Case:
    """A booking under some terms, somebody who asks, and the moment she says yes."""

    cancel_window: int
    move_window: int
    grace: int
    max_moves: int
    moves: int
    state: str
    by: str
    booked_before: int  # minutes
    asks_before: int  # minutes before the start, negative: after it
    waits: timedelta  # from the question to the yes
    lot_days: int  # the lot ends so many days after the session
    other_days: int | None  # another lot
    spare: int  # available units of the lot
    holds_credit: bool
    move_to: timedelta | None  # None: cancel

    @property
    def at(self) -> datetime:
        return TUESDAY_9 - timedelta(minutes=self.asks_before)


def case_of(seed: int, *, moves: bool) -> Case:
    """One case, the same for the same seed; near where the rules change more often than not."""
    chance = Random(seed)

    def window():
        return chance.choice([0, 1, 60, 1440, 2880, chance.randrange(20_000)])

    cancel_window, move_window, grace = window(), window(), chance.randrange(61)
    booked_before = chance.choice([30, 1450, chance.randrange(20_000), chance.randrange(20_000)])
    edges = [1, cancel_window, move_window, booked_before, booked_before - grace]
    asks = chance.choice([*edges, chance.randrange(20_000), chance.randrange(-900, 900)])
    to = [timedelta(minutes=30), timedelta(hours=3), timedelta(days=2), timedelta(days=7)]
    return Case(
        cancel_window=cancel_window,
        move_window=move_window,
        grace=grace,
        max_moves=chance.randrange(4),
        moves=chance.randrange(4),
        state=str(chance.choice([State.CONFIRMED] * 40 + list(State))),
        by=chance.choice(["runner", "runner", "staff"]),
        booked_before=booked_before,
        asks_before=min(asks + chance.choice([0, 0, 1, -1, 5]), booked_before),
        waits=chance.choice(
            [timedelta(0)] * 3
            + [timedelta(seconds=1), 5 * MINUTE, timedelta(seconds=chance.randrange(900))]
        ),
        lot_days=chance.choice([0, 13, 14, chance.randrange(-3, 40)]),
        other_days=chance.choice([None, chance.randrange(-3, 40)]),
        spare=chance.randrange(4),
        holds_credit=chance.random() < 0.85,
        move_to=chance.choice([None, *to, timedelta(minutes=7)]) if moves else None,
    )
