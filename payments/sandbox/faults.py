"""Failures on request: what the network and Stripe do on a bad day.

"before" means that nothing has happened, "after" that the effect is there and only the answer
is lost. The second is the one that refunds twice.
"""

import random
import time
from dataclasses import dataclass
from typing import Literal, cast, get_args

from payments.sandbox.errors import ApiError
from payments.sandbox.pending import BadFault, Counted, Pending
from payments.sandbox.shapes import Answer, Json

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


@dataclass(slots=True, kw_only=True)
class Fault(Counted):
    kind: FaultKind
    path: str = "/v1/"
    method: str = ""  # empty: any
    share: float = 1.0  # of the calls that fit; the others pass
    retry: str = ""  # "true" or "false" tells the SDK whether to try again
    seconds: float = 25.0  # how long a timeout holds the line and a slow answer takes

    @property
    def strikes_before(self) -> bool:
        return self.kind in BEFORE


class Faults(Pending[Fault]):
    def add(self, data: Json) -> Fault:
        kind = str(data.get("kind", ""))
        if kind not in get_args(FaultKind):
            raise BadFault(f"kind is one of {', '.join(get_args(FaultKind))}.")
        fault = Fault(
            kind=cast("FaultKind", kind),
            path=str(data.get("path", "/v1/")),
            method=str(data.get("method", "")).upper(),
            count=int(data.get("count", 1)),
            share=float(data.get("share", 1.0)),
            retry=str(data.get("retry", "")).lower(),
            seconds=float(data.get("seconds", 25.0)),
        )
        if not 0 < fault.share <= 1:
            raise BadFault("share is more than 0 and at most 1.")
        if fault.retry not in ("", "true", "false"):
            raise BadFault("retry is true or false, or left out.")
        return self.put(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault that fits this request, counted down."""

        def fits(fault: Fault) -> bool:
            meant = path.startswith(fault.path) and fault.method in ("", method)
            return meant and random.random() < fault.share  # noqa: S311 - not for secrets

        return self.first(fits)


def broken(retry: str = "") -> ApiError:
    return ApiError(500, "An unknown error occurred", kind="api_error", retry=retry)


def struck(fault: Fault) -> Answer:
    """The answer, or the silence, of a fault that comes before any effect."""
    if fault.kind == "429":
        raise ApiError(429, "Request rate limit exceeded.", code="rate_limit", retry=fault.retry)
    if fault.kind == "lock_timeout":
        message = "This object cannot be accessed right now. Please try again."
        raise ApiError(429, message, code="lock_timeout", retry=fault.retry)
    if fault.kind == "409":
        message = "The request conflicts with another one."
        raise ApiError(409, message, code="lock_timeout", retry=fault.retry)
    if fault.kind == "500_before":
        raise broken(fault.retry)
    if fault.kind == "502":
        page = b"<html><head><title>502 Bad Gateway</title></head><body>502</body></html>"
        return Answer(502, page, {"Content-Type": "text/html"})
    if fault.kind == "timeout_before":
        time.sleep(fault.seconds)
    return Answer(504, hang_up=True)


def lost(fault: Fault, answer: Answer) -> Answer:
    """What is left of an answer when the fault comes after the effect."""
    if fault.kind == "timeout_after":
        time.sleep(fault.seconds)
    if fault.kind in ("timeout_after", "reset_after"):
        return Answer(504, hang_up=True)
    if fault.kind == "garbage":
        return Answer(200, b"It works!", {"Content-Type": "text/plain"})
    return answer
