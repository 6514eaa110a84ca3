"""Thirty-two threads in four processes want one time, on both engines (E1)."""

import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest

from tests.races.conftest import ROOT

PROCESSES, THREADS = 4, 8
ENGINES = ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]


def worker(url, *arguments):
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.races.claim_worker", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer_of(process):
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1])


def race(url, *, therapists, rooms, named):
    """How the attempts ended, all processes together."""
    made = answer_of(worker(url, "setup", str(therapists), str(rooms), str(PROCESSES * THREADS)))
    runners = made["runners"]
    plan = {"location": made["location"], "start": time.time() + 6}
    if named:
        plan["therapist"] = made["therapists"][0]
    processes = [
        worker(url, "claim", json.dumps(plan | {"runners": runners[number::PROCESSES]}))
        for number in range(PROCESSES)
    ]
    return sum((Counter(answer_of(process)) for process in processes), Counter())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("therapists", "rooms", "named", "booked"),
    [
        pytest.param(1, 1, True, 1, id="one therapist"),
        pytest.param(3, 1, False, 1, id="the last room"),
        pytest.param(2, 3, False, 2, id="anyone of two"),
    ],
)
def test_as_many_are_booked_as_there_is_room_for_and_the_others_hear_it_is_taken(
    request, engine, therapists, rooms, named, booked
):
    url = request.getfixturevalue(engine)

    ended = race(url, therapists=therapists, rooms=rooms, named=named)

    assert ended == {"booked": booked, "taken": PROCESSES * THREADS - booked}
