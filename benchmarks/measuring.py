"""Timing two things in turn, so that what else the machine does strikes both alike."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """What ours costs against something else in the same run."""

    id: str
    ours: str
    ours_ms: float
    against: str
    against_ms: float
    target: str

    def row(self) -> str:
        ratio = self.ours_ms / self.against_ms
        return (
            f"| {self.id} | {self.ours}: {self.ours_ms:.2f} ms | {self.against}:"
            f" {self.against_ms:.2f} ms | {ratio:.2f} | {self.target} |"
        )


def in_turn(
    ours: Callable[[], object], against: Callable[[], object], rounds: int = 7
) -> tuple[float, float]:
    """The best of some rounds of each, in milliseconds, interleaved."""
    best = [float("inf"), float("inf")]
    for _ in range(rounds):
        for index, act in enumerate((ours, against)):
            started = time.perf_counter()
            act()
            best[index] = min(best[index], (time.perf_counter() - started) * 1000)
    return best[0], best[1]
