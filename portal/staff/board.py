"""The day as the board component draws it: a row a quarter of an hour, a column a therapist, or
a room (S12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from portal.staff.arrivals import LIVE
from portal.staff.asking import rounded, stamp, walk_in_url
from portal.staff.rules import in_short
from portal.templatetags.portal_ui import minutes_words, plain_time
from scheduling.day_board import SHORTEST_GAP, Block, BoardBooking, Column, DayBoard, Stretch
from scheduling.intervals import Intervals, instant, meets, merged, minus, seconds
from scheduling.models import Booking
from scheduling.wording import zone_words

QUARTER = timedelta(minutes=15)
MOST_QUARTERS = 96
LONGEST_SPAN = 48
AWAY_THEN = "The therapist is away then"

State = Booking.State
LOOK = {
    State.HELD: "held",
    State.CONFIRMED: "booked",
    State.CHECKED_IN: "arrived",
    State.COMPLETED: "done",
    State.NO_SHOW: "no-show",
}


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
    """Whole hours of the place's clocks around everything that is shown."""
    local = day.starts_at.astimezone(ZoneInfo(day.zone))
    base = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    hours = max(1, ceil((day.ends_at - base) / timedelta(hours=1)))
    return Grid(base=base, quarters=min(hours * 4, MOST_QUARTERS))


def drawn(day: DayBoard, *, by_room: bool = False) -> dict[str, Any]:
    """The board for `components/day_board.html`."""
    grid = grid_of(day)
    shows_now = grid.has(day.now)
    columns = _rooms(grid, day) if by_room else [_column(one, grid, day) for one in day.columns]
    return {
        "label": f"Day board, a column for each {'room' if by_room else 'therapist'}",
        "tz_label": zone_words(day.zone),
        "starts": stamp(grid.base),
        "quarters": grid.quarters,
        "hours": [
            {"row": row, "label": plain_time(grid.base + (row - 1) * QUARTER, day.zone)}
            for row in range(1, grid.quarters + 1, 4)
        ],
        "now_row": grid.row(day.now) if shows_now else None,
        "now_label": plain_time(day.now, day.zone) if shows_now else "",
        "columns": columns,
    }


def without_desk(board: dict[str, Any]) -> dict[str, Any]:
    """The same board where nothing is begun from: no walk-ins, no blocked time to free."""
    columns = [
        column
        | {
            "gaps": [gap | {"url": ""} for gap in column["gaps"]],
            "entries": [
                entry | {"url": ""} if entry["state"] == "blocked" else entry
                for entry in column["entries"]
            ],
        }
        for column in board["columns"]
    ]
    return board | {"columns": columns}


def _column(column: Column, grid: Grid, day: DayBoard) -> dict[str, Any]:
    rooms = {booking.room_name for booking in column.bookings}
    away = _seconds(column.off)
    entries = [
        _entry(one, one.room_name, grid, day, is_away=_is_away(one, away), can_be_dragged=True)
        for one in column.bookings
    ]
    entries += _blocked(column, grid, day)
    return {
        "name": column.therapist_name,
        "hours": ", ".join(_clock(stretch, day.zone) for stretch in column.hours) or "Not in today",
        "room": rooms.pop() if len(rooms) == 1 else "",
        "seed": column.therapist_code,
        "therapist": column.therapist_code,
        "entries": sorted(entries, key=lambda entry: entry["row"]),
        "gaps": [_gap(one, grid, day, column.therapist_code) for one in column.gaps],
    }


def _rooms(grid: Grid, day: DayBoard) -> list[dict[str, Any]]:
    """A column a room: free where somebody works and nobody is in it."""
    off = {column.therapist_code: _seconds(column.off) for column in day.columns}
    working = merged(
        interval
        for column in day.columns
        for interval in minus(_seconds(column.hours), off[column.therapist_code])
    )
    names = [*day.rooms, *sorted({one.room_name for one in day.bookings} - set(day.rooms))]
    return [_room(name, working, off, grid, day) for name in names]


