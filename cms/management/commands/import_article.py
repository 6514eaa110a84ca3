"""manage.py import_article FILE... [--publish] [--author NAME]"""

from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from cms.importing import Imported, ImportRefused, Outcome, import_document
from cms.reading import MAX_TEXT, MAX_WORD, WEB, WORD, Document
from cms.reading_parts import UnreadableText
from cms.uploads.images import MAX_BYTES

SAID = {
    Outcome.CREATED: 'Made a draft of "{title}".',
    Outcome.CHANGED: 'The text changed: "{title}" has a new draft.',
    Outcome.UNCHANGED: '"{title}" is unchanged: nothing was written.',
}


class Command(BaseCommand):
    help = "Bring .txt, .md, .docx or .html files in as articles of the journal: drafts, or live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, nargs="+")
        parser.add_argument("--publish", action="store_true", help="Publish it at once.")
        parser.add_argument(
            "--author", default="", help="A therapist's code or name, or any other name."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Each file by itself: one that is refused keeps no other from coming in."""
        refusals = []
        for file in options["file"]:
            try:
                imported = import_document(
                    document=Document(file.name, _content_of(file), Beside(file.parent)),
                    at=timezone.now(),
                    by=None,
                    publish=options["publish"],
                    author=options["author"],
                )
            except (UnreadableText, ImportRefused) as refusal:
                refusals.append(f"{file}: {refusal}")
            else:
                self._say(imported)
        if refusals:
            raise CommandError("\n".join(refusals))

    def _say(self, imported: Imported) -> None:
        words = SAID[imported.outcome].format(title=imported.page.title)
        if imported.published:
            words += f" It is published at {imported.page.full_url}"
        self.stdout.write(words)
        for warning in imported.article.warnings:
            self.stdout.write(f"  {warning}")


class Beside(Mapping[str, bytes]):
    """The files in a document's folder and below, read when they are asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            self._read[name] = self._content(name)
        return self._read[name]

    def _content(self, name: str) -> bytes:
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder) or not path.is_file():
            raise KeyError(name)
        if path.stat().st_size > MAX_BYTES:
            raise KeyError(name)
        return path.read_bytes()

    def __iter__(self) -> Iterator[str]:
        return iter(self._read)

    def __len__(self) -> int:
        return len(self._read)


def _content_of(file: Path) -> bytes:
    most = MAX_WORD if file.suffix.lower() in (*WORD, *WEB) else MAX_TEXT
    try:
        if file.stat().st_size > most:
            raise UnreadableText(
                "The file is larger than a megabyte."
                if most == MAX_TEXT
                else "The file is larger than 20 megabytes."
            )
        return file.read_bytes()
    except FileNotFoundError as error:
        raise UnreadableText("There is no such file.") from error
    except OSError as error:
        raise UnreadableText(f"The file cannot be read ({error.strerror}).") from error
