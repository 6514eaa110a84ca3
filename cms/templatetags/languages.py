"""Template words about the language of a page."""

from __future__ import annotations

from typing import Any

from babel.core import Locale, get_global
from django import template
from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext, to_locale

from cms import languages

register = template.Library()
PRICE_LIST = "price list"  # the context of names of things for sale in the catalogue


@register.simple_tag
def language_tag() -> str:
    """What ``<html lang>`` says."""
    return languages.tag(languages.active())


@register.simple_tag
def og_locale() -> str:
    """The language with its usual country, as Open Graph wants it: de_DE."""
    code = to_locale(languages.active())
    likely = Locale.parse(get_global("likely_subtags").get(code, code))
    return f"{likely.language}_{likely.territory}"


@register.simple_tag(takes_context=True)
def alternates(context: Any) -> list[languages.Alternate]:
    """Every live translation of the page of the context."""
    return languages.alternates(context.get("request"), context["page"])


@register.simple_tag(takes_context=True)
def language_choices(context: Any) -> list[languages.Choice]:
    """The entries of the language switch; none on a site with one language."""
    choices = languages.choices(context.get("request"), context.get("page"))
    return choices if len(choices) > 1 else []


@register.simple_tag(takes_context=True)
def address(context: Any, path: str) -> str:
    """The address of a top page, named by its path in the default language."""
    return languages.address_here(path, context.get("request"))


@register.filter
def offered(name: str) -> str | SafeString:
    """The name of something for sale: the catalogue's, or the price list's own, marked as such."""
    said = pgettext(PRICE_LIST, name) if name else ""
    if said != name or languages.is_default(languages.active()):
        return said
    return format_html('<span lang="{}">{}</span>', languages.tag(settings.LANGUAGE_CODE), name)


@register.filter
def offered_plain(name: str) -> str:
    """As ``offered``, for an attribute or a sentence."""
    return pgettext(PRICE_LIST, name) if name else ""
