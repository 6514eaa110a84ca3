"""An editor changes the article: ``python -m tests.journeys.headless_change draft|publish WORDS``.

Prints the token that the preview of a draft would open the front end with.
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from cms.models import ArticlePage  # noqa: E402


def main(act: str, words: str) -> None:
    article = ArticlePage.objects.get(slug="every-block").get_latest_revision_as_object()
    article.intro = words
    revision = article.save_revision()
    if act == "publish":
        revision.publish()
    else:
        print(article.create_page_preview().token)


if __name__ == "__main__":
    main(*sys.argv[1:])
