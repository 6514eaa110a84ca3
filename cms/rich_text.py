"""Rich text for readers: real links, absolute where asked, and none to pages that are not live."""

from __future__ import annotations

import re

from django.conf import settings
from wagtail.rich_text import expand_db_html

INLINE = ["bold", "italic", "link", "document-link"]
PROSE = [*INLINE, "ol", "ul"]

_DEAD_LINK = re.compile(r"<a>(.*?)</a>", re.DOTALL)
_LOCAL_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(/(?!/)[^"]*")')


def resolved(source: str, *, absolute: bool = False) -> str:
    """HTML of stored rich text; links to pages that readers cannot see become plain text."""
    html = _DEAD_LINK.sub(r"\1", expand_db_html(source))
    return _LOCAL_ADDRESS.sub(rf"\1{settings.SITE_URL}\2", html) if absolute else html
