"""Failures on request: what the network and Stripe do on a bad day.

"before" means that nothing has happened, "after" that the effect is there and only the answer
is lost. The second is the one that refunds twice.
"""

import threading
from dataclasses import asdict, dataclass
from typing import Literal, cast, get_args

from payments.sandbox.shapes import Json

FaultKind = Literal[
    "429",
    "lock_timeout",
    "409",
    "500_before",
    "500_after",
    "502",
    "timeout_before",
    "timeout_after",
    "reset",
    "reset_after",
    "garbage",
    "slow",
]
BEFORE: frozenset[str] = frozenset(
    {"429", "lock_timeout", "409", "500_before", "502", "timeout_before", "reset"}
)


class BadFault(ValueError):
    """A fault of an unknown kind, or one that would never strike."""


@dataclass(slots=True)
class Fault:
    kind: FaultKind
    path: str = "/v1/"
    method: str = ""  # empty: any
    count: int = 1
    seconds: float = 25.0  # how long a timeout holds the line and a slow answer takes

    @property
    def strikes_before(self) -> bool:
        return self.kind in BEFORE


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[Fault] = []

    def add(self, data: Json) -> Fault:
        kind = str(data.get("kind", ""))
        if kind not in get_args(FaultKind):
            raise BadFault(f"kind is one of {', '.join(get_args(FaultKind))}.")
        fault = Fault(
            kind=cast("FaultKind", kind),
            path=str(data.get("path", "/v1/")),
            method=str(data.get("method", "")).upper(),
            count=int(data.get("count", 1)),
            seconds=float(data.get("seconds", 25.0)),
        )
        if fault.count < 1:
            raise BadFault("count is at least 1.")
        with self._lock:
            self._pending.append(fault)
        return fault

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that fits this request, counted down."""
        with self._lock:
            for fault in self._pending:
                if path.startswith(fault.path) and fault.method in ("", method):
                    fault.count -= 1
                    if fault.count == 0:
                        self._pending.remove(fault)
                    return fault
        return None

    def clear(self) -> None:
        with self._lock:
            self._pending.clear()

    def as_json(self) -> list[Json]:
        with self._lock:
            return [asdict(fault) for fault in self._pending]
