"""What the app above knows of a booking: payments has its id and nothing else.

Scheduling says at start who may be asked; imports point down only.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """A session as money is told by it."""

    starts_at: datetime
    service: str
    therapist: str
    location: str


Reader = Callable[["QuerySet[Any, Any]"], dict[UUID, SessionFacts]]
_readers: list[Reader] = []


def tell_of_sessions(reader: Reader) -> None:
    """`reader` answers with the facts of the bookings whose ids a query gives."""
    _readers.append(reader)


def sessions_behind(ids: "QuerySet[Any, Any]") -> dict[UUID, SessionFacts]:
    """The sessions with these ids that anybody knows, by one question each."""
    found: dict[UUID, SessionFacts] = {}
    for reader in _readers:
        found |= reader(ids)
    return found
