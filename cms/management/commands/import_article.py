"""manage.py import_article FILE [--publish] [--author NAME]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.importing import Imported, ImportRefused, Outcome, import_article
from cms.reading_text import UnreadableText, read_bytes

MAX_BYTES = 1_000_000
SAID = {
    Outcome.CREATED: 'Made a draft of "{title}".',
    Outcome.CHANGED: 'The text changed: "{title}" has a new draft.',
    Outcome.UNCHANGED: '"{title}" is unchanged: nothing was written.',
}


class Command(BaseCommand):
    help = "Bring a plain text file in as an article of the journal: a draft, or published."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", action="store_true", help="Publish it at once.")
        parser.add_argument(
            "--author", default="", help="A therapist's code or name, or any other name."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        try:
            imported = import_article(
                text=read_bytes(_content_of(file)),
                at=timezone.now(),
                by=None,
                publish=options["publish"],
                author=options["author"],
            )
        except (UnreadableText, ImportRefused) as refusal:
            raise CommandError(f"{file}: {refusal}") from refusal
        self.stdout.write(_said(imported))


def _content_of(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise CommandError(f"{file}: The file is larger than a megabyte.")
        return file.read_bytes()
    except FileNotFoundError as error:
        raise CommandError(f"{file}: There is no such file.") from error
    except OSError as error:
        raise CommandError(f"{file}: The file cannot be read ({error.strerror}).") from error


def _said(imported: Imported) -> str:
    words = SAID[imported.outcome].format(title=imported.page.title)
    if imported.published:
        words += f" It is published at {imported.page.full_url}"
    return words
