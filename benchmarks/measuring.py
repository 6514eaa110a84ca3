"""Timing things in turn, so that what else the machine does strikes all of them alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass

Act = Callable[[], object]

HEADER = "| id | ours | against | ratio | by CPU | target |\n| --- | --- | --- | --- | --- | --- |"


@dataclass(frozen=True, slots=True)
class Cost:
    """The best of some rounds, in milliseconds: by the clock, and of this process's CPU alone.

    The second hardly feels a busy machine, but knows nothing of a database in another process.
    """

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """What ours costs against something else in the same run.

    ``of_requests`` turns it round: how many of ours are answered in the time of one of the other.
    """

    id: str
    ours: str
    cost: Cost
    against: str
    other: Cost
    target: str
    of_requests: bool = False

    def row(self) -> str:
        one, two = (self.other, self.cost) if self.of_requests else (self.cost, self.other)
        return (
            f"| {self.id} | {self.ours}: {self.cost.wall:.2f} ms"
            f" | {self.against}: {self.other.wall:.2f} ms"
            f" | {one.wall / two.wall:.2f} | {one.cpu / two.cpu:.2f} | {self.target} |"
        )


def in_turn(*acts: Act, rounds: int = 7, before: Act = lambda: None) -> list[Cost]:
    """What each costs at its best, interleaved. ``before`` each of them is not timed."""
    best = [Cost(float("inf"), float("inf"))] * len(acts)
    for _ in range(rounds):
        for index, act in enumerate(acts):
            before()
            wall, cpu = time.perf_counter(), time.process_time()
            act()
            spent = Cost((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000)
            best[index] = Cost(min(best[index].wall, spent.wall), min(best[index].cpu, spent.cpu))
    return best
