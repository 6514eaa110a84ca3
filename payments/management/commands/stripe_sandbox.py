"""`manage.py stripe_sandbox`: the local Stripe server as a process of its own."""

import signal
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.sandbox import DEFAULT_KEY, DEFAULT_PORT, DEFAULT_WEBHOOK_SECRET
from payments.sandbox.server import NotLoopback
from payments.sandbox.testing import RunningSandbox


class Command(BaseCommand):
    help = "Serve the local stand-in for Stripe: API, hosted checkout, webhooks, control room."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
        parser.add_argument("--port", type=int, default=DEFAULT_PORT)
        parser.add_argument("--database", default="var/stripe-sandbox.sqlite3")
        parser.add_argument("--webhook-url", help="where every event is sent")
        parser.add_argument("--webhook-secret", help="signs the events")
        parser.add_argument("--key", help="the API key it accepts, sk_test_sandbox_...")
        parser.add_argument("--record", help="append the traffic to this JSON lines file")

    def handle(self, *args: Any, **options: Any) -> None:
        # What the portal itself uses, so that both processes agree without further options.
        secrets = [*settings.STRIPE_WEBHOOK_SECRETS, DEFAULT_WEBHOOK_SECRET]
        sandbox = RunningSandbox(
            database=Path(options["database"]),
            key=options["key"] or settings.STRIPE_SECRET_KEY or DEFAULT_KEY,
            webhook_url=options["webhook_url"],
            webhook_secret=options["webhook_secret"] or secrets[0],
            host=options["host"],
            port=options["port"],
            record=Path(options["record"]) if options["record"] else None,
        )
        try:
            sandbox.start()
        except (NotLoopback, ValueError) as refusal:
            raise CommandError(str(refusal)) from None
        except OSError as problem:
            where = f"{options['host']}:{options['port']}"
            raise CommandError(f"Cannot listen on {where}: {problem.strerror}.") from None
        self.stdout.write(f"Stripe sandbox on {sandbox.url} (control room: {sandbox.url}/)")
        self.stdout.flush()
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            signal.pause()
        except KeyboardInterrupt:
            self.stdout.write("Stripe sandbox stops.")
        finally:
            sandbox.stop()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
