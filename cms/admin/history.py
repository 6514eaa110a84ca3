"""How the history of a page tells that it was published over what the checks found."""

from __future__ import annotations

from typing import Any

from wagtail import hooks
from wagtail.log_actions import LogFormatter

from cms.overriding import OVERRIDE


@hooks.register("register_log_actions")
def tell_overrides(actions: Any) -> None:
    @actions.register_action(OVERRIDE)
    class PublishedAsItIs(LogFormatter):
        label = "Published as it is"

        def format_message(self, log_entry: Any) -> str:
            found = log_entry.data.get("findings", [])
            return f"Published as it is: {'; '.join(found)}"
