"""Addresses as others need them: whole, with the site's own in front."""

from __future__ import annotations

from django.conf import settings


def whole(url: str) -> str:
    """An address of ours that begins with a slash gets its host; one with a host keeps it."""
    return url if "//" in url else f"{settings.SITE_URL}{url}"
