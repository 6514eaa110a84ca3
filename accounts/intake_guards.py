"""What the database itself refuses of forms and answers: what was published or said stays so.

The same names on both engines. On SQLite, which rebuilds a table to change it, the guards are
lifted while the app migrates and put back after it.
"""

from typing import Any, Final

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration

from accounts.guards import REFUSE, trigger_called

FORM: Final = "intake_form_is_kept"
QUESTION: Final = "intake_question_is_kept"
ANSWERS: Final = "intake_answers_are_kept"
NOTE: Final = "treatment_note_is_kept"

_PUBLISHED = "(SELECT published_at FROM accounts_intakeform WHERE id = {row}.form_id) IS NOT NULL"
# (name, table, act, when it is refused); a person may change by a merge, words by a new key.
_REFUSED: Final = (
    (FORM, "accounts_intakeform", "UPDATE", "OLD.published_at IS NOT NULL"),
    (FORM, "accounts_intakeform", "DELETE", "OLD.published_at IS NOT NULL"),
    (QUESTION, "accounts_intakequestion", "INSERT", _PUBLISHED.format(row="NEW")),
    (
        QUESTION,
        "accounts_intakequestion",
        "UPDATE",
        f"{_PUBLISHED.format(row='OLD')} OR {_PUBLISHED.format(row='NEW')}",
    ),
    (QUESTION, "accounts_intakequestion", "DELETE", _PUBLISHED.format(row="OLD")),
    (ANSWERS, "accounts_intakeanswers", "UPDATE OF public_id, form_id, given_at", ""),
    (
        NOTE,
        "accounts_treatmentnote",
        "UPDATE OF public_id, session, written_by, written_at",
        "",
    ),
)


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration, on PostgreSQL; on SQLite `put_back` does it after all migrations."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in _postgres():
            schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For unapplying the migration."""
    if schema_editor.connection.vendor == "postgresql":
        for statement in _postgres_removal():
            schema_editor.execute(statement, params=None)


def lift(
    using: str = DEFAULT_DB_ALIAS, plan: list[tuple[Migration, bool]] | None = None, **_: Any
) -> None:
    """Before ``migrate``, if there is something of ours to do: let SQLite rebuild our tables."""
    ours = [migration for migration, _backwards in plan or [] if migration.app_label == "accounts"]
    connection = connections[using]
    if ours and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for name, _table, act, _when in _REFUSED:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger_called(name, act)}")


def put_back(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """After ``migrate`` on SQLite."""
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if "accounts_intakeform" not in connection.introspection.table_names(cursor):
            return
        for name, table, act, when in _REFUSED:
            cursor.execute(
                f"CREATE TRIGGER IF NOT EXISTS {trigger_called(name, act)} BEFORE {act} ON {table} "
                f"{f'WHEN {when} ' if when else ''}"
                f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            )


def _postgres() -> list[str]:
    """The form of a question is asked for in the function: a trigger's WHEN may not look it up."""
    return [
        "CREATE FUNCTION accounts_question_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN IF EXISTS (SELECT 1 FROM accounts_intakeform WHERE published_at IS NOT NULL "
        "AND id IN (CASE WHEN TG_OP = 'INSERT' THEN NEW.form_id ELSE OLD.form_id END, "
        "CASE WHEN TG_OP = 'DELETE' THEN OLD.form_id ELSE NEW.form_id END)) THEN "
        "RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = '23514', CONSTRAINT = TG_ARGV[0]; "
        "END IF; RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END $$",
        *(
            f"CREATE TRIGGER {trigger_called(name, act)} BEFORE {act} ON {table} FOR EACH ROW "
            f"{'' if name == QUESTION or not when else f'WHEN ({when}) '}"
            f"EXECUTE FUNCTION {_function(name)}('{name}')"
            for name, table, act, when in _REFUSED
        ),
    ]


def _function(name: str) -> str:
    return "accounts_question_is_kept" if name == QUESTION else REFUSE


def _postgres_removal() -> list[str]:
    return [
        *(
            f"DROP TRIGGER IF EXISTS {trigger_called(name, act)} ON {table}"
            for name, table, act, _when in _REFUSED
        ),
        "DROP FUNCTION IF EXISTS accounts_question_is_kept()",
    ]
