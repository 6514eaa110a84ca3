"""Faults that wait to strike: taken in order, counted down, from any thread."""

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Generic, TypeVar

from payments.sandbox.shapes import Json


class BadFault(ValueError):
    """A fault of an unknown kind, or one that would never strike."""


@dataclass(slots=True, kw_only=True)
class Counted:
    """What strikes `count` times."""

    count: int = 1


F = TypeVar("F", bound=Counted)


class Pending(Generic[F]):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[F] = []

    def put(self, fault: F) -> F:
        if fault.count < 1:
            raise BadFault("count is at least 1.")
        with self._lock:
            self._waiting.append(fault)
        return fault

    def first(self, fits: Callable[[F], bool]) -> F | None:
        """The first that fits, counted down."""
        with self._lock:
            for fault in self._waiting:
                if fits(fault):
                    fault.count -= 1
                    if fault.count == 0:
                        self._waiting.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    def as_json(self) -> list[Json]:
        with self._lock:
            return [asdict(fault) for fault in self._waiting]
