"""Eight processes on one database that can be sent off at the same moment."""

import itertools
import json
import subprocess
import sys
import time
from collections import Counter

from tests.migrated import ROOT, environment_for

PROCESSES = 8
A_WEEK_BEFORE = "2026-11-24T09:00:00+00:00"
_names = itertools.count(1)


class Crew:
    """``with Crew(url) as crew: crew.race([...])``."""

    def __init__(self, url: str) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.races.worker"],
                cwd=ROOT,
                env=environment_for(url),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(PROCESSES)
        ]

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, *reason: object) -> None:
        for process in self.processes:
            process.stdin.close()
        for process in self.processes:
            process.wait(60)

    def tell(self, number: int, **told) -> None:
        self.processes[number].stdin.write(json.dumps(told) + "\n")
        self.processes[number].stdin.flush()

    def answer(self, number: int):
        line = self.processes[number].stdout.readline()
        assert line, f"process {number} of the race died"
        return json.loads(line)

    def use(self, tool: str, **wanted):
        """A tool's answer."""
        self.tell(0, tool=tool, **wanted)
        return self.answer(0)

    def race(self, attempts: list[tuple[str, dict]]) -> list[dict[str, str]]:
        """All at once, neighbours in the list in different processes; how each ended."""
        shares = [attempts[number::PROCESSES] for number in range(PROCESSES)]
        running = [number for number, share in enumerate(shares) if share]
        for number in running:
            self.tell(number, attempts=shares[number])
        assert [self.answer(number) for number in running] == ["ready"] * len(running)
        start = time.time() + 0.2
        for number in running:
            self.tell(number, go=start)
        ended: list = [None] * len(attempts)
        for number in running:
            ended[number::PROCESSES] = self.answer(number)
        return ended

    def do(self, act: str, **wanted) -> str:
        """One act by itself, which must succeed; the booking's id."""
        [ended] = self.race([(act, wanted)])
        assert ended["ended"] == act, ended
        return ended["booking"]

    def practice(self, *, therapists: int, rooms: int, runners: int, units: int = 1) -> dict:
        return self.use(
            "practice",
            name=f"race-{time.time_ns()}-{next(_names)}",
            therapists=therapists,
            rooms=rooms,
            runners=runners,
            units=units,
            at=A_WEEK_BEFORE,
        )

    def require_order(self, made: dict) -> None:
        """Nothing overlaps, the books add up, every history is whole, every credit is accounted
        for by a booking."""
        assert self.use("wrongs", runners=made["runners"]) == {
            "overlaps": 0,
            "breaches": [],
            "histories": [],
            "credits": [],
        }


def words(ended: list[dict[str, str]]) -> Counter:
    return Counter(one["ended"] for one in ended)
