"""What the database itself refuses: ledgers only grow, no bucket falls below zero, sold terms stay.

Each guard has the same name on both engines; a refusal surfaces as IntegrityError. SQLite rebuilds
a table to change it: that drops the table's triggers, and is refused while triggers of other tables
read it. So on SQLite the guards are lifted while payments migrates and are put back after it.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration

APPEND_ONLY = [
    "payments_creditentry",
    "payments_journalentry",
    "payments_journalline",
    "payments_orderline",
    "payments_document",
    "payments_period",
]
CLOSING_LOCK = 7_261_001  # our own number for pg_advisory_xact_lock
# Which article led here and which words were agreed to: written once, with the order.
ORDER_ORIGIN = ["source_page", "article_id", "article_title", "agreed_texts"]
POLICY_TERMS = [
    "code",
    "version",
    "cancel_window_minutes",
    "move_window_minutes",
    "max_moves",
    "grace_minutes",
    "refund_rule",
    "expiry_rule",
    "summary",
    "effective_from",
]

DATED = ["payments_creditentry", "payments_journalentry"]  # closed periods take none of them

LEFT_SQLITE = """
    (SELECT COALESCE(SUM(CASE WHEN to_bucket = from_bucket THEN 0
                              WHEN to_bucket = NEW.from_bucket THEN units
                              WHEN from_bucket = NEW.from_bucket THEN -units
                              ELSE 0 END), 0)
       FROM payments_creditentry WHERE lot_id = NEW.lot_id)
"""

# Of a paper only the buyer may be taken away, when she is erased or the legal period is over; no
# other word can be put in her place, and nothing else of it ever changes.
DOCUMENT = "payments_document"
DOCUMENT_FROZEN = [
    "id",
    "entity_id",
    "kind",
    "number",
    "order_id",
    "refund_request_id",
    "corrects_id",
    "total_minor",
    "tax_minor",
    "currency",
    "issued_at",
    "issued_by_id",
]


def _same(columns: list[str], same: str) -> str:
    return " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in columns)


_BUYER_SQLITE = " AND ".join(
    f"json_extract(NEW.content, '$.buyer.{part}')"
    f" IN ('', json_extract(OLD.content, '$.buyer.{part}'))"
    for part in ("name", "email")
)
BUYER_TAKEN_AWAY_SQLITE = f"""
    {_same(DOCUMENT_FROZEN, "IS")}
    AND json_remove(NEW.content, '$.buyer.name', '$.buyer.email')
        IS json_remove(OLD.content, '$.buyer.name', '$.buyer.email')
    AND {_BUYER_SQLITE}"""
_BUYER_POSTGRES = " AND ".join(
    f"NEW.content #>> '{{buyer,{part}}}' IN ('', OLD.content #>> '{{buyer,{part}}}')"
    for part in ("name", "email")
)
BUYER_TAKEN_AWAY_POSTGRES = f"""
    {_same(DOCUMENT_FROZEN, "IS NOT DISTINCT FROM")}
    AND NEW.content #- '{{buyer,name}}' #- '{{buyer,email}}'
        = OLD.content #- '{{buyer,name}}' #- '{{buyer,email}}'
    AND {_BUYER_POSTGRES}"""

SQLITE_UP = [
    *(
        f"""CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()}
            BEFORE {verb} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table}_append_only'); END"""
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
        if (table, verb) != (DOCUMENT, "UPDATE")
    ),
    f"""CREATE TRIGGER IF NOT EXISTS {DOCUMENT}_no_update
        BEFORE UPDATE ON {DOCUMENT}
        WHEN NOT COALESCE({BUYER_TAKEN_AWAY_SQLITE}, 0)
        BEGIN SELECT RAISE(ABORT, '{DOCUMENT}_append_only'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS credit_bucket_not_negative
        BEFORE INSERT ON payments_creditentry
        WHEN NEW.from_bucket <> 'issued' AND {LEFT_SQLITE} < NEW.units
        BEGIN SELECT RAISE(ABORT, 'credit_bucket_not_negative'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS credit_lot_issued_once
        BEFORE INSERT ON payments_creditentry
        WHEN NEW.from_bucket = 'issued'
         AND NEW.units - {LEFT_SQLITE}
             > (SELECT units FROM payments_creditlot WHERE id = NEW.lot_id)
        BEGIN SELECT RAISE(ABORT, 'credit_lot_issued_once'); END""",  # noqa: S608 - our own names
    *(
        f"""CREATE TRIGGER IF NOT EXISTS {table}_period_is_closed
            BEFORE INSERT ON {table}
            WHEN NEW.effective_at < (SELECT MAX(ends_at) FROM payments_period)
            BEGIN SELECT RAISE(ABORT, 'period_is_closed'); END"""  # noqa: S608 - our own names
        for table in DATED
    ),
    """CREATE TRIGGER IF NOT EXISTS document_numbers_have_no_gap
        BEFORE INSERT ON payments_document
        WHEN NEW.number <> 1 + (SELECT COALESCE(MAX(number), 0) FROM payments_document
                                 WHERE entity_id = NEW.entity_id AND kind = NEW.kind)
        BEGIN SELECT RAISE(ABORT, 'document_numbers_have_no_gap'); END""",
    f"""CREATE TRIGGER IF NOT EXISTS policy_frozen_once_used
        BEFORE UPDATE OF {", ".join(POLICY_TERMS)}
        ON payments_policy
        WHEN EXISTS (SELECT 1 FROM payments_order WHERE policy_id = OLD.id)
          OR EXISTS (SELECT 1 FROM payments_creditlot WHERE policy_id = OLD.id)
        BEGIN SELECT RAISE(ABORT, 'policy_frozen_once_used'); END""",  # noqa: S608 - our own names
    f"""CREATE TRIGGER IF NOT EXISTS order_origin_is_kept
        BEFORE UPDATE OF {", ".join(ORDER_ORIGIN)} ON payments_order
        WHEN {" OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in ORDER_ORIGIN)}
        BEGIN SELECT RAISE(ABORT, 'order_origin_is_kept'); END""",
]
SQLITE_DOWN = [
    *(
        f"DROP TRIGGER IF EXISTS {table}_no_{verb}"
        for table in APPEND_ONLY
        for verb in ("update", "delete")
    ),
    "DROP TRIGGER IF EXISTS credit_bucket_not_negative",
    "DROP TRIGGER IF EXISTS credit_lot_issued_once",
    *(f"DROP TRIGGER IF EXISTS {table}_period_is_closed" for table in DATED),
    "DROP TRIGGER IF EXISTS document_numbers_have_no_gap",
    "DROP TRIGGER IF EXISTS policy_frozen_once_used",
    "DROP TRIGGER IF EXISTS order_origin_is_kept",
]

