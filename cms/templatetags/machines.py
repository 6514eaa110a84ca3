"""Template words for the part of a page that only machines read."""

from __future__ import annotations

from typing import Any

from django import template

from cms import feeds, social_cards, twins

register = template.Library()


@register.simple_tag
def feed_links(topic: str = "") -> list[tuple[str, str, str]]:
    """Type, name and address of each feed, of one topic if given."""
    return feeds.feed_links(topic or "")


@register.simple_tag(takes_context=True)
def markdown_twin(context: Any, page: Any) -> str:
    """The address of the page as Markdown, or nothing."""
    return twins.twin_address(page, context.get("request"))


@register.simple_tag
def social_card(page: Any) -> str:
    """The address of the picture drawn for the page."""
    return social_cards.card_address(page)
