"""Writes the tables of docs/privacy.md anew, after a declaration or a rule changed."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from portal.privacy_tables import with_tables


class Command(BaseCommand):
    help = "Write the tables of docs/privacy.md from the schedule and the classification"

    def handle(self, *args: Any, **options: Any) -> None:
        page = settings.BASE_DIR / "docs" / "privacy.md"
        page.write_text(with_tables(page.read_text()))
        self.stdout.write("docs/privacy.md is written.")
