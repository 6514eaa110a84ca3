"""``manage.py demo``: the whole portal on this machine, with a believable practice in it."""

import signal
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.demo import logins, stamp
from portal.demo.processes import MANAGE, DidNotStart, Together, free_port

SANDBOX_KEY = "sk_test_sandbox_demo"
DATABASE = "demo.sqlite3"
WEBHOOK_SECRET = "whsec_sandbox_demo"  # noqa: S105 - of the local Stripe server only


class Command(BaseCommand):
    help = "Set up and run a demo: portal, task worker and local Stripe server. Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--stripe-port", type=int, default=8421)
        parser.add_argument("--set-up-only", action="store_true", help="Load the data and stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, _as_interrupt)
        folder = Path(settings.VAR_DIR).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            port = self._port("portal", options["port"])
            stripe_port = self._port("local Stripe server", options["stripe_port"])
            with Together(_environment(folder, port, stripe_port), folder / "log") as together:
                self._run(together, folder, port, stripe_port, options["set_up_only"])
        except DidNotStart as problem:
            raise CommandError(str(problem)) from problem
        except KeyboardInterrupt:
            self.stdout.write("\nStopped.")

    def _port(self, what: str, wanted: int) -> int:
        port = free_port(wanted)
        if port != wanted:
            self.stdout.write(f"Port {wanted} is taken; the {what} uses {port}.")
        return port

    def _run(
        self, together: Together, folder: Path, port: int, stripe_port: int, set_up_only: bool
    ) -> None:
        sandbox = together.start("stripe-sandbox", _sandbox_command(folder, port, stripe_port))
        if not stamp.is_set_up(folder):
            self._set_up(together, folder, sandbox, stripe_port)
        if set_up_only:
            return
        portal = together.start("portal", _portal_command(port))
        together.start("worker", [*MANAGE, "worker"])
        together.wait_for(sandbox, f"http://127.0.0.1:{stripe_port}/")
        together.wait_for(portal, f"http://127.0.0.1:{port}/healthz")
        self.stdout.write(logins.welcome(port, stripe_port))
        while not (dead := together.dead()):
            time.sleep(0.5)
        raise DidNotStart(f"The {dead.name} stopped. Its log is {dead.log}.")

    def _set_up(self, together: Together, folder: Path, sandbox: Any, stripe_port: int) -> None:
        self.stdout.write("Setting up the demo, once. This takes a few minutes.")
        if not stamp.was_set_up(folder):
            _forget_half_a_demo(folder)
        together.run([*MANAGE, "migrate", "--verbosity", "0"])
        together.run([*MANAGE, "createcachetable"])
        together.wait_for(sandbox, f"http://127.0.0.1:{stripe_port}/")
        # The history's mails are of the past: made and counted as sent, but not delivered.
        together.run(
            [*MANAGE, "load_demo"],
            EMAIL_URL="dummymail://",
            TASKS_BACKEND="django_tasks.backends.dummy.DummyBackend",
        )
        together.run([*MANAGE, "rebuild_references_index", "--verbosity", "0"])
        together.run([*MANAGE, "update_index", "--verbosity", "0"])
        stamp.mark_set_up(folder)


def _forget_half_a_demo(folder: Path) -> None:
    """A set-up that was stopped half-way starts again: its history cannot be taken up."""
    for file in folder.glob(f"{DATABASE}*"):
        file.unlink()


def _environment(folder: Path, port: int, stripe_port: int) -> dict[str, str]:
    return {
        "DEBUG": "1",
        "DEMO": "1",
        "PYTHONUNBUFFERED": "1",
        "DATABASE_URL": f"sqlite:///{folder / DATABASE}",
        "SITE_URL": f"http://localhost:{port}",
        "STRIPE_API_BASE": f"http://127.0.0.1:{stripe_port}",
        "STRIPE_SECRET_KEY": SANDBOX_KEY,
        "STRIPE_WEBHOOK_SECRETS": WEBHOOK_SECRET,
        "VAR_DIR": str(folder),
    }


def _sandbox_command(folder: Path, port: int, stripe_port: int) -> list[str]:
    return [
        *MANAGE,
        "stripe_sandbox",
        f"--port={stripe_port}",
        f"--database={folder / 'stripe-sandbox.sqlite3'}",
        f"--key={SANDBOX_KEY}",
        f"--webhook-url=http://localhost:{port}/webhooks/stripe",
        f"--webhook-secret={WEBHOOK_SECRET}",
    ]


def _portal_command(port: int) -> list[str]:
    return [
        sys.executable,
        "-m",
        "granian",
        "--interface=wsgi",
        "--host=127.0.0.1",
        f"--port={port}",
        "--blocking-threads=4",
        "portal.wsgi:application",
    ]


def _as_interrupt(*_: Any) -> None:
    raise KeyboardInterrupt
