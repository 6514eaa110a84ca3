"""manage.py export_markdown FOLDER [--page SLUG]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from cms.exporting import exported
from cms.models import ArticlePage


class Command(BaseCommand):
    help = "Write the articles as Markdown files with their pictures; import_article reads them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--page", action="append", help="The slug of an article; repeatable.")
        parser.add_argument("--live", action="store_true", help="As readers see them: no drafts.")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        articles = ArticlePage.objects.order_by("path")
        if options["live"]:
            articles = articles.live()
        if slugs := options["page"]:
            articles = articles.filter(slug__in=slugs)
            if unknown := set(slugs) - set(articles.values_list("slug", flat=True)):
                raise CommandError(f"There is no article {', '.join(sorted(unknown))}.")
        for article in articles:
            page = article if options["live"] else article.get_latest_revision_as_object()
            for name, data in exported(page).files():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        self.stdout.write(f"Wrote {articles.count()} articles to {folder}.")
