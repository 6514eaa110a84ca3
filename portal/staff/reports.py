"""The reports as tables: what is on the screen is what is in the file."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms

from portal.staff.tables import NOTHING, Cell, Column, Table, count, words
from portal.templatetags.portal_ui import NOT_BREAKING, minutes_words
from scheduling.models import Location
from scheduling.reports import (
    MOST_DAYS,
    Attendance,
    LeadTime,
    Period,
    SessionCount,
    attendance,
    lead_times,
    sessions,
)
from scheduling.utilisation import Utilisation, utilisation

ONE_DAY = timedelta(days=1)
NOTHING_YET = "No sessions in these days."
THERAPIST = Column("Therapist")


class PeriodForm(forms.Form):
    """The first and the last day, and where; nothing chosen is everywhere."""

    first = forms.DateField(
        label="From",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the first day.", "invalid": "Choose the first day."},
    )
    last = forms.DateField(
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Choose the last day.", "invalid": "Choose the last day."},
    )
    location = forms.ModelChoiceField(
        Location.objects.all(),
        to_field_name="code",
        label="Location",
        required=False,
        empty_label="All of them",
        error_messages={"invalid_choice": "Choose a location."},
    )

    def clean(self) -> dict[str, object]:
        found = super().clean() or self.cleaned_data
        first, last = found.get("first"), found.get("last")
        if first and not 2000 <= first.year < 2200:
            self.add_error("first", "That day is too far away.")
        elif first and last and last < first:
            self.add_error("last", "The last day is before the first.")
        elif first and last and (last - first).days >= MOST_DAYS:
            self.add_error("last", f"Choose at most {MOST_DAYS} days.")
        return found

    @property
    def period(self) -> Period:
        found = self.cleaned_data
        return Period(found["first"], found["last"] + ONE_DAY, found["location"])


def month_of(day: date) -> tuple[date, date]:
    """The first and last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - ONE_DAY


@dataclass(frozen=True, slots=True)
class Report:
    """A name for its address, a title, a line about what is counted, and how it is made."""

    code: str
    title: str
    about: str
    make: Callable[[Period], Table]


def _utilisation(period: Period) -> Table:
    found = utilisation(period)
    columns = (
        THERAPIST,
        Column("Hands-on minutes", numeric=True),
        Column("Working minutes", numeric=True),
        Column("Utilisation", numeric=True),
    )
    rows = [_used(one, one.therapist_name) for one in found.rows]
    return _table("Utilisation", columns, rows, _used(found.total, "All"))


def _used(one: Utilisation, name: str) -> list[Cell]:
    return [
        words(name),
        count(one.booked_minutes),
        count(one.working_minutes),
        _rate(one.rate),
    ]


def _attendance(period: Period) -> Table:
    found = attendance(period)
    columns = (
        THERAPIST,
        Column("Came", numeric=True),
        Column("No-shows", numeric=True),
        Column("of them waived", numeric=True),
        Column("No-show rate", numeric=True),
        Column("Cancelled late", numeric=True),
        Column("of them waived", numeric=True),
        Column("Late rate", numeric=True),
        Column("Cancelled in time", numeric=True),
        Column("Cancelled by us", numeric=True),
        Column("Not marked yet", numeric=True),
    )
    rows = [_attended(one, one.therapist_name) for one in found.rows]
    return _table("No-shows and late cancelling", columns, rows, _attended(found.total, "All"))


def _attended(one: Attendance, name: str) -> list[Cell]:
    return [
        words(name),
        count(one.kept),
        count(one.no_shows),
        count(one.no_shows_waived),
        _rate(one.no_show_rate),
        count(one.late),
        count(one.late_waived),
        _rate(one.late_rate),
        count(one.in_time),
        count(one.by_us),
        count(one.open),
    ]


def _lead_times(period: Period) -> Table:
    found = lead_times(period)
    columns = (
        Column("Session"),
        Column("Booked", numeric=True),
        Column("Shortest", numeric=True),
        Column("A quarter within", numeric=True),
        Column("Half within", numeric=True),
        Column("Three quarters within", numeric=True),
        Column("Longest", numeric=True),
    )
    rows = [_led(one, one.variant_name) for one in found.rows]
    return _table("Lead time", columns, rows, _led(found.total, "All"))


