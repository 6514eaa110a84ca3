"""Blocks that ask the reader to do something, and one that shows who does it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from wagtail import blocks

from cms import live
from cms.blocks.commerce import CodeBlock, LiveBlock, first_code
from cms.links import therapist_cards
from cms.references import package_choices, service_choices, therapist_choices

_PRICE = re.compile(r"[£€$]\s?\d|\d\s?(?:GBP|EUR|USD|pounds?|euros?)\b", re.IGNORECASE)
NO_PRICES = "Never type a price: it would stay when the price changes. Use a package offer block."
ONE_AIM = "Choose one: a page, a treatment or a package. None of them leads to the free times."


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a call to action leads now."""

    url: str


def words_without_price(words: str | None) -> None:
    """A validator.

    Raises:
        ValidationError: the words name a sum of money.
    """
    if words and _PRICE.search(words):
        raise ValidationError(NO_PRICES)


class CallValue(blocks.StructValue):
    def target(self, request: Any = None) -> str:
        """The address it leads to; empty while that is not live or not on sale."""
        if self.get("page"):
            page = self["page"]
            return (page.get_url(request) or "") if page.live else ""
        if self.get("package"):
            offer = live.package(self["package"], request)
            return offer.buy_url if offer else ""
        if self.get("service"):
            offer = live.services(request).get(self["service"])
            return _book(offer) if offer else ""
        return "/book/"


def _book(offer: Any) -> str:
    """The free times of a service, at the length nearest to an hour."""
    usual = min(offer.variants, key=lambda one: abs(one.duration_minutes - 60), default=None)
    return reverse("scheduling:choose_time", args=[usual.code]) if usual else "/book/"


class CallToActionBlock(LiveBlock):
    title = blocks.CharBlock(max_length=100, validators=[words_without_price])
    text = blocks.TextBlock(
        rows=2, required=False, max_length=240, validators=[words_without_price]
    )
    label = blocks.CharBlock(
        default="Book a session",
        max_length=40,
        help_text="What the button says: a verb first.",
        validators=[words_without_price],
    )
    page = blocks.PageChooserBlock(required=False)
    service = CodeBlock(choices=service_choices, required=False, label="Free times of")
    package = CodeBlock(choices=package_choices, required=False)

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        chosen = [name for name in ("page", "service", "package") if cleaned.get(name)]
        if len(chosen) > 1:
            raise blocks.StructBlockValidationError(
                block_errors={chosen[-1]: ValidationError(ONE_AIM)}
            )
        return cleaned

    def offer_of(self, value: Any, request: Any) -> Any:
        url = value.target(request)
        return Aim(url) if url else None

    def href_of(self, value: Any) -> str:
        if value.get("package"):
            return live.package_address(value["package"])
        if value.get("service"):
            return live.service_address(value["service"])
        return ""

    class Meta:
        icon = "arrow-right"
        label = "Call to action"
        description = "One button: to a page, to free times, or to a package. Never a price."
        template = "cms/blocks/call_to_action.html"
        value_class = CallValue
        preview_value = {
            "title": "Heavy legs?",
            "text": "See when somebody is free this week.",
            "label": "Book a session",
        }


class TherapistBlock(LiveBlock):
    therapist = CodeBlock(choices=therapist_choices)
    note = blocks.CharBlock(
        required=False, max_length=200, help_text="Instead of the line about their running."
    )

    def offer_of(self, value: Any, request: Any) -> Any:
        if value["therapist"] not in live.therapists(request):
            return None
        cards = {card.code: card for card in therapist_cards(request)}
        return cards.get(value["therapist"])

    def href_of(self, value: Any) -> str:
        return live.times_address(live.Wanted(therapist=value["therapist"]))

    class Meta:
        icon = "user"
        label = "Therapist"
        description = "Somebody's card. Hidden while they take no bookings or have no live page."
        template = "cms/blocks/therapist.html"
        preview_value = staticmethod(
            lambda: {"therapist": first_code(live.therapists()), "note": ""}
        )
