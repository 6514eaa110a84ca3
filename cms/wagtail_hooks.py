"""What we change in Wagtail."""

from typing import Any

from wagtail import hooks

import cms.admin.api_tokens
import cms.admin.checks
import cms.admin.exporting
import cms.admin.history
import cms.admin.home
import cms.admin.importing
import cms.admin.mail_texts
import cms.admin.moving
import cms.admin.policies
import cms.admin.previews
import cms.admin.reports
import cms.admin.safe_exports
import cms.admin.starting
import cms.admin.webhooks  # noqa: F401 - each registers its hooks
from cms.links_in_text import LivePageLinkHandler


@hooks.register("register_rich_text_features", order=100)
def link_only_to_live_pages(features: Any) -> None:
    """After Wagtail's own, which it replaces."""
    features.register_link_type(LivePageLinkHandler)
