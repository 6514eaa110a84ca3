"""A process of the race for one time; run by test_slot_race.py with DATABASE_URL.

claim_worker.py setup THERAPISTS ROOMS RUNNERS   makes a practice, prints its names as JSON
claim_worker.py claim JSON                       claims with threads, prints how each ended
"""

# ruff: noqa: E402 - Django must be ready before its models are imported
import json
import os
import sys
import threading
import time
from collections import Counter
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection

from accounts.models import User
from payments.models import ServiceVariant
from scheduling.booking import TimeTaken, confirm_with_credit, hold_time
from scheduling.models import Location, Room, Therapist
from tests.builders import make_lot, make_runner, make_variant
from tests.scheduling.builders import (
    A_WEEK_BEFORE,
    TUESDAY_9,
    make_location,
    make_shift,
    make_therapist,
)

ONE_SECOND = timedelta(seconds=1)


def setup(therapists: int, rooms: int, runners: int) -> dict:
    name = f"race-{time.time_ns()}"
    location = make_location(name)
    variant = make_variant("sports-60")
    codes = []
    for number in range(therapists):
        person = make_therapist(f"{name}-{number}", f"Person {number}", variants=[variant])
        make_shift(person, location, TUESDAY_9.isoweekday())
        codes.append(person.code)
    for number in range(rooms):
        Room.objects.create(location=location, name=f"Room {number}")
    emails = []
    for number in range(runners):
        runner = make_runner(f"{name}-{number}@example.org", at=A_WEEK_BEFORE)
        make_lot(runner, units=1, variants=[variant], at=A_WEEK_BEFORE, code=f"{name}-{number}")
        emails.append(runner.email)
    return {"location": location.code, "therapists": codes, "runners": emails}


def claim(race: dict) -> Counter:
    """Every runner named claims the time in a thread of her own and confirms it with a credit."""
    ended: Counter = Counter()
    gate = threading.Barrier(len(race["runners"]))

    def run(email: str) -> None:
        try:
            runner = User.objects.get(email=email)
            gate.wait(60)
            time.sleep(max(0.0, race["start"] - time.time()))
            ended[attempt(race, runner)] += 1
        except Exception as error:
            ended[f"{type(error).__name__}: {error}"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[email]) for email in race["runners"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ended


def attempt(race: dict, runner: User) -> str:
    therapist = race.get("therapist")
    try:
        held = hold_time(
            variant=ServiceVariant.objects.get(code="sports-60"),
            location=Location.objects.get(code=race["location"]),
            starts_at=TUESDAY_9,
            therapist=Therapist.objects.get(code=therapist) if therapist else None,
            hold_key="",
            runner=runner,
            at=A_WEEK_BEFORE,
        )
    except TimeTaken:
        return "taken"
    confirm_with_credit(booking=held, runner=runner, by=runner, at=A_WEEK_BEFORE + ONE_SECOND)
    return "booked"


if __name__ == "__main__":
    if sys.argv[1] == "setup":
        print(json.dumps(setup(*map(int, sys.argv[2:5]))))
    else:
        print(json.dumps(claim(json.loads(sys.argv[2]))))
