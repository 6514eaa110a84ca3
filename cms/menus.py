"""Menus from the tree: pages marked for menus, in the tree's order."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from cms.api_shapes import MenuItemOut
from cms.models import BasePage

LEVELS = 2


def menu_below(root: Any, request: HttpRequest) -> list[MenuItemOut]:
    """The menu under a page with the pages below each entry, in one query for all levels.

    A page under one that is not in the menu, or not public, is left out with it.
    """
    pages = (
        BasePage.objects.descendant_of(root)
        .filter(depth__lte=root.depth + LEVELS, show_in_menus=True)
        .live()
        .public()
        .order_by("path")
    )
    top: list[MenuItemOut] = []
    by_path: dict[str, MenuItemOut] = {}
    for page in pages:
        item = MenuItemOut(
            id=page.pk,
            label=page.title,
            url=page.get_full_url(request) or "",
            path=page.get_url_parts(request)[2],
            children=[],
        )
        above = by_path.get(page.path[: -page.steplen])
        if above is not None:
            above.children.append(item)
        elif page.depth == root.depth + 1:
            top.append(item)
        by_path[page.path] = item
    return top
