"""Sessions outside the rules and imported calendars, as the staff pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from portal.staff.tables import Column, Table, words
from scheduling.importing.choosing import masked, state_words
from scheduling.importing.refreshing import flagged, is_flagged
from scheduling.models import BusyCalendar
from scheduling.outside import outside_rules
from scheduling.wording import moment_words


@dataclass(frozen=True, slots=True)
class CalendarRow:
    """An imported calendar without its secret."""

    pk: int
    label: str
    therapist: str
    address: str
    state: str
    is_flagged: bool


def calendar_rows(calendars: Iterable[BusyCalendar], *, at: datetime) -> list[CalendarRow]:
    return [
        CalendarRow(
            pk=one.pk,
            label=one.label,
            therapist=one.therapist.name,
            address=masked(one.url),
            state=state_words(one, at=at),
            is_flagged=is_flagged(one, at),
        )
        for one in calendars
    ]


def calendars_in_trouble(*, at: datetime) -> list[CalendarRow]:
    """Those staff should know of: failing, or not read for half an hour (S11)."""
    return calendar_rows(flagged(at).select_related("therapist"), at=at)


def sessions_outside(*, at: datetime) -> int:
    return len(outside_rules(at=at))


def outside_table(*, at: datetime) -> Table:
    """Who is booked when the rules say no; the first column leads to moving and cancelling."""
    rows = [
        (
            words(
                moment_words(one.booking.starts_at, one.booking.zone),
                url=reverse("staff:booking", args=[one.booking.public_id]),
            ),
            words(one.booking.runner or ""),
            words(one.booking.session_name),
            words(f"{one.booking.therapist}, {one.booking.location}"),
            words(one.why.sentence),
        )
        for one in outside_rules(at=at)
    ]
    columns = (
        Column("When", whole=True),
        Column("Runner"),
        Column("Session"),
        Column("With, at"),
        Column("Why"),
    )
    return Table("Sessions outside the rules", columns, rows, empty="None. Every session fits.")
