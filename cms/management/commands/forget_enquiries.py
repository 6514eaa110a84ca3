"""manage.py forget_enquiries [--dry-run]"""

from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from django.utils import timezone

from cms.forms.forgetting import due, forget_due


class Command(BaseCommand):
    help = "Delete messages sent through forms whose time is over; a daily job does it too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Say what would be deleted.")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if options["dry_run"]:
            for title, count in due(at=at):
                self.stdout.write(f"{title}: {count}")
            self.stdout.write("Nothing was deleted.")
            return
        self.stdout.write(f"Deleted {forget_due(at=at)}.")
