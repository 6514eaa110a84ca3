"""Rich text for readers: real links, absolute where asked, and none to pages that are not live."""

from __future__ import annotations

import re

from django.conf import settings
from django.utils import timezone
from wagtail.rich_text import expand_db_html

from cms import live
from payments.rule_words import filled

INLINE = ["bold", "italic", "link", "document-link"]
PROSE = [*INLINE, "ol", "ul"]

_DEAD_LINK = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_LOCAL_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(/(?!/)[^"]*")')


def with_rules(source: str) -> str:
    """Placeholders outside policies stand for the rules of today (U8)."""
    rules = live.rules_in_effect("", timezone.localdate()) if "{{" in source else None
    return filled(source, rules) if rules else source


def resolved(source: str, *, absolute: bool = False) -> str:
    """HTML of stored rich text; links to pages that readers cannot see become plain text."""
    html = _DEAD_LINK.sub(r"\1", expand_db_html(with_rules(source)))
    return _LOCAL_ADDRESS.sub(rf"\1{settings.SITE_URL}\2", html) if absolute else html
