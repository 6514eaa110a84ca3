"""Races and habits of a runner: kept, changed, taken off and put back (R4)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.races import Race, RunnerHabits
from accounts.racing import (
    MOST_COMING,
    Habits,
    NotAHabit,
    NotARace,
    RaceFacts,
    SameRace,
    TooManyRaces,
    add_race,
    change_race,
    coming_races,
    distance_words,
    habits_of,
    past_races,
    races_of,
    remove_race,
    restore_race,
    save_habits,
)
from tests.builders import make_runner, make_staff
from tests.practice import open_practice

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
HALF = RaceFacts("Bristol Half", date(2026, 5, 10), 21_100, "A")
JSON = {"HTTP_SEC_FETCH_SITE": "same-origin", "content_type": "application/json"}


@pytest.fixture
def ana(db) -> User:
    return make_runner("ana@example.org", "Ana Ortiz")


@pytest.fixture
def her(ana) -> Client:
    client = Client()
    client.force_login(ana)
    return client


def typed(**changes) -> dict[str, str]:
    ahead = (datetime.now(UTC) + timedelta(days=60)).date()
    race = {"name": "Bristol Half", "held_on": f"{ahead}", "distance_km": "21.1", "priority": "A"}
    return race | changes


def undo(client: Client) -> dict:
    """What the list offers to take back, as its form would post it."""
    offered = client.get("/account/races/").context["undo"]
    return {"path": offered["undo_url"], "data": offered["hidden"], "follow": True}


# acts ------------------------------------------------------------------------------------------
def test_a_race_is_kept_changed_taken_off_and_put_back(ana):
    race = add_race(ana, HALF, at=AT)
    change_race(race, RaceFacts("Bath Half", date(2026, 3, 1), 21_100, "C"), at=AT)
    assert coming_races(ana, on=AT.date()) == []
    assert [one.name for one in past_races(ana, on=AT.date())] == ["Bath Half"]
    remove_race(race, at=AT + timedelta(minutes=1))
    remove_race(race, at=AT + timedelta(minutes=2))
    assert races_of(ana) == []
    restore_race(race)
    assert [one.name for one in races_of(ana)] == ["Bath Half"]


def test_what_is_no_race_is_refused_and_says_why(ana):
    table = [
        (RaceFacts("  ", HALF.held_on, 10_000, "A"), "name"),
        (RaceFacts("x" * 121, HALF.held_on, 10_000, "A"), "name"),
        (RaceFacts("Far", date(2036, 1, 1), 10_000, "A"), "five years"),
        (RaceFacts("Short", HALF.held_on, 99, "A"), "0.1 and 500"),
        (RaceFacts("Long", HALF.held_on, 500_001, "A"), "0.1 and 500"),
        (RaceFacts("Odd", HALF.held_on, 10_000, "D"), "A, B or C"),
    ]
    for facts, words in table:
        with pytest.raises(NotARace, match=words):
            add_race(ana, facts, at=AT)
    assert not Race.objects.exists()


def test_the_same_race_is_there_once_also_when_it_is_put_back(ana):
    first = add_race(ana, HALF, at=AT)
    with pytest.raises(SameRace):
        add_race(ana, RaceFacts(" Bristol  Half ", HALF.held_on, 10_000, "B"), at=AT)
    remove_race(first, at=AT)
    again = add_race(ana, HALF, at=AT)
    with pytest.raises(SameRace):
        restore_race(first)
    assert races_of(ana) == [again]
    add_race(make_runner(), HALF, at=AT)  # somebody else runs it too


def test_a_list_has_an_end(ana):
    Race.objects.bulk_create(
        Race(
            runner=ana,
            name=f"Race {n}",
            held_on=HALF.held_on,
            distance_m=5_000,
            priority="C",
            added_at=AT,
        )
        for n in range(MOST_COMING)
    )
    with pytest.raises(TooManyRaces):
        add_race(ana, HALF, at=AT)


def test_the_database_refuses_what_is_no_race_or_habit(ana):
    good = {
        "runner": ana,
        "name": "Half",
        "held_on": HALF.held_on,
        "distance_m": 21_100,
        "priority": "A",
        "added_at": AT,
    }
    Race.objects.create(**good)
    wrong = [{}, {"name": ""}, {"distance_m": 1}, {"priority": "D"}]
    wrong.append({"name": "Past", "removed_at": AT - timedelta(days=1)})
    for changes in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            Race.objects.create(**(good | changes))
    for changes in ({"weekly_km": 401}, {"pressure": "brutal"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            RunnerHabits.objects.create(runner=ana, changed_at=AT, **changes)


def test_habits_are_kept_whole(ana):
    assert habits_of(ana) == Habits()
    save_habits(ana, Habits(45, "imre", "firm"), at=AT)
    save_habits(ana, Habits(50), at=AT)
    assert habits_of(ana) == Habits(50)
    for wrong in (Habits(-1), Habits(401), Habits(pressure="brutal")):
        with pytest.raises(NotAHabit):
            save_habits(ana, wrong, at=AT)


def test_distances_are_said_as_runners_say_them():
    said = {m: distance_words(m) for m in (5_000, 21_100, 21_097, 42_195, 50_000, 1_609, 400)}
    assert list(said.values()) == [
        "5 km",
        "Half marathon",
        "Half marathon",
        "Marathon",
        "50 km",
        "1.609 km",
        "0.4 km",
    ]


# pages -----------------------------------------------------------------------------------------
def test_a_race_is_added_changed_and_removed_on_her_page_each_with_its_undo(ana, her):
    her.post("/account/races/", typed())
    [race] = races_of(ana)
    assert (race.name, race.distance_m, race.priority) == ("Bristol Half", 21_100, "A")
    assert "Half marathon" in her.get("/account/races/").content.decode()
    her.post("/account/races/", typed(name="Hill run"))
    assert b"Hill run is off your list" in her.post(**undo(her)).content
    her.post(f"/account/races/{race.public_id}/removal/")
    assert races_of(ana) == []
    her.post(f"/account/races/{race.public_id}/return/")
    her.post(f"/account/races/{race.public_id}/", typed(name="Bath Half", distance_km="10"))
    assert [one.name for one in races_of(ana)] == ["Bath Half"]
    her.post(**undo(her))
    assert [(one.name, one.distance_m) for one in races_of(ana)] == [("Bristol Half", 21_100)]
    her.post(f"/account/races/{race.public_id}/removal/")
    her.post(**undo(her))
    assert len(races_of(ana)) == 1


def test_the_offer_to_undo_is_made_once(her):
    her.post("/account/races/", typed())
    assert b"is on your list" in her.get("/account/races/").content
    assert b"is on your list" not in her.get("/account/races/").content


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(ana, her):
    answer = her.post("/account/races/", typed(name="Hill run", distance_km="far"))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Type a number, such as 10 or 21.1." in text
    assert 'value="Hill run"' in text
    her.post("/account/races/", typed())
    twice = her.post("/account/races/", typed())
    assert twice.status_code == 422
    assert "already" in twice.content.decode()
    too_far = her.post("/account/running/", {"weekly_km": "4000"})
    assert too_far.status_code == 422
    assert habits_of(ana) == Habits()


def test_habits_are_saved_shown_to_staff_and_undone(ana, her):
    open_practice()
    her.post("/account/running/", {"weekly_km": "45", "therapist": "imre", "pressure": "firm"})
    assert habits_of(ana) == Habits(45, "imre", "firm")
    add_race(ana, HALF, at=AT)
    staff = Client()
    staff.force_login(make_staff(is_superuser=True))
    text = staff.get(f"/staff/runners/{ana.public_id}/").content.decode()
    assert "45 km a week, likes Imre" in text
    assert "Bristol Half" in text
    her.post(**undo(her))
    assert habits_of(ana) == Habits()


def test_races_of_others_are_not_there_on_the_page_or_by_api(her):
    other = add_race(make_runner(), HALF, at=AT)
    for address in ("", "removal/", "return/"):
        assert her.post(f"/account/races/{other.public_id}/{address}", typed()).status_code == 404
    api = f"/api/v1/me/races/{other.public_id}/"
    assert her.delete(api, **JSON).status_code == 404
    assert her.put(api, _body(), **JSON).status_code == 404
    assert her.post(f"{api}return/", **JSON).status_code == 404
    assert her.get("/api/v1/me/races/").json() == []


def _body(**changes) -> dict:
    race = {"name": "Half", "held_on": "2027-05-10", "distance_m": 21_100, "priority": "A"}
    return race | changes


def test_the_api_does_the_same_by_the_same_rules(ana, her):
    made = her.post("/api/v1/me/races/", _body(), **JSON)
    assert made.status_code == 201
    mine = f"/api/v1/me/races/{made.json()['id']}/"
    twice = her.post("/api/v1/me/races/", _body(), **JSON)
    assert (twice.status_code, twice.json()["code"]) == (409, "same_race")
    assert her.post("/api/v1/me/races/", _body(distance_m=1), **JSON).status_code == 422
    far = her.put(mine, _body(held_on="2040-01-01"), **JSON)
    assert (far.status_code, far.json()["code"]) == (409, "not_a_race")
    assert her.put(mine, _body(name="Full"), **JSON).json()["name"] == "Full"
    assert her.delete(mine, **JSON).status_code == 204
    assert races_of(ana) == []
    assert her.post(f"{mine}return/", **JSON).json()["name"] == "Full"
    said = {"weekly_km": 40, "therapist": "nobody", "pressure": ""}
    assert her.put("/api/v1/me/running/", said, **JSON).status_code == 409
    said["therapist"] = ""
    assert her.put("/api/v1/me/running/", said, **JSON).json() == said
    assert her.get("/api/v1/me/running/").json() == said


def test_the_list_costs_as_many_queries_for_many_races_as_for_one(ana, her):
    def queries() -> int:
        her.get("/account/races/")
        with CaptureQueriesContext(connection) as caught:
            her.get("/account/races/")
        return len(caught)

    add_race(ana, HALF, at=AT)
    before = queries()
    for n in range(5):
        add_race(ana, RaceFacts(f"Race {n}", HALF.held_on, 5_000, "C"), at=AT)
    assert queries() == before
