"""``manage.py check_site URL``: walk a running site and say what is wrong with it."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Walk a site by its links: dead links, invalid HTML, ids, pictures, feeds, sitemap."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="where it runs, for instance http://localhost:8000")

    def handle(self, *args: Any, url: str, **options: Any) -> None:
        try:
            from cms.site_check import Answer, SiteCheck
        except ImportError as error:
            raise CommandError("This needs the development packages.") from error
        origin = url.rstrip("/")
        if not origin.startswith(("http://", "https://")):
            raise CommandError("Give the whole address, with http:// or https://.")

        def fetch(path: str) -> Answer:
            try:
                with urllib.request.urlopen(f"{origin}{path}", timeout=30) as answer:  # noqa: S310
                    return Answer(
                        answer.status, answer.headers.get("Content-Type", ""), answer.read()
                    )
            except urllib.error.HTTPError as error:
                return Answer(error.code, "", b"")

        check = SiteCheck(fetch, origin)
        for fault in check.run():
            self.stderr.write(str(fault))
        self.stdout.write(
            f"{len(check.seen)} addresses, {len(check.pages)} pages, {len(check.faults)} faults"
        )
        if check.faults:
            raise CommandError("The site has faults.")
