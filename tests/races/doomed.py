"""A process that forks for each act and lets the fork die at a given step of it.

A step is the moment after a request to Stripe or a commit. Up to the next one nothing outside the
process changes, so to die anywhere between is to die here. It reads lines of JSON and answers each
with one:

{"act": name, "wanted": {...}, "die_at": n}            kill -9 of the fork at its n-th step
{"act": name, "wanted": {...}, "die_at": n, "pid": p}  kill -9 of another process instead
{"tool": name, "wanted": {...}}                        just do it, in a fork as well
"""

# ruff: noqa: E402 - Django must be ready before its models are imported
import json
import os
import signal
import sys
import traceback

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

import stripe
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.races.doomed_acts import ACTS, TOOLS


class Fate:
    """Counts the steps of an act and strikes at one of them."""

    def __init__(self, die_at: int, pid: int) -> None:
        self.die_at, self.pid, self.steps = die_at, pid, 0

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.die_at:
            os.kill(self.pid, signal.SIGKILL)

    def watch(self) -> None:
        ask, commit = stripe.RequestsClient.request, BaseDatabaseWrapper._commit

        def asked(client, *args, **kwargs):
            answer = ask(client, *args, **kwargs)
            self.step()
            return answer

        def committed(wrapper):
            done = commit(wrapper)
            self.step()
            return done

        stripe.RequestsClient.request = asked
        BaseDatabaseWrapper._commit = committed


def in_a_fork(told: dict) -> dict:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            json.dump(_lived(told), pipe)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    return json.loads(said) if os.WIFEXITED(status) else {"died": True}


def _lived(told: dict) -> dict:
    fate = Fate(told.get("die_at") or 0, told.get("pid") or os.getpid())
    act = ACTS[told["act"]] if "act" in told else TOOLS[told["tool"]]
    if "act" in told:
        fate.watch()
    try:
        found = act(**told.get("wanted", {}))
    except Exception as error:
        return {
            "died": False,
            "steps": fate.steps,
            "raised": traceback.format_exc(limit=-4) or str(error),
        }
    finally:
        connections.close_all()
    return {"died": False, "steps": fate.steps, "found": found}


def main() -> None:
    connections.close_all()  # a fork must not inherit one
    for line in sys.stdin:
        print(json.dumps(in_a_fork(json.loads(line))), flush=True)


main()
