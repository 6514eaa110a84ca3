"""The editor's home: the desk above Wagtail's own panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms import Media
from django.http import HttpRequest
from django.utils import timezone
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.ui.components import Component
from wagtail.admin.views.home import UserObjectsInWorkflowModerationPanel

from cms.desk import desk_of, new_article_url


class DeskPanel(Component):
    name = "desk"
    template_name = "cms/admin/desk.html"
    order = 200

    def get_context_data(self, parent_context: Mapping[str, Any]) -> Mapping[str, Any]:
        user = parent_context["request"].user
        return {"piles": desk_of(user, at=timezone.now()), "write_url": new_article_url(user)}

    @property
    def media(self) -> Media:
        return Media(css={"all": [versioned_static("cms/desk.css")]})


@hooks.register("construct_homepage_panels")
def put_the_desk_first(request: HttpRequest, panels: list[Any]) -> None:
    """Instead of Wagtail's list of pages in review, which the desk has with all the others."""
    panels[:] = [
        panel for panel in panels if not isinstance(panel, UserObjectsInWorkflowModerationPanel)
    ]
    panels.append(DeskPanel())
