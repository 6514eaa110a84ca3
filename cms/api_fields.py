"""The fields of pages that the API reads and writes; each page type lists its own."""

from __future__ import annotations

from wagtail.api import APIField


def writable(*names: str) -> list[APIField]:
    return [APIField(name, writable=True) for name in names]


# What every page has, besides the title, the slug and the words for search engines.
ON_EVERY_PAGE = writable("social_image", "noindex", "go_live_at", "expire_at")
