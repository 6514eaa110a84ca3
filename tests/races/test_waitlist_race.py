"""Several workers look after the waitlist at the same moment, on both engines (E14)."""

import json
import os
import subprocess
import sys
import time

import pytest

from tests.migrated import ROOT

WORKERS = 4
SETUP = """
import json, sys, time, django; django.setup()
from scheduling.models import Room
from scheduling.waitlisting.joining import Want, join
from tests.builders import make_lot, make_runner, make_variant
from tests.scheduling.builders import A_WEEK_BEFORE, TUESDAY, make_location, make_shift
from tests.scheduling.builders import make_therapist
rooms, runners = map(int, sys.argv[1:3])
name = f"wait-{time.time_ns()}"
place, variant = make_location(name), make_variant("sports-60")
for number in range(rooms):
    Room.objects.create(location=place, name=f"Room {number}")
    person = make_therapist(f"{name}-{number}", f"Person {number}", variants=[variant])
    make_shift(person, place, TUESDAY.isoweekday(), "09:00", "10:00")
for number in range(runners):
    runner = make_runner(f"{name}-{number}@example.org", at=A_WEEK_BEFORE)
    make_lot(runner, units=1, variants=[variant], at=A_WEEK_BEFORE, code=f"{name}-{number}")
    join(runner=runner, want=Want((variant,), place, TUESDAY, TUESDAY), at=A_WEEK_BEFORE)
print(json.dumps(name))
"""
SERVE = """
import json, sys, time, django; django.setup()
from scheduling.waitlisting.offering import serve_waitlist
from tests.scheduling.builders import TWO_DAYS_BEFORE
time.sleep(max(0.0, float(sys.argv[1]) - time.time()))
print(json.dumps(serve_waitlist(at=TWO_DAYS_BEFORE)))
"""
COUNT = """
import json, sys, django; django.setup()
from payments.models import CreditEntry
from scheduling.models import WaitlistOffer
offers = WaitlistOffer.objects.filter(entry__location__code=sys.argv[1])
rows = list(offers.select_related("booking").order_by("entry_id"))
held = [one.booking.public_id for one in rows]
print(json.dumps({
    "entries": [one.entry_id for one in rows],
    "therapists": sorted(one.booking.therapist_id for one in rows),
    "open": sum(one.is_open for one in rows),
    "credits": CreditEntry.objects.filter(booking_id__in=held, kind="reserve").count(),
}))
"""


def start(code, url, *arguments):
    environment = {
        **os.environ,
        "DEBUG": "1",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": url,
    }
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


def answer_of(process):
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0
    return json.loads(out.splitlines()[-1])


@pytest.mark.parametrize(
    "engine", ["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.postgres)]
)
@pytest.mark.parametrize(("times", "runners"), [(1, 1), (1, 3), (2, 1), (2, 3)])
def test_workers_at_once_offer_each_time_to_one_and_one_time_to_each(
    request, engine, times, runners
):
    url = request.getfixturevalue(engine)
    place = answer_of(start(SETUP, url, times, runners))

    moment = time.time() + 5
    made = [answer_of(one) for one in [start(SERVE, url, moment) for _ in range(WORKERS)]]
    found = answer_of(start(COUNT, url, place))

    expected = min(times, runners)
    assert sum(made) == found["open"] == found["credits"] == expected
    assert len(set(found["entries"])) == len(found["entries"]) == expected
    assert len(set(found["therapists"])) == expected
