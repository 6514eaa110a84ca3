"""The notes at the top of a page's form: its schedule, withdrawn offers, what to look at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.timezone import localtime
from wagtail.admin.panels import Panel

from cms import contents, health, references


class NotesPanel(Panel):
    """Says what readers no longer see and what is worth a look; silent when there is nothing."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "cms/admin/notes.html"

        def is_shown(self) -> bool:
            return bool(self.instance.pk) and bool(
                self._schedule() or self._withdrawn() or self._findings()
            )

        def show_panel_furniture(self) -> bool:
            return False

        def get_context_data(self, parent_context: Mapping[str, Any] | None = None) -> Any:
            context: dict[str, Any] = super().get_context_data(parent_context)
            return context | {
                "schedule": self._schedule(),
                "withdrawn": self._withdrawn(),
                "findings": self._findings(),
            }

        def _schedule(self) -> list[str]:
            moments = [
                ("To go live", self.instance.go_live_at),
                ("To end", self.instance.expire_at),
            ]
            return [
                f"{what} {localtime(at):%-d %B %Y, %H:%M %Z} ({settings.TIME_ZONE})"
                for what, at in moments
                if at
            ]

        def _withdrawn(self) -> list[references.Use]:
            if not hasattr(self, "_gone"):
                versions = [contents.of_page(self.instance)]
                self._gone = references.withdrawn(references.uses_in(versions))
            return self._gone

        def _findings(self) -> list[health.Finding]:
            if not hasattr(self, "_found"):
                self._found = health.findings_of(self.instance)
            return self._found
