"""Webhooks that go wrong on request: late, unsigned, signed wrongly or long ago, or broken."""

import fnmatch
import threading
from dataclasses import asdict, dataclass
from typing import Literal, cast, get_args

from payments.sandbox.faults import BadFault
from payments.sandbox.shapes import Json

DeliveryFaultKind = Literal["delay", "malformed", "stale", "unsigned", "wrong_secret"]
STALE_BY = 3600  # seconds by which a stale signature is older than any receiver should take


@dataclass(slots=True)
class DeliveryFault:
    kind: DeliveryFaultKind
    type: str = "*"  # of the events, with stars
    count: int = 1
    seconds: int = 10  # of the sandbox clock, by which a delivery is late


class DeliveryFaults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pending: list[DeliveryFault] = []

    def add(self, data: Json) -> None:
        kind = str(data.get("kind", ""))
        if kind not in get_args(DeliveryFaultKind):
            raise BadFault(f"A delivery fault is one of {', '.join(get_args(DeliveryFaultKind))}.")
        fault = DeliveryFault(
            kind=cast("DeliveryFaultKind", kind),
            type=str(data.get("type") or "*"),
            count=int(data.get("count") or 1),
            seconds=int(data.get("seconds") or 10),
        )
        if fault.count < 1:
            raise BadFault("count is at least 1.")
        with self._lock:
            self._pending.append(fault)

    def take(self, event_type: str) -> DeliveryFault | None:
        """The first fault for events of this type, counted down."""
        with self._lock:
            for fault in self._pending:
                if fnmatch.fnmatchcase(event_type, fault.type):
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
