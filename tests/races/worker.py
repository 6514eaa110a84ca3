"""A process of a race. It reads a line of JSON, does what it says, and answers with one.

{"tool": name, ...}              runs a tool
{"attempts": [[name, {...}]]}    readies a thread for each and answers "ready"
{"go": second}                   lets them start at that second of the clock; how each ended
"""

# ruff: noqa: E402 - Django must be ready before its models are imported
import json
import os
import sys
import threading
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.db import connection

from tests.races.acts import TOOLS, attempt


class Race:
    """Threads that stand at the line, each with a connection that is open already."""

    def __init__(self, attempts: list) -> None:
        self.ended: list = [None] * len(attempts)
        self.line = threading.Barrier(len(attempts) + 1)
        self.started = threading.Event()
        self.second = 0.0
        self.threads = [
            threading.Thread(target=self._run, args=[number, *one])
            for number, one in enumerate(attempts)
        ]
        for thread in self.threads:
            thread.start()
        self.line.wait(60)

    def go(self, second: float) -> list:
        self.second = second
        self.started.set()
        for thread in self.threads:
            thread.join()
        return self.ended

    def _run(self, number: int, name: str, wanted: dict) -> None:
        try:
            connection.ensure_connection()
            self.line.wait(60)
            self.started.wait(60)
            time.sleep(max(0.0, self.second - time.time()))
            self.ended[number] = attempt(name, wanted)
        finally:
            connection.close()


def main() -> None:
    race = None
    for line in sys.stdin:
        told = json.loads(line)
        if "tool" in told:
            answer = TOOLS[told.pop("tool")](**told)
        elif "attempts" in told:
            race = Race(told["attempts"])
            answer = "ready"
        else:
            answer = race.go(told["go"])
        print(json.dumps(answer), flush=True)


main()