def _room(
    name: str, working: Intervals, off: dict[str, Intervals], grid: Grid, day: DayBoard
) -> dict[str, Any]:
    bookings = [one for one in day.bookings if one.room_name == name]
    taken = merged((seconds(one.starts_at), seconds(one.frees_at)) for one in bookings)
    free = [one for one in minus(working, taken) if one[1] - one[0] >= SHORTEST_GAP]
    count = len(bookings)
    return {
        "name": name,
        "hours": f"{count} session{'s'[: count != 1]}",
        "room": "",
        "seed": name,
        "therapist": "",
        "entries": [
            _entry(
                one, one.therapist_name, grid, day, is_away=_is_away(one, off[one.therapist_code])
            )
            for one in bookings
        ],
        "gaps": [_gap(Stretch(instant(start), instant(end)), grid, day) for start, end in free],
    }


def _is_away(booking: BoardBooking, away: Intervals) -> bool:
    return booking.state in LIVE and meets(
        away, seconds(booking.starts_at), seconds(booking.ends_at)
    )


def _entry(
    booking: BoardBooking,
    beside: str,
    grid: Grid,
    day: DayBoard,
    *,
    is_away: bool,
    can_be_dragged: bool = False,
) -> dict[str, Any]:
    """A session; ``beside`` is what its column does not say already: the room or the therapist."""
    state, word = LOOK[State(booking.state)], booking.state_word
    unpaid = booking.paid_by == "due"
    if unpaid and state == "booked":
        state, word = "due", "due to pay"
    move_url = reverse("staff:move", args=[booking.public_id])
    return {
        "id": f"b-{booking.public_id}",
        "row": grid.row(booking.starts_at),
        "span": grid.span(booking.starts_at, booking.ends_at),
        "state": state,
        "state_label": word,
        "time": plain_time(booking.starts_at, day.zone),
        "title": booking.runner_name,
        "detail": f"{booking.variant_name}, {beside}",
        "marker": AWAY_THEN if is_away else "Not paid yet" if unpaid else "Paid by credit",
        "asked": booking.asked,
        "flag": f"Override: {in_short(booking.overrides)}" if booking.overrides else "",
        "url": reverse("staff:booking", args=[booking.public_id]),
        "move_url": move_url if can_be_dragged and booking.may_move else "",
    }


def _blocked(column: Column, grid: Grid, day: DayBoard) -> list[dict[str, Any]]:
    """Time off and blocked time, but for what sessions cover: those are never hidden under it."""
    taken = merged((seconds(one.starts_at), seconds(one.ends_at)) for one in column.bookings)
    found = []
    for block in column.blocks:
        whole = [(seconds(block.starts_at), seconds(block.ends_at))]
        parts = [Stretch(instant(start), instant(end)) for start, end in minus(whole, taken)]
        found += [_block(block, part, grid, day) for part in parts if _is_on(part, grid)]
        taken = merged([*taken, *whole])
    return found


def _block(block: Block, part: Stretch, grid: Grid, day: DayBoard) -> dict[str, Any]:
    starts_at = max(part.starts_at, grid.base)
    return {
        "id": f"o-{block.pk}-{int(part.starts_at.timestamp())}",
        "row": grid.row(starts_at),
        "span": grid.span(starts_at, part.ends_at),
        "state": "blocked",
        "state_label": "blocked" if block.is_blocked else "away",
        "time": plain_time(starts_at, day.zone),
        "title": block.reason or ("Blocked" if block.is_blocked else "Away"),
        "detail": f"Until {plain_time(part.ends_at, day.zone)}",
        "url": reverse("staff:block", args=[block.pk]) if block.is_blocked else "",
    }


def _gap(gap: Stretch, grid: Grid, day: DayBoard, therapist: str = "") -> dict[str, Any]:
    """Free time; its link starts a walk-in there, in a gap that runs now: now."""
    starts_at, soon = max(gap.starts_at, grid.base), rounded(day.now)
    bookable = soon if gap.starts_at < soon < gap.ends_at else starts_at
    return {
        "row": grid.row(starts_at),
        "span": grid.span(starts_at, gap.ends_at),
        "time": plain_time(bookable, day.zone),
        "label": f"{minutes_words(gap.minutes)} free",
        "url": walk_in_url(day.location.code, bookable, therapist),
    }


def _seconds(stretches: Iterable[Stretch]) -> Intervals:
    return merged((seconds(one.starts_at), seconds(one.ends_at)) for one in stretches)


def _is_on(stretch: Stretch, grid: Grid) -> bool:
    ends = grid.base + grid.quarters * QUARTER
    return stretch.starts_at < ends and stretch.ends_at > grid.base


def _clock(stretch: Stretch, zone: str) -> str:
    return f"{plain_time(stretch.starts_at, zone)} to {plain_time(stretch.ends_at, zone)}"
