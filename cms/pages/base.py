"""The page model under every page: Wagtail's, with what search engines and cards need."""

from django.db import models
from wagtail.models import AbstractPage


class BasePage(AbstractPage):
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
    promote_panels = [*AbstractPage.promote_panels, "social_image", "noindex"]
