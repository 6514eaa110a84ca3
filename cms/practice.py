"""The practice as every template knows it; the app above fills it in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template import engines


def practice_facts(request: HttpRequest) -> dict[str, Any]:
    """Name, ways to reach it, navigation: from the context processor called ``practice``."""
    processors = engines["django"].engine.template_context_processors  # type: ignore[attr-defined]
    named = {processor.__name__: processor for processor in processors}
    facts: dict[str, Any] = named["practice"](request)["practice"]
    return facts