POSTGRES_UP = [
    """CREATE FUNCTION payments_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '%_append_only', TG_TABLE_NAME
            USING ERRCODE = '23514', CONSTRAINT = TG_TABLE_NAME || '_append_only';
    END $$""",
    *(
        f"""CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION payments_append_only()"""
        for table in APPEND_ONLY
    ),
    """CREATE FUNCTION payments_guard_buckets() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        issued integer;
        in_bucket integer;
    BEGIN
        -- The lock makes two writers of one lot take turns, so the sum below is the truth.
        SELECT units INTO issued FROM payments_creditlot WHERE id = NEW.lot_id FOR UPDATE;
        SELECT COALESCE(SUM(CASE WHEN to_bucket = from_bucket THEN 0
                                 WHEN to_bucket = NEW.from_bucket THEN units
                                 WHEN from_bucket = NEW.from_bucket THEN -units
                                 ELSE 0 END), 0)
          INTO in_bucket FROM payments_creditentry WHERE lot_id = NEW.lot_id;
        IF NEW.from_bucket = 'issued' AND NEW.units - in_bucket > issued THEN
            RAISE EXCEPTION 'credit_lot_issued_once'
                USING ERRCODE = '23514', CONSTRAINT = 'credit_lot_issued_once';
        ELSIF NEW.from_bucket <> 'issued' AND in_bucket < NEW.units THEN
            RAISE EXCEPTION 'credit_bucket_not_negative'
                USING ERRCODE = '23514', CONSTRAINT = 'credit_bucket_not_negative';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER credit_bucket_not_negative BEFORE INSERT ON payments_creditentry
        FOR EACH ROW EXECUTE FUNCTION payments_guard_buckets()""",
    f"""CREATE FUNCTION payments_guard_periods() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- Whoever closes takes this lock alone, so no entry slips in while books are closed.
        PERFORM pg_advisory_xact_lock_shared({CLOSING_LOCK});
        IF NEW.effective_at < (SELECT MAX(ends_at) FROM payments_period) THEN
            RAISE EXCEPTION 'period_is_closed'
                USING ERRCODE = '23514', CONSTRAINT = 'period_is_closed';
        END IF;
        RETURN NEW;
    END $$""",  # noqa: S608 - our own number
    *(
        f"""CREATE TRIGGER {table}_period_is_closed BEFORE INSERT ON {table}
            FOR EACH ROW EXECUTE FUNCTION payments_guard_periods()"""
        for table in DATED
    ),
    """CREATE FUNCTION payments_guard_documents() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        -- The lock makes two writers take turns, so the number after the last is the next.
        PERFORM 1 FROM payments_legalentity WHERE id = NEW.entity_id FOR UPDATE;
        IF NEW.number <> 1 + (SELECT COALESCE(MAX(number), 0) FROM payments_document
                               WHERE entity_id = NEW.entity_id AND kind = NEW.kind) THEN
            RAISE EXCEPTION 'document_numbers_have_no_gap'
                USING ERRCODE = '23514', CONSTRAINT = 'document_numbers_have_no_gap';
        END IF;
        RETURN NEW;
    END $$""",
    """CREATE TRIGGER document_numbers_have_no_gap BEFORE INSERT ON payments_document
        FOR EACH ROW EXECUTE FUNCTION payments_guard_documents()""",
    """CREATE FUNCTION payments_freeze_policy() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM payments_order WHERE policy_id = OLD.id)
           OR EXISTS (SELECT 1 FROM payments_creditlot WHERE policy_id = OLD.id) THEN
            RAISE EXCEPTION 'policy_frozen_once_used'
                USING ERRCODE = '23514', CONSTRAINT = 'policy_frozen_once_used';
        END IF;
        RETURN NEW;
    END $$""",
    f"""CREATE TRIGGER policy_frozen_once_used BEFORE UPDATE OF {", ".join(POLICY_TERMS)}
        ON payments_policy FOR EACH ROW
        WHEN (OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION payments_freeze_policy()""",
]
POSTGRES_DOWN = [
    *(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}" for table in APPEND_ONLY),
    "DROP TRIGGER IF EXISTS credit_bucket_not_negative ON payments_creditentry",
    *(f"DROP TRIGGER IF EXISTS {table}_period_is_closed ON {table}" for table in DATED),
    "DROP TRIGGER IF EXISTS document_numbers_have_no_gap ON payments_document",
    "DROP TRIGGER IF EXISTS policy_frozen_once_used ON payments_policy",
    "DROP FUNCTION IF EXISTS payments_append_only()",
    "DROP FUNCTION IF EXISTS payments_guard_buckets()",
    "DROP FUNCTION IF EXISTS payments_guard_periods()",
    "DROP FUNCTION IF EXISTS payments_guard_documents()",
    "DROP FUNCTION IF EXISTS payments_freeze_policy()",
]
# Its own list: the columns are younger than the migrations that install the others.
POSTGRES_ORIGIN = [
    """CREATE FUNCTION payments_keep_origin() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'order_origin_is_kept'
            USING ERRCODE = '23514', CONSTRAINT = 'order_origin_is_kept';
    END $$""",
    f"""CREATE TRIGGER order_origin_is_kept BEFORE UPDATE OF {", ".join(ORDER_ORIGIN)}
        ON payments_order FOR EACH ROW
        WHEN ({" OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ORDER_ORIGIN)})
        EXECUTE FUNCTION payments_keep_origin()""",
]
# Younger too: until then a paper was refused every change.
POSTGRES_BUYER = [
    f"DROP TRIGGER IF EXISTS {DOCUMENT}_append_only ON {DOCUMENT}",
    f"""CREATE FUNCTION payments_guard_papers() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND ({BUYER_TAKEN_AWAY_POSTGRES}) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{DOCUMENT}_append_only'
            USING ERRCODE = '23514', CONSTRAINT = '{DOCUMENT}_append_only';
    END $$""",
    f"""CREATE TRIGGER {DOCUMENT}_append_only BEFORE UPDATE OR DELETE ON {DOCUMENT}
        FOR EACH ROW EXECUTE FUNCTION payments_guard_papers()""",
]
POSTGRES_DOWN_BUYER = [
    f"DROP TRIGGER IF EXISTS {DOCUMENT}_append_only ON {DOCUMENT}",
    "DROP FUNCTION IF EXISTS payments_guard_papers()",
    f"""CREATE TRIGGER {DOCUMENT}_append_only BEFORE UPDATE OR DELETE ON {DOCUMENT}
        FOR EACH ROW EXECUTE FUNCTION payments_append_only()""",
]
POSTGRES_DOWN_ORIGIN = [
    "DROP TRIGGER IF EXISTS order_origin_is_kept ON payments_order",
    "DROP FUNCTION IF EXISTS payments_keep_origin()",
]


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For a migration, on PostgreSQL. On SQLite `put_back` does it once all migrations are through:
    a later one of the same run may rebuild these tables."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRES_UP)


