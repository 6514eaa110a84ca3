"""The week as a table: a row a therapist, a column a day, each cell a link to that day's board."""

from datetime import date

from portal.staff.asking import day_url
from portal.staff.tables import NOTHING, Cell, Column, Table, several, words
from portal.templatetags.portal_ui import NOT_BREAKING, minutes_words
from scheduling.week import WeekBoard, WeekDay


def week_table(week: WeekBoard, *, today: date) -> Table:
    """Hours, sessions, hands-on minutes, gaps and no-shows of each therapist and day."""
    columns = [Column("Therapist"), *(Column(_heading(day, today)) for day in week.days)]
    columns.append(Column("Week"))
    rows = [
        [
            words(row.therapist_name),
            *(_day(one, week.location.code, row.therapist_code) for one in row.days),
            _sum(row.days),
        ]
        for row in week.rows
    ]
    return Table(
        "The week, therapist by therapist",
        columns,
        rows,
        empty="Nobody works here that week, and nobody is booked.",
    )


def _heading(day: date, today: date) -> str:
    words = f"{day:%a} {day.day} {day:%b}".replace(" ", NOT_BREAKING)
    return f"{words}, today" if day == today else words


def _day(day: WeekDay, location: str, therapist: str) -> Cell:
    url = day_url(location, day.day, therapist=therapist)
    if day.is_empty:
        return Cell("closed" if day.is_closed else NOTHING, plain="")
    return several([Cell(_sessions(day.sessions), url), *_details([day])])


def _sum(days: tuple[WeekDay, ...]) -> Cell:
    return several([words(_sessions(sum(day.sessions for day in days))), *_details(days)])


def _details(days: "tuple[WeekDay, ...] | list[WeekDay]") -> list[Cell]:
    """What is worth a line: hours always, the rest where there is some."""
    hours = sum(day.working_minutes for day in days)
    hands_on = sum(day.hands_on_minutes for day in days)
    gaps, free = sum(day.gaps for day in days), sum(day.free_minutes for day in days)
    missed = sum(day.missed for day in days)
    found = [words(f"{minutes_words(hours)} in")] if hours else [words("no hours")]
    if hands_on:
        found.append(words(f"{minutes_words(hands_on)} hands on"))
    if gaps:
        found.append(words(f"{gaps} gap{'s'[: gaps != 1]}, {minutes_words(free)}"))
    if missed:
        found.append(Cell(f"{missed} no-show", kind="bad"))
    return found


def _sessions(count: int) -> str:
    return f"{count} session{'s'[: count != 1]}"
