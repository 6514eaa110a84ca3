"""Asking every rule of one moment of the database."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.db import connection, transaction

from payments.invariants import Breach
from portal.invariants import RULES, Rule
from portal.invariants.base import MOST_ROWS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says. Of more than `MOST_ROWS` breaches only so many are listed."""

    rule: Rule
    breaches: Sequence[Breach]
    took_ms: int

    @property
    def holds(self) -> bool:
        return not self.breaches


def ask_all(*, at: datetime, rules: Iterable[Rule] = RULES) -> list[Verdict]:
    """Prove the rules, all of the same moment. Reads only."""
    with _snapshot():
        return [_asked(rule, at) for rule in rules]


def _asked(rule: Rule, at: datetime) -> Verdict:
    started = time.perf_counter()
    found = list(islice(rule.find(at), MOST_ROWS))
    return Verdict(rule, found, int((time.perf_counter() - started) * 1000))


@contextmanager
def _snapshot() -> Iterator[None]:
    """One state of the database for every question, and no writer waits for it.

    Django begins transactions on SQLite with the writers' lock; a reader's is begun by hand.
    """
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL statement_timeout = '120s'")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '120s'")
            yield
