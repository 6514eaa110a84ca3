"""What we change in Wagtail."""

from typing import Any

from wagtail import hooks

from cms.admin import policies  # noqa: F401 - its hooks
from cms.links_in_text import LivePageLinkHandler


@hooks.register("register_rich_text_features", order=100)
def link_only_to_live_pages(features: Any) -> None:
    """After Wagtail's own, which it replaces."""
    features.register_link_type(LivePageLinkHandler)
