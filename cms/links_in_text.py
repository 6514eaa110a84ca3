"""Links in rich text. Apart from `rich_text`: Wagtail's handler needs every model loaded."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler


class LivePageLinkHandler(PageLinkHandler):
    """A link to a page that is gone or not published has no address; see `rich_text.resolved`."""

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        pages = cls.get_many(attrs_list)
        return [
            f'<a href="{escape(page.url)}">' if page and page.live and page.url else "<a>"
            for page in pages
        ]
