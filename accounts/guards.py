"""What the database itself refuses of the history of people: the trail and decisions only grow.

The same names on both engines; a refusal surfaces as IntegrityError. SQLite drops the triggers of
a table that a later migration rebuilds, so they are put back after every ``migrate``.
"""

from typing import Any, Final

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TRAIL: Final = ("accounts_auditentry", "accounts_auditseal")
DECISIONS: Final = "accounts_consent"
# A decision moves with its person when two accounts become one; what was decided never changes.
DECIDED: Final = ("purpose", "granted", "text_version", "text", "channel", "at", "by")
KEPT: Final = "consent_is_kept"
REFUSE: Final = "accounts_history_is_kept"  # on PostgreSQL: refuses in the name it is given
# (trigger, table, what it refuses)
_REFUSED: Final = (
    *((f"{table}_append_only", table, verb) for table in TRAIL for verb in ("UPDATE", "DELETE")),
    (KEPT, DECISIONS, "UPDATE OF " + ", ".join(f'"{column}"' for column in DECIDED)),
)


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration, on PostgreSQL; on SQLite `put_back` does it after all migrations."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in _postgres():
            schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For unapplying the migration."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in _postgres_removal() if postgres else _sqlite_removal():
        schema_editor.execute(statement, params=None)


def put_back(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """After ``migrate``: a rebuilt SQLite table has its triggers again."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if DECISIONS not in connection.introspection.table_names(cursor):
            return
        for statement in _sqlite():
            cursor.execute(statement)


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER IF NOT EXISTS {trigger_called(name, act)} BEFORE {act} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
        for name, table, act in _REFUSED
    ]


def _sqlite_removal() -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {trigger_called(name, act)}" for name, _, act in _REFUSED]


def trigger_called(name: str, act: str) -> str:
    """A guard is a trigger for each act it refuses."""
    return f"{name}_{act.split()[0].lower()}"


def _postgres() -> list[str]:
    return [
        f"CREATE FUNCTION {REFUSE}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '%', TG_ARGV[0] "
        "USING ERRCODE = '23514', CONSTRAINT = TG_ARGV[0]; END $$",
        *(
            f"CREATE TRIGGER {trigger_called(name, act)} BEFORE {act} ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {REFUSE}('{name}')"
            for name, table, act in _REFUSED
        ),
    ]


def _postgres_removal() -> list[str]:
    return [
        *(
            f"DROP TRIGGER IF EXISTS {trigger_called(name, act)} ON {table}"
            for name, table, act in _REFUSED
        ),
        f"DROP FUNCTION IF EXISTS {REFUSE}()",
    ]
