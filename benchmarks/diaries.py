"""Several databases at once, each a practice of its own, so that they can be timed in turn."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections

from benchmarks import practice
from payments.models import ServiceVariant
from scheduling.models import Location


@dataclass(frozen=True, slots=True)
class Diary:
    """A database and what to ask it about."""

    alias: str
    variant: ServiceVariant
    location: Location

    def open(self) -> AbstractContextManager[None]:
        """While it lasts, this is the database of whatever asks."""
        return _opened(self.alias)


def new(stored: int, therapists: int = 10, day: practice.Day = practice.CALM) -> Diary:
    """A copy of the empty database with a practice in it."""
    alias = f"stored-{stored}-of-{therapists}-{len(day)}-a-day"
    settings = connections.settings[DEFAULT_DB_ALIAS]
    connections.settings[alias] = {**settings, "NAME": _copy(str(settings["NAME"]), alias)}
    with _opened(alias):
        return Diary(alias, *practice.build(stored, therapists, day))


@contextmanager
def _opened(alias: str) -> Iterator[None]:
    before = connections[DEFAULT_DB_ALIAS]
    connections[DEFAULT_DB_ALIAS] = connections[alias]
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = before


def _copy(name: str, alias: str) -> str:
    if connection.vendor == "sqlite":
        path = str(Path(name).with_name(f"{alias}.sqlite3"))
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [path])
        return path
    with connections[DEFAULT_DB_ALIAS]._nodb_cursor() as cursor:
        connection.close()  # a template must not be in use
        cursor.execute(f'CREATE DATABASE "{name}-{alias}" TEMPLATE "{name}"')
    return f"{name}-{alias}"
