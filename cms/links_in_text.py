"""Links in rich text. Apart from `rich_text`: Wagtail's handler needs every model loaded."""

from __future__ import annotations

from typing import Any

from django.utils.html import escape
from wagtail.rich_text.pages import PageLinkHandler


class LivePageLinkHandler(PageLinkHandler):
    """A link to a page that is gone or not published has no address; see `rich_text.resolved`."""

    @classmethod
    def get_many(cls, attrs_list: list[dict[str, Any]]) -> list[Any]:
        """In one query: an address needs nothing of a page's own type."""
        ids = [str(attrs.get("id")) for attrs in attrs_list]
        numbers = [each for each in ids if each.isdigit()]
        pages = cls.get_model().objects.filter(pk__in=numbers).select_related("locale")
        found = {str(page.pk): page for page in pages}
        return [found.get(each) for each in ids]

    @classmethod
    def expand_db_attributes_many(cls, attrs_list: list[dict[str, Any]]) -> list[str]:
        pages = cls.get_many(attrs_list)
        return [
            f'<a href="{escape(page.url)}">' if page and page.live and page.url else "<a>"
            for page in pages
        ]
