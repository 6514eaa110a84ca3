"""The page model under every page: Wagtail's, with what search engines and cards need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils import translation
from django.utils.translation import gettext as _
from wagtail.admin.panels import PublishingPanel
from wagtail.models import AbstractPage
from wagtail.models.pages import DefaultBasePageMixin
from wagtail.search import index
from wagtail_headless_preview.models import HeadlessPreviewMixin

from cms import languages
from cms.admin.notes import NotesPanel
from cms.attribution import carry
from cms.blocks.embeds import allow_frames
from cms.finding import find_route, restrictions_of
from cms.health import findings_of
from cms.rich_text import with_rules
from cms.structured_data import Crumb, breadcrumb_list, questions_data, questions_in
from cms.twins import has_twin, negotiated
from cms.words import streams_of

WEBSITE, HEADLESS = "", "headless"


class BasePage(HeadlessPreviewMixin, AbstractPage, DefaultBasePageMixin):
    """Replaces Wagtail's ``Page`` (setting ``WAGTAIL_PAGE_MODEL``), so every page has these."""

    social_image = models.ForeignKey(
        "wagtailimages.Image",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Shown when the page is shared. Empty: drawn from the title.",
    )
    noindex = models.BooleanField(
        "hide from search engines", default=False, help_text="Also leaves it out of the sitemap."
    )

    search_fields = [
        *AbstractPage.search_fields,
        *DefaultBasePageMixin.search_fields,
        index.FilterField("noindex"),
    ]
    settings_panels = [
        PublishingPanel(help_text=f"Both by the practice's clock: {settings.TIME_ZONE}."),
        *AbstractPage.settings_panels[1:],
    ]
    content_panels = [NotesPanel(), *AbstractPage.content_panels]
    promote_panels = [*DefaultBasePageMixin.promote_panels, "social_image", "noindex"]
    allowed_http_methods: ClassVar[list[str]] = ["GET", "HEAD", "OPTIONS"]

    # What a page type joins to its own row when it is served, to spare queries.
    joined_when_served: ClassVar[tuple[str, ...]] = ()

    # --- Preview: the website's, and a front end's when one is configured ---------------------
    @property
    def preview_modes(self) -> list[tuple[str, str]]:
        modes = [(WEBSITE, "Website")]
        clients: Any = settings.WAGTAIL_HEADLESS_PREVIEW["CLIENT_URLS"]
        if clients["default"]:
            modes.append((HEADLESS, "Headless front end"))
        return modes

    def serve(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if has_twin(self):
            return negotiated(self, request, lambda: self._html(request, *args, **kwargs))
        return self._html(request, *args, **kwargs)

    def _html(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        # Links to booking and buying carry the article they stand in (U3).
        response = carry(super().serve(request, *args, **kwargs), self, request)
        return self._with_frames(response, request)

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        if mode_name == HEADLESS:
            return super().serve_preview(request, mode_name)
        return self._with_frames(AbstractPage.serve_preview(self, request, mode_name), request)

    @staticmethod
    def _with_frames(response: Any, request: HttpRequest) -> Any:
        response.add_post_render_callback(lambda rendered: allow_frames(request, rendered))
        return response

    @property
    def found_classes(self) -> str:
        """Tells the content checks what is the matter with the page as a whole; in previews."""
        return " ".join(sorted({f"found-{finding.matter}" for finding in findings_of(self)}))

    # --- Finding a page, and its address -------------------------------------------------------
    @staticmethod
    def route_for_request(request: HttpRequest, path: str) -> Any:
        return find_route(request, path)

    def get_view_restrictions(self) -> Any:
        return restrictions_of(self)

    def get_url_parts(self, request: HttpRequest | None = None) -> Any:
        """One practice, one site: its address is the setting, whatever the site record says."""
        # Else Wagtail puts the admin's own language in front: /en/ for a site in British English.
        with translation.override(languages.active()):
            parts = super().get_url_parts(request)
        return parts and (parts[0], settings.SITE_URL, parts[2])

    def keys_around(self) -> list[UUID]:
        """Translation keys of the page and of those whose address in its language it will want."""
        return [self.translation_key]

    # --- What a page says about itself ---------------------------------------------------------
    @property
    def meta_title(self) -> str:
        return str(self.seo_title or self.title)

    @property
    def meta_description(self) -> str:
        said = self.search_description or self.summary
        return with_rules(said) or f"{self.title}. {settings.WAGTAIL_SITE_NAME}."

    @property
    def summary(self) -> str:
        """One or two sentences for cards and search results; page types with an intro give it."""
        return str(getattr(self, "intro", ""))

    @property
    def social_kicker(self) -> str:
        """The small line over the title where the page is shared."""
        return ""

    def crumbs(self, request: HttpRequest) -> list[Crumb]:
        """The way here from the home page; the home page itself has none."""
        way = [page for page in self.way_here() if page.depth >= 2]
        if len(way) < 2:
            return []
        named = [_("Home"), *(page.title for page in way[1:])]
        return [
            Crumb(name, page.get_full_url(request)) for name, page in zip(named, way, strict=True)
        ]

    def way_here(self) -> Sequence[BasePage]:
        """Ancestors and the page, top down; already known when the page was found by address."""
        known = getattr(self, "_way_here", None)
        if known is not None:
            return [*known, self]
        return [*(self.get_ancestors() if self.pk and self.path else []), self]

    def structured_data(self, request: HttpRequest) -> list[dict[str, Any]]:
        """JSON-LD objects about the page; page types add theirs."""
        crumbs = self.crumbs(request)
        asked = questions_in(*streams_of(self))
        return [
            *([breadcrumb_list(crumbs)] if crumbs else []),
            *([questions_data(asked)] if asked else []),
        ]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        crumbs = self.crumbs(request)
        context |= {
            "canonical": self.get_full_url(request),
            "crumbs": [
                {"label": crumb.name, "url": crumb.url if crumb is not crumbs[-1] else ""}
                for crumb in crumbs
            ],
            "structured_data": self.structured_data(request),
        }
        return context
