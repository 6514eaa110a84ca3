"""Template words of the content pages."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from cms import live, rich_text
from cms.links import service_card
from payments.rule_words import PLACEHOLDERS

register = template.Library()
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def words(value: Any) -> SafeString:
    """Rich text with real links; cleaned when it was saved, against the features of its field."""
    return mark_safe(rich_text.resolved(getattr(value, "source", value) or ""))  # noqa: S308


@register.filter
def json_ld(data: Any) -> SafeString:
    """A JSON-LD element. A data block is never run, so it needs no nonce and may be cached."""
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


@register.simple_tag
def placeholders_today(page: Any) -> list[dict[str, str]]:
    """The placeholders of a policy with what each says today."""
    rules = live.rules_in_effect(getattr(page, "rules_code", ""), timezone.localdate())
    return [
        {"name": name, "meaning": each.meaning, "words": each.words(rules) if rules else ""}
        for name, each in PLACEHOLDERS.items()
    ]


@register.simple_tag(takes_context=True)
def card_of_service(context: Any, code: str) -> Any:
    """The link card of a service, or None without an offer and a live page."""
    return service_card(code, context.get("request"))
