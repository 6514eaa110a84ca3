"""Check that a pack is whole and ours: hashes, totals, signature."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.exporting.verifying import faults_of


class Command(BaseCommand):
    help = "Checks the files, the totals and the signature of a proof pack (docs/proof.md)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the ZIP file")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            with file.open("rb") as pack:
                faults = faults_of(pack)
        except OSError as trouble:
            raise CommandError(str(trouble)) from trouble
        if faults:
            raise CommandError("\n".join(faults))
        self.stdout.write("The pack is whole: every file, every total and the signature fit.")
