"""Blocks that point at what is for sale: they keep a code; the rest is read when served."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.utils.html import format_html
from wagtail import blocks

from cms import live
from cms.references import (
    location_choices,
    package_choices,
    service_choices,
    therapist_choices,
    variant_choices,
)


def first_code(offers: dict[str, Any]) -> str:
    """The code a preview shows."""
    return next(iter(offers), "")


class CodeBlock(blocks.ChoiceBlock):
    """A code of something on offer; the list is read each time the form is drawn."""

    def __init__(self, **kwargs: Any) -> None:
        # Offers are not words of the page: they change without it.
        super().__init__(**{"search_index": False, **kwargs})

    def normalize_choice(self, value: Any) -> Any:
        """A code is itself: a page that is served need not know what else could be chosen."""
        return value


class LiveBlock(blocks.StructBlock):
    """A block whose content comes from an offer, and which hides when there is none."""

    def offer_of(self, value: Any, request: Any) -> Any:
        raise NotImplementedError

    def href_of(self, value: Any) -> str:
        raise NotImplementedError

    def get_context(self, value: Any, parent_context: Any = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context)
        request = context.get("request")
        return context | {
            "offer": self.offer_of(value, request),
            "in_preview": getattr(request, "is_preview", False),
        }

    def render(self, value: Any, context: Any = None) -> Any:
        """Under the address that tells the same now, by which an open page finds it again (U2)."""
        html = super().render(value, context)
        if not html.strip():
            return html
        return format_html('<div class="stack" data-live="{}">{}</div>', self.href_of(value), html)

    def get_api_representation(self, value: Any, context: Any = None) -> dict[str, Any]:
        data: dict[str, Any] = super().get_api_representation(value, context)
        offer = self.offer_of(value, (context or {}).get("request"))
        return {**data, "href": self.href_of(value), "offer": asdict(offer) if offer else None}


class PackageOfferBlock(LiveBlock):
    package = CodeBlock(choices=package_choices)
    note = blocks.CharBlock(
        required=False, max_length=200, help_text="One line above the price. Never a price."
    )

    def offer_of(self, value: Any, request: Any) -> Any:
        return live.package(value["package"], request)

    def href_of(self, value: Any) -> str:
        return live.package_address(value["package"])

    class Meta:
        icon = "tag"
        label = "Package offer"
        description = "A package with today's price. Hidden while the package is not on sale."
        template = "cms/blocks/package_offer.html"
        preview_value = staticmethod(lambda: {"package": first_code(live.packages()), "note": ""})


class NextTimesBlock(LiveBlock):
    title = blocks.CharBlock(default="Next free times", max_length=80)
    service = CodeBlock(choices=service_choices, required=False)
    variant = CodeBlock(
        choices=variant_choices,
        required=False,
        help_text="A length; leave empty for the usual one.",
    )
    location = CodeBlock(choices=location_choices, required=False)
    therapist = CodeBlock(choices=therapist_choices, required=False)

    def wanted(self, value: Any) -> live.Wanted:
        names = ("service", "variant", "location", "therapist")
        return live.Wanted(**{name: value.get(name) or "" for name in names})

    def offer_of(self, value: Any, request: Any) -> Any:
        return live.next_times(self.wanted(value), request)

    def href_of(self, value: Any) -> str:
        return live.times_address(self.wanted(value))

    class Meta:
        icon = "calendar-alt"
        label = "Book now: next free times"
        description = "The next three free times; a tap holds one for ten minutes."
        template = "cms/blocks/next_times.html"
        preview_value = staticmethod(
            lambda: {"title": "Next free times", "service": first_code(live.services())}
        )


class ServiceCardBlock(LiveBlock):
    service = CodeBlock(choices=service_choices)
    note = blocks.CharBlock(required=False, max_length=200, help_text="Instead of its summary.")

    def offer_of(self, value: Any, request: Any) -> Any:
        return live.services(request).get(value["service"])

    def href_of(self, value: Any) -> str:
        return live.service_address(value["service"])

    class Meta:
        icon = "pick"
        label = "Service card"
        description = "A treatment with its lengths and today's price."
        template = "cms/blocks/service_card.html"
        preview_value = staticmethod(lambda: {"service": first_code(live.services()), "note": ""})
