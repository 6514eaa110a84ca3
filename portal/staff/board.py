"""The day as the board component draws it: a column a therapist, a row a quarter of an hour."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from django.urls import reverse

from portal.templatetags.portal_ui import minutes_words, plain_time
from scheduling.day_board import BoardBooking, Column, DayBoard, Stretch
from scheduling.intervals import Intervals, instant, meets, merged, minus, seconds
from scheduling.models import Booking
from scheduling.wording import zone_words

QUARTER = timedelta(minutes=15)
MOST_QUARTERS = 96
LONGEST_SPAN = 48
LONG_GAP_MINUTES = 45
AWAY_THEN = "The therapist is away then"
AT_FIRST = 4  # arrivals shown before the rest is folded away

State = Booking.State
LIVE = (State.CONFIRMED, State.CHECKED_IN)
LOOK = {
    State.HELD: "held",
    State.CONFIRMED: "booked",
    State.CHECKED_IN: "arrived",
    State.COMPLETED: "done",
    State.NO_SHOW: "no-show",
}


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


@dataclass(frozen=True, slots=True)
class Grid:
    """Turns moments into rows of the board, which begins with a whole hour."""

    base: datetime
    quarters: int

    def row(self, at: datetime) -> int:
        """The 1-based row in which a moment lies."""
        return min(max((at - self.base) // QUARTER, 0), self.quarters - 1) + 1

    def span(self, starts_at: datetime, ends_at: datetime) -> int:
        """Rows from one moment to another, at least one, none beyond the board."""
        rows = ceil((ends_at - self.base) / QUARTER) + 1 - self.row(starts_at)
        return max(1, min(rows, LONGEST_SPAN, self.quarters + 1 - self.row(starts_at)))

    def has(self, at: datetime) -> bool:
        return self.base <= at < self.base + self.quarters * QUARTER


def grid_of(day: DayBoard) -> Grid:
    """Whole hours around everything that is shown."""
    base = day.starts_at.replace(minute=0, second=0, microsecond=0)
    hours = max(1, ceil((day.ends_at - base) / timedelta(hours=1)))
    return Grid(base=base, quarters=min(hours * 4, MOST_QUARTERS))


def drawn(day: DayBoard) -> dict[str, Any]:
    """The board for `components/day_board.html`."""
    grid = grid_of(day)
    shows_now = grid.has(day.now)
    return {
        "label": "Day board, a column for each therapist",
        "tz_label": zone_words(day.zone),
        "quarters": grid.quarters,
        "hours": [
            {"row": row, "label": plain_time(grid.base + (row - 1) * QUARTER, day.zone)}
            for row in range(1, grid.quarters + 1, 4)
        ],
        "now_row": grid.row(day.now) if shows_now else None,
        "now_label": plain_time(day.now, day.zone) if shows_now else "",
        "columns": [_column(column, grid, day) for column in day.columns],
    }


def _column(column: Column, grid: Grid, day: DayBoard) -> dict[str, Any]:
    rooms = {booking.room_name for booking in column.bookings}
    away = merged((seconds(off.starts_at), seconds(off.ends_at)) for off in column.off)
    entries = [_entry(booking, away, grid, day) for booking in column.bookings]
    # A session booked into time off is never hidden under it.
    taken = merged((seconds(one.starts_at), seconds(one.ends_at)) for one in column.bookings)
    blocked = [Stretch(instant(start), instant(end)) for start, end in minus(away, taken)]
    entries += [_blocked(off, grid, day) for off in blocked if _is_on(off, grid)]
    return {
        "name": column.therapist_name,
        "hours": ", ".join(_clock(stretch, day.zone) for stretch in column.hours) or "Not in today",
        "room": rooms.pop() if len(rooms) == 1 else "",
        "seed": column.therapist_code,
        "entries": sorted(entries, key=lambda entry: entry["row"]),
        "gaps": [_gap(gap, grid) for gap in column.gaps if _is_on(gap, grid)],
    }


def _entry(booking: BoardBooking, away: Intervals, grid: Grid, day: DayBoard) -> dict[str, Any]:
    state, word = LOOK[State(booking.state)], booking.state_word
    unpaid = booking.paid_by == "due"
    is_away = booking.state in LIVE and meets(
        away, seconds(booking.starts_at), seconds(booking.ends_at)
    )
    if unpaid and state == "booked":
        state, word = "due", "due to pay"
    return {
        "row": grid.row(booking.starts_at),
        "span": grid.span(booking.starts_at, booking.ends_at),
        "state": state,
        "state_label": word,
        "time": plain_time(booking.starts_at, day.zone),
        "title": booking.runner_name,
        "detail": f"{booking.variant_name}, {booking.room_name}",
        "marker": AWAY_THEN if is_away else "Not paid yet" if unpaid else "Paid by credit",
        "url": reverse("staff:booking", args=[booking.public_id]),
    }


def _blocked(off: Stretch, grid: Grid, day: DayBoard) -> dict[str, Any]:
    starts_at = max(off.starts_at, grid.base)
    return {
        "row": grid.row(starts_at),
        "span": grid.span(starts_at, off.ends_at),
        "state": "blocked",
        "state_label": "blocked",
        "time": plain_time(off.starts_at, day.zone),
        "title": "Away",
        "detail": f"Until {plain_time(off.ends_at, day.zone)}",
    }


def _gap(gap: Stretch, grid: Grid) -> dict[str, Any]:
    return {
        "row": grid.row(gap.starts_at),
        "span": grid.span(gap.starts_at, gap.ends_at),
        "label": f"{minutes_words(gap.minutes)} free",
    }


def _is_on(stretch: Stretch, grid: Grid) -> bool:
    ends = grid.base + grid.quarters * QUARTER
    return stretch.starts_at < ends and stretch.ends_at > grid.base


def _clock(stretch: Stretch, zone: str) -> str:
    return f"{plain_time(stretch.starts_at, zone)} to {plain_time(stretch.ends_at, zone)}"


def arrivals(day: DayBoard) -> list[Arrival]:
    """Who is still to come or here, by start."""
    found = [
        Arrival(
            booking=booking,
            therapist=column.therapist_name,
            state_kind="good" if booking.state == State.CHECKED_IN else "info",
            is_here=booking.state == State.CHECKED_IN,
        )
        for column in day.columns
        for booking in column.bookings
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
