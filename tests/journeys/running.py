"""The portal as it runs for people: server, worker, local Stripe server, a migrated database."""

import atexit
import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

from payments.sandbox.testing import RunningSandbox
from tests.second_factor import accepted_digits

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 90.0  # for a process to answer, on a busy machine


class DidNotStart(Exception):
    """A process ended or stayed silent; the text holds the end of its log."""


@cache
def _static_files() -> Path:
    """Where the first portal of a run collects them for all."""
    folder = Path(tempfile.mkdtemp(prefix="static-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningPortal:
    """`with RunningPortal(folder, database_url) as portal:` serves at ``portal.url``."""

    folder: Path
    database_url: str
    port: int = field(default_factory=free_port)
    seed: str = "tests.journeys.seed"
    settings: dict[str, str] = field(default_factory=dict)  # besides those of production
    sandbox: RunningSandbox = field(init=False)
    _stack: ExitStack = field(default_factory=ExitStack)
    _used_digits: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.sandbox = RunningSandbox(
            database=self.folder / "stripe.sqlite3",
            webhook_url=f"{self.url}/webhooks/stripe",
            record=self.folder / "stripe-traffic.jsonl",
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mails(self) -> Path:
        return self.folder / "mail"

    def __enter__(self) -> "RunningPortal":
        self.mails.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            stack.enter_context(self.sandbox)
            if not any(_static_files().iterdir()):
                self.manage("collectstatic", "--noinput", "--verbosity", "0")
            self.run("-m", self.seed)
            self._start(stack, "portal", self._server())
            self._start(stack, "worker", [sys.executable, "manage.py", "worker"])
            self._wait_for_answer()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *reason: object) -> None:
        self._stack.close()

    def environment(self) -> dict[str, str]:
        """Settings as in production, but for the local Stripe server and plain HTTP."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", str(self.folder)),
            "PYTHONUNBUFFERED": "1",
            "DEBUG": "0",
            "SECRET_KEY": "a-journey-needs-no-secret-but-it-must-be-long-enough-to-pass",
            "ALLOWED_HOSTS": "127.0.0.1",
            "SITE_URL": self.url,
            "HTTPS": "0",
            "DATABASE_URL": self.database_url,
            "EMAIL_URL": f"filemail:///{self.mails}",
            "VAR_DIR": str(self.folder / "var"),
            "STATIC_ROOT": str(_static_files()),
            "STRIPE_API_BASE": self.sandbox.url,
            "STRIPE_SECRET_KEY": self.sandbox.key,
            "STRIPE_WEBHOOK_SECRETS": self.sandbox.webhook_secret,
            "STRIPE_SANDBOX_ALLOWED": "1",
            "HEALTH_KEYS": "2026-11:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
            "LOG_LEVEL": "INFO",
            **self.settings,
        }

    def manage(self, *arguments: str) -> str:
        return self.run("manage.py", *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python in the portal's environment; what it prints."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DidNotStart(f"{' '.join(arguments)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
        return done.stdout

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def code_for(self, email: str, *, seconds: float = 30) -> str:
        """The newest code mailed to an address, read from the mail itself."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for text in self._letters_to(email):
                if found := re.search(r"(?<!\d)\d{6}(?!\d)", text):
                    return found.group()
            time.sleep(0.2)
        raise AssertionError(f"No mail with a code for {email} in {seconds} s.")

    def digits_for(self, email: str, *, seconds: float = 60) -> str:
        """What the authenticator app of a member of staff shows; digits are good for once."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for shown in accepted_digits():
                if (email, shown) not in self._used_digits:
                    self._used_digits.add((email, shown))
                    return shown
            time.sleep(1)
        raise AssertionError(f"No unused digits for {email} in {seconds} s.")

    def link_in_mail(self, email: str, pattern: str, subject: str, *, seconds: float = 60) -> str:
        """The first group of ``pattern`` in the newest mail to somebody that is about it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for to, about, text in reversed(self._mails()):
                found = re.search(pattern, text) if to == email and subject in about else None
                if found:
                    return found.group(1)
            time.sleep(0.2)
        raise AssertionError(f"No mail to {email} about {subject!r} in {seconds} s.")

    def subjects_to(self, email: str) -> list[str]:
        return [subject for to, subject, _ in self._mails() if to == email]

    def _letters_to(self, email: str) -> list[str]:
        """Texts of the mails to somebody, the newest first."""
        return [text for to, _, text in reversed(self._mails()) if to == email]

    def _mails(self) -> list[tuple[str, str, str]]:
        found = []
        for file in sorted(self.mails.iterdir(), key=lambda one: one.stat().st_mtime_ns):
            # The file backend may put several mails in a file, a line of dashes after each.
            for part in re.split(rb"\n-{79}\n", file.read_bytes()):
                if not part.strip():
                    continue
                mail = message_from_bytes(part.lstrip(), policy=policy.default)
                body = mail.get_body(preferencelist=("plain",))
                text = body.get_content() if body else ""
                found.append((str(mail["To"]), str(mail["Subject"]), text))
        return found

    def _server(self) -> list[str]:
        return [
            sys.executable,
            "-m",
            "granian",
            "--interface=wsgi",
            "--host=127.0.0.1",
            f"--port={self.port}",
            "--blocking-threads=4",
            "portal.wsgi:application",
        ]

    def _start(self, stack: ExitStack, name: str, command: list[str]) -> None:
        log = stack.enter_context((self.folder / f"{name}.log").open("wb"))
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=self.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        stack.callback(_stop, process)

    def _wait_for_answer(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                    return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.2)
        raise DidNotStart(f"The portal does not answer.\n{self.log('portal')[-3000:]}")


def _end_with_parent() -> None:
    """A run that is killed must not leave servers behind: Linux tells its children."""
    parent_death_signal = 1
    ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGTERM)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
