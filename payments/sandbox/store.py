"""One SQLite file (WAL) that keeps every object as a JSON row.

Names that begin with an underscore are ours and never leave the sandbox; `objects.render`
drops them. One connection, guarded by one lock: a sandbox has one practice to serve, and a
single writer makes races happen in the portal, where we want to see them, not here.
"""

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from payments.sandbox.shapes import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_newest ON objects (kind, created, seq);
CREATE INDEX IF NOT EXISTS objects_intent
    ON objects (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS objects_source ON objects (kind, json_extract(body, '$.source'));
CREATE INDEX IF NOT EXISTS objects_payout ON objects (kind, json_extract(body, '$._payout'));
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    due INTEGER NOT NULL,
    name TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due, id);
CREATE TABLE IF NOT EXISTS deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    state TEXT NOT NULL,
    due INTEGER NOT NULL,
    not_before REAL NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    status INTEGER,
    note TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS deliveries_state ON deliveries (state, due, id);
CREATE INDEX IF NOT EXISTS deliveries_event ON deliveries (event);
CREATE TABLE IF NOT EXISTS saved_answers (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    created INTEGER NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER NOT NULL,
    request_id TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    took_ms INTEGER NOT NULL,
    note TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("objects", "jobs", "deliveries", "saved_answers", "log", "facts")

# (JSON path or column, operator, value); the names are always ours, never the caller's
Condition = tuple[str, str, Any]
COLUMNS = {"created", "seq", "id"}
OPERATORS = {"=", "!=", ">", ">=", "<", "<="}


class Store:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.lock = threading.RLock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute("PRAGMA busy_timeout = 5000")
        self._db.executescript(SCHEMA)
        self._depth = 0

    def close(self) -> None:
        with self.lock:
            self._db.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does; inner ones join the outer one."""
        with self.lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._db.execute("BEGIN IMMEDIATE")
                yield
            except BaseException:
                if self._depth == 1:
                    self._db.execute("ROLLBACK")
                raise
            else:
                if self._depth == 1:
                    self._db.execute("COMMIT")
            finally:
                self._depth -= 1

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[sqlite3.Row]:
        with self.lock:
            return self._db.execute(sql, values).fetchall()

    def empty(self) -> None:
        """Forget everything, as a new file would; the ids of the past stay unused."""
        with self.transaction():
            for table in TABLES:
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names

    # objects -----------------------------------------------------------------------------
    def insert(self, obj: Json) -> Json:
        self.run(
            "INSERT INTO objects (id, kind, created, body) VALUES (?, ?, ?, ?)",
            # Line items show no moment of their own, but have one.
            (obj["id"], obj["object"], obj.get("created", obj.get("_created")), dump(obj)),
        )
        return obj

    def save(self, obj: Json) -> Json:
        self.run("UPDATE objects SET body = ? WHERE id = ?", (dump(obj), obj["id"]))
        return obj

    def delete(self, ident: str) -> None:
        self.run("DELETE FROM objects WHERE id = ?", (ident,))

    def get(self, kind: str, ident: str | None) -> Json | None:
        rows = self.run("SELECT body FROM objects WHERE id = ? AND kind = ?", (ident, kind))
        return json.loads(rows[0]["body"]) if rows else None

    def find(self, ident: str | None) -> Json | None:
        rows = self.run("SELECT body FROM objects WHERE id = ?", (ident,))
        return json.loads(rows[0]["body"]) if rows else None

    def fetch(self, kind: str, ident: str) -> Json:
        """The object that another one refers to, so it must be there."""
        found = self.get(kind, ident)
        if found is None:
            raise LookupError(f"{kind} {ident} is referred to but not stored")
        return found

    def position(self, kind: str, ident: str) -> tuple[int, int] | None:
        rows = self.run("SELECT created, seq FROM objects WHERE id = ? AND kind = ?", (ident, kind))
        return (rows[0]["created"], rows[0]["seq"]) if rows else None

    def select(
        self,
        kind: str,
        conditions: Sequence[Condition] = (),
        *,
        oldest_first: bool = False,
        beyond: tuple[int, int] | None = None,
        limit: int | None = None,
    ) -> list[Json]:
        """Objects of a kind, newest first; `beyond` continues after that (created, seq)."""
        clauses, values = ["kind = ?"], [kind]
        for name, operator, value in conditions:
            clause, more = _clause(name, operator, value)
            clauses.append(clause)
            values.extend(more)
        if beyond is not None:
            clauses.append(f"(created, seq) {'>' if oldest_first else '<'} (?, ?)")
            values.extend(beyond)  # type: ignore[arg-type]
        way = "ASC" if oldest_first else "DESC"
        sql = (
            f"SELECT body FROM objects WHERE {' AND '.join(clauses)} "  # noqa: S608
            f"ORDER BY created {way}, seq {way} LIMIT {-1 if limit is None else int(limit)}"
        )
        return [json.loads(row["body"]) for row in self.run(sql, values)]

    def count(self, kind: str) -> int:
        return int(self.run("SELECT count(*) FROM objects WHERE kind = ?", (kind,))[0][0])

    # facts: the clock, the settings ------------------------------------------------------
    def recall(self, name: str) -> str | None:
        rows = self.run("SELECT value FROM facts WHERE name = ?", (name,))
        return rows[0]["value"] if rows else None

    def remember(self, name: str, value: str) -> None:
        self.run("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))


def dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _clause(name: str, operator: str, value: Any) -> tuple[str, list[Any]]:
    target = name if name in COLUMNS else f"json_extract(body, '$.{name}')"
    if value is None:
        return f"{target} IS NULL", []
    if operator == "in":
        return f"{target} IN ({', '.join('?' * len(value))})", list(value)
    if operator == "like":  # charge.* as in the filters of events
        return f"{target} GLOB ?", [value]
    if operator not in OPERATORS:
        raise ValueError(operator)
    return f"{target} {operator} ?", [value]
