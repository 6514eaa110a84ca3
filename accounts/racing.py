"""Keeping a runner's races and habits (R4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.races import LONGEST_M, MOST_WEEKLY_KM, SHORTEST_M, Race, RunnerHabits

MOST_COMING: Final = 50
FURTHEST: Final = timedelta(days=5 * 366)
EARLIEST: Final = date(1970, 1, 1)
# What runners call these distances; races are rarely measured to the metre.
NAMED: Final = ((20_900, 21_200, "Half marathon"), (42_000, 42_300, "Marathon"))


class RaceError(Exception):
    """A race that cannot be kept; str() is a sentence for the page."""


class SameRace(RaceError):
    def __str__(self) -> str:
        return "You have a race of this name on this day already."


class TooManyRaces(RaceError):
    def __str__(self) -> str:
        return f"You have {MOST_COMING} races ahead. Take one off the list first."


class NotARace(RaceError):
    """What was typed is no race; which part of it stands in the words."""


class NotAHabit(RaceError):
    """What was typed cannot be; which part of it stands in the words."""


@dataclass(frozen=True, slots=True)
class RaceFacts:
    """What a runner says of a race."""

    name: str
    held_on: date
    distance_m: int
    priority: str


@dataclass(frozen=True, slots=True)
class Habits:
    """What a runner says of herself; empty is not told."""

    weekly_km: int | None = None
    therapist_code: str = ""
    pressure: str = ""


# readers ---------------------------------------------------------------------------------------
def races_of(person: User) -> Sequence[Race]:
    """Every race on her list, the latest day in front."""
    return list(Race.objects.filter(runner=person).kept().order_by("-held_on", "-pk"))


def own_race(runner: User, public_id: UUID, *, also_removed: bool = False) -> Race | None:
    """Hers of that id, while it is on her list or, with `also_removed`, was."""
    own = Race.objects.filter(runner=runner, public_id=public_id)
    return (own if also_removed else own.kept()).first()


def coming_races(person: User, *, on: date) -> Sequence[Race]:
    """Races from `on` to come, the next in front."""
    return list(Race.objects.filter(runner=person).coming(on))


def past_races(person: User, *, on: date) -> Sequence[Race]:
    return list(Race.objects.filter(runner=person).past(on))


def habits_of(person: User) -> Habits:
    kept = RunnerHabits.objects.filter(runner=person).first()
    if kept is None:
        return Habits()
    return Habits(kept.weekly_km, kept.therapist_code, kept.pressure)


def distance_words(metres: int) -> str:
    """As runners say it: 21,100 is a half marathon, 10,000 is 10 km."""
    for least, most, name in NAMED:
        if least <= metres <= most:
            return name
    return f"{metres / 1000:.3f}".rstrip("0").rstrip(".") + " km"


# acts ------------------------------------------------------------------------------------------
@transaction.atomic
def add_race(runner: User, race: RaceFacts, *, at: datetime) -> Race:
    """Put a race on the list.

    Raises:
        NotARace: the name, the day or the distance cannot be.
        SameRace: it is there already.
        TooManyRaces: the list ahead is full.
    """
    race = _checked(race, at)
    # One at a time for each runner, so that two requests cannot both take the last place.
    User.objects.select_for_update().get(pk=runner.pk)
    if Race.objects.filter(runner=runner).coming(at.date()).count() >= MOST_COMING:
        raise TooManyRaces
    return _save(Race(runner=runner, added_at=at), race)


@transaction.atomic
def change_race(race: Race, to: RaceFacts, *, at: datetime) -> Race:
    """Raises NotARace or SameRace; nothing has changed then."""
    return _save(race, _checked(to, at))


def remove_race(race: Race, *, at: datetime) -> None:
    """Take it off the list. Again changes nothing."""
    Race.objects.filter(pk=race.pk).kept().update(removed_at=at)


@transaction.atomic
def restore_race(race: Race) -> Race:
    """Put it back on the list. Again changes nothing.

    Raises:
        SameRace: it was typed again meanwhile.
    """
    race.refresh_from_db()
    race.removed_at = None
    return _written(race)


def save_habits(runner: User, habits: Habits, *, at: datetime) -> Habits:
    """Keep what she says of herself, whole. `therapist_code` is checked by who offers them.

    Raises:
        NotAHabit: nobody runs that far, or a pressure that is not on the list.
    """
    if habits.weekly_km is not None and not 0 <= habits.weekly_km <= MOST_WEEKLY_KM:
        raise NotAHabit(f"Kilometres a week are a number from 0 to {MOST_WEEKLY_KM}.")
    if habits.pressure and habits.pressure not in RunnerHabits.Pressure.values:
        raise NotAHabit("Choose light, medium or firm.")
    RunnerHabits.objects.update_or_create(
        runner=runner,
        defaults={
            "weekly_km": habits.weekly_km,
            "therapist_code": habits.therapist_code,
            "pressure": habits.pressure,
            "changed_at": at,
        },
    )
    return habits


def _checked(race: RaceFacts, at: datetime) -> RaceFacts:
    name = " ".join(race.name.split())
    if not name or len(name) > 120:
        raise NotARace("Give the race a name of up to 120 letters.")
    if not EARLIEST <= race.held_on <= (at + FURTHEST).date():
        raise NotARace("The day of the race lies within the next five years.")
    if not SHORTEST_M <= race.distance_m <= LONGEST_M:
        raise NotARace("The distance lies between 0.1 and 500 km.")
    if race.priority not in Race.Priority.values:
        raise NotARace("Choose A, B or C.")
    return RaceFacts(name, race.held_on, race.distance_m, race.priority)


def _save(race: Race, facts: RaceFacts) -> Race:
    race.name, race.held_on = facts.name, facts.held_on
    race.distance_m, race.priority = facts.distance_m, facts.priority
    return _written(race)


def _written(race: Race) -> Race:
    try:
        with transaction.atomic():
            race.save()
    except IntegrityError as error:
        raise SameRace from error
    return race
