"""What the content API refuses, and the words for where in a body something is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where it is in what was sent, and a sentence."""

    loc: Path
    msg: str
    type: str = "invalid"

    def shown(self) -> dict[str, Any]:
        return {"type": self.type, "loc": list(self.loc), "msg": self.msg}


class ContentRefused(Exception):
    """A request of the content API that is not carried out; nothing of it is written."""

    def __init__(
        self, status: int, code: str, detail: str, faults: Iterable[Fault] = (), **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.members: dict[str, Any] = dict(members)
        if faults := tuple(faults):
            self.members["errors"] = [fault.shown() for fault in faults]


def unknown_fields(faults: Iterable[Fault]) -> ContentRefused:
    """What nobody reads is refused: a misspelt filter would otherwise answer with everything."""
    faults = tuple(faults)
    names = ", ".join(str(fault.loc[-1]) for fault in faults)
    return ContentRefused(400, "unknown_field", f"Not known here: {names}.", faults)


def wrong_address(faults: Iterable[Fault]) -> ContentRefused:
    return ContentRefused(
        400, "bad_query", "Some of what the address asks for is not valid.", faults
    )


def wrong_body(faults: Iterable[Fault]) -> ContentRefused:
    return ContentRefused(422, "invalid", "Some of what was sent is not valid.", faults)
