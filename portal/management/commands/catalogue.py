"""``manage.py catalogue``: bring the translations of the public pages up to date."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from portal import catalogue


class Command(BaseCommand):
    help = "Collects the sentences of the public pages into locale/ and compiles them."

    def add_arguments(self, parser: CommandParser) -> None:
        others = settings.LANGUAGE_CODES[1:]
        parser.add_argument("languages", nargs="*", default=others, help="default: all but ours")

    def handle(self, *args: Any, **options: Any) -> None:
        for language in options["languages"]:
            missing = catalogue.write(language)
            self.stdout.write(f"{language}: {len(missing)} still to be translated")
            for words in missing:
                self.stdout.write(f"  {words}")
