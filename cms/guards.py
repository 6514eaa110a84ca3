"""What the database itself refuses of content: a version of a policy is never changed or removed.

SQLite drops triggers when a later migration rebuilds a table, so they are put back after every
``migrate``.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "cms_policytext"
NAME = "policy_texts_are_kept"
SQLITE = [
    f"CREATE TRIGGER IF NOT EXISTS {NAME}_{act.lower()} BEFORE {act} ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{NAME}'); END"
    for act in ("UPDATE", "DELETE")
]
POSTGRES = [
    f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ "
    f"BEGIN RAISE EXCEPTION '{NAME}' USING ERRCODE = 'check_violation', "
    f"CONSTRAINT = '{NAME}'; END $$",
    f"CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON {TABLE} "
    f"FOR EACH ROW EXECUTE FUNCTION {NAME}()",
]


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    postgres = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRES if postgres else SQLITE:
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}", params=None)
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {NAME}()", params=None)
        return
    for act in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {NAME}_{act}", params=None)


def put_back(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    connection = connections[using]
    if connection.vendor != "sqlite" or TABLE not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in SQLITE:
            cursor.execute(statement)