def install_origin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For the migration that adds where an order came from."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRES_ORIGIN)


def remove_origin(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRES_DOWN_ORIGIN)


def install_buyer(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For the migration that lets the buyer of a paper be taken away (G6)."""
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRES_BUYER)


def remove_buyer(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        _run(schema_editor, POSTGRES_DOWN_BUYER)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For unapplying the migration."""
    postgres = schema_editor.connection.vendor == "postgresql"
    _run(schema_editor, POSTGRES_DOWN if postgres else SQLITE_DOWN)


def _run(schema_editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
    for statement in statements:
        schema_editor.execute(statement, params=None)


def lift(
    using: str = DEFAULT_DB_ALIAS, plan: list[tuple[Migration, bool]] | None = None, **_: Any
) -> None:
    """Before ``migrate``, if there is something of ours to do: let SQLite rebuild our tables."""
    ours = [migration for migration, _backwards in plan or [] if migration.app_label == "payments"]
    if ours and connections[using].vendor == "sqlite":
        _execute(using, SQLITE_DOWN)


def put_back(using: str = DEFAULT_DB_ALIAS, **_: Any) -> None:
    """After ``migrate``: whatever was lifted or lost is there again."""
    connection = connections[using]
    if connection.vendor == "sqlite" and _has_ledgers(using):
        _execute(using, SQLITE_UP)


def _has_ledgers(using: str) -> bool:
    return set(APPEND_ONLY) <= set(connections[using].introspection.table_names())


def _execute(using: str, statements: list[str]) -> None:
    with connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
