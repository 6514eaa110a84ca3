"""``manage.py worker``: queued tasks and periodic jobs in one process."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from portal.worker import PortalWorker


class Command(BaseCommand):
    help = "Runs queued tasks and periodic jobs until it gets SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then end")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        worker = PortalWorker()
        if once:
            worker.run_once()
            return
        worker.stop_on_signals()
        worker.run()
