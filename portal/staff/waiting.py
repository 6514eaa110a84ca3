"""Who waits for a time at a place, in the order in which they are asked."""

from collections.abc import Sequence
from datetime import date, datetime

from portal.staff.runners import runner_url
from portal.staff.tables import Cell, Column, Table, count, moment, words
from scheduling.models import Location, WaitlistEntry
from scheduling.waitlisting.words import (
    days_words,
    hours_words,
    session_words,
    state_words,
    with_words,
)

SHOWN = 200
COLUMNS = (
    Column("Runner"),
    Column("Session"),
    Column("Days"),
    Column("Hours"),
    Column("State"),
    Column("Priority", numeric=True),
    Column("Waits since"),
)


def who_waits(location: Location, day: date | None) -> list[WaitlistEntry]:
    """Open entries of a place, for one of its days or for all; at most `SHOWN`."""
    entries = WaitlistEntry.objects.filter(location=location).still_open()
    if day is not None:
        entries = entries.wanting(day)
    return list(entries.with_everything().in_line()[:SHOWN])


def waiting_table(entries: Sequence[WaitlistEntry], location: Location, *, at: datetime) -> Table:
    """A row an entry; reads nothing more than the entries brought with them."""
    rows = [
        (
            words(entry.runner, runner_url(entry.runner)),
            words(f"{session_words(entry)}, {with_words(entry)}"),
            words(days_words(entry)),
            words(hours_words(entry)),
            _state(entry, at),
            count(entry.priority),
            moment(entry.created_at, location.zone),
        )
        for entry in entries
    ]
    return Table("In the order they are asked", COLUMNS, rows, empty="Nobody waits.")


def _state(entry: WaitlistEntry, at: datetime) -> Cell:
    """In the words of the desk: hers say "for you"."""
    said = state_words(entry, at).replace("A time is held for you", "Held")
    return words(said, kind="info" if entry.state == WaitlistEntry.State.OFFERED else "")