def _led(one: LeadTime, name: str) -> list[Cell]:
    ahead = (one.shortest, one.quarter, one.median, one.three_quarters, one.longest)
    return [words(name), count(one.sessions), *(_ahead(minutes) for minutes in ahead)]


def _sessions(period: Period) -> Table:
    found = sessions(period)
    columns = (
        THERAPIST,
        Column("Session"),
        Column("To come", numeric=True),
        Column("Done", numeric=True),
        Column("No-shows", numeric=True),
        Column("Cancelled late", numeric=True),
        Column("Called off", numeric=True),
        Column("Hands-on minutes", numeric=True),
    )
    rows = [_counted(one, one.therapist_name, one.variant_name) for one in found.rows]
    return _table("Sessions by therapist", columns, rows, _counted(found.total, "All", ""))


def _counted(one: SessionCount, name: str, variant: str) -> list[Cell]:
    return [
        words(name),
        words(variant),
        count(one.to_come),
        count(one.done),
        count(one.no_shows),
        count(one.late),
        count(one.called_off),
        count(one.minutes),
    ]


def _services(period: Period) -> Table:
    """The same sessions by service: sums of the rows above, not another count."""
    found = sessions(period)
    columns = (
        Column("Service"),
        Column("To come", numeric=True),
        Column("Done", numeric=True),
        Column("No-shows", numeric=True),
        Column("Cancelled late", numeric=True),
        Column("Called off", numeric=True),
        Column("Hands-on minutes", numeric=True),
    )
    names = dict.fromkeys(one.service_name for one in found.rows)
    rows = [_of_service(name, [x for x in found.rows if x.service_name == name]) for name in names]
    return _table("Sessions by service", columns, rows, _of_service("All", list(found.rows)))


def _of_service(name: str, rows: list[SessionCount]) -> list[Cell]:
    return [
        words(name),
        count(sum(one.to_come for one in rows)),
        count(sum(one.done for one in rows)),
        count(sum(one.no_shows for one in rows)),
        count(sum(one.late for one in rows)),
        count(sum(one.called_off for one in rows)),
        count(sum(one.minutes for one in rows)),
    ]


def _table(
    caption: str, columns: tuple[Column, ...], rows: list[list[Cell]], total: list[Cell]
) -> Table:
    """The rows and, where there are any, their sum as the last one."""
    return Table(caption, columns, [*rows, total] if rows else [], empty=NOTHING_YET)


def _ahead(minutes: int | None) -> Cell:
    """Days and hours on the screen, minutes in the file."""
    if minutes is None:
        return Cell(NOTHING, plain="")
    days, rest = divmod(minutes, 24 * 60)
    text = f"{days} d {rest // 60} h" if days else minutes_words(rest)
    return Cell(text.replace(" ", NOT_BREAKING), plain=str(minutes))


def _rate(share: float | None) -> Cell:
    """Per cent with one decimal on the screen, a share of one in the file."""
    if share is None:
        return Cell(NOTHING, plain="")
    return Cell(f"{share * 100:.1f}{NOT_BREAKING}%", plain=f"{share:.4f}")


REPORTS = (
    Report(
        "utilisation",
        "Utilisation",
        "Hands-on minutes of sessions done or to come, of the minutes worked:"
        " hours less closures, time off and blocked time.",
        _utilisation,
    ),
    Report(
        "attendance",
        "No-shows and late cancelling",
        "The no-show rate is of sessions somebody was expected at; the late rate is of those"
        " and the ones cancelled late.",
        _attendance,
    ),
    Report(
        "lead-time",
        "Lead time",
        "How long before their start sessions were booked.",
        _lead_times,
    ),
    Report("sessions", "Sessions by therapist", "What was given, by whom.", _sessions),
    Report("services", "Sessions by service", "The same sessions, by what they were.", _services),
)
