"""What the page of a client says of the mails that went to them (N7) and of their running (R4)."""

from dataclasses import dataclass
from typing import Final

from accounts.bouncing import is_undeliverable
from accounts.delivery import Delivery, messages_of
from accounts.isolating import isolated
from accounts.models import User
from accounts.races import RunnerHabits
from accounts.racing import distance_words, habits_of, races_of
from payments.days import practice_zone
from portal.staff.tables import Cell, Column, Table, day, moment, words
from scheduling.models import Therapist

KINDS: Final = {
    Delivery.WAITING: "info",
    Delivery.SENT: "good",
    Delivery.DROPPED: "",
    Delivery.BOUNCED: "bad",
    Delivery.COMPLAINED: "bad",
}
COLUMNS: Final = (Column("When"), Column("Mail"), Column("To"), Column("State"), Column("Why"))
RACE_COLUMNS: Final = (
    Column("Day"),
    Column("Race"),
    Column("Distance"),
    Column("Priority"),
)


@dataclass(frozen=True, slots=True)
class MessagesShown:
    """The latest mails, and whether the address takes any."""

    undeliverable: bool
    table: Table


@dataclass(frozen=True, slots=True)
class RunningShown:
    """What a runner told of her running; nothing of health."""

    habits: tuple[str, ...]
    races: Table


def messages_shown(person: User) -> MessagesShown:
    """Three queries, however many mails."""
    rows = [
        (
            moment(one.at, practice_zone()),
            words(one.what),
            words(one.to),
            words(one.status.value.capitalize(), kind=KINDS[one.status]),
            words(one.why),
        )
        for one in messages_of(person)
    ]
    table = Table("Mails, newest first", COLUMNS, rows, empty="No mail yet.")
    return MessagesShown(is_undeliverable(person), table)


def running_shown(person: User) -> RunningShown:
    rows: list[tuple[Cell, ...]] = [
        (
            day(race.held_on),
            words(race.name),
            words(distance_words(race.distance_m)),
            words(race.priority),
        )
        for race in races_of(person)
    ]
    races = Table("Races, the latest day in front", RACE_COLUMNS, rows, empty="No race told.")
    return RunningShown(_habits(person), races)


def _habits(person: User) -> tuple[str, ...]:
    told = habits_of(person)
    said = []
    if told.weekly_km is not None:
        said.append(f"{told.weekly_km} km a week")
    if told.therapist_code:
        liked = Therapist.objects.filter(code=told.therapist_code).values_list("name", flat=True)
        said += [f"likes {isolated(name)} best" for name in liked]
    if told.pressure:
        said.append(f"{RunnerHabits.Pressure(told.pressure).label.lower()} pressure")
    return tuple(said)
