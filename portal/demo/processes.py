"""The processes of a demo: started together, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
MANAGE = [sys.executable, str(ROOT / "manage.py")]


class DidNotStart(Exception):
    """A process ended or stayed silent; the text says which one and where its log is."""


def free_port(wanted: int) -> int:
    """``wanted``, or the next port above it that nobody listens on."""
    for port in range(wanted, wanted + 50):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise DidNotStart(f"No free port between {wanted} and {wanted + 49}.")


@dataclass
class Running:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass
class Together:
    """Starts child processes with one environment; leaving the block stops all of them."""

    environment: Mapping[str, str]
    logs: Path
    children: list[Running] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in reversed(self.children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        for child in self.children:
            try:
                child.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                child.process.kill()

    def start(self, name: str, command: list[str]) -> Running:
        log = self.logs / f"{name}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603 - our own commands
                command,
                env={**os.environ, **self.environment},
                cwd=ROOT,
                stdout=out,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal reaches us alone; we then stop them in order.
                start_new_session=True,
            )
        running = Running(name, process, log)
        self.children.append(running)
        return running

    def run(self, command: list[str], **more: str) -> None:
        """Run one command to its end, its output shown; ``more`` are further variables."""
        environment = {**os.environ, **self.environment, **more}
        done = subprocess.run(command, env=environment, cwd=ROOT, check=False)  # noqa: S603
        if done.returncode:
            raise DidNotStart(f"`{' '.join(command[1:])}` ended with {done.returncode}.")

    def dead(self) -> Running | None:
        return next((child for child in self.children if child.process.poll() is not None), None)

    def wait_for(self, child: Running, url: str, seconds: float = 60) -> None:
        """Return as soon as ``url`` answers anything at all.

        Raises:
            DidNotStart: the process ended, or ``seconds`` passed.
        """
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if child.process.poll() is not None:
                raise DidNotStart(f"The {child.name} stopped. Its log is {child.log}.")
            if _answers(url):
                return
            time.sleep(0.1)
        raise DidNotStart(f"The {child.name} does not answer. Its log is {child.log}.")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - loopback only
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
