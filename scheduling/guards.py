"""What the database itself refuses, on each engine (E1).

On PostgreSQL an exclusion constraint per resource over ``[starts_at, frees_at)``; on SQLite
triggers of the same names. Changes of bookings are only ever added. SQLite drops triggers when a
later migration rebuilds a table, so they are put back after every ``migrate``; putting one where
it already is does nothing.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BOOKING = "scheduling_booking"
CHANGE = "scheduling_bookingchange"
THERAPIST_GUARD = "therapist_not_double_booked"
ROOM_GUARD = "room_not_double_booked"
RESOURCES = ((THERAPIST_GUARD, "therapist_id"), (ROOM_GUARD, "room_id"))
APPEND_ONLY = "booking_changes_are_kept"
MOMENT_FORM = "booking_moments_in_one_form"
ORIGIN_KEPT = "booking_origin_is_kept"
ORIGIN = ("source_page", "article_id", "article_title")  # written with the hold
AGREED = "agreed_texts"  # written when it is booked
WRITTEN_ONCE = (*ORIGIN, AGREED)
# Of a change only its words may be taken away, when its runner is erased.
CHANGE_FROZEN = ("id", "booking_id", "from_state", "to_state", "kind", "actor_id", "at", "details")
LIVE = "('held', 'confirmed', 'checked_in')"


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration: put the guards of this database's kind in place."""
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For unapplying the migration."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in _postgres_removal() if postgres else _sqlite_removal():
        schema_editor.execute(statement, params=None)


def install_origin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For the migration that adds where a booking came from: it is written once (U3)."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in _postgres_origin():
            schema_editor.execute(statement, params=None)


def remove_origin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    on = f" ON {BOOKING}" if postgres else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {ORIGIN_KEPT}{on}", params=None)
    if postgres:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {ORIGIN_KEPT}()", params=None)


