"""Webhooks that go wrong on request: late, unsigned, signed wrongly or long ago, or broken."""

import fnmatch
from dataclasses import dataclass
from typing import Literal, cast, get_args

from payments.sandbox.pending import BadFault, Counted, Pending
from payments.sandbox.shapes import Json

DeliveryFaultKind = Literal["delay", "malformed", "stale", "unsigned", "wrong_secret"]
STALE_BY = 3600  # seconds by which a stale signature is older than any receiver should take


@dataclass(slots=True, kw_only=True)
class DeliveryFault(Counted):
    kind: DeliveryFaultKind
    type: str = "*"  # of the events, with stars
    seconds: int = 10  # of the sandbox clock, by which a delivery is late


class DeliveryFaults(Pending[DeliveryFault]):
    def add(self, data: Json) -> None:
        kind = str(data.get("kind", ""))
        if kind not in get_args(DeliveryFaultKind):
            raise BadFault(f"A delivery fault is one of {', '.join(get_args(DeliveryFaultKind))}.")
        self.put(
            DeliveryFault(
                kind=cast("DeliveryFaultKind", kind),
                type=str(data.get("type") or "*"),
                count=int(data.get("count") or 1),
                seconds=int(data.get("seconds") or 10),
            )
        )

    def take(self, event_type: str) -> DeliveryFault | None:
        """The first fault for events of this type, counted down."""
        return self.first(lambda fault: fnmatch.fnmatchcase(event_type, fault.type))
