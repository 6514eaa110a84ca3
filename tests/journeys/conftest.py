"""Everything a journey stands on really runs: Chromium, portal, worker, local Stripe server."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.running import RunningPortal
from tests.migrated import sqlite_copy
from tests.postgres import new_database

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


def _cannot(why: str, variable: str) -> None:
    """Skip with the reason, or fail where the run says that this must not be missing."""
    if os.environ.get(variable):
        pytest.fail(f"{why} ({variable} is set)")
    pytest.skip(why)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    if CHROMIUM is None:
        _cannot("Chromium is not installed: apt-get install chromium", "REQUIRE_BROWSER")
    return {
        "executable_path": CHROMIUM,
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    }


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a migrated database with nothing in it, on each engine in turn."""
    if request.param == "sqlite":
        yield sqlite_copy(tmp_path_factory.mktemp("database") / "portal.sqlite3")
        return
    server = request.getfixturevalue("postgres_server")
    original = request.getfixturevalue("postgres_original")
    with new_database(server, "journey", template=original) as url:
        yield url


@pytest.fixture(scope="module")
def portal(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPortal]:
    """One for each file: a bookkeeper's journey moves Stripe's clock ahead for good."""
    folder: Path = tmp_path_factory.mktemp("portal")
    with RunningPortal(folder, database) as running:
        yield running


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A journey that broke shows what the processes said."""
    outcome = yield
    report = outcome.get_result()
    running = getattr(item, "funcargs", {}).get("portal")
    if report.failed and isinstance(running, RunningPortal):
        for name in ("portal", "worker"):
            report.sections.append((f"{name}.log", running.log(name)[-6000:]))
