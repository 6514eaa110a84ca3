"""Runs the whole suite in parts side by side: ``python -m tests.run_all``.

A part is a pytest of its own with a database of its own; together they keep two cores busy, for
which journeys in a browser wait too much by themselves. What a part says is shown when it ends.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import IO

from tests.migrated import GIVEN, sqlite_copy
from tests.run_on_postgres import SUBSET

PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--reuse-db"]
PARTS = {
    "rules on SQLite": [*PYTEST, *SUBSET],
    "pages, journeys and races": [*PYTEST, "tests", *(f"--ignore={folder}" for folder in SUBSET)],
    "rules on PostgreSQL": [sys.executable, "-m", "tests.run_on_postgres", "-q", *SUBSET],
}
LOOK_EVERY_SECONDS = 1.0
SAY_EVERY_SECONDS = 60.0


@dataclass
class Part:
    """One of them, running; its words go to a file."""

    name: str
    process: "subprocess.Popen[bytes]"
    words: IO[bytes]
    started: float

    @classmethod
    def start(cls, name: str, command: list[str], folder: Path) -> "Part":
        words = (folder / f"{name}.log").open("w+b")
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **_database(name, folder)}
        process = subprocess.Popen(command, stdout=words, stderr=words, env=environment)
        return cls(name, process, words, time.monotonic())

    @property
    def minutes(self) -> float:
        return (time.monotonic() - self.started) / 60

    def tell(self) -> bool:
        """Show what it said; whether it went well."""
        self.words.seek(0)
        words = self.words.read().decode(errors="replace")
        print(f"\n=== {self.name}, {self.minutes:.1f} minutes\n\n{words}", flush=True)
        return self.process.returncode == 0


def main() -> int:
    # Servers that a part has started outlive a parent that is merely killed.
    signal.signal(signal.SIGTERM, _leave)
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        running = [Part.start(name, command, Path(folder)) for name, command in PARTS.items()]
        try:
            return 0 if _all_well(running) else 1
        finally:
            for part in running:
                if part.process.poll() is None:
                    part.process.terminate()
                    part.process.wait()


def _database(name: str, folder: Path) -> dict[str, str]:
    """A migrated file for a part that runs on SQLite, and one for the processes it starts."""
    own, original = folder / f"{name}.sqlite3", folder / "original.sqlite3"
    if not original.exists():
        sqlite_copy(original)
    shutil.copyfile(original, own)
    return {"TEST_SQLITE_FILE": str(own), GIVEN: str(original)}


def _all_well(parts: list[Part]) -> bool:
    running, well, said = list(parts), True, time.monotonic()
    while running:
        for part in [one for one in running if one.process.poll() is not None]:
            running.remove(part)
            well = part.tell() and well
        if running and time.monotonic() - said > SAY_EVERY_SECONDS:
            said = time.monotonic()
            names = ", ".join(f"{part.name} ({part.minutes:.0f} min)" for part in running)
            print(f"Still running: {names}", flush=True)
        time.sleep(LOOK_EVERY_SECONDS)
    return well


def _leave(signum: int, frame: FrameType | None) -> None:
    sys.exit(128 + signum)


if __name__ == "__main__":
    sys.exit(main())
