"""Wagtail's widgets without inline scripts: a marker says what ``admin-start.js`` shall start.

The templates in ``cms/templates/`` do the same for dates, inline panels and search promotions.
A chooser has no template for its script, so its ``render`` is replaced.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static
from wagtail.admin.widgets import BaseChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser


def render_with_marker(
    self: BaseChooser,
    name: str,
    value: Any,
    attrs: dict[str, Any] | None = None,
    renderer: Any = None,
) -> SafeString:
    """The chooser as Wagtail draws it, and beside it the marker instead of a script."""
    attrs = attrs or {}
    value_data = self.get_value_data(value)
    drawn = self.render_html(name, value_data, attrs)
    if isinstance(self, AdminTaskChooser):
        return format_html(
            '{}<template data-controller="portal-start"'
            ' data-portal-start-task-value="{}"></template>',
            drawn,
            attrs["id"],
        )
    options = self.get_js_init_options(attrs["id"], name, value_data)
    return format_html(
        '{}<template data-controller="portal-start" data-portal-start-widget-value="{}"'
        ' data-portal-start-id-value="{}" data-portal-start-options-value="{}"></template>',
        drawn,
        self.js_constructor,
        attrs["id"],
        json.dumps(options),
    )


BaseChooser.render = render_with_marker


@hooks.register("insert_global_admin_js")
def start_without_inline_scripts() -> str:
    return format_html('<script src="{}"></script>', versioned_static("cms/admin-start.js"))
