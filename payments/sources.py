"""What the app above knows of a booking: payments has its id and nothing else.

Scheduling says at start who may be asked; imports point down only.
"""

from collections.abc import Callable, Iterable, Iterator
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
    is_late: bool = False  # cancelled late, or missed


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody set rules aside for a session, and said why."""

    at: datetime
    who: str
    rules: tuple[str, ...]
    reason: str
    booking_id: UUID


Reader = Callable[["QuerySet[Any, Any]"], dict[UUID, SessionFacts]]
OverrideReader = Callable[[datetime | None, datetime], Iterable[Override]]
_readers: list[Reader] = []
_override_readers: list[OverrideReader] = []


def tell_of_sessions(reader: Reader) -> None:
    """`reader` answers with the facts of the bookings whose ids a query gives."""
    _readers.append(reader)


def sessions_behind(ids: "QuerySet[Any, Any]") -> dict[UUID, SessionFacts]:
    """The sessions with these ids that anybody knows, by one question each."""
    found: dict[UUID, SessionFacts] = {}
    for reader in _readers:
        found |= reader(ids)
    return found


def tell_of_overrides(reader: OverrideReader) -> None:
    """`reader` answers with the rules set aside from a moment, if any, to just before another."""
    _override_readers.append(reader)


def overrides_within(since: datetime | None, until: datetime) -> Iterator[Override]:
    """Every rule that staff set aside for a session in that time, by one question each."""
    for reader in _override_readers:
        yield from reader(since, until)