def put_back(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """After ``migrate``: a rebuilt SQLite table has its triggers again."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if BOOKING not in connection.introspection.table_names(cursor):
            return
        for statement in [*_sqlite(), *_sqlite_origin()]:
            cursor.execute(statement)


def statements(vendor: str) -> list[str]:
    return _postgres() if vendor == "postgresql" else _sqlite()


def _postgres() -> list[str]:
    exclusions = [
        f"ALTER TABLE {BOOKING} ADD CONSTRAINT {name} EXCLUDE USING gist "
        f"({column} WITH =, tstzrange(starts_at, frees_at, '[)') WITH &&) "
        f"WHERE (state IN {LIVE})"
        for name, column in RESOURCES
    ]
    return [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        *exclusions,
        f"CREATE FUNCTION {APPEND_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'check_violation'; END $$",
        f"CREATE TRIGGER {APPEND_ONLY} BEFORE UPDATE OR DELETE ON {CHANGE} "
        f"FOR EACH ROW EXECUTE FUNCTION {APPEND_ONLY}()",
    ]


def _origin_changed(differs: str) -> str:
    """The condition in SQL; ``differs`` compares what may be null."""
    changed = [f"NEW.{name} {differs} OLD.{name}" for name in ORIGIN]
    agreed = f"(OLD.booked_at IS NOT NULL AND NEW.{AGREED} {differs} OLD.{AGREED})"
    return " OR ".join([*changed, agreed])


def _postgres_origin() -> list[str]:
    changed = _origin_changed("IS DISTINCT FROM")
    return [
        f"CREATE FUNCTION {ORIGIN_KEPT}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{ORIGIN_KEPT}' USING ERRCODE = 'check_violation', "
        f"CONSTRAINT = '{ORIGIN_KEPT}'; END $$",
        f"CREATE TRIGGER {ORIGIN_KEPT} BEFORE UPDATE OF {', '.join(WRITTEN_ONCE)} ON {BOOKING} "
        f"FOR EACH ROW WHEN ({changed}) EXECUTE FUNCTION {ORIGIN_KEPT}()",
    ]


def _postgres_removal() -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {APPEND_ONLY} ON {CHANGE}",
        f"DROP FUNCTION IF EXISTS {APPEND_ONLY}()",
        *(f"ALTER TABLE {BOOKING} DROP CONSTRAINT IF EXISTS {name}" for name, _ in RESOURCES),
    ]


def _sqlite() -> list[str]:
    guards = []
    for name, column in RESOURCES:
        for act, itself in (("INSERT", ""), ("UPDATE", "AND other.id <> NEW.id ")):
            overlap = (
                f"SELECT 1 FROM {BOOKING} AS other "  # noqa: S608 - names from above, no input
                f"WHERE other.{column} = NEW.{column} AND other.state IN {LIVE} {itself}"
                "AND other.starts_at < NEW.frees_at AND other.frees_at > NEW.starts_at"
            )
            guards.append(
                f"CREATE TRIGGER IF NOT EXISTS {name}_{act.lower()} BEFORE {act} ON {BOOKING} "
                f"WHEN NEW.state IN {LIVE} AND EXISTS ({overlap}) "
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )
    return [*guards, *_sqlite_moments(), *_sqlite_changes()]


def _sqlite_origin() -> list[str]:
    changed = _origin_changed("IS NOT")
    return [
        f"CREATE TRIGGER IF NOT EXISTS {ORIGIN_KEPT} BEFORE UPDATE OF {', '.join(WRITTEN_ONCE)} "
        f"ON {BOOKING} WHEN {changed} BEGIN SELECT RAISE(ABORT, '{ORIGIN_KEPT}'); END"
    ]


def _sqlite_moments() -> list[str]:
    """SQLite compares moments as text, so all must be written the way Django writes UTC."""
    digit = "[0-9]"
    form = f"{digit * 4}-{digit * 2}-{digit * 2} {digit * 2}:{digit * 2}:{digit * 2}"
    other = " OR ".join(
        f"NEW.{column} NOT GLOB '{form}'" for column in ("starts_at", "ends_at", "frees_at")
    )
    return [
        f"CREATE TRIGGER IF NOT EXISTS {MOMENT_FORM}_{act.lower()} BEFORE {act} ON {BOOKING} "
        f"WHEN {other} BEGIN SELECT RAISE(ABORT, '{MOMENT_FORM}'); END"
        for act in ("INSERT", "UPDATE")
    ]


def _sqlite_changes() -> list[str]:
    kept = f"WHEN NOT ({_words_taken_away('IS')}) "
    return [
        f"CREATE TRIGGER IF NOT EXISTS {APPEND_ONLY}_{act.lower()} BEFORE {act} ON {CHANGE} "
        f"{kept if act == 'UPDATE' else ''}BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
        for act in ("UPDATE", "DELETE")
    ]


def _words_taken_away(same: str) -> str:
    """The condition in SQL; ``same`` compares what may be null."""
    frozen = " AND ".join(f'NEW."{name}" {same} OLD."{name}"' for name in CHANGE_FROZEN)
    return f"NEW.reason = '' AND {frozen}"


def _postgres_words() -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {APPEND_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN IF TG_OP = 'UPDATE' AND ({_words_taken_away('IS NOT DISTINCT FROM')}) "
        "THEN RETURN NEW; END IF; "
        f"RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'check_violation'; END $$"
    ]


def _postgres_no_words() -> list[str]:
    return [
        f"CREATE OR REPLACE FUNCTION {APPEND_ONLY}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{APPEND_ONLY}' USING ERRCODE = 'check_violation'; END $$"
    ]


def install_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For the migration that lets the words of a change be taken away (G6).

    On SQLite the older trigger goes; `put_back` makes the present one after all migrations.
    """
    postgres = schema_editor.connection.vendor == "postgresql"
    older = f"DROP TRIGGER IF EXISTS {APPEND_ONLY}_update"
    for statement in _postgres_words() if postgres else [older]:
        schema_editor.execute(statement, params=None)


def remove_words(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for statement in _postgres_no_words():
            schema_editor.execute(statement, params=None)


def _sqlite_removal() -> list[str]:
    names = [f"{name}_{act}" for name, _ in RESOURCES for act in ("insert", "update")]
    names += [f"{MOMENT_FORM}_{act}" for act in ("insert", "update")]
    names += [f"{APPEND_ONLY}_{act}" for act in ("update", "delete")]
    return [f"DROP TRIGGER IF EXISTS {name}" for name in names]
