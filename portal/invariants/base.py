"""A rule that must always hold: its words, and how to find the rows that break it."""

import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from payments.invariants import Breach

MOST_ROWS: Final = 200  # of one rule; more say nothing new


@dataclass(frozen=True, slots=True)
class Rule:
    """I01 to I25 of docs/invariants.md; asked of the whole database, as it is now."""

    code: str
    title: str
    rule: str
    find: Callable[[datetime], Iterable[Breach]]


def rows(sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
    """What a question in SQL finds: for sums over windows that the ORM cannot say."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        while found := cursor.fetchmany(500):
            yield from found


def uuid_of(value: Any) -> str:
    """A UUID as people read it, from either engine."""
    return str(uuid.UUID(str(value)))


def of_booking(code: str, public_id: Any, what: str, by: int = 0) -> Breach:
    key = uuid_of(public_id)
    return Breach(code, key, what, by, "booking", key)


def of_lot(code: str, public_id: Any, what: str, by: int = 0) -> Breach:
    key = uuid_of(public_id)
    return Breach(code, key, what, by, "lot", key)


def of_order(code: str, number: str, public_id: Any, what: str, by: int = 0) -> Breach:
    return Breach(code, number, what, by, "order", uuid_of(public_id))
