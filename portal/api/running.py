"""A runner's races, habits and mails, by API: the same acts as on her own pages (R4, R6, N5)."""

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from django.http import Http404, HttpRequest
from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from accounts import racing
from accounts.api import caller, signed_in
from accounts.bouncing import is_undeliverable
from accounts.consent_texts import decide
from accounts.consents import Channel, Purpose
from accounts.models import User
from accounts.preferring import mails_of
from accounts.races import LONGEST_M, MOST_WEEKLY_KM, SHORTEST_M, Race
from accounts.racing import Habits, RaceFacts
from scheduling.models import Therapist

router = Router(tags=["account"], auth=signed_in)


class RaceIn(Schema):
    """Priority A is the race she trains for, B she wants to run well, C is training or fun."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    held_on: date
    distance_m: Annotated[int, Field(ge=SHORTEST_M, le=LONGEST_M)]
    priority: Literal["A", "B", "C"] = "B"

    def facts(self) -> RaceFacts:
        return RaceFacts(self.name, self.held_on, self.distance_m, self.priority)


class RaceOut(Schema):
    id: uuid.UUID
    name: str
    held_on: date
    distance_m: int
    priority: str


class HabitsShape(Schema):
    """Empty is not told. `therapist` is a code of the therapists' list."""

    weekly_km: Annotated[int, Field(ge=0, le=MOST_WEEKLY_KM)] | None = None
    therapist: Annotated[str, Field(max_length=40)] = ""
    pressure: Literal["", "light", "medium", "firm"] = ""


class PreferenceOut(Schema):
    """`text` is what a yes agrees to, `version` its version."""

    purpose: str
    title: str
    version: str
    text: str
    wanted: bool


class MailsOut(Schema):
    """`undeliverable`: mail to this address comes back, and another one is needed."""

    email: str
    undeliverable: bool
    preferences: list[PreferenceOut]


class PreferenceIn(Schema):
    wanted: bool


@router.get("/races/", response=list[RaceOut], operation_id="list_races")
def list_races(request: HttpRequest) -> Any:
    """The latest day in front; past races are kept."""
    return [_race(each) for each in racing.races_of(caller(request))]


@router.post("/races/", response={201: RaceOut}, operation_id="add_race")
def add_race(request: HttpRequest, wanted: RaceIn) -> Any:
    return Status(201, _race(racing.add_race(caller(request), wanted.facts(), at=timezone.now())))


@router.put("/races/{race_id}/", response=RaceOut, operation_id="change_race")
def change_race(request: HttpRequest, race_id: uuid.UUID, wanted: RaceIn) -> Any:
    return _race(racing.change_race(_own(request, race_id), wanted.facts(), at=timezone.now()))


@router.delete("/races/{race_id}/", response={204: None}, operation_id="remove_race")
def remove_race(request: HttpRequest, race_id: uuid.UUID) -> Any:
    """Off the list; `restore_race` puts it back."""
    racing.remove_race(_own(request, race_id), at=timezone.now())
    return Status(204, None)


@router.post("/races/{race_id}/return/", response=RaceOut, operation_id="restore_race")
def restore_race(request: HttpRequest, race_id: uuid.UUID) -> Any:
    return _race(racing.restore_race(_own(request, race_id, also_removed=True)))


@router.get("/running/", response=HabitsShape, operation_id="read_habits")
def read_habits(request: HttpRequest) -> Any:
    return _habits(racing.habits_of(caller(request)))


@router.put("/running/", response=HabitsShape, operation_id="save_habits")
def save_habits(request: HttpRequest, said: HabitsShape) -> Any:
    """All of it at once: what is left out is not told any more."""
    known = Therapist.objects.filter(is_active=True, code=said.therapist)
    if said.therapist and not known.exists():
        raise racing.NotAHabit("There is no therapist of that code.")
    habits = Habits(said.weekly_km, said.therapist, said.pressure)
    return _habits(racing.save_habits(caller(request), habits, at=timezone.now()))


@router.get("/preferences/", response=MailsOut, operation_id="read_preferences")
def read_preferences(request: HttpRequest) -> Any:
    """Which mails she gets besides those about what she booked or paid."""
    return _mails(caller(request))


@router.put("/preferences/{purpose}/", response=MailsOut, operation_id="set_preference")
def set_preference(
    request: HttpRequest, purpose: Literal["marketing", "credit_notices"], wish: PreferenceIn
) -> Any:
    """A yes agrees to the text that `read_preferences` shows."""
    person = caller(request)
    decide(
        person,
        Purpose(purpose),
        agrees=wish.wanted,
        channel=Channel.API,
        by=person,
        at=timezone.now(),
    )
    return _mails(person)


def _own(request: HttpRequest, race_id: uuid.UUID, *, also_removed: bool = False) -> Race:
    """Hers, else 404."""
    found = racing.own_race(caller(request), race_id, also_removed=also_removed)
    if found is None:
        raise Http404
    return found


def _race(race: Race) -> dict[str, Any]:
    return {
        "id": race.public_id,
        "name": race.name,
        "held_on": race.held_on,
        "distance_m": race.distance_m,
        "priority": race.priority,
    }


def _habits(habits: Habits) -> dict[str, Any]:
    return {
        "weekly_km": habits.weekly_km,
        "therapist": habits.therapist_code,
        "pressure": habits.pressure,
    }


def _mails(person: User) -> dict[str, Any]:
    return {
        "email": person.email,
        "undeliverable": is_undeliverable(person),
        "preferences": [
            {
                "purpose": each.words.purpose.value,
                "title": each.words.title,
                "version": each.words.version,
                "text": each.words.text,
                "wanted": each.is_on,
            }
            for each in mails_of(person)
        ],
    }
