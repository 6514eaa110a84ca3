"""Getting at the tables past every guard of the database, to show that it is noticed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

OURS = "accounts_|payments_|scheduling_|portal_"


@contextmanager
def without_guards() -> Iterator[Any]:
    """A cursor for which no trigger, foreign key or check holds. Inside a test's transaction."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "SELECT conrelid::regclass::text, conname FROM pg_constraint"
                " WHERE contype IN ('c', 'x') AND conrelid::regclass::text ~ %s",
                [f"^({OURS})"],
            )
            for table, name in cursor.fetchall():
                cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        try:
            yield cursor
        finally:
            if connection.vendor == "sqlite":
                cursor.execute("PRAGMA ignore_check_constraints = OFF")
            else:
                cursor.execute("SET session_replication_role = DEFAULT")
