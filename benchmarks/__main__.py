"""``make bench``: runs every benchmark and prints a table. Never fails a test run."""

import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory(prefix="bench-")
os.environ.update(
    DEBUG="1",
    DJANGO_SETTINGS_MODULE="portal.settings",
    DATABASE_URL=f"sqlite:///{Path(FOLDER.name) / 'bench.sqlite3'}",
    VAR_DIR=FOLDER.name,
    EMAIL_URL="dummymail://",
    TASKS_BACKEND="django_tasks.backends.dummy.DummyBackend",
)

import django

django.setup()

from benchmarks import availability, booking, pages
from benchmarks.measuring import Ratio


def main() -> None:
    for command in (["migrate", "--verbosity", "0"], ["createcachetable"]):
        subprocess.run([sys.executable, "manage.py", *command], check=True)
    found: list[Ratio] = []
    for benchmark in (availability, booking, pages):
        found += benchmark.run()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    print("| id | ours | against | ratio | target |\n| --- | --- | --- | --- | --- |")
    for ratio in found:
        print(ratio.row())


main()
